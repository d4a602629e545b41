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
