/// A table as it is being read.
struct HTMLTable {
    /// More columns than this are not laid out, whatever `colspan` says.
    static let maximumColumns = 64

    private struct Cell {
        var blocks: [HTMLBlock] = []
        var isHeader = false
        var columns = 1
        var rows = 1
    }

    private var rows: [[Cell]] = []
    private var isInCell = false
    private var hasCaption = false
    private var hasTable = false
    private var loose: [HTMLBlock] = []

    mutating func beginRow() {
        rows.append([])
        isInCell = false
    }

    mutating func beginCell(isHeader: Bool, attributes: [HTMLAttribute: String]) {
        if rows.isEmpty { rows.append([]) }
        let columns = min(max(attributes[.colspan].flatMap { Int($0) } ?? 1, 1), Self.maximumColumns)
        let height = min(max(attributes[.rowspan].flatMap { Int($0) } ?? 1, 1), 1_000)
        rows[rows.count - 1].append(Cell(isHeader: isHeader, columns: columns, rows: height))
        isInCell = true
    }

    mutating func endCell() { isInCell = false }
    mutating func beginCaption() {
        isInCell = false
        hasCaption = true
    }

    mutating func append(_ block: HTMLBlock) {
        if isInCell, let last = rows.indices.last, let cell = rows[last].indices.last {
            if block.kind == .table { hasTable = true }
            rows[last][cell].blocks.append(block)
        } else {
            loose.append(block)
        }
    }

    /// The table as a block, or the blocks of its cells where it only lays out the page.
    func blocks(region: HTMLBlock.Region) -> [HTMLBlock] {
        let filled = rows.filter { !$0.isEmpty }
        guard isData(filled) else { return loose + filled.flatMap { $0.flatMap(\.blocks) } }
        let lines = laidOut(filled)
        let columns = lines.map(\.count).max() ?? 0
        var text = ""
        for (index, line) in lines.enumerated() {
            text += (index == 0 ? "" : "\n") + Self.line(line, columns: columns)
            if index == 0 {
                text += "\n" + Self.line(.init(repeating: "---", count: columns), columns: columns)
            }
        }
        let linked = filled.joined().flatMap(\.blocks).reduce(0) { $0 + $1.linkedBytes }
        return loose + [HTMLBlock(kind: .table, text: text, region: region, linkedBytes: linked)]
    }

    /// A data table has headers or a caption, or columns of short cells; never another table, headings or
    /// code.
    private func isData(_ rows: [[Cell]]) -> Bool {
        let cells = rows.joined()
        guard !hasTable, rows.count > 1, (rows.map(\.count).max() ?? 0) > 1 else { return false }
        let blocks = cells.flatMap(\.blocks)
        let hasStructure = blocks.contains {
            switch $0.kind {
            case .heading, .code: true
            default: false
            }
        }
        if hasStructure { return false }
        if hasCaption || cells.contains(where: \.isHeader) { return true }
        let longest = cells.map { $0.blocks.reduce(0) { $0 + $1.bytes } }.max() ?? 0
        return longest <= 200
    }

    /// Rows with a text in every column, spans filled with nothing.
    private func laidOut(_ rows: [[Cell]]) -> [[String]] {
        var open: [Int] = []  // for each column, rows still covered by a cell above
        var lines: [[String]] = []
        for row in rows {
            var line: [String] = []
            func skipCovered() {
                while line.count < open.count, open[line.count] > 0 {
                    open[line.count] -= 1
                    line.append("")
                }
            }
            for cell in row where line.count < Self.maximumColumns {
                skipCovered()
                let text = cell.blocks.map(\.text).joined(separator: " ")
                for column in 0..<min(cell.columns, Self.maximumColumns - line.count) {
                    if line.count < open.count {
                        open[line.count] = cell.rows - 1
                    } else {
                        open.append(cell.rows - 1)
                    }
                    line.append(column == 0 ? text : "")
                }
            }
            skipCovered()
            if line.contains(where: { !$0.isEmpty }) { lines.append(line) }
        }
        return lines
    }

    private static func line(_ cells: [String], columns: Int) -> String {
        var line = "|"
        for index in 0..<columns {
            let cell = index < cells.count ? cells[index] : ""
            let shown =
                cell.contains("|")
                ? cell.split(separator: "|", omittingEmptySubsequences: false)
                    .joined(separator: "\\|") : cell
            line +=
                " " + (shown.contains("\n") ? shown.split(separator: "\n").joined(separator: " ") : shown)
                + " |"
        }
        return line
    }
}
