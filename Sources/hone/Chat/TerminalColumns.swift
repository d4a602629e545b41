import Foundation

extension Character {
    /// The columns of a terminal that it takes: none, one, or two as ideographs and emoji do.
    ///
    /// - SeeAlso: [Unicode Standard Annex 11](https://www.unicode.org/reports/tr11/). Departure: blocks stand for
    ///   their characters where nearly all are wide.
    var columns: Int {
        let scalars = unicodeScalars
        guard let first = scalars.first else { return 0 }
        if first.value < 0x300 { return first.value < 0x20 || 0x7F..<0xA0 ~= first.value ? 0 : 1 }
        let isWide = Self.wide.contains { $0.contains(first.value) }
        if isWide || first.properties.isEmojiPresentation || scalars.contains("\u{FE0F}") { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return 1
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}

/// Text for a terminal whose words are kept whole at its edge.
///
/// A word is held back until it is known where it ends, so that what is shown is at most a word behind what has come.
struct WordWrap {
    /// The columns that are taken in the line.
    private var column = 0
    private var word = ""
    private var wordColumns = 0
    /// The blanks before the word.
    private var blanks = ""

    /// Takes in text.
    ///
    /// - Parameter width: The columns of a line.
    /// - Returns: The text that can be shown.
    mutating func append(_ text: String, width: Int) -> String {
        var shown = ""
        for character in text {
            if character.isNewline {
                shown += takeWord(width) + "\n"
                (blanks, column) = ("", 0)
            } else if character == " " || character == "\t" {
                shown += takeWord(width)
                blanks += character == "\t" ? "    " : " "
            } else if character.columns == 2 {
                // Ideographs are no words, and a line may end behind any of them.
                shown += takeWord(width)
                (word, wordColumns) = (String(character), 2)
                shown += takeWord(width)
            } else {
                word.append(character)
                wordColumns += character.columns
                // A word that is longer than a line cannot be kept whole.
                if wordColumns >= width { shown += takeWord(width) }
            }
        }
        return shown
    }

    /// The text that was held back.
    mutating func finish(width: Int) -> String { takeWord(width) }

    private mutating func takeWord(_ width: Int) -> String {
        guard !word.isEmpty else { return "" }
        defer { (word, wordColumns, blanks) = ("", 0, "") }
        // The last column stays free: terminals differ in what follows it.
        if column > 0, column + blanks.count + wordColumns >= width {
            column = wordColumns
            return "\n" + word
        }
        column += blanks.count + wordColumns
        return blanks + word
    }
}
