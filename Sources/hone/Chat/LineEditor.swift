import Foundation

/// Reads messages from a terminal, with keys to change them and those of earlier sessions to go back to.
///
/// The terminal is drawn on standard error, as answers go to standard output.
final class LineEditor {
    private static let prompt = "> "
    private let style = TerminalStyle(of: STDERR_FILENO)
    private let history: InputHistory
    private let mode: TerminalMode
    private var keys = TerminalKeyParser()
    /// The line of the terminal with the cursor, counted from that of the prompt.
    private var cursorLine = 0

    init(_ history: InputHistory, _ mode: TerminalMode) {
        self.history = history
        self.mode = mode
    }

    /// What ended a message.
    enum Ending: Equatable {
        case message(String)
        /// The message was given up.
        case interrupted
        case endOfInput
    }

    /// Reads a message.
    func read() -> Ending {
        var line = EditedLine(history: history.messages)
        mode.set(.keys)
        standardError("\u{1B}[?2004h")
        defer {
            standardError("\u{1B}[?2004l")
            mode.set(.lines)
        }
        cursorLine = 0
        draw(line)
        while let key = nextKey() {
            switch key {
            case .enter:
                leave(&line)
                let text = line.text
                history.add(text)
                return .message(text)
            case .interrupt:
                leave(&line)
                return .interrupted
            case .endOfInput where line.characters.isEmpty:
                standardError("\r\n")
                return .endOfInput
            case .endOfInput: line.take(.delete)
            case .suspend:
                mode.set(.lines)
                kill(getpid(), SIGTSTP)
                mode.set(.keys)
                cursorLine = 0
            case .redraw:
                standardError("\u{1B}[H\u{1B}[2J")
                cursorLine = 0
            default: line.take(key)
            }
            draw(line)
        }
        standardError("\r\n")
        return .endOfInput
    }

    /// Shows all of a message, and goes to the line behind it.
    private func leave(_ line: inout EditedLine) {
        while line.cursor < line.characters.count { line.take(.right) }
        draw(line)
        standardError("\r\n")
    }

    private func draw(_ line: EditedLine) {
        let layout = LineLayout(line, indentation: Self.prompt.count, width: style.width)
        var output = "\r"
        if cursorLine > 0 { output += "\u{1B}[\(cursorLine)A" }
        output += "\u{1B}[J" + Self.prompt + layout.lines.joined(separator: "\r\n")
        let above = layout.lines.count - 1 - layout.cursor.line
        if above > 0 { output += "\u{1B}[\(above)A" }
        output += "\r\u{1B}[\(layout.cursor.column)C"
        standardError(output)
        cursorLine = layout.cursor.line
    }

    /// The next key; nil where the terminal has gone.
    private func nextKey() -> TerminalKey? {
        while true {
            if let key = keys.next() { return key }
            // Whatever follows an escape of a key comes at once.
            var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if keys.isWithinKey, poll(&waiting, 1, 100) == 0 { keys.settle() }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = Foundation.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            keys.append(buffer[..<count])
        }
    }
}
