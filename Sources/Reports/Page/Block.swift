/// One part of a section. Drawings that follow each other are laid out in a grid.
public enum Block: Sendable {
    /// A paragraph; what stands in backquotes is code.
    case paragraph(String)
    /// The sentences that the reader must know first, set off from the text.
    case callout(String)
    /// Short sentences, each on its own line.
    case list([String])
    /// A heading within the section.
    case heading(String)
    /// Headline figures side by side.
    case cards([FigureCard])
    /// Figures that changed from one model to another, side by side.
    case changes([Change])
    /// Lines over a common axis.
    case chart(Chart)
    /// Confidence against accuracy.
    case calibration(CalibrationDiagram)
    /// Figures in rows and columns.
    case table(Table)
    /// The same conversation with several models.
    case comparison(Comparison)
    /// Continuations of a prompt by several models, side by side.
    case samples([Sample])
    /// Names and what they stand for.
    case facts(Facts)
    /// Lines to paste into a terminal.
    case commands([String])

    /// The grid in which it stands with its neighbors, by the class that lays it out; nil where it stands alone.
    var grid: String? {
        switch self {
        case .chart(let chart): chart.isMinor ? "grid minor" : "grid"
        case .calibration: "grid"
        default: nil
        }
    }

    /// Writes the block.
    func write(to markup: inout Markup) {
        switch self {
        case .paragraph(let text): Self.write("p", text, to: &markup)
        case .callout(let text):
            markup.element("p", ["class": "callout", "role": "note"]) { $0.prose(text) }
        case .list(let items):
            markup.element("ul", ["class": "list"]) {
                for item in items { Self.write("li", item, to: &$0) }
            }
        case .heading(let text): Self.write("h3", text, to: &markup)
        case .cards(let cards): FigureCard.write(cards, to: &markup)
        case .changes(let changes): Change.write(changes, to: &markup)
        case .chart(let chart): chart.write(to: &markup)
        case .calibration(let diagram): diagram.write(to: &markup)
        case .table(let table): table.write(to: &markup)
        case .comparison(let comparison): comparison.write(to: &markup)
        case .samples(let samples): Sample.write(samples, to: &markup)
        case .facts(let facts): facts.write(to: &markup)
        case .commands(let lines):
            markup.element("pre", ["class": "commands"]) {
                for line in lines { $0.element("code") { writeCommand(line, to: &$0) } }
            }
        }
    }

    /// Writes a command; a line of the page does not end within the dashes of an option.
    private func writeCommand(_ line: String, to markup: inout Markup) {
        for (index, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { markup.text(" ") }
            if word.hasPrefix("-") { markup.element("span", String(word)) } else { markup.text(String(word)) }
        }
        markup.text("\n")
    }

    private static func write(_ tag: StaticString, _ text: String, to markup: inout Markup) {
        markup.element(tag) { $0.prose(text) }
        markup.newline()
    }
}
