import Foundation
import NeuralCore

/// Draws one token after another for one sequence.
struct TokenSampler: Sendable {
    let sampling: Sampling
    private var random: RandomSource
    /// Tokens that have occurred, kept only where a penalty asks for them.
    private var occurred: Set<Int32> = []

    init(_ sampling: Sampling, prompt: some Sequence<Int32>, using random: RandomSource) {
        self.sampling = sampling
        self.random = random
        if sampling.repetitionPenalty != 1 { occurred = Set(prompt) }
    }

    /// Draws the next token.
    ///
    /// - Parameter logits: One row, `[vocabulary]`.
    mutating func next(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
        let token = draw(logits)
        if sampling.repetitionPenalty != 1 { occurred.insert(token) }
        return token
    }

    private mutating func draw(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
        if sampling.isGreedy, sampling.repetitionPenalty == 1 { return Int32(likeliest(logits)) }
        var candidates = TokenCandidates(logits)
        candidates.penalize(occurred, by: sampling.repetitionPenalty)
        if sampling.isGreedy {
            return candidates.logits.withUnsafeBufferPointer { Int32(likeliest($0)) }
        }
        let temperature = sampling.temperature
        if temperature != 1 { candidates.adjust { _, logit in logit /= temperature } }
        if let topK = sampling.topK { candidates.keepLikeliest(topK) }
        if let topP = sampling.topP { candidates.keepNucleus(topP) }
        if let minP = sampling.minP { candidates.keepComparable(minP) }
        let place = candidates.logits.withUnsafeBufferPointer { random.categorical(logWeights: $0) }
        // No finite weight at all: the logits are damaged, and the likeliest stands in.
        return candidates.tokens[place ?? 0]
    }

    private func likeliest(_ logits: UnsafeBufferPointer<Float>) -> Int {
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        return best
    }
}
