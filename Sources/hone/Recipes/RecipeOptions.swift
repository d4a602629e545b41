/// The options of a command as a file gives them: keys are the names of options without the dashes, or what an argument is
/// called.
struct RecipeOptions {
    /// An option, the line of its key, and its values; of a flag, `true` or `false`.
    struct Entry {
        var option: CommandInterface.Option
        var line: Int
        var values: [String]
    }

    let file: String
    private(set) var entries: [Entry]

    /// - Throws: `YAMLError` where a key is no option, stands twice, or has a value that no option of its kind can have. What
    ///   the value must be beyond that, the command says when it is parsed.
    init(_ members: [YAMLValue.Member], of command: CommandInterface, in file: String) throws {
        (self.file, entries) = (file, [])
        for member in members {
            guard let entry = try Self.entry(member, of: command, in: file) else { continue }
            let names = [entry.option.name, entry.option.opposite]
            if let other = entries.first(where: { names.contains($0.option.name) }) {
                throw YAMLError(
                    file: file, line: member.line,
                    found: "\(member.key) beside \(other.option.name) of line \(other.line)",
                    expected: "one of them")
            }
            entries.append(entry)
        }
    }

    /// Returns the option that a member sets; nil if its value is null.
    private static func entry(
        _ member: YAMLValue.Member, of command: CommandInterface, in file: String
    ) throws -> Entry? {
        let key = member.key.replacing("_", with: "-")
        func refused(_ found: String, _ expected: String, line: Int? = nil) -> YAMLError {
            YAMLError(file: file, line: line ?? member.line, found: found, expected: expected)
        }
        guard let option = command[key], key != "config" else {
            let names = command.options.map(\.name).filter { $0 != "config" }
            let meant = suggestion(for: key, among: names)
            throw refused(
                "the key \(member.key)",
                "an option of \(command.name)"
                    + (meant ?? ", as its --help lists them"))
        }
        if member.value.isNull { return nil }
        let values: [YAMLValue]
        switch member.value.content {
        case .sequence(let elements):
            guard option.isRepeating else { throw refused("a list for \(key)", "one value") }
            values = elements
        default: values = [member.value]
        }
        let words = try values.map { value in
            if option.kind == .flag {
                guard let truth = value.truth else {
                    throw refused("\(value.shown) for \(key)", "true or false", line: value.line)
                }
                return "\(truth)"
            }
            guard case .scalar(let text, _) = value.content, !value.isNull else {
                let among = values.count > 1 ? "in the list of" : "for"
                throw refused("\(value.shown) \(among) \(key)", "text or a number", line: value.line)
            }
            return text
        }
        return words.isEmpty ? nil : Entry(option: option, line: member.line, values: words)
    }

    /// The equivalent words of a command line: first the arguments, then the options.
    var words: (arguments: [String], options: [String]) {
        var words: (arguments: [String], options: [String]) = ([], [])
        for entry in entries {
            let name = "--\(entry.option.name)"
            switch (entry.option.kind, entry.option.opposite) {
            case (.argument, _): words.arguments += entry.values
            case (.flag, let opposite):
                if entry.values == ["true"] {
                    words.options.append(name)
                } else if let opposite {
                    words.options.append("--\(opposite)")
                }
            case (.value, _):
                for value in entry.values {
                    // A value that begins with a dash would be taken for an option.
                    let isJoined = value.hasPrefix("-") || value.isEmpty
                    words.options += isJoined ? ["\(name)=\(value)"] : [name, value]
                }
            }
        }
        return words
    }

    /// The values of an option; none where the file does not give it.
    subscript(name: String) -> [String] { entries.first { $0.option.name == name }?.values ?? [] }

    /// Removes the options that are also given elsewhere.
    mutating func remove(where isGiven: (CommandInterface.Option) -> Bool) {
        entries.removeAll { isGiven($0.option) }
    }

    /// The line of the option that a message speaks of first, if it is one of these.
    func line(spokenOfIn message: String) -> Int? {
        guard let name = message.firstMatch(of: #/(?:--|<)([a-z][a-z0-9-]*)/#)?.output.1 else { return nil }
        return entries.first { $0.option.name == name || $0.option.opposite == String(name) }?.line
    }
}
