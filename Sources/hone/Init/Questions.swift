import Foundation

/// Asks on standard error and takes a line of standard input for an answer, typed or piped.
struct Questions {
    /// An unusable answer, with the expected one.
    struct Unusable: Error { var expected: String }

    /// A piped answer that is none.
    struct Refused: CommandError, CustomStringConvertible {
        var question: String
        var found: String
        var expected: String

        var outcome: Outcome { .badData }
        var description: String { "\(question) found \"\(found)\", expected \(expected)" }
    }

    private let isTyped = isatty(STDIN_FILENO) == 1
    private var isAtEnd = false

    /// Asks until there is an answer; one that was piped is not asked for twice.
    ///
    /// - Parameters:
    ///   - usual: The answer for an empty line, or for the end of the input.
    ///   - understand: Makes an answer of a line.
    mutating func ask<Answer>(
        _ question: String, usual: String, _ understand: (String) throws -> Answer
    ) throws -> Answer {
        while true {
            standardError("\(question) [\(usual)] ")
            let line = isAtEnd ? nil : readLine()
            isAtEnd = line == nil
            let typed = (line ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            if !isTyped || isAtEnd { standardError("\(typed.isEmpty ? usual : typed)\n") }
            do {
                return try understand(typed.isEmpty ? usual : typed)
            } catch let error as Unusable {
                guard isTyped, !isAtEnd else {
                    throw Refused(
                        question: question, found: TerminalStyle.harmless(String(typed.prefix(200))),
                        expected: error.expected)
                }
                standardError("expected \(error.expected)\n")
            }
        }
    }
}
