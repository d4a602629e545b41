/// A message that is being written, and the place in it.
struct EditedLine {
    private(set) var characters: [Character] = []
    /// The number of characters before the place.
    private(set) var cursor = 0
    private let history: [String]
    /// The message of the history that is shown; that of its end is the new one.
    private var shown: Int
    private var draft: [Character] = []

    /// An empty message, with earlier ones to go back to, the last of which is the latest.
    init(history: [String]) {
        self.history = history
        shown = history.count
    }

    var text: String { String(characters) }

    /// Changes the message or the place by a key; others change nothing.
    mutating func take(_ key: TerminalKey) {
        switch key {
        case .text(let text): insert(text)
        case .pasted(let text): insert(String(text.reversed().drop(while: \.isNewline).reversed()))
        case .newline: insert("\n")
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home: cursor = beginning
        case .end: cursor = characters[cursor...].firstIndex { $0 == "\n" } ?? characters.count
        case .wordLeft: cursor = wordLeft
        case .wordRight: cursor = wordRight
        case .backspace: remove(max(0, cursor - 1)..<cursor)
        case .delete: remove(cursor..<min(characters.count, cursor + 1))
        case .deleteWord: remove(wordLeft..<cursor)
        case .deleteNextWord: remove(cursor..<wordRight)
        case .deleteToBeginning: remove(beginning..<cursor)
        case .deleteToEnd:
            remove(cursor..<(characters[cursor...].firstIndex { $0 == "\n" } ?? characters.count))
        case .up: show(shown - 1)
        case .down: show(shown + 1)
        case .enter, .interrupt, .endOfInput, .suspend, .redraw: break
        }
    }

    private var beginning: Int { (characters[..<cursor].lastIndex { $0 == "\n" } ?? -1) + 1 }

    private var wordLeft: Int {
        var place = cursor
        while place > 0, !Self.isOfWord(characters[place - 1]) { place -= 1 }
        while place > 0, Self.isOfWord(characters[place - 1]) { place -= 1 }
        return place
    }

    private var wordRight: Int {
        var place = cursor
        while place < characters.count, !Self.isOfWord(characters[place]) { place += 1 }
        while place < characters.count, Self.isOfWord(characters[place]) { place += 1 }
        return place
    }

    private static func isOfWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    private mutating func insert(_ text: String) {
        // A mark that is written after its letter becomes one character with it.
        let before = String(characters[..<cursor]) + text
        let isPlain = { (character: Character) in
            character == "\n" || character == "\t"
                || character.unicodeScalars.first!.properties.generalCategory != .control
        }
        let beginning = before.filter(isPlain)
        characters = Array(beginning) + characters[cursor...]
        cursor = beginning.count
    }

    private mutating func remove(_ range: Range<Int>) {
        characters.removeSubrange(range)
        cursor = range.lowerBound
    }

    private mutating func show(_ number: Int) {
        guard (0...history.count).contains(number), number != shown else { return }
        if shown == history.count { draft = characters }
        shown = number
        characters = number == history.count ? draft : Array(history[number])
        cursor = characters.count
    }
}

/// How a message fills the lines of a terminal.
struct LineLayout {
    /// The lines, the first behind the prompt.
    private(set) var lines = [""]
    /// The line and the column of the place in the message.
    private(set) var cursor = (line: 0, column: 0)

    /// Lays a message out.
    ///
    /// - Parameters:
    ///   - indentation: The columns of the prompt, and before every other line.
    ///   - width: The columns of a line.
    init(_ message: EditedLine, indentation: Int, width: Int) {
        var column = indentation
        func begin(_ lines: inout [String]) {
            lines.append(String(repeating: " ", count: indentation))
            column = indentation
        }
        for (place, character) in message.characters.enumerated() {
            let text = character == "\t" ? " " : String(character)
            let columns = character == "\t" ? 1 : character.columns
            if character != "\n", column + columns > max(indentation + 2, width - 1) { begin(&lines) }
            if place == message.cursor { cursor = (lines.count - 1, column) }
            if character == "\n" {
                begin(&lines)
            } else {
                lines[lines.count - 1] += text
                column += columns
            }
        }
        if message.cursor == message.characters.count { cursor = (lines.count - 1, column) }
    }
}
