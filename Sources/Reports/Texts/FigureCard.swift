/// A headline figure with its label.
public struct FigureCard: Sendable {
    /// The figure as it is to be read, with its unit.
    public var value: String
    /// What it is.
    public var label: String
    /// What to compare it with, or how it came about.
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
