public import Foundation
import JSON
import NeuralCore

/// The documents of a corpus as tokens, mapped into memory from two files: one of code, one of all else.
///
///     let tokens = try CorpusTokens(corpus, tokenizer: tokenizer, in: folder, named: "training")
///     var windows = TokenWindows(tokens, endOfText: end, length: 256, perBatch: 16, using: random)
///
/// The files are made once; who asks again with the same `stamp` gets them as they are.
public struct CorpusTokens: TokenDocuments {
    private let prose: TokenShard
    private let code: TokenShard
    /// Bytes of UTF-8 of all documents, for bits per byte.
    public let byteCount: Int

    /// The contents of the file beside the shards.
    private struct Note: Codable {
        var stamp: String
        var bytes: Int
    }

    /// Reads the documents once and keeps their tokens.
    ///
    /// - Parameters:
    ///   - documents: The documents, such as a ``/TextCorpus/Corpus``.
    ///   - tokenizer: Encodes them; names of special tokens in a text are text.
    ///   - folder: The folder of the files; created if it does not exist.
    ///   - name: The prefix of the files' names.
    ///   - stamp: Files that were made under the same stamp are taken as they are. Empty for never.
    ///   - progress: Told of the documents encoded so far.
    /// - Throws: ``/TextCorpus/CorpusError`` when the files cannot be written, or what stands there is damaged.
    public init(
        _ documents: some Sequence<Document>, tokenizer: BytePairTokenizer, in folder: URL,
        named name: String,
        stamp: String = "", progress: (Int) throws(CorpusError) -> Void = { _ in }
    ) throws(CorpusError) {
        let proseFile = folder.appending(component: "\(name)-text.tokens")
        let codeFile = folder.appending(component: "\(name)-code.tokens")
        let noteFile = folder.appending(component: "\(name).json")
        var note = Self.note(noteFile)
        if note == nil || stamp.isEmpty || note?.stamp != stamp {
            do {
                try makeFolder(folder)
            } catch {
                throw CorpusError(error)
            }
            try? FileManager.default.removeItem(at: noteFile)
            let bytes = try Self.encode(
                documents, tokenizer, prose: proseFile, code: codeFile, progress: progress)
            let made = Note(stamp: stamp, bytes: bytes)
            do {
                try writeAtomically(JSONEncoder().encode(made), to: noteFile)
            } catch {
                throw .unwritable(file: noteFile.path(percentEncoded: false), reason: "\(error)")
            }
            note = made
        }
        prose = try TokenShard(proseFile)
        code = try TokenShard(codeFile)
        byteCount = note?.bytes ?? 0
    }

    private static func note(_ file: URL) -> Note? {
        (try? Data(contentsOf: file)).flatMap { try? JSONValue(parsing: Array($0)).decoded() }
    }

    /// The bytes of documents to encode at a time, on all threads.
    private static var bytesAtOnce: Int { 1 << 22 }

    private static func encode(
        _ documents: some Sequence<Document>, _ tokenizer: BytePairTokenizer, prose: URL, code: URL,
        progress: (Int) throws(CorpusError) -> Void
    ) throws(CorpusError) -> Int {
        let writers = [
            try TokenShardWriter(prose, vocabularySize: tokenizer.vocabularySize),
            try TokenShardWriter(code, vocabularySize: tokenizer.vocabularySize),
        ]
        var (texts, isCode, waiting) = ([String](), [Bool](), 0)
        var (bytes, count) = (0, 0)
        func flush() throws(CorpusError) {
            let encoded = tokenizer.encode(texts, specialTokens: .asText)
            for (tokens, isCode) in zip(encoded, isCode) { try writers[isCode ? 1 : 0].append(tokens) }
            count += texts.count
            bytes += waiting
            (texts, isCode, waiting) = ([], [], 0)
            try progress(count)
        }
        for document in documents {
            texts.append(document.text)
            isCode.append(document.kind == .code)
            waiting += document.text.utf8.count
            if waiting >= bytesAtOnce { try flush() }
        }
        try flush()
        for writer in writers { try writer.finish() }
        return bytes
    }

    // MARK: Documents

    /// The number of documents.
    public var count: Int { prose.documentCount + code.documentCount }

    /// The number of tokens, without those between documents.
    public var tokenCount: Int { prose.tokenCount + code.tokenCount }

    /// The tokens of one document.
    public func tokens(at index: Int) -> [Int32] {
        let (shard, range) = place(of: index)
        return shard.tokens(range)
    }

    /// Returns the number of tokens of a document.
    public func tokenCount(at index: Int) -> Int { place(of: index).range.count }

    /// Some of the tokens of one document.
    public func tokens(at index: Int, in range: Range<Int>) -> [Int32] {
        let (shard, all) = place(of: index)
        return shard.tokens(all.lowerBound + range.lowerBound..<all.lowerBound + range.upperBound)
    }

    /// Returns the shard that holds a document, and the range of its tokens there.
    private func place(of index: Int) -> (shard: TokenShard, range: Range<Int>) {
        isCode(at: index)
            ? (code, code.range(ofDocument: index - prose.documentCount))
            : (prose, prose.range(ofDocument: index))
    }

    /// Whether the document is code.
    public func isCode(at index: Int) -> Bool { index >= prose.documentCount }
}

extension BytePairTokenizer {
    /// Learns a byte-level tokenizer from documents.
    ///
    ///     let tokenizer = try BytePairTokenizer(trainedOn: corpus, vocabularySize: 4_096)
    ///
    /// The documents are read once, and need not fit into memory. The same documents give the same tokenizer; see
    /// ``BytePairTraining``.
    ///
    /// - Parameters:
    ///   - documents: The training data, such as a ``/TextCorpus/Corpus``.
    ///   - vocabularySize: The number of tokens, at least 256 plus the special ones.
    ///   - pattern: The pattern that cuts text into pieces; merges never cross their bounds.
    ///   - specialTokens: Names of tokens that are not text, which get the lowest ids, in this order.
    /// - Throws: ``TokenizerError`` where the vocabulary has no room for all bytes.
    public init(
        trainedOn documents: some Sequence<Document>, vocabularySize: Int, pattern: SplitPattern = .gpt2,
        specialTokens: [String] = ["<|endoftext|>"]
    ) throws(TokenizerError) {
        var training = BytePairTraining(pattern: pattern, specialTokens: specialTokens)
        for document in documents { training.add(document.text) }
        self = try training.tokenizer(vocabularySize: vocabularySize)
    }

    /// The token that stands between texts, by the names in use; nil if there is none of them.
    public var endOfText: Int32? {
        for name in ["<|endoftext|>", "<|end_of_text|>", "</s>"] {
            if let id = id(ofAddedToken: name) { return id }
        }
        return nil
    }
}
