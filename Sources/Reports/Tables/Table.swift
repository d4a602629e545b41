public import Formatting

/// Figures in rows and columns: a row for what is measured, a column for each model.
///
///     Table("Behavior on held-out prompts", columns: ["base", "SFT", "DPO"], rows: [
///         .init("Known facts right", direction: .higherIsBetter, estimates: [facts0, facts1, facts2]),
///         .init("Parameters", texts: ["1.5 M", "1.5 M", "1.5 M"]),
///     ])
public struct Table: Sendable {
    /// The contents of one place.
    public enum Cell: Sendable {
        /// Words.
        case text(String)
        /// A figure.
        case estimate(Estimate, NumberStyle)
        /// Nothing.
        case none
    }

    /// One line of the table.
    public struct Row: Sendable {
        /// The measure that the row shows.
        public var label: String
        /// Small words under the label.
        public var note: String
        /// The direction in which figures are better; the best is then marked.
        public var direction: Direction?
        /// The row's cells, from left to right.
        public var cells: [Cell]

        /// A row of cells.
        public init(_ label: String, note: String = "", direction: Direction? = nil, cells: [Cell]) {
            self.label = label
            self.note = note
            self.direction = direction
            self.cells = cells
        }

        /// A row of figures; nil where there is none.
        public init(
            _ label: String, note: String = "", style: NumberStyle = .percent, direction: Direction? = nil,
            estimates: [Estimate?]
        ) {
            let cells = estimates.map { $0.map { Cell.estimate($0, style) } ?? Cell.none }
            self.init(label, note: note, direction: direction, cells: cells)
        }

        /// A row of words.
        public init(_ label: String, note: String = "", texts: [String]) {
            self.init(label, note: note, cells: texts.map(Cell.text))
        }

        /// The best figure as it is printed: all that are printed alike are best.
        fileprivate var best: String? {
            let figures = cells.compactMap { cell -> (value: Double, text: String)? in
                if case .estimate(let estimate, let style) = cell {
                    return (estimate.value, style.string(estimate.value))
                }
                return nil
            }
            guard let best = direction?.best(of: figures.map(\.value)) else { return nil }
            return figures.first { $0.value == best }?.text
        }
    }

    /// The table's caption.
    public var caption: String
    /// The head of the column of labels.
    public var corner: String
    /// The heads of the columns.
    public var columns: [String]
    /// The rows.
    public var rows: [Row]
    /// A sentence for the reader.
    public var note: String

    /// A table.
    public init(_ caption: String, corner: String = "", columns: [String], rows: [Row], note: String = "") {
        self.caption = caption
        self.corner = corner
        self.columns = columns
        self.rows = rows
        self.note = note
    }

    /// Writes the table, which scrolls sideways by itself where it is too wide.
    func write(to markup: inout Markup) {
        let hasSpreads = hasSpreads
        markup.element("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption]) {
            $0.element("table", ["class": "figures"]) {
                $0.element("caption") { $0.element("span", caption) }
                $0.element("thead") {
                    $0.element("tr") {
                        $0.element("th", ["scope": "col"], corner)
                        for column in columns {
                            $0.element("th", ["scope": "col"]) { $0.element("bdi", column) }
                        }
                    }
                }
                $0.element("tbody") {
                    for row in rows { write(row, hasSpreads: hasSpreads, to: &$0) }
                }
            }
        }
        let sentences = [note, rows.contains { $0.best != nil } ? "Bold: the best of the row." : ""]
        let notes = sentences.filter { !$0.isEmpty }.joined(separator: " ")
        if !notes.isEmpty { markup.element("p", ["class": "note"]) { $0.prose(notes) } }
        markup.newline()
    }

    private func write(_ row: Row, hasSpreads: Bool, to markup: inout Markup) {
        let best = row.best
        markup.element("tr") {
            $0.element("th", ["scope": "row"]) {
                $0.element("bdi", row.label)
                if let direction = row.direction {
                    $0.text("\u{A0}")
                    $0.element(
                        "span",
                        [
                            "class": "arrow", "title": direction.words, "role": "img",
                            "aria-label": direction.words,
                        ], direction.arrow)
                }
                if !row.note.isEmpty { $0.element("small", row.note) }
            }
            for index in columns.indices {
                write(
                    index < row.cells.count ? row.cells[index] : .none, best: best, hasSpreads: hasSpreads,
                    to: &$0)
            }
        }
        markup.newline()
    }

    /// True if any figure has an interval: cells without one then leave room for it, which keeps decimal points aligned.
    private var hasSpreads: Bool {
        rows.contains { row in
            row.cells.contains {
                if case .estimate(let estimate, let style) = $0 {
                    estimate.spread(in: style) != nil
                } else {
                    false
                }
            }
        }
    }

    private func write(_ cell: Cell, best: String?, hasSpreads: Bool, to markup: inout Markup) {
        switch cell {
        case .none:
            markup.element("td", ["class": "none"]) {
                $0.text("–")
                if hasSpreads { $0.element("small", "") }
            }
        case .text(let text): markup.element("td") { $0.element("bdi", text) }
        case .estimate(let estimate, let style):
            let value = style.string(estimate.value)
            markup.element("td", ["class": value == best ? "best" : nil]) {
                $0.text(value)
                if hasSpreads {
                    $0.text(" ")
                    $0.element("small", estimate.spread(in: style) ?? "")
                }
            }
        }
    }
}
