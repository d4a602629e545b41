public import Foundation
import LanguageModel
import NeuralCore

/// Examples for this model, read from files of records.
///
/// A file is JSON Lines or one JSON array, plain or gzip, or a table (Parquet, Arrow, CSV, TSV), in any of the field's schemas. A
/// record that cannot be trained on is left out, and the set's report names it by line, unless ``ReadingOptions/onBadRecord``
/// says otherwise.
extension ChatModel {
    /// Reads texts, of which the assistant's turns are learned: ``/Conversations/DemonstrationRecord``.
    ///
    /// - Throws: ``ExampleError``.
    public func demonstrations(
        contentsOf file: URL, reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<SupervisedTokens> {
        try demonstrations(contentsOf: [file], reading: options)
    }

    /// As of one file; the examples of the files follow one another, with a report for each file.
    ///
    /// - Throws: ``ExampleError``.
    public func demonstrations(
        contentsOf files: [URL], reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<SupervisedTokens> {
        try ExampleReader(self, options).demonstrations(files)
    }

    /// Reads prompts with a preferred and a rejected answer: ``/Conversations/PreferenceRecord``.
    ///
    /// - Throws: ``ExampleError``.
    public func preferences(
        contentsOf file: URL, reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<TokenizedPair> {
        try preferences(contentsOf: [file], reading: options)
    }

    /// As of one file; the examples of the files follow one another, with a report for each file.
    ///
    /// - Throws: ``ExampleError``.
    public func preferences(
        contentsOf files: [URL], reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<TokenizedPair> {
        try ExampleReader(self, options).pairs(files)
    }

    /// Reads prompts with an answer that is desirable or not: ``/Conversations/LabeledRecord``.
    ///
    /// - Throws: ``ExampleError``.
    public func labels(
        contentsOf file: URL, reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<TokenizedLabel> {
        try labels(contentsOf: [file], reading: options)
    }

    /// As of one file; the examples of the files follow one another, with a report for each file.
    ///
    /// - Throws: ``ExampleError``.
    public func labels(
        contentsOf files: [URL], reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<TokenizedLabel> {
        try ExampleReader(self, options).labels(files)
    }

    /// Reads prompts to be answered, up to the beginning of the answer: ``/Conversations/PromptRecord``.
    ///
    /// - Throws: ``ExampleError``.
    public func prompts(
        contentsOf file: URL, reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<TokenizedPrompt> {
        try prompts(contentsOf: [file], reading: options)
    }

    /// As of one file; the examples of the files follow one another, with a report for each file.
    ///
    /// - Throws: ``ExampleError``.
    public func prompts(
        contentsOf files: [URL], reading options: ReadingOptions = ReadingOptions()
    ) throws(ExampleError) -> ExampleSet<TokenizedPrompt> {
        try ExampleReader(self, options).prompts(files)
    }
}

extension ChatModel {
    /// A raw text as the model is pre-trained on it, cut into windows, such as those of a ``TextMixture``: what the tokenizer
    /// puts before a text, the text, in which names of special tokens are text, and the token that ends a sequence.
    ///
    /// - Parameters:
    ///   - text: Bytes that are meant as UTF-8 but need not be valid.
    ///   - length: The most tokens of a window. One of a single token, from which nothing is learned, is left out.
    public func windows(of text: some Sequence<UInt8>, length: Int) -> [[Int32]] {
        let ids =
            tokenizer.boundaries.before + tokenizer.encode(Array(text), specialTokens: .asText)
            + model.endOfSequence.prefix(1)
        return stride(from: 0, to: ids.count, by: length).map {
            Array(ids[$0..<min($0 + length, ids.count)])
        }.filter { $0.count > 1 }
    }
}
