import Files
public import Foundation
import Tables

/// The tokens of many documents, mapped into memory: as large as the disk, with only the pages in memory that
/// are looked at.
///
///     let shard = try TokenShard(url)
///     let window = shard.tokens(1_000..<1_256)                 // tokens of one document or several
///     for segment in shard.segments(in: 1_000..<1_256) { … }   // the documents in it, apart
///
/// Opening checks the whole file once: header, checksums, order of the offsets, and that every token is in
/// the vocabulary. After that, nothing in the file can surprise. ``TokenShardWriter`` writes such files;
/// Documentation/Corpus.md describes them.
public struct TokenShard: Sendable {
    private let file: MappedFile
    private let header: TokenShardHeader

    /// Opens a shard and checks it.
    ///
    /// - Throws: ``CorpusError/malformed(file:place:found:expected:)`` for a file that is damaged, cut short,
    ///   or no shard.
    /// - Complexity: O(tokens + documents): the file is read once.
    public init(_ url: URL) throws(CorpusError) {
        let file = try Self.mapped(url)
        func fault(_ place: String, _ found: String, _ expected: String) -> CorpusError {
            .malformed(file: url.path, place: place, found: found, expected: expected)
        }
        let header: TokenShardHeader
        do {
            header = try TokenShardHeader(file.bytes)
        } catch {
            throw fault(error.field, error.found, error.expected)
        }
        guard file.bytes.count == header.fileBytes else {
            throw fault("the whole", "\(file.bytes.count) bytes", "\(header.fileBytes)")
        }
        self.file = file
        self.header = header
        let checksum = crc(0, Self.slice(file, TokenShardHeader.bytes..<header.offsetsStart))
        guard checksum == header.tokensChecksum else {
            throw fault("the tokens' checksum", hexadecimal(checksum), hexadecimal(header.tokensChecksum))
        }
        let offsetsChecksum = crc(0, Self.slice(file, header.offsetsStart..<header.fileBytes))
        guard offsetsChecksum == header.offsetsChecksum else {
            throw fault(
                "the offsets' checksum", hexadecimal(offsetsChecksum), hexadecimal(header.offsetsChecksum))
        }
        var last = 0
        for document in 0...header.documents {
            let next = offset(document)
            guard next >= last, next <= header.tokens, document > 0 || next == 0 else {
                throw fault(
                    "the offset of document \(document)", "\(next)",
                    "at least \(last), at most \(header.tokens)")
            }
            last = next
        }
        guard last == header.tokens else { throw fault("the last offset", "\(last)", "\(header.tokens)") }
        if let index = firstForeignToken() {
            throw fault(
                "token \(index)", "\(token(at: index))", "less than the vocabulary's \(header.vocabularySize)"
            )
        }
    }

    /// The number of documents.
    public var documentCount: Int { header.documents }
    /// The number of tokens in all.
    public var tokenCount: Int { header.tokens }
    /// The size of the vocabulary: every token is smaller.
    public var vocabularySize: Int { header.vocabularySize }

    /// The places of a document's tokens.
    ///
    /// - Precondition: There is such a document.
    public func range(ofDocument document: Int) -> Range<Int> {
        require(
            0 <= document && document < documentCount, "document \(document)", "\(documentCount) documents")
        return offset(document)..<offset(document + 1)
    }

    /// The tokens of a document.
    ///
    /// - Precondition: There is such a document.
    public func tokens(ofDocument document: Int) -> [Int32] { tokens(range(ofDocument: document)) }

    /// The tokens at some places, of one document or several.
    ///
    /// - Precondition: The places lie in the shard.
    public func tokens(_ range: Range<Int>) -> [Int32] {
        require(
            0 <= range.lowerBound && range.upperBound <= tokenCount, "tokens \(range)", "\(tokenCount) tokens"
        )
        return [Int32](unsafeUninitializedCapacity: range.count) { buffer, count in
            for index in range { buffer[index - range.lowerBound] = token(at: index) }
            count = range.count
        }
    }

    /// The document that a token belongs to.
    ///
    /// - Precondition: There is such a token.
    /// - Complexity: O(log documents).
    public func document(containing index: Int) -> Int {
        require(0 <= index && index < tokenCount, "token \(index)", "\(tokenCount) tokens")
        var low = 0
        var high = documentCount
        // The last document that begins at or before the token; documents without tokens come before it.
        while high - low > 1 {
            let middle = (low + high) / 2
            if offset(middle) <= index { low = middle } else { high = middle }
        }
        return low
    }

    /// Cuts a range of tokens where one document ends and the next begins.
    ///
    /// - Precondition: The places lie in the shard.
    /// - Returns: Ranges that together are the one given, in order, none empty, each within one document.
    public func segments(in range: Range<Int>) -> [Range<Int>] {
        require(
            0 <= range.lowerBound && range.upperBound <= tokenCount, "tokens \(range)", "\(tokenCount) tokens"
        )
        guard !range.isEmpty else { return [] }
        var segments: [Range<Int>] = []
        var start = range.lowerBound
        var document = document(containing: start)
        while start < range.upperBound {
            let end = min(offset(document + 1), range.upperBound)
            if end > start { segments.append(start..<end) }
            start = max(start, end)
            document += 1
        }
        return segments
    }

    // MARK: Bytes

    private static func mapped(_ url: URL) throws(CorpusError) -> MappedFile {
        do {
            return try MappedFile(url)
        } catch {
            throw CorpusError(error)
        }
    }

    private static func slice(_ file: MappedFile, _ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[range])
    }

    @inline(__always)
    private func offset(_ document: Int) -> Int {
        let place = header.offsetsStart + document * 8
        let value = UInt64(littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        return Int(clamping: value)
    }

    @inline(__always)
    private func token(at index: Int) -> Int32 {
        let place = TokenShardHeader.bytes + index * header.tokenBytes
        if header.tokenBytes == 2 {
            return Int32(
                UInt16(littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)))
        }
        let value = UInt32(littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        return Int32(truncatingIfNeeded: value)
    }

    private func firstForeignToken() -> Int? {
        let limit = Int32(clamping: header.vocabularySize)
        for index in 0..<header.tokens {
            let token = token(at: index)
            if token < 0 || token >= limit { return index }
        }
        return nil
    }
}

@inline(never)
private func fail(_ asked: String, _ held: String) -> Never {
    fatalError("\(asked) of a shard that holds \(held)")
}

@inline(__always)
private func require(_ condition: Bool, _ asked: @autoclosure () -> String, _ held: @autoclosure () -> String)
{
    if !condition { fail(asked(), held()) }
}
