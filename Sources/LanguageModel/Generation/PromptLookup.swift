/// Guesses how a text goes on from what it has said before, as answers quote their question and code repeats its names.
///
/// The model reads several guesses at once and draws after each: as many as it draws itself are taken, and the first other
/// draw is the next token. Since neither logits nor draws depend on what is read beside them, texts have the tokens and the
/// bits that they have without guesses; only the time differs. Guesses become fewer where they are wrong, and pause.
///
/// - SeeAlso: [Leviathan et al. 2023](https://arxiv.org/abs/2211.17192) and
///   [Saxena 2023](https://github.com/apoorvumang/prompt-lookup-decoding). Departure: a guess is compared with the draw, not
///   accepted at random, so that a seed's draws stay what they are.
package struct PromptLookup: Sendable {
    /// The most rows of tokens that are worth running at once: below it, a further row costs little.
    package static let mostRows = 16

    /// Tokens that the end of the text must have in common with an earlier place.
    private static let leastContext = 2
    /// The most tokens of it that are compared.
    private static let mostContext = 16
    private static let mostGuesses = 8
    /// The most tokens that are drawn without guesses after wrong ones.
    private static let longestPause = 64

    private var tokens: [Int32]
    private var guesses = 2
    private var pause = 0
    private var nextPause = 1

    /// - Parameter prompt: The text before the one that is generated.
    package init(prompt: [Int32]) { tokens = prompt }

    /// Guesses the next tokens.
    ///
    /// - Parameters:
    ///   - limit: The most tokens.
    ///   - ends: Tokens that are never guessed, nor what follows them.
    /// - Returns: What followed the place that has the most in common with the end of the text, the last of equals.
    package func next(atMost limit: Int, ends: Set<Int32>) -> [Int32] {
        let count = min(limit, guesses)
        guard count > 0, pause == 0, tokens.count > Self.leastContext else { return [] }
        let place = tokens.withUnsafeBufferPointer { tokens -> Int? in
            let last = tokens.count - 1
            var best: (place: Int, common: Int)?
            for end in stride(from: last - 1, to: 0, by: -1) where tokens[end] == tokens[last] {
                var common = 1
                while common < Self.mostContext, common <= end,
                    tokens[end - common] == tokens[last - common]
                {
                    common += 1
                }
                guard common >= Self.leastContext, common > best?.common ?? 0 else { continue }
                best = (end + 1, common)
                if common == Self.mostContext { break }
            }
            return best?.place
        }
        guard let place else { return [] }
        var next: [Int32] = []
        while next.count < count {
            // What repeats itself up to the end goes on repeating itself.
            let token =
                place + next.count < tokens.count
                ? tokens[place + next.count] : next[place + next.count - tokens.count]
            if ends.contains(token) { break }
            next.append(token)
        }
        return next
    }

    /// Learns what came.
    ///
    /// - Parameters:
    ///   - drawn: The next tokens of the text.
    ///   - guessed: The number of tokens that were guessed, of which one less than were drawn were right.
    package mutating func append(_ drawn: some Collection<Int32>, guessed: Int) {
        tokens += drawn
        pause = max(0, pause - drawn.count)
        guard guessed > 0 else { return }
        let right = drawn.count - 1
        if right == 0 {
            guesses = 1
            pause = nextPause
            nextPause = min(Self.longestPause, 2 * nextPause)
        } else {
            guesses = right == guessed ? min(Self.mostGuesses, 2 * guesses) : right + 1
            nextPause = 1
        }
    }
}
