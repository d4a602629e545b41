import Foundation

/// The capabilities of a stream of the process: plain text, or a terminal's control sequences.
///
/// Colors are left out where there is no terminal, and where `NO_COLOR` asks for it (https://no-color.org).
struct TerminalStyle {
    /// Whether a line can be rewritten.
    let isTerminal: Bool
    /// Whether text can be colored.
    let isColored: Bool
    private let descriptor: Int32

    /// Determines the capabilities from a stream and the environment.
    init(
        of descriptor: Int32 = STDOUT_FILENO,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        isColored = isTerminal && environment["NO_COLOR", default: ""].isEmpty
    }

    /// Characters in a line.
    var width: Int {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// The text in a color, by its number in the standard (SGR), or as it is.
    func colored(_ text: String, _ code: String) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Text from outside with the characters made visible that would act on the terminal.
    static func harmless(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let acts = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
            result += acts ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return result
    }
}
