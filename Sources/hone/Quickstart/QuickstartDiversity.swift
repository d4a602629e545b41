import Alignment
import BuiltInWorld
import Foundation
import LanguageModel
import NeuralCore

/// How many different things a model says: draws at temperature 1, several for each prompt.
///
/// Learning from rewards or preferences makes a model narrower than the texts it began with; this shows by how much.
struct QuickstartDiversity {
    /// The share of different texts among the draws for a prompt, the mean over prompts.
    let distinctDraws: Double
    /// The share of different pairs of neighboring words among all such pairs in the draws for a prompt, the mean over prompts.
    ///
    /// - SeeAlso: distinct-2, [Li et al. 2016](https://arxiv.org/abs/1510.03055), section 5. Departure: over the draws
    ///   for one prompt.
    let distinctPairs: Double
    /// How much two draws for the same prompt have in common: twice the pairs of neighboring words that stand in both, of
    /// all pairs in either (Dice's coefficient); the mean over all pairs of draws.
    let selfSimilarity: Double
    /// The mean of −log₂ p over the tokens drawn: an estimate of the entropy of the next token, bits.
    let entropy: Double

    /// Draws for each prompt.
    static let draws = 8
    /// The most tokens of a draw.
    static let maxTokens = 48

    /// Draws from a model.
    ///
    /// - Parameters:
    ///   - prompts: The tokens that it continues.
    init(_ chat: ChatModel, prompts: [[Int32]], seed: UInt64) {
        var decoding = Decoding(
            chat.model, prompts: prompts, samples: Self.draws, sampling: Sampling(temperature: 1),
            stopTokens: chat.format.stopTokens, maxTokens: Self.maxTokens, using: RandomSource(seed: seed))
        while !decoding.isFinished { decoding.step() }
        let drawn = Dictionary(grouping: decoding.sequences, by: \.prompt).sorted { $0.key < $1.key }.map {
            $0.value.map { sequence in
                chat.tokenizer.decode(sequence.tokens.filter { !chat.format.stopTokens.contains($0) })
            }
        }
        let logProbabilities = decoding.sequences.flatMap(\.logProbabilities)
        self.init(
            drawn,
            entropy: -logProbabilities.reduce(0) { $0 + Double($1) } / Double(max(1, logProbabilities.count))
                / log(2))
    }

    /// Measures texts that are there.
    ///
    /// - Parameter draws: Texts for each prompt.
    init(_ draws: [[String]], entropy: Double) {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
        distinctDraws = mean(draws.map { Double(Set($0).count) / Double(max(1, $0.count)) })
        let pairs = draws.map { $0.map(Self.wordPairs) }
        distinctPairs = mean(
            pairs.map { Double(Set($0.joined()).count) / Double(max(1, $0.joined().count)) })
        selfSimilarity = mean(
            pairs.flatMap { texts in
                texts.indices.flatMap { first in
                    texts.indices.dropFirst(first + 1).map { second in
                        Self.similarity(Set(texts[first]), Set(texts[second]))
                    }
                }
            })
        self.entropy = entropy
    }

    /// Dice's coefficient; two texts without a pair are the same.
    private static func similarity(_ first: Set<[Substring]>, _ second: Set<[Substring]>) -> Double {
        guard !first.isEmpty || !second.isEmpty else { return 1 }
        return 2 * Double(first.intersection(second).count) / Double(first.count + second.count)
    }

    private static func wordPairs(_ text: String) -> [[Substring]] {
        let words = text.split(whereSeparator: \.isWhitespace)
        return zip(words, words.dropFirst()).map { [$0, $1] }
    }
}
