import Files
public import Foundation
import Tables

/// Writes the tokens of documents to a file that ``TokenShard`` maps into memory.
///
///     let writer = try TokenShardWriter(url, vocabularySize: tokenizer.vocabularySize)
///     for document in corpus { try writer.append(tokenizer.encode(document.text)) }
///     try writer.finish()
///
/// The file is written beside its place and moved there by ``finish()``; until then nothing is there, or what
/// was there before. Memory stays at eight bytes a document.
public final class TokenShardWriter {
    private let file: OutputFile
    private let target: String
    private var header = TokenShardHeader()
    private var offsets: [UInt64] = [0]
    private var buffer: [UInt8] = []
    private var isFinished = false

    private static let bufferBytes = 1 << 20

    /// Begins a shard.
    ///
    /// - Parameters:
    ///   - url: The file to write; one that is there is replaced in the end.
    ///   - vocabularySize: More than every token. Up to 65,536, a token takes two bytes, beyond that four.
    public init(_ url: URL, vocabularySize: Int) throws(CorpusError) {
        guard vocabularySize > 0, vocabularySize <= Int(Int32.max) else {
            fatalError("a vocabulary has between 1 and \(Int32.max) tokens; found \(vocabularySize)")
        }
        target = url.path
        let partial =
            url.deletingLastPathComponent().path + "/." + url.lastPathComponent
            + ".partial-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.removeItem(atPath: partial)
        file = try OutputFile(partial)
        header.vocabularySize = vocabularySize
        header.tokenBytes = vocabularySize <= 1 << 16 ? 2 : 4
        try file.write([UInt8](repeating: 0, count: TokenShardHeader.bytes))
    }

    deinit {
        if !isFinished { try? FileManager.default.removeItem(atPath: file.path) }
    }

    /// The number of documents written.
    public var documentCount: Int { header.documents }
    /// The number of tokens written.
    public var tokenCount: Int { header.tokens }

    /// Adds a document; one without tokens counts too.
    ///
    /// - Precondition: ``finish()`` was not called, and every token is at least zero and less than the size
    ///   of the vocabulary.
    public func append(_ tokens: some Collection<Int32>) throws(CorpusError) {
        if isFinished { fatalError("a shard that is finished takes no more documents") }
        for token in tokens {
            guard token >= 0, Int(token) < header.vocabularySize else {
                fatalError(
                    "a token lies between 0 and the vocabulary's size, \(header.vocabularySize); found \(token)"
                )
            }
            buffer.append(UInt8(truncatingIfNeeded: token))
            buffer.append(UInt8(truncatingIfNeeded: token >> 8))
            if header.tokenBytes == 4 {
                buffer.append(UInt8(truncatingIfNeeded: token >> 16))
                buffer.append(UInt8(truncatingIfNeeded: token >> 24))
            }
        }
        header.documents += 1
        header.tokens += tokens.count
        offsets.append(UInt64(header.tokens))
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    private func flush() throws(CorpusError) {
        header.tokensChecksum = buffer.withUnsafeBytes { crc(header.tokensChecksum, $0) }
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes what is left and puts the file in its place.
    public func finish() throws(CorpusError) {
        buffer.append(
            contentsOf: repeatElement(0, count: header.tokenBlockBytes - header.tokens * header.tokenBytes))
        try flush()
        var block: [UInt8] = []
        block.reserveCapacity(offsets.count * 8)
        for offset in offsets { withUnsafeBytes(of: offset.littleEndian) { block.append(contentsOf: $0) } }
        header.offsetsChecksum = block.withUnsafeBytes { crc(0, $0) }
        try file.write(block)
        try file.overwrite(header.encoded, at: 0)
        try file.finish()
        guard rename(file.path, target) == 0 else {
            throw .unwritable(file: target, reason: reasonOfLastFailure())
        }
        isFinished = true
    }
}

extension TokenShardWriter {
    /// Writes a shard of documents, their tokens given by a tokenizer.
    ///
    /// - Parameters:
    ///   - documents: The documents, in order.
    ///   - url: The file.
    ///   - vocabularySize: Every id is below it.
    ///   - encode: The tokens of a text; begin and end marks are its business.
    /// - Returns: How many documents and tokens were written.
    @discardableResult
    public static func write(
        _ documents: some Sequence<Document>, to url: URL, vocabularySize: Int, encode: (String) -> [Int32]
    ) throws(CorpusError) -> (documents: Int, tokens: Int) {
        let writer = try TokenShardWriter(url, vocabularySize: vocabularySize)
        for document in documents { try writer.append(encode(document.text)) }
        try writer.finish()
        return (writer.documentCount, writer.tokenCount)
    }
}
