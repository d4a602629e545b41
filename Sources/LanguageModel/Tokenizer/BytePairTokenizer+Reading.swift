public import Foundation

extension BytePairTokenizer {
    /// Reads a `tokenizer.json`, the format of Hugging Face's `tokenizers`, or the tokenizer in a GGUF file.
    ///
    /// Read are byte-pair models: byte-level ones with the pattern of a family in `SplitPattern`, and those made from
    /// SentencePiece models. Truncation and padding, which are not part of a text's ids, are passed over.
    ///
    /// - Throws: `TokenizerError`: `.unsupported` names the component that would be needed, `.malformed` the place.
    public init(contentsOf url: URL) throws(TokenizerError) {
        if url.isGGUF {
            self = try GGUFTokenizer(url).tokenizer()
            return
        }
        let file = url.path(percentEncoded: false)
        try self.init(TokenizerJSON(TokenizerFile.read(url), file: file))
    }

    init(_ json: TokenizerJSON) throws(TokenizerError) {
        let pipeline = try TokenizerJSONPipeline(json)
        var preTokenization = pipeline.preTokenization
        let model = try json.model.model(addedTokens: json.addedTokens, isByteLevel: pipeline.isByteLevel)
        if preTokenization.cuts.isEmpty, !pipeline.isByteLevel, model.tokensStayWithinWords {
            preTokenization.cuts = [.words]
        }
        self.init(
            normalization: pipeline.normalization, preTokenization: preTokenization, model: model,
            addedTokens: json.addedTokens, boundaries: pipeline.boundaries,
            start: pipeline.start)
    }
}
