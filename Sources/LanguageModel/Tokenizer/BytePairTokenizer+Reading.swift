public import Foundation

extension BytePairTokenizer {
    /// Reads a `tokenizer.json`, the format of Hugging Face's `tokenizers`, a SentencePiece model (`.model`), or the
    /// tokenizer in a GGUF file.
    ///
    /// Read are byte-pair models, byte-level ones and those made from SentencePiece models, and Unigram models, with the
    /// normalizers and pre-tokenizers whose work takes time linear in the text. Truncation and padding, which are not part of a text's ids, are passed over.
    ///
    /// - Throws: `TokenizerError`: `.unsupported` names the component that would be needed, `.malformed` the place.
    public init(contentsOf url: URL) throws(TokenizerError) {
        if url.isGGUF {
            self = try GGUFTokenizer(url).tokenizer()
            return
        }
        let file = url.path(percentEncoded: false)
        if url.pathExtension == "model" {
            self = try SentencePieceModel(TokenizerFile.read(url), file: file).tokenizer()
            return
        }
        try self.init(TokenizerJSON(TokenizerFile.read(url), file: file))
    }

    init(_ json: TokenizerJSON) throws(TokenizerError) {
        let pipeline = try TokenizerJSONPipeline(json)
        var preTokenization = pipeline.preTokenization
        guard !pipeline.isByteLevel || json.model.scores == nil else {
            throw .unsupported(
                file: json.file, place: "pre_tokenizer", found: "ByteLevel with a Unigram model")
        }
        let model = try json.model.tokenModel(
            addedTokens: json.addedTokens, isByteLevel: pipeline.isByteLevel)
        if preTokenization.cuts.isEmpty, model.bytePair?.tokensStayWithinWords == true,
            !pipeline.isByteLevel
        {
            preTokenization.cuts = [.words]
        }
        self.init(
            normalization: pipeline.normalization, preTokenization: preTokenization, model: model,
            addedTokens: json.addedTokens, boundaries: pipeline.boundaries,
            start: pipeline.start)
    }
}
