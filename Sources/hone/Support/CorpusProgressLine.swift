import Foundation
import LanguageModel

/// Shows on standard error how far the making of a corpus has come: a line that is written over on a
/// terminal, a line now and then otherwise; errors stay.
final class CorpusProgressLine {
    private let start = Date()
    private var lastShown = Date.distantPast
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) != 0
    private var shownProblems = 0

    private static let maximumProblems = 20

    /// Seconds since the work began.
    var seconds: Double { Date().timeIntervalSince(start) }

    /// Shows a state, if the last one was shown long enough ago.
    func show(_ state: CorpusProgress) {
        if let problem = state.problem {
            shownProblems += 1
            if shownProblems <= Self.maximumProblems { write("hone: \(problem)\n") }
            if shownProblems == Self.maximumProblems { write("hone: further errors are in the data card\n") }
        }
        let now = Date()
        guard now.timeIntervalSince(lastShown) > (isTerminal ? 0.2 : 10) else { return }
        defer { lastShown = now }
        guard isTerminal || lastShown != .distantPast else { return }
        let rate = Double(state.bytesRead) / 1e6 / max(seconds, 1e-3)
        let line =
            "\(DataCard.size(state.bytesRead)) read, \(state.documentsKept) of \(state.documentsIn) kept, "
            + String(format: "%.1f MB/s", rate)
        standardError(isTerminal ? "\r\u{1b}[K\(line)" : line + "\n")
    }

    /// Clears the line.
    func finish() { if isTerminal { standardError("\r\u{1b}[K") } }

    private func write(_ text: String) { standardError((isTerminal ? "\r\u{1b}[K" : "") + text) }
}
