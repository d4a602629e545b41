extension TransformerConfiguration.Family {
    /// The values that transformers assumes for absent keys.
    struct Standards {
        var vocabularySize: Int
        var width: Int
        var feedForwardWidth: Int
        var depth: Int
        var heads: Int
        /// Nil for as many as there are query heads.
        var keyValueHeads: Int?
        /// Nil for the width over the heads.
        var headSize: Int?
        var contextLength: Int
        var beginOfSequence: Int32?
        var endOfSequence: Int32?
        var normalizationEpsilon = 1e-6
        var rotaryBase = 10_000.0
        var tiesEmbeddings = false
        /// Whether there is a padding token, which the vocabulary may not contain.
        var hasPadding = false
    }

    var standards: Standards {
        switch self {
        case .gpt2:
            Standards(
                vocabularySize: 50_257, width: 768, feedForwardWidth: 3072, depth: 12, heads: 12,
                contextLength: 1024, beginOfSequence: 50_256, endOfSequence: 50_256,
                normalizationEpsilon: 1e-5, tiesEmbeddings: true)
        case .llama:
            Standards(
                vocabularySize: 32_000, width: 4096, feedForwardWidth: 11_008, depth: 32, heads: 32,
                contextLength: 2048, beginOfSequence: 1, endOfSequence: 2)
        case .mistral:
            Standards(
                vocabularySize: 32_000, width: 4096, feedForwardWidth: 14_336, depth: 32, heads: 32,
                keyValueHeads: 8, contextLength: 131_072, beginOfSequence: 1, endOfSequence: 2)
        case .qwen2:
            Standards(
                vocabularySize: 151_936, width: 4096, feedForwardWidth: 22_016, depth: 32, heads: 32,
                keyValueHeads: 32, contextLength: 32_768)
        case .qwen3:
            Standards(
                vocabularySize: 151_936, width: 4096, feedForwardWidth: 22_016, depth: 32, heads: 32,
                keyValueHeads: 32, headSize: 128, contextLength: 32_768)
        case .qwen3MoE:
            Standards(
                vocabularySize: 151_936, width: 2048, feedForwardWidth: 6144, depth: 24, heads: 32,
                keyValueHeads: 4, contextLength: 32_768)
        case .mixtral:
            Standards(
                vocabularySize: 32_000, width: 4096, feedForwardWidth: 14_336, depth: 32, heads: 32,
                keyValueHeads: 8, contextLength: 131_072, beginOfSequence: 1, endOfSequence: 2,
                normalizationEpsilon: 1e-5, rotaryBase: 1_000_000)
        case .olmo2:
            Standards(
                vocabularySize: 50_304, width: 4096, feedForwardWidth: 11_008, depth: 32, heads: 32,
                contextLength: 2048, endOfSequence: 50_279, normalizationEpsilon: 1e-5, hasPadding: true)
        case .granite:
            Standards(
                vocabularySize: 32_000, width: 4096, feedForwardWidth: 11_008, depth: 32, heads: 32,
                contextLength: 2048, beginOfSequence: 1, endOfSequence: 2)
        case .smollm3:
            Standards(
                vocabularySize: 128_256, width: 2048, feedForwardWidth: 11_008, depth: 36, heads: 16,
                keyValueHeads: 4, contextLength: 32_768, beginOfSequence: 128_000, endOfSequence: 128_001,
                rotaryBase: 2_000_000, tiesEmbeddings: true, hasPadding: true)
        case .phi3:
            Standards(
                vocabularySize: 32_064, width: 3072, feedForwardWidth: 8192, depth: 32, heads: 32,
                contextLength: 4096, beginOfSequence: 1, endOfSequence: 32_000,
                normalizationEpsilon: 1e-5, hasPadding: true)
        case .gptNeoX:
            Standards(
                vocabularySize: 50_432, width: 6144, feedForwardWidth: 24_576, depth: 44, heads: 64,
                contextLength: 2048, beginOfSequence: 0, endOfSequence: 2, normalizationEpsilon: 1e-5)
        case .gemma2:
            Standards(
                vocabularySize: 256_000, width: 2304, feedForwardWidth: 9216, depth: 26, heads: 8,
                keyValueHeads: 4, headSize: 256, contextLength: 8192, beginOfSequence: 2, endOfSequence: 1,
                tiesEmbeddings: true, hasPadding: true)
        case .gemma3:
            Standards(
                vocabularySize: 262_208, width: 2304, feedForwardWidth: 9216, depth: 26, heads: 8,
                keyValueHeads: 4, headSize: 256, contextLength: 131_072, beginOfSequence: 2, endOfSequence: 1,
                rotaryBase: 1_000_000, tiesEmbeddings: true, hasPadding: true)
        }
    }
}
