import Foundation

/// How far a long piece of work has come, on standard error: one line that is written over on a terminal, a plain
/// line now and then elsewhere.
struct ProgressLine {
    private let label: String
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    private let isColored: Bool
    private var shownAt = Date.distantPast

    /// Seconds between two lines.
    private var interval: Double { isTerminal ? 0.1 : 10 }

    /// - Parameter label: What is going on, in a word.
    init(_ label: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.label = label
        let isRefused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColored = isTerminal && !isRefused && environment["TERM"] != "dumb"
    }

    /// Shows a state, unless the last was shown a moment ago.
    ///
    /// - Parameters:
    ///   - share: How much is done, 0 to 1.
    ///   - facts: What there is to say, the most important first; what does not fit is left out.
    ///   - isLast: Shows it in any case.
    mutating func show(share: Double, _ facts: [String], isLast: Bool = false) {
        let now = Date()
        guard isLast || now.timeIntervalSince(shownAt) >= interval else { return }
        shownAt = now
        if isTerminal {
            standardError("\r\u{1B}[K" + line(share, facts, width: Self.terminalWidth - 1))
        } else {
            standardError("\(label) \(Self.percent(share)) · \(facts.joined(separator: " · "))\n")
        }
    }

    /// Writes a line that stays, above the one that changes.
    func note(_ text: String) { standardError((isTerminal ? "\r\u{1B}[K" : "") + text + "\n") }

    /// Ends the line that changes.
    func finish() { if isTerminal { standardError("\n") } }

    /// The line in at most `width` characters.
    private func line(_ share: Double, _ facts: [String], width: Int) -> String {
        let barWidth = width >= 100 ? 24 : width >= 70 ? 12 : 0
        let full = Int((share * Double(barWidth)).rounded(.down))
        var used = label.count + 1 + (barWidth > 0 ? barWidth + 1 : 0) + 5
        var text = label + " "
        if barWidth > 0 {
            let bar = String(repeating: "━", count: full)
            let rest = String(repeating: "─", count: barWidth - full)
            text += isColored ? "\u{1B}[32m\(bar)\u{1B}[90m\(rest)\u{1B}[0m " : bar + rest + " "
        }
        text += Self.percent(share)
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

    /// Characters in a line of the terminal.
    private static var terminalWidth: Int {
        var size = winsize()
        let isKnown = ioctl(FileHandle.standardError.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0
        return isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}

/// Numbers as people read them.
enum Figures {
    /// `1,234,567`.
    static func count(_ value: Int) -> String {
        var digits = Array(String(abs(value)))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return (value < 0 ? "−" : "") + String(digits)
    }

    /// `950`, `38.2k`, `1.4M`, `2.0G`.
    static func short(_ value: Double) -> String {
        for (limit, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= limit {
            return fixed(value / limit, value < 100 * limit ? 1 : 0) + unit
        }
        return fixed(value, value < 10 ? 1 : 0)
    }

    /// `0:41`, `12:05`, `3:20:00`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, seconds.isFinite ? seconds : 0).rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0
            ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
    }

    /// `412 MB`, `1.9 GB`.
    static func bytes(_ value: Int) -> String {
        value >= 1_000_000_000
            ? fixed(Double(value) / 1e9, 1) + " GB" : fixed(Double(value) / 1e6, 0) + " MB"
    }

    /// A number with so many digits after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
