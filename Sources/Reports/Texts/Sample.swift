/// A model's continuation of a prompt.
public struct Sample: Sendable {
    /// The typesetting of a sample.
    public enum Style: Sendable {
        /// As running text.
        case prose
        /// In letters of equal width, line by line: code, markup.
        case code
    }

    /// The source of the text, or the model that wrote it.
    public var name: String
    /// The prompt.
    public var beginning: String
    /// The continuation.
    public var text: String
    /// The typesetting.
    public var style: Style

    /// A sample.
    public init(_ name: String, beginning: String = "", text: String, style: Style = .prose) {
        self.name = name
        self.beginning = beginning
        self.text = text
        self.style = style
    }

    /// Writes samples side by side; on a narrow page under each other.
    static func write(_ samples: [Sample], to markup: inout Markup) {
        markup.element("div", ["class": "columns"]) {
            for sample in samples { sample.write(to: &$0) }
        }
        markup.newline()
    }

    private func write(to markup: inout Markup) {
        markup.element("section", ["class": "column sample"]) {
            $0.element("header") { $0.element("h4", name) }
            // A browser drops a line break at the beginning of `pre`; text in it must keep its own.
            $0.element("div", ["class": style == .code ? "said code" : "said", "dir": "auto"]) {
                if !beginning.isEmpty { $0.element("span", ["class": "given"], beginning) }
                $0.text(text)
            }
        }
        markup.newline()
    }
}
