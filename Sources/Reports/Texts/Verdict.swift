/// A judge's word on an answer, with a mark and a color by whether the answer is as it should be.
public struct Verdict: Hashable, Sendable, ExpressibleByStringLiteral {
    /// Whether something is as it should be.
    public enum Tone: Hashable, Sendable {
        /// It is.
        case good
        /// It is not.
        case bad
        /// Neither, or nobody knows.
        case neutral
    }

    /// The verdict in a few words, such as "declined" or "claimed".
    public var text: String
    /// Whether it is as it should be.
    public var tone: Tone

    /// A verdict.
    public init(_ text: String, _ tone: Tone) {
        self.text = text
        self.tone = tone
    }

    /// A verdict that is neither good nor bad.
    public init(stringLiteral text: String) { self.init(text, .neutral) }

    /// Writes the mark and the words.
    func write(to markup: inout Markup) {
        markup.element("span", ["class": "verdict \(tone)"]) {
            switch tone {
            case .good: $0.element("span", ["role": "img", "aria-label": "good"], "✓")
            case .bad: $0.element("span", ["role": "img", "aria-label": "bad"], "✗")
            case .neutral: $0.element("span", ["aria-hidden": "true"], "○")
            }
            $0.text(" ")
            $0.element("bdi", text)
        }
    }
}
