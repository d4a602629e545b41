public import LanguageModel
public import NeuralCore

/// Raw text that is mixed into every step of fine-tuning, so that a model does not forget what it was pre-trained on.
///
/// ```swift
/// let windows = corpus.flatMap { chat.windows(of: $0.text.utf8, length: 256) }
/// tuning.mixture = TextMixture(windows, share: 0.1)
/// ```
///
/// Of the loss and of the tokens of a step the text makes up the same share. Which windows a step takes follows from the
/// seed and the number of the step.
///
/// - SeeAlso: The pre-training mix of [Ouyang et al. 2022](https://arxiv.org/abs/2203.02155), section 3.5, there in
///   reinforcement learning.
public struct TextMixture: Sendable {
    /// Token ids, two or more in each window; all but the first are learned.
    public let windows: [[Int32]]
    /// The share of the loss, and of the tokens, above 0 and below 1.
    public let share: Float

    /// Windows of text with their share.
    ///
    /// - Precondition: There is a window, and each has two tokens or more.
    public init(_ windows: [[Int32]], share: Float = 0.1) {
        guard !windows.isEmpty, windows.allSatisfy({ $0.count > 1 }), share > 0, share < 1 else {
            misuse(
                "a mixture of \(windows.count) windows, the shortest of \(windows.map(\.count).min() ?? 0) tokens, with a share of \(share); windows have 2 or more, and the share lies between 0 and 1"
            )
        }
        self.windows = windows
        self.share = share
    }

    /// Tokens of a mixed batch for each token of the batch that it was.
    public var tokenFactor: Double { 1 / (1 - Double(share)) }

    /// A batch with windows mixed in; the last of them is cut so that the shares hold.
    ///
    /// - Parameters:
    ///   - batch: What else is learned in the step.
    ///   - random: Decides which windows.
    public func mixed(into batch: TokenBatch, using random: RandomSource) -> TokenBatch {
        var random = random
        var wanted = Int(((tokenFactor - 1) * Double(batch.tokens.count)).rounded(.up))
        var chosen: [[Int32]] = []
        while wanted > 0 {
            let window = windows[random.integer(in: 0..<windows.count)]
            // Of one token nothing is predicted.
            let length = min(window.count, max(2, wanted))
            let begin = random.integer(in: 0..<window.count - length + 1)
            chosen.append(Array(window[begin..<begin + length]))
            wanted -= length
        }
        return batch.mixing(TokenBatch(predicting: chosen), share: share)
    }
}
