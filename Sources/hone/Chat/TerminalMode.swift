import Foundation

/// What a terminal does with what is typed.
final class TerminalMode: Sendable {
    enum Kind {
        /// As the terminal was found.
        case lines
        /// Every key is passed on, and nothing is shown.
        case keys
        /// Ctrl-C is a signal, and nothing is shown of what is typed: it stays for the next message.
        case quiet
    }

    private let original: termios?

    /// The terminal of standard input; nil where it is none, or cannot be drawn on.
    init?() {
        guard isatty(STDIN_FILENO) == 1, TerminalStyle(of: STDERR_FILENO).isTerminal else { return nil }
        var found = termios()
        guard tcgetattr(STDIN_FILENO, &found) == 0 else { return nil }
        original = found
    }

    func set(_ kind: Kind) {
        guard var mode = original else { return }
        let (echo, canonical, signals) = (tcflag_t(ECHO), tcflag_t(ICANON), tcflag_t(ISIG | IEXTEN))
        switch kind {
        case .lines: break
        case .keys:
            mode.c_lflag &= ~(echo | canonical | signals)
            mode.c_iflag &= ~tcflag_t(ICRNL | IXON)
        case .quiet: mode.c_lflag &= ~(echo | canonical)
        }
        tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
    }
}
