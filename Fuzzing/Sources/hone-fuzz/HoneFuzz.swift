import ArgumentParser
import Foundation

/// `hone-fuzz`: gives readers of foreign bytes inputs that nobody meant.
struct HoneFuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hone-fuzz",
        abstract: "Give every reader of foreign bytes inputs that nobody meant.",
        subcommands: [
            RunCommand.self, WorkCommand.self, ReplayCommand.self, SeedsCommand.self, ListCommand.self,
            CheckCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}

#if !LIBFUZZER
@main extension HoneFuzz {}
#endif

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

/// `hone-fuzz seeds`: writes the seeds of a reader, for libFuzzer.
struct SeedsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seeds",
        abstract: "Write the seeds of a reader to a folder, and its words to words.txt beside.")

    @OptionGroup var choice: ReaderArgument
    @Option(help: "The folder.") var output: String

    func run() throws {
        let reader = try choice.reader()
        let scratch = try Scratch(named: reader.name)
        defer { scratch.remove() }
        let folder = URL(filePath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (index, seed) in try reader.seeds(scratch).enumerated() {
            try Data(seed).write(to: folder.appending(component: "seed-\(index)"))
        }
        let words = reader.tokens.map { word in
            "\""
                + word.utf8.map {
                    "\\x" + (String($0, radix: 16).count < 2 ? "0" : "") + String($0, radix: 16)
                }.joined() + "\"\n"
        }
        try Data(words.joined().utf8).write(
            to: folder.deletingLastPathComponent().appending(component: "\(reader.name).words.txt"))
    }
}
