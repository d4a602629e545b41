import ArgumentParser

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
