import ArgumentParser
import Foundation

/// `hone-fuzz`: gives readers of foreign bytes inputs that nobody meant.
@main struct HoneFuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hone-fuzz",
        abstract: "Give every reader of foreign bytes inputs that nobody meant.",
        subcommands: [
            RunCommand.self, WorkCommand.self, ReplayCommand.self, ListCommand.self,
            CheckCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}

/// `hone-fuzz list`: the names of the readers.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the readers.")

    func run() { for reader in Reader.all { print(reader.name) } }
}

/// Which reader, by name.
struct ReaderArgument: ParsableArguments {
    @Argument(help: "The reader.") var name: String

    func reader() throws -> Reader {
        guard let reader = Reader.named(name) else {
            throw ValidationError("There is no reader named \(name).")
        }
        return reader
    }
}

/// `hone-fuzz replay`: reads the inputs of files, such as those that failed.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Read the inputs of files again.")

    @OptionGroup var choice: ReaderArgument
    @Argument(help: "Files with an input each.") var files: [String]

    func run() throws {
        let reader = try choice.reader()
        let scratch = try Scratch(named: reader.name)
        defer { scratch.remove() }
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
            do {
                try reader.read(bytes, scratch)
                print("\(file): read")
            } catch {
                print("\(file): \(error)")
            }
        }
    }
}
