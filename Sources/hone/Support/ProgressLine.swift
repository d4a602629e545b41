import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The progress of long work, on standard error: one line that is rewritten on a terminal, a plain
/// line now and then elsewhere.
struct ProgressLine {
    private let label: String
    private let style = TerminalStyle(of: STDERR_FILENO)
    private var shownAt: Date

    /// Seconds between two lines.
    private var interval: Double { style.isTerminal ? 0.1 : 10 }

    /// - Parameters:
    ///   - label: The work in progress, in a word.
    ///   - waits: Whether the first state has to wait for its turn as well.
    init(_ label: String, waits: Bool = false) {
        self.label = label
        shownAt = waits ? Date() : .distantPast
    }

    /// Shows a state, unless the last was shown a moment ago.
    ///
    /// - Parameters:
    ///   - share: The completed share, 0 to 1; nil if unknown.
    ///   - facts: Short facts, the most important first; those that do not fit are left out.
    ///   - isLast: Shows it in any case.
    mutating func show(share: Double?, _ facts: [String], isLast: Bool = false) {
        let now = Date()
        guard isLast || now.timeIntervalSince(shownAt) >= interval else { return }
        shownAt = now
        if style.isTerminal {
            standardError(Self.erase + line(share, facts, width: style.width - 1))
        } else {
            let text = [share.map { "\(label) \(Self.percent($0))" } ?? label] + facts
            standardError(text.joined(separator: " · ") + "\n")
        }
    }

    /// Writes a line that stays, above the one that changes.
    func note(_ text: String) { standardError((style.isTerminal ? Self.erase : "") + text + "\n") }

    /// Ends the line that changes.
    func finish() { if style.isTerminal { standardError("\n") } }

    /// Takes the line that changes away.
    func clear() { if style.isTerminal { standardError(Self.erase) } }

    private static let erase = "\r\u{1B}[K"

    /// The line in at most `width` characters.
    private func line(_ share: Double?, _ facts: [String], width: Int) -> String {
        let barWidth = share == nil ? 0 : width >= 100 ? 24 : width >= 70 ? 12 : 0
        let percent = share.map { " " + Self.percent($0) } ?? ""
        var used = label.count + (barWidth > 0 ? barWidth + 1 : 0) + percent.count
        // No room for a bar: nor for escapes, which must not be cut.
        guard used <= width else { return String((label + percent).prefix(max(0, width))) }
        var text = label
        if let share, barWidth > 0 {
            let full = Int((share * Double(barWidth)).rounded(.down))
            let bar = String(repeating: "━", count: full)
            let rest = String(repeating: "─", count: barWidth - full)
            text += " " + style.colored(bar, "32") + style.colored(rest, "90")
        }
        text += percent
        for fact in facts where used + fact.count + 3 <= width {
            text += " · " + fact
            used += fact.count + 3
        }
        return text
    }

    private static func percent(_ share: Double) -> String {
        let text = "\(Int((100 * share).rounded(.down))) %"
        return String(repeating: " ", count: max(0, 5 - text.count)) + text
    }
}

/// The progress of building a corpus, in one line; errors stay on the screen.
struct CorpusProgressLine {
    private var line = ProgressLine("corpus", waits: true)
    private let start = Date()
    private var shownProblems = 0

    private static let maximumProblems = 20

    /// Seconds since the work began.
    var seconds: Double { Date().timeIntervalSince(start) }

    /// Shows a state, if the last one was shown long enough ago.
    mutating func show(_ state: CorpusProgress) {
        if let problem = state.problem {
            shownProblems += 1
            if shownProblems <= Self.maximumProblems { line.note("hone: \(problem)") }
            if shownProblems == Self.maximumProblems {
                line.note("hone: further errors are in the data card")
            }
        }
        let rate = Double(state.bytesRead) / 1e6 / max(seconds, 1e-3)
        line.show(
            share: nil,
            [
                "\(NumberStyle.size.string(Double(state.bytesRead))) read",
                "\(state.documentsKept) of \(state.documentsIn) kept",
                "\(fixed(rate, 1)) MB/s",
            ])
    }

    /// Clears the line.
    func finish() { line.clear() }
}
