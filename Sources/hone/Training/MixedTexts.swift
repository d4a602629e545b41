import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// Raw text that is mixed into every step of fine-tuning, so that a model does not forget what it was made of.
struct MixedTexts {
    /// What part of the loss it makes up.
    let share: Float
    /// Runs of tokens, all of them trained.
    let windows: [SupervisedTokens]
    /// Of all tokens in their order.
    let fingerprint: Fingerprint

    /// Texts cut into windows.
    ///
    /// - Parameters:
    ///   - paths: Corpora, text files, or JSON Lines with a "text".
    ///   - share: What part of the loss they make up, above 0 and below 1.
    ///   - length: Tokens of a window.
    init(_ paths: [String], share: Float, length: Int, _ chat: ChatModel) throws {
        let end = chat.model.endOfSequence.prefix(1)
        var (windows, fingerprint) = ([SupervisedTokens](), Fingerprint())
        for path in paths {
            try TrainingTexts(path).forEach { text in
                let ids =
                    chat.tokenizer.boundaries.before
                    + chat.tokenizer.encode(Array(text), specialTokens: .asText) + end
                for begin in stride(from: 0, to: ids.count, by: length) {
                    let window = Array(ids[begin..<min(begin + length, ids.count)])
                    // Of a window of one token nothing is predicted.
                    guard window.count > 1 else { continue }
                    windows.append(SupervisedTokens(ids: window, isTrained: window.map { _ in true }))
                    fingerprint.add(ids: window)
                }
            }
        }
        guard !windows.isEmpty else {
            throw TrainingRunError.noExamples(file: paths.joined(separator: ", "), reason: "it holds no text")
        }
        self.share = share
        (self.windows, self.fingerprint) = (windows, fingerprint)
    }

    /// How many tokens a step has for each one of its conversations.
    var tokenFactor: Double { 1 / (1 - Double(share)) }

    /// A batch with windows mixed in that have the share of tokens that they have of the loss; the last one is cut.
    ///
    /// - Parameter step: With the seed, decides which.
    func mixed(into batch: TokenBatch, seed: UInt64, step: Int) -> TokenBatch {
        var random = RandomSource(seed: seed, step: step)
        var wanted = Int(((tokenFactor - 1) * Double(batch.tokens.count)).rounded(.up))
        var chosen: [SupervisedTokens] = []
        while wanted > 0 {
            let window = windows[random.integer(in: 0..<windows.count)]
            // Of one token nothing is predicted.
            let length = min(window.count, max(2, wanted))
            let begin = random.integer(in: 0..<window.count - length + 1)
            let range = begin..<begin + length
            chosen.append(
                SupervisedTokens(ids: Array(window.ids[range]), isTrained: Array(window.isTrained[range])))
            wanted -= length
        }
        return batch.mixing(TokenBatch(supervising: chosen), share: share)
    }
}
