public import Foundation
public import NeuralCore

extension TokenWindows {
    /// Batches from documents that are encoded now and kept in memory.
    ///
    ///     for batch in TokenWindows(corpus, tokenizer, length: 256, perBatch: 16, using: random.split()).prefix(2_000) {
    ///         pretraining.step(on: batch)
    ///     }
    ///
    /// For more than memory holds there is ``CorpusTokens``.
    ///
    /// - Parameters:
    ///   - documents: What to train on, such as a ``/TextCorpus/Corpus``; names of special tokens in a text are text.
    ///   - tokenizer: Encodes them.
    ///   - length: Tokens in each window, 2 or more.
    ///   - perBatch: Windows in each batch.
    ///   - fillInTheMiddle: Rearranges a share of the documents of code.
    ///   - random: Decides the order and what is rearranged.
    /// - Precondition: The tokenizer has a token that stands between texts; see ``BytePairTokenizer/endOfText``.
    public init(
        _ documents: some Sequence<Document>, _ tokenizer: BytePairTokenizer, length: Int, perBatch: Int,
        fillInTheMiddle: FillInTheMiddle? = nil, using random: RandomSource
    ) {
        guard let endOfText = tokenizer.endOfText else {
            misuse("a tokenizer without <|endoftext|>, <|end_of_text|> or </s> to stand between documents")
        }
        self.init(
            EncodedDocuments(documents, tokenizer), endOfText: endOfText, length: length, perBatch: perBatch,
            fillInTheMiddle: fillInTheMiddle, using: random)
    }
}

/// The tokens of documents, one after another in memory.
private struct EncodedDocuments: TokenDocuments {
    private var tokens: [Int32] = []
    private var ends: [Int] = []
    private var areCode: [Bool] = []

    init(_ documents: some Sequence<Document>, _ tokenizer: BytePairTokenizer) {
        var (texts, waiting) = ([String](), 0)
        for document in documents {
            texts.append(document.text)
            areCode.append(document.kind == .code)
            waiting += document.text.utf8.count
            // So many bytes are encoded at a time, on all threads.
            guard waiting >= 1 << 22 else { continue }
            append(tokenizer.encode(texts, specialTokens: .asText))
            (texts, waiting) = ([], 0)
        }
        append(tokenizer.encode(texts, specialTokens: .asText))
    }

    private mutating func append(_ encoded: [[Int32]]) {
        for document in encoded {
            tokens += document
            ends.append(tokens.count)
        }
    }

    var count: Int { ends.count }

    func tokens(at index: Int) -> [Int32] {
        Array(tokens[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }

    func isCode(at index: Int) -> Bool { areCode[index] }
}

extension TokenWindows: Resumable {
    /// Writes `position.json`, which says where the next batch begins.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try ProgressFile(in: folder, named: "position.json").write(position)
    }

    /// Goes on where ``writeCheckpoint(to:)`` was.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        position = try ProgressFile(in: folder, named: "position.json").read(
            expecting: "the place in the documents"
        ) { contains($0) }
    }
}
