import Formatting

extension Table {
    /// The most columns that a phone shows beside each other.
    private static let mostFolded = 6

    /// Writes the table. On a phone each row folds: the label stands above its figures, and a figure above its interval;
    /// where there are too many columns for that, the table scrolls sideways by itself.
    ///
    /// Each part says its role: some browsers forget that of a row that is laid out as a grid.
    func write(to markup: inout Markup) {
        let folds = columns.count <= Self.mostFolded
        let frame: Markup.Attributes =
            folds
            ? ["class": "scroll folds", "style": "--columns:\(max(1, columns.count))"]
            : ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption]
        let hasSpreads = hasSpreads
        markup.element("div", frame) {
            $0.element("table", ["class": "figures", "role": "table"]) {
                $0.element("caption") { $0.element("span", caption) }
                $0.element("thead", ["role": "rowgroup"]) {
                    $0.element("tr", ["role": "row"]) {
                        $0.element("th", ["scope": "col", "role": "columnheader"], corner)
                        for column in columns {
                            $0.element("th", ["scope": "col", "role": "columnheader"]) {
                                $0.element("bdi", column)
                            }
                        }
                    }
                }
                $0.element("tbody", ["role": "rowgroup"]) {
                    for row in rows { write(row, hasSpreads: hasSpreads, to: &$0) }
                }
            }
        }
        let hasBest = rows.contains { $0.best(besides: unranked) != nil }
        let sentences = [note, hasBest ? "Bold: the best of the row." : ""]
        let notes = sentences.filter { !$0.isEmpty }.joined(separator: " ")
        if !notes.isEmpty { markup.element("p", ["class": "note"]) { $0.prose(notes) } }
        markup.newline()
    }

    private func write(_ row: Row, hasSpreads: Bool, to markup: inout Markup) {
        let best = row.best(besides: unranked)
        markup.element("tr", ["role": "row"]) {
            $0.element("th", ["scope": "row", "role": "rowheader"]) {
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
                    index < row.cells.count ? row.cells[index] : .none, column: index,
                    best: unranked.contains(index) ? nil : best, hasSpreads: hasSpreads, to: &$0)
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

    private func write(
        _ cell: Cell, column: Int, best: String?, hasSpreads: Bool, to markup: inout Markup
    ) {
        switch cell {
        case .none:
            markup.element("td", ["role": "cell", "class": "none"]) {
                $0.text("–")
                if hasSpreads { $0.element("small", "") }
            }
        case .text(let text): markup.element("td", ["role": "cell"]) { $0.element("bdi", text) }
        case .estimate(let estimate, let style):
            let value = style.string(estimate.value)
            let isBest = value == best
            markup.element("td", ["role": "cell", "class": isBest ? "best" : nil]) {
                $0.text(value)
                if hasSpreads {
                    $0.text(" ")
                    $0.element("small", estimate.spread(in: style) ?? "")
                }
                if isBest { $0.element("span", ["class": "unseen"], ", the best") }
                if style == .percent, hasSpreads { Meter(estimate).write(number: column, to: &$0) }
            }
        }
    }
}

/// A share drawn as a bar from 0 to 1 with its interval, below its figure.
private struct Meter {
    let share: Double
    let interval: ClosedRange<Double>?

    /// The bar of a figure.
    init(_ estimate: Estimate) {
        share = estimate.value
        interval = estimate.interval
    }

    /// Writes the bar in the color of a column; nothing where the figure is no share.
    func write(number: Int, to markup: inout Markup) {
        guard (0...1).contains(share) else { return }
        markup.element("svg", ["class": "meter s\(number % 6)", "aria-hidden": "true"]) {
            $0.leaf("rect", ["class": "bar", "width": Plot.percent(share), "height": "100%"])
            guard let interval, interval.lowerBound.isFinite, interval.upperBound.isFinite else { return }
            let ends = [interval.lowerBound, interval.upperBound].map {
                Plot.percent(min(1, max(0, $0)))
            }
            $0.leaf(
                "line", ["class": "whisker", "x1": ends[0], "x2": ends[1], "y1": "50%", "y2": "50%"])
        }
    }
}
