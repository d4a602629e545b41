/// A headline figure with its label.
public struct FigureCard: Sendable {
    /// The figure as it is to be read, with its unit.
    public var value: String
    /// The name of the figure.
    public var label: String
    /// A comparison, or the figure's origin.
    public var note: String

    /// A headline figure.
    public init(_ value: String, _ label: String, note: String = "") {
        self.value = value
        self.label = label
        self.note = note
    }

    /// Writes cards side by side.
    static func write(_ cards: [FigureCard], to markup: inout Markup) {
        markup.element("dl", ["class": "cards"]) {
            for card in cards {
                $0.element("div") {
                    $0.element("dt", card.label)
                    $0.element("dd", ["class": "value"], card.value)
                    if !card.note.isEmpty { $0.element("dd", card.note) }
                }
            }
        }
        markup.newline()
    }
}

/// Names and what they stand for: a configuration, what a run cost.
public struct Facts: Sendable {
    /// One name and what it stands for.
    public struct Fact: Sendable {
        /// The name.
        public var key: String
        /// The meaning.
        public var value: String

        /// A name and what it stands for.
        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The subject.
    public var title: String
    /// In the order to show them.
    public var facts: [Fact]

    /// A list of facts.
    public init(_ title: String = "", _ facts: [Fact]) {
        self.title = title
        self.facts = facts
    }

    /// A list of facts.
    public init(_ title: String = "", _ pairs: [(String, String)]) {
        self.init(title, pairs.map { Fact($0.0, $0.1) })
    }

    /// Writes the list.
    func write(to markup: inout Markup) {
        markup.element("div", ["class": "facts"]) {
            if !title.isEmpty { $0.element("h3", title) }
            $0.element("dl") {
                for fact in facts {
                    $0.element("div") {
                        $0.element("dt", fact.key)
                        $0.element("dd") { $0.text(fact.value, limit: 400) }
                    }
                }
            }
        }
        markup.newline()
    }
}
