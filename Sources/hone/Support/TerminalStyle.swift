import Foundation

/// How text is set off on a terminal; plain text where there is none.
///
/// Colours are left out when standard output is no terminal, and when `NO_COLOR` asks for it
/// (https://no-color.org).
struct TerminalStyle {
    /// Whether standard output takes colours.
    let isColored: Bool

    /// What the process's standard output and environment allow.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let isRefused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColored = !isRefused && environment["TERM"] != "dumb" && isatty(STDOUT_FILENO) == 1
    }

    /// The text in a colour, by its number in the standard (SGR), or as it is.
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
