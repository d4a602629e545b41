/// Divides what an assistant writes, as it is generated, into its thinking and its answer, as ``ReasonedText`` does the whole.
package struct ReasoningStream: Sendable {
    private enum Part { case beginning, thinking, behindThinking, answer }

    private var part = Part.beginning
    private let beginsThinking: Bool
    /// Text that may be part of a mark, or white space that may be the end of the thinking.
    private var held = ""
    private var hasThought = false

    /// - Parameter beginsThinking: Whether the prompt opened the thinking part.
    package init(beginsThinking: Bool = false) { self.beginsThinking = beginsThinking }

    /// Takes in text.
    ///
    /// - Returns: The text that is certain to be of the thinking, and of the answer.
    package mutating func append(_ text: String) -> (reasoning: String, answer: String) {
        if part == .answer { return ("", text) }
        held += text
        var reasoning = ""
        if part == .beginning {
            let opened = held.drop { $0.isWhitespace }
            let mark = ReasonedText.marks.begin
            if opened.hasPrefix(mark) {
                held = String(opened.dropFirst(mark.count))
                part = .thinking
            } else if mark.hasPrefix(opened) {
                return ("", "")
            } else {
                part = beginsThinking ? .thinking : .answer
            }
        }
        if part == .thinking {
            if let end = held.firstRange(of: ReasonedText.marks.end) {
                reasoning = thought(held[..<end.lowerBound])
                held = String(held[end.upperBound...])
                part = .behindThinking
            } else {
                let mark = ReasonedText.marks.end
                let longest = (0..<mark.count).last { held.hasSuffix(mark.prefix($0)) } ?? 0
                let certain = held.dropLast(longest)
                reasoning = thought(certain)
                let white = certain.reversed().prefix { $0.isWhitespace }.count
                held = String(held.suffix(longest + white))
                return (reasoning, "")
            }
        }
        if part == .behindThinking {
            held = String(held.drop { $0.isWhitespace })
            if held.isEmpty { return (reasoning, "") }
            part = .answer
        }
        defer { held = "" }
        return (reasoning, held)
    }

    /// Ends the answer.
    ///
    /// - Returns: What is left of the thinking and of the answer.
    package mutating func finish() -> (reasoning: String, answer: String) {
        defer { held = "" }
        switch part {
        case .beginning: return beginsThinking ? (thought(held[...]), "") : ("", held)
        case .thinking: return (thought(held[...]), "")
        case .behindThinking, .answer: return ("", "")
        }
    }

    /// Thinking to be given out, without the white space around all of it.
    private mutating func thought(_ text: Substring) -> String {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        if !hasThought { text = text.drop { $0.isWhitespace } }
        hasThought = hasThought || !text.isEmpty
        return String(text)
    }
}
