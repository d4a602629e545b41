import Foundation

/// A file with one or several stages, each a command of `hone` with its options.
///
///     stages:
///       - command: sft
///         model: base
///         data: conversations.jsonl
///         output: sft
///       - command: dpo
///         model: sft
///         data: preferences.jsonl
///         output: dpo
///
/// A recipe of one stage may leave out `stages:`; with or without its `command` it is a file for `--config` too.
struct Recipe {
    /// A command with its options.
    struct Stage {
        /// Counted from 1.
        var number: Int
        /// The line at which it begins.
        var line: Int
        var command: CommandInterface
        var options: RecipeOptions

        /// The words of the command line, after `hone`.
        var words: [String] {
            let words = options.words
            return command.words + words.arguments + words.options
        }
        /// The command's name without `hone`.
        var name: String { command.words.joined(separator: " ") }
        /// The file or folder that the stage makes; nil where it is not said.
        var output: String? { (options["output"] + options["gguf"]).first }

        /// Returns whether the stage reads the output of another one, or a file in it.
        func reads(_ other: Stage) -> Bool {
            guard let made = other.output, made != output else { return false }
            let folder = made
            return options.entries.contains { entry in
                entry.values.contains { value in
                    // A model with an adapter is named as MODEL+ADAPTER.
                    ([value] + value.components(separatedBy: "+")).contains {
                        Self.isPath($0, in: folder)
                    }
                }
            }
        }

        /// Whether a path is that of a folder or of something in it.
        static func isPath(_ path: String, in folder: String) -> Bool {
            let (path, folder) = (normal(path), normal(folder))
            return path == folder || path.hasPrefix(folder + "/")
        }

        private static func normal(_ path: String) -> String {
            URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
                .replacing(#/\/+$/#, with: "")
        }
    }

    /// The path of the file, for messages.
    let file: String
    let stages: [Stage]

    /// Commands that no recipe has, with the reason.
    private static let outsiders = [
        "run": "a recipe has the stages themselves", "init": "it asks questions",
        "chat": "it waits for what somebody types",
        "quickstart": "its stages are a recipe of their own: hone quickstart --write-recipe",
    ]
    /// Options that no stage has, with the reason.
    private static let foreign = [
        "resume": "hone run goes on by itself where a stage stopped",
        "dry-run": "hone run --dry-run says what would be run",
    ]

    /// Reads a recipe.
    ///
    /// - Parameter root: The options of all commands.
    init(_ path: String, root: CommandInterface) throws {
        file = path
        let document = try YAMLFile(path).root
        guard case .mapping(let members) = document.content else {
            throw YAMLError(
                file: path, line: document.line, found: document.shown, expected: "a recipe's stages")
        }
        guard let list = members.first(where: { $0.key == "stages" }) else {
            stages = [try Self.stage(document, number: 1, in: path, root)]
            return
        }
        if let other = members.first(where: { $0.key != "stages" }) {
            throw YAMLError(
                file: path, line: other.line, found: "the key \(other.key)",
                expected: "stages alone; options stand in a stage")
        }
        guard case .sequence(let values) = list.value.content, !values.isEmpty else {
            let isEmpty = if case .sequence = list.value.content { true } else { false }
            throw YAMLError(
                file: path, line: list.line,
                found: "\(isEmpty ? "an empty list" : list.value.shown) for stages",
                expected: "a list of stages, each with a command")
        }
        stages = try values.enumerated().map { index, value in
            try Self.stage(value, number: index + 1, in: path, root)
        }
        try refuseSharedOutputs()
    }

    private static func stage(
        _ value: YAMLValue, number: Int, in file: String, _ root: CommandInterface
    ) throws -> Stage {
        guard case .mapping(var members) = value.content,
            let place = members.firstIndex(where: { $0.key == "command" })
        else {
            throw YAMLError(
                file: file, line: value.line, found: "a stage without command",
                expected: "a command and its options, as in command: sft")
        }
        let member = members.remove(at: place)
        let command = try command(member, in: file, root)
        if let key = members.first(where: { foreign[$0.key.replacing("_", with: "-")] != nil }) {
            let reason = foreign[key.key.replacing("_", with: "-")] ?? ""
            throw YAMLError(
                file: file, line: key.line, found: "the key \(key.key)", expected: "none: \(reason)")
        }
        return Stage(
            number: number, line: value.line, command: command,
            options: try RecipeOptions(members, of: command, in: file))
    }

    private static func command(
        _ member: YAMLValue.Member, in file: String, _ root: CommandInterface
    ) throws -> CommandInterface {
        func refused(_ expected: String) -> YAMLError {
            YAMLError(
                file: file, line: member.line, found: "the command \(member.value.shown)", expected: expected)
        }
        guard case .scalar(let text, _) = member.value.content else { throw refused("its name") }
        var words = text.split(separator: " ").map(String.init)
        if words.first == "hone" { words.removeFirst() }
        let (command, depth) = root.command(words)
        if let reason = outsiders[command.words.first ?? ""] { throw refused("another one: \(reason)") }
        guard depth == words.count, command.subcommands.isEmpty, depth > 0 else {
            let names = command.subcommands.map { $0.words.joined(separator: " ") }
                .filter { outsiders[$0] == nil }
            let meant = suggestion(for: words.joined(separator: " "), among: names)
            throw refused(
                "one of hone"
                    + (meant ?? ": \(names.joined(separator: ", "))"))
        }
        return command
    }

    private func refuseSharedOutputs() throws {
        for (index, stage) in stages.enumerated() {
            guard let output = stage.output,
                let other = stages[..<index].first(where: { $0.output == output })
            else { continue }
            throw YAMLError(
                file: file, line: stage.line,
                found: "the output \(output) in stage \(stage.number) as in stage \(other.number)",
                expected: "a folder of its own for each")
        }
    }
}
