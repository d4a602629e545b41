/// Lets text through until one of some strings comes, and never a part of it.
///
/// What could be the beginning of such a string is held back until it is known.
package struct StopStrings: Sendable {
    private let strings: [[UInt8]]
    private let longest: Int
    /// Text that has come and was not let through yet.
    private var pending: [UInt8] = []
    /// Whether one of the strings has come; what follows is swallowed.
    package private(set) var hasCome = false

    /// - Parameter strings: Where text is to end; empty ones count for nothing.
    package init(_ strings: [String]) {
        self.strings = strings.map { Array($0.utf8) }.filter { !$0.isEmpty }
        longest = self.strings.map(\.count).max() ?? 0
    }

    /// Takes in text, and gives the text that is certain to stay.
    package mutating func append(_ text: String) -> String {
        guard !strings.isEmpty else { return text }
        guard !hasCome else { return "" }
        pending += text.utf8
        for start in pending.indices {
            if strings.contains(where: { pending[start...].starts(with: $0) }) {
                hasCome = true
                return take(start, forgettingRest: true)
            }
        }
        let held = (max(0, pending.count - longest + 1)..<pending.count).first { start in
            strings.contains { $0.starts(with: pending[start...]) }
        }
        return take(held ?? pending.count)
    }

    /// The text that was held back and turned out to stay, at the end.
    package mutating func finish() -> String { take(pending.count) }

    private mutating func take(_ count: Int, forgettingRest: Bool = false) -> String {
        defer { pending.removeFirst(forgettingRest ? pending.count : count) }
        return String(decoding: pending[..<count], as: UTF8.self)
    }
}
