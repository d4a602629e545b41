import JSON

/// The text of a recipe, made of command lines.
struct RecipeText {
    private(set) var text: String
    private var hasStages = false

    /// - Parameter heading: The comment above it, of one line or several.
    init(heading: String) { text = Self.comment(heading, indentation: "") }

    /// Appends a stage.
    ///
    /// - Parameters:
    ///   - words: A command line after `hone`: the command's name, then arguments, options and flags.
    ///   - command: The options of the command.
    ///   - comment: The comment above the stage; empty for none.
    mutating func add(_ words: [String], of command: CommandInterface, comment: String = "") {
        text += hasStages ? "\n" : "\nstages:\n"
        hasStages = true
        text += Self.comment(comment, indentation: "  ")
        text += "  - command: \(command.words.joined(separator: " "))\n"
        var members: [(name: String, values: [String])] = []
        func add(_ name: String, _ value: String) {
            if let place = members.firstIndex(where: { $0.name == name }) {
                members[place].values.append(value)
            } else {
                members.append((name, [value]))
            }
        }
        let argument = command.options.first { $0.kind == .argument }?.name ?? ""
        var rest = words.dropFirst(command.words.count)
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                add(argument, Self.scalar(word))
                continue
            }
            let name = String(word.dropFirst(2))
            if command[name]?.kind == .flag {
                add(name, "true")
            } else {
                add(name, Self.scalar(rest.popFirst() ?? ""))
            }
        }
        for (name, values) in members {
            let isList = values.count > 1
            text += "    \(name): " + (isList ? "[\(values.joined(separator: ", "))]" : values[0]) + "\n"
        }
    }

    private static func comment(_ words: String, indentation: String) -> String {
        words.isEmpty
            ? ""
            : words.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "\(indentation)#\n" : "\(indentation)# \($0)\n" }.joined()
    }

    /// A value as YAML: as it is where it can be read as nothing else, in quotes otherwise.
    private static func scalar(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: #/[A-Za-z0-9_.\/~][A-Za-z0-9_.\/~@%+=\-]*/#) != nil
        let isWord = ["true", "false", "null", "yes", "no", "on", "off", "~"].contains(text.lowercased())
        return isPlain && !isWord ? text : JSONValue.string(text).text()
    }
}
