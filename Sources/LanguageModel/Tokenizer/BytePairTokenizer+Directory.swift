public import Foundation

extension BytePairTokenizer {
    /// Reads the tokenizer of a model's folder: `tokenizer.json`, or else `vocab.json` with `merges.txt`, or a
    /// SentencePiece model, `tokenizer.model` or `spiece.model`.
    ///
    /// The older files come with others that transformers reads as well: `tokenizer_config.json` and `config.json`
    /// determine how text is split, `added_tokens.json` and `special_tokens_map.json` list the tokens that are recognized
    /// as a whole.
    /// A special token that the vocabulary lacks gets the next free id.
    ///
    /// - Parameters:
    ///   - directory: The folder, or a GGUF file.
    ///   - pattern: The split pattern if there is no `tokenizer.json`; nil for the folder's own, or else GPT-2's.
    /// - Throws: `TokenizerError`, naming the file and the key or line.
    public init(directory: URL, pattern: SplitPattern? = nil) throws(TokenizerError) {
        if directory.isGGUF {
            self = try GGUFTokenizer(directory).tokenizer()
            return
        }
        let file = directory.appending(component: "tokenizer.json")
        let vocabulary = directory.appending(component: "vocab.json")
        let exists = { (url: URL) in FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) }
        guard exists(file) || !exists(vocabulary) else {
            self = try VocabularyFolder.tokenizer(directory, pattern: pattern)
            return
        }
        if !exists(file), let model = directory.sentencePieceModel {
            self = try VocabularyFolder.tokenizer(directory, model: model)
            return
        }
        try self.init(contentsOf: file)
    }

    /// The contents of this tokenizer's `tokenizer.json`: as they stand in the folder it was read from, or written anew
    /// where it was read from other files.
    package func file(from directory: URL) throws(TokenizerError) -> [UInt8] {
        let file = directory.appending(component: "tokenizer.json")
        let exists = FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
        return exists ? try TokenizerFile.read(file) : tokenizerJSON
    }

    /// The contents of this tokenizer's `tokenizer.json`: the file that it was read from, or written anew where that is a
    /// SentencePiece model or a GGUF file.
    package func file(contentsOf url: URL) throws(TokenizerError) -> [UInt8] {
        url.isGGUF || url.pathExtension == "model" ? tokenizerJSON : try TokenizerFile.read(url)
    }
}
