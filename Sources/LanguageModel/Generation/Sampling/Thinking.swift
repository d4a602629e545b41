/// How a text thinks before it answers: between two marks, and for how many tokens.
///
/// ```swift
/// var options = GenerationOptions()
/// options.thinking = Thinking(budget: 512)
/// ```
///
/// Thinking begins where the prompt ends with its first mark, or the text begins with it. When as many tokens as are allowed have
/// come and thinking has not ended, ``end`` is put into the text, token by token, in place of what the model would have drawn; a
/// character that is not complete may take up to three tokens more. What is put in counts as generated, with the probability that the
/// model gave it. A text that comes to its most tokens, or to the end of the model's context, within its thinking or the end that
/// is put in is cut there. A ``TokenConstraint`` holds for the answer behind the thinking.
///
/// - SeeAlso: Qwen3's documentation of a thinking budget; `thinking_token_budget` of vLLM, whose end is a setting of its server.
public struct Thinking: Hashable, Sendable {
    /// The text before thinking.
    public static let beginMark = "<think>"
    /// The text behind thinking.
    public static let endMark = "</think>"

    /// The most tokens of thinking, its marks left out, 0 or more; nil for as many as the model wants.
    public var budget: Int?
    /// The text that ends thinking when the budget is used: it has the mark once, perhaps behind a last sentence.
    public var end: String

    /// Thinking of at most `budget` tokens.
    ///
    /// - Parameters:
    ///   - budget: The most tokens, 0 or more; nil for any number.
    ///   - end: The text that ends thinking when they are used.
    public init(budget: Int? = nil, end: String = "\n</think>\n\n") {
        self.budget = budget
        self.end = end
    }

    /// Whether a text, such as a prompt, ends with the beginning of thinking.
    package static func isOpen(atEndOf text: some StringProtocol) -> Bool {
        var text = text[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.hasSuffix(beginMark)
    }

    /// Why this cannot be followed with a tokenizer; nil where it can.
    package func objection(_ tokenizer: BytePairTokenizer) -> String? {
        guard let budget else { return nil }
        if budget < 0 { return "a thinking budget of \(budget) tokens; expected 0 or more" }
        if end.ranges(of: Self.endMark).count != 1 {
            return "the end of thinking is '\(end)'; expected a text with one \(Self.endMark)"
        }
        if !tokenizer.decode(tokenizer.encode(Self.beginMark) + ending(tokenizer)).hasSuffix(end) {
            return "the tokenizer cannot write '\(end)', which ends thinking"
        }
        return nil
    }

    /// The tokens that end thinking when the budget is used.
    package func ending(_ tokenizer: BytePairTokenizer) -> [Int32] {
        tokenizer.encode(end, after: Self.beginMark)
    }

    /// The special tokens among the marks, which are part of a text as others are not.
    package static func marks(of tokenizer: BytePairTokenizer) -> Set<Int32> {
        Set([beginMark, endMark].compactMap { tokenizer.id(ofAddedToken: $0) })
    }
}

/// The place of a text that is being generated within or behind its thinking.
package struct ThinkingState: Sendable {
    private enum Part {
        /// The text may still begin with the mark.
        case beginning
        /// Tokens that came within thinking.
        case thinking(tokens: Int)
        /// Tokens of the end that were put in.
        case ending(tokens: Int)
        case answer
    }

    private static let begin = Array(Thinking.beginMark.utf8)
    private static let end = Array(Thinking.endMark.utf8)
    /// The most tokens beyond the budget that complete a character.
    private static let mostBeyond = 3

    private let budget: Int?
    private let ending: [Int32]
    private let tokenizer: BytePairTokenizer
    private var part: Part
    /// The last bytes, which may be part of a mark or of a character.
    private var held: [UInt8] = []

    /// - Parameter prompt: The tokens before the text.
    package init(_ thinking: Thinking, _ tokenizer: BytePairTokenizer, prompt: some Collection<Int32>) {
        budget = thinking.budget
        ending = budget == nil ? [] : thinking.ending(tokenizer)
        self.tokenizer = tokenizer
        let tail = tokenizer.decode(Array(prompt.suffix(16)))
        part = Thinking.isOpen(atEndOf: tail) ? .thinking(tokens: 0) : .beginning
    }

    /// Whether the next token belongs to the thinking or to its end.
    package var isOpen: Bool {
        switch part {
        case .thinking, .ending: true
        case .beginning, .answer: false
        }
    }

    /// The token that comes next whatever the model says; nil where the model draws.
    package mutating func forced() -> Int32? {
        switch part {
        case .ending(let count): return ending[count]
        case .thinking(let count):
            guard let budget, count >= budget else { return nil }
            // Half a character is completed first.
            guard count >= budget + Self.mostBeyond || String(validating: held, as: UTF8.self) != nil else {
                return nil
            }
            part = .ending(tokens: 0)
            return ending[0]
        case .beginning, .answer: return nil
        }
    }

    /// Takes in a token.
    package mutating func append(_ token: Int32) {
        switch part {
        case .answer: return
        case .ending(let count):
            part = count + 1 < ending.count ? .ending(tokens: count + 1) : .answer
        case .beginning:
            held += tokenizer.bytes(of: token)
            let text = held.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
            if text.starts(with: Self.begin) {
                held = Array(text.dropFirst(Self.begin.count))
                part = .thinking(tokens: 0)
                finishThinking()
            } else if !Self.begin.starts(with: text) {
                part = .answer
            }
        case .thinking(let count):
            held += tokenizer.bytes(of: token)
            part = .thinking(tokens: count + 1)
            finishThinking()
        }
    }

    /// Goes on to the answer if the thinking has ended; else keeps of it what may be part of its end, from the beginning of a
    /// character on.
    private mutating func finishThinking() {
        if held.indices.contains(where: { held[$0...].starts(with: Self.end) }) {
            part = .answer
            return
        }
        held = Array(held.suffix(Self.end.count + 3).drop { $0 & 0xC0 == 0x80 })
    }
}
