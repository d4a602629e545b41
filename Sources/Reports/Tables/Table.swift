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

        /// The best figure of the ranked columns as it is printed: all that are printed alike are best, unless all are.
        func best(besides unranked: Set<Int>) -> String? {
            let figures = cells.enumerated().compactMap { column, cell -> (value: Double, text: String)? in
                if case .estimate(let estimate, let style) = cell, !unranked.contains(column) {
                    return (estimate.value, style.string(estimate.value))
                }
                return nil
            }
            guard let best = direction?.best(of: figures.map(\.value)), Set(figures.map(\.text)).count > 1
            else { return nil }
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
    /// The numbers of columns, from 0, that are never the best of a row: a model that does not answer does nothing
    /// wrong either.
    public var unranked: Set<Int>
    /// A sentence for the reader.
    public var note: String

    /// A table.
    public init(
        _ caption: String, corner: String = "", columns: [String], rows: [Row], unranked: Set<Int> = [],
        note: String = ""
    ) {
        self.caption = caption
        self.corner = corner
        self.columns = columns
        self.rows = rows
        self.unranked = unranked
        self.note = note
    }
}
