import Foundation
package import NeuralCore

/// Draws one token after another for one sequence.
package struct TokenSampler: Sendable {
    let sampling: Sampling
    private var random: RandomSource
    /// Tokens that have occurred, kept only where a penalty asks for them.
    private var occurred: Set<Int32> = []
    /// The number added to the logit of each token, before anything else.
    private let bias: [Int32: Float]
    private var structure: Structure?
    private var thinking: ThinkingState?

    /// The structure that a text must have, and the place within it.
    private struct Structure: Sendable {
        let constraint: TokenConstraint
        let ends: Set<Int32>
        var place: TokenConstraint.Place

        func mask(_ logits: inout [Float]) { constraint.mask(&logits, at: place, ends: ends) }

        /// Lets the text not end, where nothing has been said of the structure yet.
        func maskEnds(_ logits: inout [Float]) {
            for token in ends where logits.indices.contains(Int(token)) { logits[Int(token)] = -.infinity }
        }

        mutating func advance(over token: Int32) {
            if !ends.contains(token) { constraint.advance(&place, over: token) }
        }
    }

    /// - Parameters:
    ///   - sampling: The rule.
    ///   - prompt: The tokens before the text.
    ///   - bias: Added to the logits of tokens.
    ///   - constraint: What the text must be, its thinking left out; nil for any.
    ///   - ends: The tokens that end the text.
    ///   - thinking: How the text thinks; nil where nothing is known of it.
    ///   - random: Decides the draws.
    package init(
        _ sampling: Sampling, prompt: some Sequence<Int32>, bias: [Int32: Float] = [:],
        constraint: TokenConstraint? = nil, ends: Set<Int32> = [], thinking: ThinkingState? = nil,
        using random: RandomSource
    ) {
        self.thinking = thinking
        structure = constraint.map { Structure(constraint: $0, ends: ends, place: $0.start) }
        self.sampling = sampling
        self.bias = bias
        self.random = random
        if sampling.repetitionPenalty != 1 { occurred = Set(prompt) }
    }

    /// Draws the next token.
    ///
    /// - Parameter logits: One row, `[vocabulary]`.
    package mutating func next(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
        let isThinking = thinking?.isOpen ?? false
        let token = thinking?.forced() ?? draw(logits, isThinking: isThinking)
        if sampling.repetitionPenalty != 1 { occurred.insert(token) }
        if !isThinking { structure?.advance(over: token) }
        thinking?.append(token)
        return token
    }

    /// Whether a constrained text is complete and no token ends it: none is known that could.
    package var isFinished: Bool { structure.map { $0.ends.isEmpty && $0.place.isFinished } ?? false }

    private mutating func draw(_ logits: UnsafeBufferPointer<Float>, isThinking: Bool) -> Int32 {
        if sampling.repetitionPenalty == 1, bias.isEmpty, structure == nil,
            sampling.isGreedy || sampling.temperature == 1
        {
            return draw(from: logits)
        }
        var scaled = Array(logits)
        for (token, addend) in bias where scaled.indices.contains(Int(token)) { scaled[Int(token)] += addend }
        if sampling.repetitionPenalty != 1 {
            penalize(occurred, by: sampling.repetitionPenalty, in: &scaled)
        }
        if isThinking { structure?.maskEnds(&scaled) } else { structure?.mask(&scaled) }
        if !sampling.isGreedy, sampling.temperature != 1 {
            for index in scaled.indices { scaled[index] /= sampling.temperature }
        }
        return scaled.withUnsafeBufferPointer { draw(from: $0) }
    }

    /// Draws from logits that nothing more is done to.
    private mutating func draw(from logits: UnsafeBufferPointer<Float>) -> Int32 {
        if sampling.isGreedy { return Int32(logits.indexOfGreatest) }
        if sampling.topK == nil, sampling.topP ?? 1 >= 1, sampling.minP ?? 0 <= 0 {
            let probabilities = Tensor(logits, shape: [logits.count]).softmax()
            return Int32(
                probabilities.withUnsafeBuffer { random.categorical(probabilities: $0) }
                    ?? logits.indexOfGreatest)
        }
        let candidates = candidates(logits)
        // No finite weight at all: the logits are damaged, and the likeliest stands in.
        return candidates.tokens[random.categorical(logWeights: candidates.logits) ?? 0]
    }

    /// The tokens that top-k, top-p and min-p leave, in this order.
    private func candidates(_ logits: UnsafeBufferPointer<Float>) -> TokenCandidates {
        let greatest = logits[logits.indexOfGreatest]
        var (floor, logSum) = (-Float.infinity, Float(0))
        if sampling.topK == nil, let topP = sampling.topP, topP < 1 {
            let sum = logSumOfExponentials(logits)
            // All tokens below an equal share of what may be left out are, together, no more than that.
            floor = sum + log((1 - topP) / Float(logits.count))
            logSum = sum
        } else if sampling.topK == nil, let minP = sampling.minP {
            floor = greatest + log(minP)
        }
        var candidates = TokenCandidates(logits, atMost: sampling.topK ?? .max, floor: floor)
        if let topP = sampling.topP, topP < 1 {
            candidates.keepNucleus(topP, logSum: sampling.topK == nil ? logSum : candidates.logSum)
        }
        if let minP = sampling.minP, minP > 0 { candidates.keepComparable(minP) }
        return candidates
    }

    private func logSumOfExponentials(_ logits: UnsafeBufferPointer<Float>) -> Float {
        let greatest = logits.indexOfGreatest
        let row = Tensor(Array(logits), shape: [1, logits.count]).logSoftmax()
        return logits[greatest] - row.withUnsafeBuffer { $0[greatest] }
    }
}

/// The draw of one sequence's next token, and of those after it as long as they have been guessed.
package struct TokenDraw: Sendable {
    /// Draws, and is to draw the next token of the sequence.
    package private(set) var sampler: TokenSampler
    /// The tokens drawn: at least one, and at most one more than were guessed.
    package private(set) var tokens: [GeneratedToken] = []
    private let guesses: [Int32]
    private let alternatives: Int

    /// - Parameters:
    ///   - sampler: The sampler of the sequence.
    ///   - guesses: What the tokens may be; none of them ends a text.
    ///   - alternatives: The number of likeliest tokens reported.
    package init(_ sampler: TokenSampler, guesses: [Int32] = [], alternatives: Int) {
        self.sampler = sampler
        self.guesses = guesses
        self.alternatives = alternatives
    }

    /// Draws tokens, and notes how probable they were.
    ///
    /// - Parameters:
    ///   - draws: The draws.
    ///   - logits: For each draw a row, and one for each of its guesses, `[rows, vocabulary]`.
    package static func draw(_ draws: inout [TokenDraw], from logits: Tensor) {
        let vocabulary = logits.channels
        let logProbabilities = logits.logSoftmax()
        var firstRows: [Int] = []
        var rows = 0
        for draw in draws {
            firstRows.append(rows)
            rows += 1 + draw.guesses.count
        }
        logits.withUnsafeBuffer { logits in
            logProbabilities.withUnsafeBuffer { logProbabilities in
                draws.withUnsafeMutableBufferPointer { draws in
                    parallelFor(tasks: draws.count) { draw in
                        var row = firstRows[draw]
                        repeat {
                            let range = row * vocabulary..<(row + 1) * vocabulary
                            draws[draw].take(
                                UnsafeBufferPointer(rebasing: logits[range]),
                                UnsafeBufferPointer(rebasing: logProbabilities[range]))
                            row += 1
                        } while draws[draw].goesOn
                    }
                }
            }
        }
    }

    /// Whether the last token has been guessed, so that there are logits for the one after it.
    private var goesOn: Bool {
        tokens.count <= guesses.count && tokens[tokens.count - 1].token == guesses[tokens.count - 1]
            && !sampler.isFinished
    }

    private mutating func take(
        _ logits: UnsafeBufferPointer<Float>, _ logProbabilities: UnsafeBufferPointer<Float>
    ) {
        tokens.append(
            GeneratedToken(
                sampler.next(logits), logProbabilities: logProbabilities, alternatives: alternatives))
    }
}

extension GeneratedToken {
    /// Creates a token with its log-probability and alternatives from a row of log-probabilities, `[vocabulary]`.
    fileprivate init(
        _ token: Int32, logProbabilities: UnsafeBufferPointer<Float>, alternatives: Int
    ) {
        var likeliest: [TokenProbability] = []
        if alternatives > 0 {
            let candidates = TokenCandidates(logProbabilities, atMost: alternatives)
            likeliest = zip(candidates.tokens, candidates.logits).map(TokenProbability.init)
        }
        self.init(token: token, logProbability: logProbabilities[Int(token)], alternatives: likeliest)
    }

    /// Tokens that stand already, each with its row of log-probabilities, `[tokens, vocabulary]`.
    package static func scored(
        _ tokens: [Int32], logProbabilities: Tensor, alternatives: Int
    ) -> [GeneratedToken] {
        logProbabilities.withUnsafeBuffer { values in
            let rows = tokens.indices.map { row in
                let range = row * logProbabilities.channels..<(row + 1) * logProbabilities.channels
                return UnsafeBufferPointer(rebasing: values[range])
            }
            return zip(tokens, rows).map { token, row in
                GeneratedToken(token, logProbabilities: row, alternatives: alternatives)
            }
        }
    }
}
