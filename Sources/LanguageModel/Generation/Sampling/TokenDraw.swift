package import NeuralCore

/// What is drawn for one sequence from its row of logits.
package struct TokenDraw: Sendable {
    /// Draws, and is to draw the next token of the sequence.
    package private(set) var sampler: TokenSampler
    /// What was drawn.
    package private(set) var token = GeneratedToken(token: 0, logProbability: 0, alternatives: [])
    private let alternatives: Int

    /// - Parameters:
    ///   - sampler: What draws for the sequence.
    ///   - alternatives: How many of the likeliest tokens are noted.
    package init(_ sampler: TokenSampler, alternatives: Int) {
        self.sampler = sampler
        self.alternatives = alternatives
    }

    /// Draws a token for each row of logits, and notes how probable it was.
    package static func draw(_ draws: inout [TokenDraw], from logits: Tensor) {
        let vocabulary = logits.channels
        let logProbabilities = logits.logSoftmax()
        logits.withUnsafeBuffer { logits in
            logProbabilities.withUnsafeBuffer { logProbabilities in
                draws.withUnsafeMutableBufferPointer { draws in
                    parallelFor(tasks: draws.count) { row in
                        let range = row * vocabulary..<(row + 1) * vocabulary
                        draws[row].take(
                            UnsafeBufferPointer(rebasing: logits[range]),
                            UnsafeBufferPointer(rebasing: logProbabilities[range]))
                    }
                }
            }
        }
    }

    private mutating func take(
        _ logits: UnsafeBufferPointer<Float>, _ logProbabilities: UnsafeBufferPointer<Float>
    ) {
        token = GeneratedToken(
            sampler.next(logits), logProbabilities: logProbabilities, alternatives: alternatives)
    }
}

extension GeneratedToken {
    /// A token with what a row of log-probabilities, `[vocabulary]`, says of it.
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
