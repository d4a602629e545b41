import LanguageModel

/// What an assistant wrote, divided into its thinking and the answer behind it.
///
/// ```swift
/// let text = ReasonedText("<think>\n6 · 7 is 42.\n</think>\n\n42")
/// print(text.reasoning ?? "", text.answer)  // "6 · 7 is 42." and "42"
/// ```
///
/// Some templates open the thinking part in the prompt, so that a text may close one that it does not open. Where
/// thinking was cut off before its end there is no answer.
public struct ReasonedText: Hashable, Sendable {
    /// The thinking, without its marks and the white space around it; nil where there was none.
    public var reasoning: String?
    /// The answer; without the white space before it where it follows thinking.
    public var answer: String

    /// The marks of a thinking part.
    public static let marks = (begin: Thinking.beginMark, end: Thinking.endMark)

    /// An answer behind thinking.
    public init(reasoning: String?, answer: String) {
        self.reasoning = reasoning
        self.answer = answer
    }

    /// Both in one text, thinking between its marks.
    public var text: String {
        guard let reasoning else { return answer }
        return "\(Self.marks.begin)\n\(reasoning)\n\(Self.marks.end)\n\n\(answer)"
    }

    /// Divides a text.
    ///
    /// - Parameters:
    ///   - text: The text of an answer.
    ///   - beginsThinking: Whether the prompt opened the thinking part.
    public init(_ text: String, beginsThinking: Bool = false) {
        let opened = text.drop { $0.isWhitespace }
        let isOpened = opened.hasPrefix(Self.marks.begin)
        let body = isOpened ? opened.dropFirst(Self.marks.begin.count) : text[...]
        if let end = body.firstRange(of: Self.marks.end) {
            reasoning = Self.trimmed(body[..<end.lowerBound])
            answer = String(body[end.upperBound...].drop { $0.isWhitespace })
        } else if isOpened || beginsThinking {
            reasoning = Self.trimmed(body)
            answer = ""
        } else {
            reasoning = nil
            answer = text
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
