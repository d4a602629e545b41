/// How often cases of each true label were given each label.
public struct ConfusionMatrix: Sendable {
    /// What is classified.
    public var caption: String
    /// The labels, in the order of rows and columns.
    public var labels: [String]
    /// Counts, `[true label][given label]`.
    public var counts: [[Int]]
    /// A sentence for the reader.
    public var note: String

    /// A matrix of counts; missing ones are zero.
    public init(_ caption: String, labels: [String], counts: [[Int]], note: String = "") {
        self.caption = caption
        self.labels = labels
        self.counts = counts
        self.note = note
    }

    /// Writes the matrix as a table whose cells are the darker the greater their share of the row.
    func write(to markup: inout Markup) {
        markup.element("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption]) {
            $0.element("table", ["class": "confusion"]) {
                $0.element("caption") { $0.element("span", caption) }
                $0.element("thead") {
                    $0.element("tr") {
                        $0.element("th", ["scope": "col"], "true ↓ given →")
                        for label in labels {
                            $0.element("th", ["scope": "col"]) { $0.element("bdi", label) }
                        }
                    }
                }
                $0.element("tbody") {
                    for row in labels.indices { write(row: row, to: &$0) }
                }
            }
        }
        if !note.isEmpty { markup.element("p", ["class": "note"]) { $0.prose(note) } }
        markup.newline()
    }

    private func count(_ row: Int, _ column: Int) -> Int {
        row < counts.count && column < counts[row].count ? max(0, counts[row][column]) : 0
    }

    private func write(row: Int, to markup: inout Markup) {
        let total = labels.indices.reduce(0) { $0 + count(row, $1) }
        markup.element("tr") {
            $0.element("th", ["scope": "row"]) { $0.element("bdi", labels[row]) }
            for column in labels.indices {
                let share = Double(count(row, column)) / Double(max(1, total))
                let level = Int((share * 9).rounded())
                $0.element(
                    "td",
                    [
                        "class": (row == column ? "hit" : "miss") + " l\(level)",
                        "title": "\(NumberStyle.percent.string(share)) of \(labels[row])",
                    ], NumberStyle.integer.string(Double(count(row, column))))
            }
        }
    }
}
