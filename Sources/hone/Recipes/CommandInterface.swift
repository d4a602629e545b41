import ArgumentParser
import JSON

/// The options and arguments of a command, from its own help: there is no second table of options.
struct CommandInterface {
    /// One thing that a command takes.
    struct Option {
        enum Kind { case flag, value, argument }

        /// The name as it is typed, without the dashes; for an argument, the name of its value.
        var name: String
        var kind: Kind
        /// Whether it may be given several times.
        var isRepeating: Bool
        /// Whether several values may follow it at once.
        var takesSeveral: Bool
        /// The flag that means the opposite, without the dashes.
        var opposite: String?
        /// Whether its value is the path of a file or a folder.
        var isPath: Bool
        /// Whether it is a folder's.
        var isFolder: Bool

        /// Whether the file or folder is written, not read.
        var isWritten: Bool { ["output", "gguf", "tensorboard", "report", "feedback"].contains(name) }
    }

    /// The words that call the command, after `hone`.
    let words: [String]
    let options: [Option]
    let subcommands: [CommandInterface]

    /// The command as it is typed: `hone tokenizer train`.
    var name: String { (["hone"] + words).joined(separator: " ") }

    /// Reads the options of a command and its subcommands.
    ///
    /// - Parameter words: The words that call the command, after `hone`.
    init(of command: (some ParsableCommand).Type, words: [String] = []) {
        // The library wrote it a moment ago.
        let help = try? JSONValue(parsing: command._dumpHelp())
        self.init(help?["command"] ?? .null, words)
    }

    private init(_ command: JSONValue, _ words: [String]) {
        self.words = words
        let arguments = command["arguments"]?.array ?? []
        func name(_ argument: JSONValue) -> String {
            argument["preferredName"]?["name"]?.string ?? argument["valueName"]?.string ?? ""
        }
        let flags = Set(arguments.filter { $0["kind"] == "flag" }.map(name))
        options = arguments.compactMap { argument in
            let name = name(argument)
            if ["help", "version"].contains(name) { return nil }
            let kinds: [String: Option.Kind] = ["flag": .flag, "option": .value, "positional": .argument]
            let opposite = name.hasPrefix("no-") ? String(name.dropFirst(3)) : "no-\(name)"
            return Option(
                name: name, kind: kinds[argument["kind"]?.string ?? ""] ?? .value,
                isRepeating: argument["isRepeating"]?.bool ?? false,
                takesSeveral: argument["parsingStrategy"] == "upToNextOption",
                opposite: flags.contains(name) && flags.contains(opposite) ? opposite : nil,
                // What may be a name too is completed as a file.
                isPath: ["file", "directory"].contains { argument["completionKind"]?[$0] != nil }
                    && argument["valueName"] != "name",
                isFolder: argument["completionKind"]?["directory"] != nil)
        }
        subcommands = (command["subcommands"]?.array ?? []).compactMap { command in
            guard let name = command["commandName"]?.string, name != "help" else { return nil }
            return CommandInterface(command, words + [name])
        }
    }

    /// Returns the command that words begin with, and the number of words in its name.
    func command(_ words: some Collection<String>) -> (command: CommandInterface, depth: Int) {
        guard let word = words.first, let next = subcommands.first(where: { $0.words.last == word }) else {
            return (self, 0)
        }
        let (command, depth) = next.command(words.dropFirst())
        return (command, depth + 1)
    }

    /// The option of a name without dashes.
    subscript(name: String) -> Option? { options.first { $0.name == name } }
}
