import Foundation
import LanguageModel

/// A baseline for language models: the next token by its counts after the two tokens before it.
///
///     p₃(c | a b) = max(n(a b c) − d, 0) / n(a b ·) + d · N(a b ·) / n(a b ·) · p₂(c | b)
///
/// with n the counts, N the number of different tokens seen there, d = 0.75, and p₂, p₁ made likewise from the shorter
/// stretches; p₁ falls back to all tokens being equally likely.
///
/// - SeeAlso: Interpolated absolute discounting, [Ney, Essen & Kneser 1994](https://doi.org/10.1006/csla.1994.1001).
struct TrigramModel {
    /// The number of tokens that followed a context, and of different ones among them.
    private struct Context { var count = 0, kinds = 0 }

    private let vocabularySize: Int
    private var counts: [UInt64: Int] = [:]
    private var contexts: [UInt64: Context] = [:]
    private let discount = 0.75

    /// Counts the tokens of documents, each of which begins with `endOfText`.
    init(_ documents: some Sequence<[Int32]>, endOfText: Int32, vocabularySize: Int) {
        self.vocabularySize = vocabularySize
        for document in documents {
            Self.forEachTrigram(of: document, endOfText) { for stretch in $0 { count(stretch) } }
        }
    }

    /// Nats that windows of documents cost, all tokens but the first of each.
    ///
    /// A window that begins with `endOfText` begins a document; any other one is seen from its own first token on.
    func cost(of windows: some Sequence<[Int32]>, endOfText: Int32) -> Double {
        var nats = 0.0
        for window in windows {
            let isBeginning = window.first == endOfText
            let tokens = isBeginning ? [endOfText] + window : window
            for place in (isBeginning ? 2 : 1)..<max(tokens.count, isBeginning ? 2 : 1) {
                nats -= log(probability(Self.stretches(of: tokens, endingAt: place)))
            }
        }
        return nats
    }

    /// Every token of a document and its end, with those before it.
    private static func forEachTrigram(of document: [Int32], _ endOfText: Int32, _ body: ([[Int32]]) -> Void)
    {
        let tokens = [endOfText, endOfText] + document + [endOfText]
        for place in 2..<tokens.count { body(stretches(of: tokens, endingAt: place)) }
    }

    /// A token with the two before it, as far as there are two, with the one before it, and alone.
    private static func stretches(of tokens: [Int32], endingAt place: Int) -> [[Int32]] {
        (max(0, place - 2)...place).map { Array(tokens[$0...place]) }
    }

    /// A stretch of up to three tokens as one number.
    private static func key(_ tokens: some Collection<Int32>) -> UInt64 {
        tokens.reduce(UInt64(tokens.count)) { $0 << 20 | UInt64($1) }
    }

    private mutating func count(_ stretch: [Int32]) {
        let isNew = counts.updateValue((counts[Self.key(stretch)] ?? 0) + 1, forKey: Self.key(stretch)) == nil
        var context = contexts[Self.key(stretch.dropLast())] ?? Context()
        context.count += 1
        context.kinds += isNew ? 1 : 0
        contexts[Self.key(stretch.dropLast())] = context
    }

    private func probability(_ stretches: [[Int32]]) -> Double {
        stretches.reversed().reduce(1 / Double(vocabularySize)) { shorter, stretch in
            guard let context = contexts[Self.key(stretch.dropLast())] else { return shorter }
            let seen = max(0, Double(counts[Self.key(stretch)] ?? 0) - discount)
            return (seen + discount * Double(context.kinds) * shorter) / Double(context.count)
        }
    }
}
