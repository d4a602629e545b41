import LanguageModel
import NeuralCore
import Testing

@Suite struct DecodingTests {
    static let families = TransformerConfiguration.Family.allCases

    func model(_ family: TransformerConfiguration.Family) throws -> Transformer {
        try ModelDirectory(fixture("Families/\(family.rawValue)")).transformer()
    }

    /// The likeliest continuation, computed anew for every token.
    func greedy(_ model: Transformer, _ prompt: [Int32], _ count: Int) -> [Int32] {
        var tokens = prompt
        for _ in 0..<count {
            let hidden = model(tokens, over: Forest(sequenceLengths: [tokens.count]))
            let last = model.logits(of: hidden.rows(at: [Int32(tokens.count - 1)])).scalars
            tokens.append(Int32(last.indices.max { last[$0] < last[$1] }!))
        }
        return Array(tokens.dropFirst(prompt.count))
    }

    @Test(arguments: families) func cachedGenerationEqualsUncached(_ family: TransformerConfiguration.Family)
        throws
    {
        let model = try model(family)
        let prompts: [[Int32]] = [[5, 9, 2], [7], [1, 1, 30, 4, 12, 8, 3]]
        var decoding = Decoding(
            model, prompts: prompts, samples: 2, sampling: .greedy, maxTokens: 12,
            using: RandomSource(seed: 1))
        while !decoding.isFinished { decoding.step() }
        for sequence in decoding.sequences {
            #expect(sequence.tokens == greedy(model, prompts[sequence.prompt], 12))
            #expect(sequence.ending == .length)
        }
    }

    /// Keys and values of 8 bits of precision: 2⁻⁹ of each, which the blocks pass on.
    @Test(arguments: families) func aCacheOfTwoBytesRoundsAndNothingElse(
        _ family: TransformerConfiguration.Family
    ) throws {
        let model = try model(family)
        func decoded(_ format: KeyRows.Format) -> [Decoding.Sequence] {
            var decoding = Decoding(
                model, prompts: [[5, 9, 2], [7], [1, 1, 30, 4, 12, 8, 3]], sampling: .greedy, maxTokens: 12,
                cacheFormat: format, using: RandomSource(seed: 1))
            while !decoding.isFinished { decoding.step() }
            return decoding.sequences
        }
        var greatest: Float = 0
        for (half, whole) in zip(decoded(.bfloat16), decoded(.float32)) {
            // From the first other token on the texts are not to be compared.
            let same = zip(half.tokens, whole.tokens).prefix { $0 == $1 }.count
            for index in 0..<same {
                greatest = max(greatest, abs(half.logProbabilities[index] - whole.logProbabilities[index]))
            }
            #expect(same >= 1)
        }
        #expect(greatest > 0 && greatest < 0.05, "\(family): \(greatest) nats")
    }

    @Test func logProbabilitiesAreThoseOfTheWholeText() throws {
        let model = try model(.qwen3)
        var decoding = Decoding(
            model, prompts: [[5, 9, 2]], samples: 3, maxTokens: 9, using: RandomSource(seed: 2))
        while !decoding.isFinished { decoding.step() }
        for sequence in decoding.sequences {
            let batch = TokenBatch(predicting: [[5, 9, 2] + sequence.tokens])
            let expected = model.predictions(on: batch).logProbabilities.scalars.suffix(9)
            for (found, expected) in zip(sequence.logProbabilities, expected) {
                #expect(abs(found - expected) < 1e-4)
            }
        }
    }

    @Test func aSequenceDoesNotDependOnItsNeighbors() throws {
        let model = try model(.llama)
        func first(_ prompts: [[Int32]]) -> [Int32] {
            var decoding = Decoding(model, prompts: prompts, maxTokens: 10, using: RandomSource(seed: 3))
            while !decoding.isFinished { decoding.step() }
            return decoding.sequences[0].tokens
        }
        #expect(first([[4, 8]]) == first([[4, 8], [2, 30, 6]]))
    }

    @Test func aStopTokenEndsItsSequenceOnly() throws {
        let model = try model(.qwen2)
        let whole = greedy(model, [3, 3], 10)
        let stop = whole[4]
        var decoding = Decoding(
            model, prompts: [[3, 3]], sampling: .greedy, stopTokens: [stop], maxTokens: 10,
            using: RandomSource(seed: 0))
        while !decoding.isFinished { decoding.step() }
        let end = whole.firstIndex(of: stop)!
        #expect(decoding.sequences[0].tokens == Array(whole[...end]))
        #expect(decoding.sequences[0].ending == .stopToken)
    }
}
