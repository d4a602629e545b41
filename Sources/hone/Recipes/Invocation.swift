import ArgumentParser
import Foundation

/// A call of the command whose options may come from a file: `hone sft --config sft.yaml --seed 3`.
///
/// The file becomes words of the command line before they are parsed, so every command understands it alike. What the
/// command line gives wins: an option of the file that stands there too is left out, a list as a whole.
struct Invocation {
    /// The words to parse.
    private(set) var words: [String]
    /// The options from a file.
    private var options: RecipeOptions?

    /// - Parameters:
    ///   - given: The words after `hone`.
    ///   - root: The options of all commands; called only if a file is named.
    init(_ given: [String], _ root: () -> CommandInterface) throws {
        words = given
        guard given.contains(where: { $0 == "--config" || $0.hasPrefix("--config=") }) else { return }
        let (command, depth) = root().command(given)
        guard command.subcommands.isEmpty, command["config"] != nil else { return }
        let line = GivenWords(given.dropFirst(depth), of: command)
        guard line.files.count < 2 else { throw SeveralFiles(names: line.files) }
        // A missing name is reported when the words are parsed.
        guard let path = line.files.first else { return }
        var options = try Self.options(of: command, in: path)
        options.remove { line.gives($0) }
        let fromFile = options.words
        words = command.words + fromFile.arguments + line.before + fromFile.options + line.after
        self.options = options
    }

    /// The options of a command in a file, which may say which command it is for.
    private static func options(of command: CommandInterface, in path: String) throws -> RecipeOptions {
        let file = try YAMLFile(path)
        guard case .mapping(var members) = file.root.content else {
            throw YAMLError(
                file: path, line: file.root.line, found: file.root.shown,
                expected: "options of \(command.name), each a line as in seed: 3")
        }
        if let stages = members.first(where: { $0.key == "stages" }) {
            throw YAMLError(
                file: path, line: stages.line, found: "stages",
                expected: "the options of one command; hone run \(path) runs stages")
        }
        if let place = members.firstIndex(where: { $0.key == "command" }) {
            let member = members.remove(at: place)
            guard case .scalar(let text, _) = member.value.content,
                text.split(separator: " ").map(String.init) == command.words
            else {
                throw YAMLError(
                    file: path, line: member.line, found: "the command \(member.value.shown)",
                    expected: command.words.joined(separator: " "))
            }
        }
        return try RecipeOptions(members, of: command, in: path)
    }

    /// More than one `--config`.
    struct SeveralFiles: CommandError, CustomStringConvertible {
        var names: [String]
        var outcome: Outcome { .usage }
        var description: String { "--config: found \(names.joined(separator: ", ")), expected one file" }
    }

    /// A message about an option with the place in the file that gave it; nil where the command line did.
    func located(_ message: String) -> String? {
        guard let options, let line = options.line(spokenOfIn: message) else { return nil }
        return "\(options.file): line \(line): \(message)"
    }
}

/// The words of a command line after the command's name, by kind.
private struct GivenWords {
    /// The words without `--config` and its file, those before `--`, and the rest.
    private(set) var before: [String] = []
    private(set) var after: [String] = []
    /// The files of `--config`.
    private(set) var files: [String] = []
    private var names: Set<String> = []
    private var hasArguments = false

    init(_ words: ArraySlice<String>, of command: CommandInterface) {
        var rest = words
        while let word = rest.popFirst() {
            if word == "--" {
                hasArguments = hasArguments || !rest.isEmpty
                after = [word] + rest
                break
            }
            guard word.hasPrefix("--") else {
                hasArguments = hasArguments || !word.hasPrefix("-")
                before.append(word)
                continue
            }
            let parts = word.dropFirst(2)
                .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if name == "config" {
                if parts.count > 1 {
                    files.append(String(parts[1]))
                } else if let file = rest.first, !file.hasPrefix("-") {
                    files.append(file)
                    rest.removeFirst()
                }
                continue
            }
            names.insert(name)
            before.append(word)
            guard parts.count == 1, let option = command[name], option.kind == .value else { continue }
            repeat {
                guard let value = rest.first, !value.hasPrefix("-") else { break }
                before.append(value)
                rest.removeFirst()
            } while option.takesSeveral
        }
    }

    /// Returns whether an option, or its opposite, is given.
    func gives(_ option: CommandInterface.Option) -> Bool {
        option.kind == .argument
            ? hasArguments : names.contains(option.name) || option.opposite.map(names.contains) ?? false
    }
}

/// A command that takes its options from a file as well.
///
/// The option stands here, around every command alike, for its help and for completion; ``Invocation`` has replaced it
/// by the options of the file before anything is parsed.
struct Configured<Command: ParsableCommand>: ParsableCommand {
    static var configuration: CommandConfiguration { Command.configuration }

    @OptionGroup var command: Command

    @Option(
        help: ArgumentHelp(
            "Options from a YAML file, by their names without the dashes; options given here take precedence.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml", "json"]))
    var config: String?

    func validate() throws {
        // A file that was read is not among the words any more.
        guard config == nil else { throw ValidationError("--config stands after the name of the command.") }
    }

    mutating func run() throws { try command.run() }
}

/// A command around another one.
protocol CommandWrapper {
    /// The command inside.
    var wrapped: any ParsableCommand { get }
}

extension Configured: CommandWrapper {
    var wrapped: any ParsableCommand { command }
}

extension ParsableCommand {
    /// The command itself where this is one around it.
    var unwrapped: any ParsableCommand { (self as? any CommandWrapper)?.wrapped ?? self }
}
