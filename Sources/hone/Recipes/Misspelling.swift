/// A word of a command line that is no command or no option, with the one that may have been meant.
struct Misspelling {
    /// The error message.
    let message: String

    /// Finds the first such word.
    ///
    /// - Parameter root: The options of all commands.
    /// - Returns: Nil where every word is known.
    init?(in words: [String], of root: CommandInterface) {
        let (command, depth) = root.command(words)
        let rest = words.dropFirst(depth)
        if !command.subcommands.isEmpty {
            guard let word = rest.first, !word.hasPrefix("-"), word != "help" else { return nil }
            let meant = suggestion(for: word, among: command.subcommands.compactMap(\.words.last))
            message = "\(command.name) has no command \(word)" + (meant ?? ".")
            return
        }
        for word in rest.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
            let name = String(word.dropFirst(2).prefix { $0 != "=" })
            if command[name] != nil || Self.common.contains(name) { continue }
            let names = command.options.filter { $0.kind != .argument }.map(\.name)
            let meant = suggestion(for: name, among: names, prefix: "--")
            message = "\(command.name) has no option --\(name)" + (meant ?? ".")
            return
        }
        return nil
    }

    /// Options of every command that its help does not list, or lists last.
    private static let common: Set = [
        "help", "help-hidden", "version", "generate-completion-script", "experimental-dump-help",
    ]
}

/// The names that somebody may have meant, for a message: `; did you mean steps?`.
///
/// They are those of the fewest slips of a finger from `word`, letters left out, put in, changed or swapped, if no more than
/// a third of them; or else those that share most words with it, or whose words it abbreviates: `max_steps`, `lr`.
///
/// - Parameter prefix: The prefix of each name when typed.
/// - Returns: Nil where none is near.
func suggestion(for word: String, among names: some Sequence<String>, prefix: String = "") -> String? {
    let word = word.lowercased().replacing("_", with: "-")
    let names = names.sorted()
    let distances = names.map { slips(from: Array(word.utf8), to: Array($0.utf8)) }
    var near: [String] = []
    if let least = distances.min() {
        near = zip(names, distances).filter { name, distance in
            distance == least && distance <= max(1, max(word.utf8.count, name.utf8.count) / 3)
        }.map(\.0)
    }
    if near.isEmpty {
        let parts = Set(word.split(separator: "-"))
        let shared = names.map { name in
            let own = name.split(separator: "-")
            let isAbbreviated = own.count > 1 && String(own.compactMap(\.first)) == word
            return isAbbreviated ? own.count : own.count(where: parts.contains)
        }
        let most = max(1, shared.max() ?? 0)
        near = zip(names, shared).filter { $1 == most }.map(\.0)
        // Of names that share one word, the shortest has the fewest other words.
        if let shortest = near.map(\.count).min(), parts.count > 1 { near.removeAll { $0.count > shortest } }
    }
    guard !near.isEmpty, near.count <= 4 else { return nil }
    return "; did you mean \(near.map { prefix + $0 }.joined(separator: " or "))?"
}

/// The optimal string alignment distance.
private func slips(from a: [UInt8], to b: [UInt8]) -> Int {
    guard a.count <= 100, b.count <= 100 else { return .max }
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
            row.append(least)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
