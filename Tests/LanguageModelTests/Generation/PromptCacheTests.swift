import LanguageModel
import NeuralCore
import Testing

/// A text that goes on from one that was read.
@Suite struct PromptCacheTests {
    private struct Case: Sendable, CustomTestStringConvertible {
        var family = TransformerConfiguration.Family.qwen3
        var format = StoredMatrix.Format.float32
        var precision = MatrixPrecision.float32
        var cache = KeyRows.Format.float32
        var keyValueHeads = 2
        var window: Int?

        var testDescription: String {
            "\(family), weights \(format), \(precision), cache \(cache), \(keyValueHeads) key heads, window \(window ?? 0)"
        }

        func model() -> StoredTransformer {
            var random = RandomSource(seed: 11)
            var configuration = TransformerConfiguration(
                family: family, vocabularySize: 96, width: 64, depth: 2, heads: 4,
                keyValueHeads: keyValueHeads,
                contextLength: 4096)
            configuration.slidingWindow = window
            var model = Transformer(configuration, using: &random)
            model.precision = precision
            return StoredTransformer(model, as: format)
        }
    }

    private static let cases = [
        Case(), Case(format: .bfloat16, precision: .bfloat16), Case(format: .int8, precision: .bfloat16),
        Case(format: .int4), Case(format: .int4, precision: .bfloat16),
        Case(cache: .bfloat16, keyValueHeads: 4), Case(family: .gpt2, keyValueHeads: 4),
        Case(family: .mistral, keyValueHeads: 1, window: 50),
    ]

    private func decoded(
        _ model: StoredTransformer, _ prompt: [Int32], _ cache: KeyRows.Format, reusing known: PromptCache?
    ) -> Decoding {
        var decoding = Decoding(
            model, prompts: [prompt], sampling: Sampling(temperature: 1), maxTokens: 6, cacheFormat: cache,
            reusing: known, using: RandomSource(seed: 2))
        while !decoding.isFinished { decoding.step() }
        return decoding
    }

    @Test(arguments: cases) private func tokensAndBitsAreThoseWithoutACache(_ example: Case) throws {
        let model = example.model()
        var random = RandomSource(seed: 7)
        let text = (0..<2_400).map { _ in Int32(random.integer(in: 0..<96)) }
        let lengths: [(first: Int, second: Int)] = [
            (9, 30), (40, 41), (40, 60), (100, 130), (130, 400), (256, 273), (270, 300), (600, 1_020),
            (1_030, 1_034), (1_030, 1_100), (1_040, 2_060), (1_500, 2_300),
        ]
        for (first, second) in lengths {
            let known = try #require(
                decoded(model, Array(text[..<first]), example.cache, reusing: nil).promptCache)
            let prompt = Array(text[..<second])
            let fresh = decoded(model, prompt, example.cache, reusing: nil)
            let cached = decoded(model, prompt, example.cache, reusing: known)
            #expect(cached.sequences[0].tokens == fresh.sequences[0].tokens, "\(first), \(second)")
            #expect(
                cached.sequences[0].logProbabilities == fresh.sequences[0].logProbabilities,
                "\(first), \(second)")
            #expect(fresh.promptTokensRead == second && cached.promptTokensRead <= second)
        }
    }

    @Test func onlyWhatIsNewIsRead() throws {
        let model = Case().model()
        let text = (0..<200).map { Int32($0 % 96) }
        let known = try #require(decoded(model, Array(text[..<100]), .float32, reusing: nil).promptCache)
        #expect(decoded(model, text, .float32, reusing: known).promptTokensRead == 100)
        // Too few rows to be computed as many are: some are read again.
        #expect(decoded(model, Array(text[..<103]), .float32, reusing: known).promptTokensRead == 17)
        // A beginning that differs counts only up to there.
        var other = text
        other[60] = 95
        #expect(decoded(model, other, .float32, reusing: known).promptTokensRead == 140)
        other[0] = 95
        #expect(decoded(model, other, .float32, reusing: known).promptTokensRead == 200)
        #expect(known.tokens == Array(text[..<100]))
    }

    @Test func ofSeveralPromptsNothingIsKept() {
        let model = Case().model()
        var decoding = Decoding(
            model, prompts: [[1, 2], [3]], maxTokens: 1, using: RandomSource(seed: 1))
        #expect(decoding.promptCache == nil)
        decoding.step()
        #expect(decoding.promptCache == nil)
    }
}
