import Foundation
public import NeuralCore

/// Windows of documents that are not trained on, spread evenly over all of them, and the bytes they stand for.
///
///     let held = HeldOutWindows(documents, tokenizer: tokenizer, endOfText: end, length: 256, count: 64)
///     print(held?.bitsPerByte(of: pretraining.model) ?? .nan)
///
/// A document and the end-of-text token behind it are predicted window by window: the first window sees the end-of-text
/// token ahead of the document, each other one the last token of the window before it. Bits per byte are those of the very
/// tokens predicted:
///
///     −Σ ln p(token) / (ln 2 · Σ bytes(token))
///
/// The end of a document is predicted and has no bytes.
public struct HeldOutWindows: Sendable {
    /// Tokens of each window; all but the first are predicted.
    public let windows: [[Int32]]
    /// The number of tokens predicted.
    public let tokenCount: Int
    /// Bytes of UTF-8 of the tokens predicted.
    public let byteCount: Int

    private let batches: [TokenBatch]

    /// Takes every window, or where those have more tokens than `count` whole ones, as many in equal steps.
    ///
    /// - Parameters:
    ///   - documents: Documents that are not trained on.
    ///   - tokenizer: Gives the number of bytes of each token.
    ///   - endOfText: The token between documents.
    ///   - length: The most tokens that a window predicts.
    ///   - count: The greatest number of whole windows.
    /// - Returns: nil when there is no token to predict.
    public init?(
        _ documents: some TokenDocuments, tokenizer: BytePairTokenizer, endOfText: Int32, length: Int,
        count: Int
    ) {
        let sizes = (0..<documents.count).map { documents.tokenCount(at: $0) }.map { $0 == 0 ? 0 : $0 + 1 }
        let all = sizes.reduce(0) { $0 + ($1 + length - 1) / length }
        let tokens = sizes.reduce(0, +)
        guard all > 0 else { return nil }
        let taken = min(all, max(1, all * min(tokens, count * length) / tokens))
        var windows: [[Int32]] = []
        var number = 0
        for (index, size) in sizes.enumerated() {
            for begin in stride(from: 0, to: size, by: length) {
                defer { number += 1 }
                // Window n is taken where n · taken / all goes past a whole number.
                guard (number + 1) * taken / all > number * taken / all else { continue }
                let end = min(begin + length, size)
                windows.append(
                    (begin == 0 ? [endOfText] : [])
                        + documents.tokens(at: index, in: max(0, begin - 1)..<min(end, size - 1))
                        + (end == size ? [endOfText] : []))
            }
        }
        self.windows = windows
        tokenCount = windows.reduce(0) { $0 + $1.count - 1 }
        byteCount = windows.reduce(0) { sum, window in
            window.dropFirst().reduce(sum) { $1 == endOfText ? $0 : $0 + tokenizer.bytes(of: $1).count }
        }
        batches = Self.batches(windows, tokens: Self.windowsAtOnce * length)
    }

    private static let windowsAtOnce = 8

    private static func batches(_ windows: [[Int32]], tokens: Int) -> [TokenBatch] {
        var batches: [TokenBatch] = []
        var waiting: [[Int32]] = []
        var size = 0
        for window in windows {
            if size + window.count - 1 > tokens, !waiting.isEmpty {
                batches.append(TokenBatch(predicting: waiting))
                (waiting, size) = ([], 0)
            }
            waiting.append(window)
            size += window.count - 1
        }
        return batches + [TokenBatch(predicting: waiting)]
    }

    /// The sum of −ln p over all predicted tokens, nats.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - sharing: The processes that share the windows out; all of them get the sum.
    public func cost(to model: Transformer, _ sharing: WorkSharing = WorkSharing()) -> Double {
        sharing.shared(batches.count) {
            PartFigures([Double(model.crossEntropy(on: batches[$0]).total.item())])
        }.reduce(0) { $0 + $1.numbers[0] }
    }

    /// The cost of the windows to a model, bits for each byte.
    public func bitsPerByte(of model: Transformer) -> Double { bitsPerByte(cost(to: model)) }

    /// A cost of all windows, nats, in bits for each byte.
    public func bitsPerByte(_ nats: Double) -> Double { nats / log(2) / Double(max(1, byteCount)) }
}
