import LanguageModel
import NeuralCore
import Testing

/// Tokens that are guessed from what a text has said before.
@Suite struct PromptLookupTests {
    private struct Case: Sendable, CustomTestStringConvertible {
        var family = TransformerConfiguration.Family.qwen3
        var format = StoredMatrix.Format.float32
        var precision = MatrixPrecision.float32
        var cache = KeyRows.Format.float32
        var heads = 4
        var keyValueHeads = 2
        var window: Int?

        var testDescription: String {
            "\(family), weights \(format), \(precision), cache \(cache), \(keyValueHeads) of \(heads) key heads, "
                + "window \(window ?? 0)"
        }

        func model(contextLength: Int = 512) -> StoredTransformer {
            var random = RandomSource(seed: 11)
            var configuration = TransformerConfiguration(
                family: family, vocabularySize: 257, width: max(64, 4 * heads), depth: 2, heads: heads,
                keyValueHeads: keyValueHeads, contextLength: contextLength)
            configuration.slidingWindow = window
            var model = Transformer(configuration, using: &random)
            model.precision = precision
            return StoredTransformer(model, as: format)
        }
    }

    private static let cases = [
        Case(), Case(format: .bfloat16, precision: .bfloat16), Case(format: .int8, precision: .bfloat16),
        Case(format: .int4, precision: .bfloat16), Case(cache: .bfloat16, keyValueHeads: 4),
        Case(heads: 32, keyValueHeads: 1), Case(family: .gpt2, keyValueHeads: 4),
        Case(family: .mistral, keyValueHeads: 1, window: 50),
    ]

    private static func tokenizer() throws -> BytePairTokenizer {
        try BytePairTokenizer(trainedOn: ["a b c"], vocabularySize: 257)
    }

    /// A text that repeats itself, for the most part.
    private static func prompt(_ length: Int, using random: inout RandomSource) -> [Int32] {
        let phrase = (0..<23).map { _ in Int32(random.integer(in: 32..<127)) }
        return (0..<length).map { place in
            random.integer(in: 0..<20) == 0
                ? Int32(random.integer(in: 0..<256)) : phrase[place % phrase.count]
        }
    }

    /// Generates with and without guesses, and compares all that there is of a text.
    ///
    /// - Returns: The number of steps with and without.
    private static func compare(
        _ model: StoredTransformer, _ prompts: [[Int32]], _ options: GenerationOptions, seed: UInt64
    ) throws -> (with: Int, without: Int) {
        var found: [[Decoding.Sequence]] = []
        var texts: [[[GeneratedPiece]]] = []
        var steps: [Int] = []
        for guesses in [true, false] {
            var options = options
            options.guessesTokens = guesses
            var generation = try TextGeneration(
                model, tokenizer(), prompts: prompts, options: options, using: RandomSource(seed: seed))
            var pieces: [[GeneratedPiece]] = prompts.map { _ in [] }
            var count = 0
            while !generation.isFinished {
                for piece in generation.step() { pieces[piece.sequence].append(piece) }
                count += 1
            }
            found.append(generation.sequences)
            texts.append(pieces)
            steps.append(count)
        }
        #expect(texts[0] == texts[1], "seed \(seed)")
        for (with, without) in zip(found[0], found[1]) {
            #expect(with.tokens == without.tokens, "seed \(seed)")
            #expect(with.logProbabilities == without.logProbabilities, "seed \(seed)")
            #expect(with.alternatives == without.alternatives)
            #expect(with.ending == without.ending)
        }
        return (steps[0], steps[1])
    }

    @Test("Texts have the tokens and bits that they have without guesses", arguments: cases)
    private func bits(_ example: Case) throws {
        let model = example.model()
        let constraint = try TokenConstraint(
            JSONSchema(parsing: #"{"type":"array","items":{"type":"integer","maximum":3,"minimum":0}}"#),
            TokenTrie(Self.tokenizer()))
        var random = RandomSource(seed: 7)
        var (with, without) = (0, 0)
        for seed in 0..<UInt64(24) {
            let prompts = (0..<1 + Int(seed % 3)).map { _ in
                Self.prompt(random.integer(in: 1..<200), using: &random)
            }
            let sampling = [
                Sampling.greedy, Sampling(temperature: 0.3, repetitionPenalty: 1.02),
                .topP(0.9, temperature: 0.5), .topK(5),
            ][Int(seed % 4)]
            // The model is random, so what it repeats is mostly a loop of its own, from the structure or the likeliest token.
            let steps = try Self.compare(
                model, prompts,
                GenerationOptions(
                    sampling: sampling, maxTokens: random.integer(in: 1..<90),
                    stopTokens: seed % 5 == 0 ? [7, 9] : [],
                    stopStrings: seed % 3 == 0 ? ["ee", "0,0,0", "]"] : [], alternatives: Int(seed % 2) * 2,
                    cacheFormat: example.cache, constraint: seed % 6 < 3 ? nil : constraint), seed: seed)
            with += steps.with
            without += steps.without
        }
        #expect(with < without)
    }

    @Test("A text ends where the model has no more positions, guesses or not")
    func positions() throws {
        let model = Case(family: .gpt2, keyValueHeads: 4).model(contextLength: 64)
        for length in 40..<64 {
            let prompt = Array((0..<length).map { Int32($0 % 3) })
            _ = try Self.compare(
                model, [prompt], GenerationOptions(sampling: .greedy, stopTokens: []), seed: 1)
        }
    }

    @Test("What follows the longest common end is guessed, the last of equals, and nothing behind an end")
    func places() {
        let lookup = PromptLookup(prompt: [1, 2, 3, 4, 9, 2, 3, 5, 8, 1, 2, 3])
        #expect(lookup.next(atMost: 8, ends: []) == [4, 9])
        #expect(lookup.next(atMost: 1, ends: []) == [4])
        #expect(lookup.next(atMost: 8, ends: [9]) == [4])
        #expect(lookup.next(atMost: 0, ends: []).isEmpty)
        #expect(lookup.next(atMost: -3, ends: []).isEmpty)
        #expect(PromptLookup(prompt: [2, 3, 4, 9, 2, 3, 5, 2, 3]).next(atMost: 8, ends: []) == [5, 2])
        #expect(PromptLookup(prompt: [7, 6, 7, 6, 7]).next(atMost: 8, ends: []) == [6, 7])
        #expect(PromptLookup(prompt: [6, 6, 6]).next(atMost: 8, ends: []) == [6, 6])
        #expect(PromptLookup(prompt: [1, 2, 3]).next(atMost: 8, ends: []).isEmpty)
        #expect(PromptLookup(prompt: [3]).next(atMost: 8, ends: []).isEmpty)
    }

    @Test("Guesses become more where they are right, and pause where they are wrong")
    func adaptation() {
        let loop = Array(repeating: Int32(5), count: 64)
        var right = PromptLookup(prompt: loop)
        for expected in [2, 4, 8, 8] {
            let guesses = right.next(atMost: 15, ends: [])
            #expect(guesses.count == expected)
            right.append(guesses + [5], guessed: guesses.count)
        }
        var wrong = PromptLookup(prompt: loop)
        var tries = 0
        for _ in 0..<1_000 {
            let guesses = wrong.next(atMost: 15, ends: [])
            tries += guesses.isEmpty ? 0 : 1
            // What comes is never what was guessed, and yet the end is always known.
            wrong.append([5], guessed: guesses.count)
        }
        #expect(tries < 30)
    }
}
