import LanguageModel
import NeuralCore
import Testing

@Suite struct TokenCandidatesTests {
    /// Ids by likelihood, from a full sort.
    func sorted(_ logits: [Float]) -> [Int32] {
        logits.indices.sorted { (logits[$0], -$0) > (logits[$1], -$1) }.map { Int32($0) }
    }

    func candidates(_ logits: [Float], atMost limit: Int = .max, floor: Float = -.infinity) -> TokenCandidates
    {
        logits.withUnsafeBufferPointer { TokenCandidates($0, atMost: limit, floor: floor) }
    }

    @Test(arguments: [1, 2, 7, 64, 499, 500, 501, 999, 1000, 5000]) func theLikeliestAreThoseOfAFullSort(
        _ count: Int
    ) {
        var random = RandomSource(seed: 11)
        let drawn = random.numbers(1000, from: .normal(standardDeviation: 3))
        // Many equal logits, negative zero, and an order in which every one is likelier than those before it.
        let rounded = drawn.map { ($0 * 2).rounded() / 2 }
        for logits in [drawn, rounded, drawn.sorted(), drawn.sorted(by: >)] {
            let found = candidates(logits, atMost: count)
            #expect(found.tokens == Array(sorted(logits).prefix(count)))
            #expect(found.logits == found.tokens.map { logits[Int($0)] })
        }
    }

    @Test(arguments: [0.01, 0.3, 0.9, 0.999] as [Float]) func aNucleusIsTheFewestThatAddUp(_ share: Float) {
        var random = RandomSource(seed: 12)
        let logits = random.numbers(300, from: .normal(standardDeviation: 2))
        let probabilities = Tensor(logits, shape: [300]).softmax().scalars
        var expected: [Int32] = []
        var sum: Float = 0
        for token in sorted(logits) where sum < share {
            expected.append(token)
            sum += probabilities[Int(token)]
        }
        var nucleus = candidates(logits)
        nucleus.keepNucleus(share, logSum: nucleus.logSum)
        #expect(nucleus.tokens == expected)
    }

    @Test func comparableTokensAreAtLeastTheirShareAsLikely() {
        var comparable = candidates([0, 2, 1, -5, 2])
        comparable.keepComparable(0.3)
        // exp(−1) is 0.37, exp(−2) is 0.14.
        #expect(comparable.tokens == [1, 4, 2])
    }

    @Test func damagedLogitsLeaveACandidate() {
        #expect(candidates([.nan, 1, .nan]).tokens.first == 1)
        #expect(candidates([.nan, .nan], atMost: 1).count == 1)
        #expect(candidates([-.infinity, -.infinity], atMost: 1).tokens == [0])
        #expect(candidates([1, 2, 3], floor: 10).tokens == [2])
        #expect(candidates([-0.0, 0.0]).tokens == [0, 1])
    }

    @Test(arguments: [
        Sampling.topK(40), .topP(0.9), .minP(0.05),
        Sampling(temperature: 0.7, topK: 50, topP: 0.8, minP: 0.01),
        .temperature(1.3), Sampling(repetitionPenalty: 1.2),
    ]) func drawsHaveTheFrequenciesOfTheProbabilities(_ sampling: Sampling) {
        var random = RandomSource(seed: 13)
        let count = 60
        let logits = random.numbers(count, from: .normal(standardDeviation: 2))
        let expected = probabilities(logits, sampling)
        let draws = 20_000
        var frequencies = [Int](repeating: 0, count: count)
        for _ in 0..<draws {
            let token = logits.withUnsafeBufferPointer { row in
                var sampler = TokenSampler(sampling, prompt: [Int32](), using: random.split())
                return sampler.next(row)
            }
            frequencies[Int(token)] += 1
        }
        for (frequency, probability) in zip(frequencies, expected) {
            // Five standard deviations of a binomial count.
            let deviation = (Float(draws) * probability * (1 - probability)).squareRoot()
            #expect(abs(Float(frequency) - Float(draws) * probability) <= 5 * deviation)
        }
    }

    /// The distribution, step by step from its definition.
    func probabilities(_ logits: [Float], _ sampling: Sampling) -> [Float] {
        let order = sorted(logits)
        var weights = Tensor(logits.map { $0 / sampling.temperature }, shape: [logits.count]).softmax()
            .scalars
        func keep(_ isKept: (_ rank: Int, _ token: Int) -> Bool) {
            for (rank, token) in order.enumerated() where !isKept(rank, Int(token)) {
                weights[Int(token)] = 0
            }
            let sum = weights.reduce(0, +)
            weights = weights.map { $0 / sum }
        }
        if let topK = sampling.topK { keep { rank, _ in rank < topK } }
        if let topP = sampling.topP {
            var sum: Float = 0
            let before = order.map { token in
                defer { sum += weights[Int(token)] }
                return sum
            }
            keep { rank, _ in before[rank] < topP }
        }
        if let minP = sampling.minP {
            let floor = minP * weights.max()!
            keep { _, token in weights[token] >= floor }
        }
        return weights
    }
}
