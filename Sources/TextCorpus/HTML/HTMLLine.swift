/// The text of the block being read.
struct HTMLLine {
    private var bytes: [UInt8] = []
    private var pendingSpace = false
    /// Bytes that are links.
    private(set) var linkedBytes = 0
    private var link = 0..<0

    var count: Int { bytes.count }

    /// Appends text; runs of white space become one space unless it is preformatted.
    mutating func append(_ text: [UInt8], preformatted: Bool) {
        if preformatted {
            bytes.append(contentsOf: text)
            return
        }
        for byte in text {
            if isSpace(byte) {
                pendingSpace = true
                continue
            }
            if pendingSpace {
                if let last = bytes.last, last != 0x0a { bytes.append(0x20) }
                pendingSpace = false
            }
            bytes.append(byte)
        }
    }

    /// Begins a new line within the block.
    mutating func appendBreak() {
        pendingSpace = false
        if !bytes.isEmpty { bytes.append(0x0a) }
    }

    /// Ends a line of preformatted text, unless it is empty.
    mutating func endPreformattedLine() {
        if let last = bytes.last, last != 0x0a { bytes.append(0x0a) }
    }

    /// Separates the parts of a heading.
    mutating func appendColon() {
        guard let last = bytes.last else { return }
        if last != UInt8(ascii: ":"), last != UInt8(ascii: "."), last != UInt8(ascii: "?") {
            bytes.append(UInt8(ascii: ":"))
        }
        pendingSpace = true
    }

    /// The text of the block, its ends trimmed.
    mutating func take() -> String {
        while let last = bytes.last, last == 0x0a || last == 0x20 { bytes.removeLast() }
        defer { clear() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text of a code block: as it stands, without empty lines at its ends.
    mutating func takePreformatted() -> String {
        defer { clear() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        var start = 0
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0a { start = index + 1 } else if !isSpace(byte) { break }
        }
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    private mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        pendingSpace = false
        linkedBytes = 0
        link = 0..<0
    }

    /// Counts what follows `start` as link; a mark that only links to where it stands is dropped.
    mutating func markLink(from start: Int) {
        let text = contentStart(start)
        guard text < bytes.count else { return }
        if bytes.count - text <= 4, Self.anchors.contains(String(decoding: bytes[text...], as: UTF8.self)) {
            bytes.removeSubrange(text...)
            return
        }
        linkedBytes += bytes.count - start
        link = text..<bytes.count
    }

    /// Puts what follows `start` between back-quotes.
    mutating func quoteCode(from start: Int) {
        let start = contentStart(start)
        guard start < bytes.count, !bytes[start...].contains(UInt8(ascii: "`")),
            !bytes[start...].contains(0x0a)
        else { return }
        bytes.insert(UInt8(ascii: "`"), at: start)
        bytes.append(UInt8(ascii: "`"))
    }

    /// Writes what follows `start` as superscript; drops marks of notes.
    mutating func raise(from start: Int) {
        let start = contentStart(start)
        guard start < bytes.count else { return }
        let isMark =
            bytes[start] == UInt8(ascii: "[") && bytes.last == UInt8(ascii: "]") && bytes.count - start <= 8
        if isMark || link == start..<bytes.count {
            bytes.removeSubrange(start...)
        } else {
            shift(from: start, Self.raised, sign: "^")
        }
    }

    /// Writes what follows `start` as subscript.
    mutating func lower(from start: Int) { shift(from: contentStart(start), Self.lowered, sign: "_") }

    private func contentStart(_ start: Int) -> Int {
        start < bytes.count && bytes[start] == 0x20 ? start + 1 : start
    }

    /// Digits have characters of their own; other expressions are set off with a sign, words (`1st`) not at
    /// all.
    private mutating func shift(from start: Int, _ map: [Character: Character], sign: String) {
        guard start > 0, start < bytes.count, bytes.count - start <= 16 else { return }
        let text = String(decoding: bytes[start...], as: UTF8.self)
        let mapped = text.compactMap { map[$0] }
        let shifted: String
        if mapped.count == text.count {
            shifted = String(mapped)
        } else if text.count == 1, text.allSatisfy({ $0.isLetter }) {
            shifted = sign + text
        } else if text.contains(where: { $0.isNumber || "+-−*/=".contains($0) }), !text.contains("\n") {
            shifted = sign + "(" + text + ")"
        } else {
            return
        }
        bytes.removeSubrange(start...)
        bytes.append(contentsOf: shifted.utf8)
    }

    /// Texts of links that headings have to point to themselves.
    private static let anchors: Set<String> = ["#", "¶", "§", "🔗", "⚓", "↩", "↩︎", "^"]

    private static let raised = map("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
    private static let lowered = map("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")

    private static func map(_ plain: String, _ shifted: String) -> [Character: Character] {
        Dictionary(uniqueKeysWithValues: zip(plain, shifted))
    }

    /// Text with its runs of white space made one space each, and its ends trimmed.
    static func collapsed(_ text: String) -> String {
        var line = HTMLLine()
        line.append(Array(text.utf8), preformatted: false)
        return line.take()
    }
}
