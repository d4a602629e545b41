import ArgumentParser
import BuiltInWorld
import Files
import Foundation

/// `hone world`: the texts of the built-in world, which a quickstart begins with.
struct WorldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "world",
        abstract: "Write a small made-up town: websites, code, conversations, opinions about answers.",
        discussion: paragraphs(
            """
            The folder has website and repositories for "hone corpus", and records for training:
            demonstrations.jsonl, preferences.jsonl, held-out-preferences.jsonl, prompts.jsonl. The same seed and
            minutes always write the same files; they are the first stage of "hone quickstart". The folder appears
            when it is whole.

              hone world --minutes 2 --output world
            """))

    @OptionGroup var size: WorldSize

    @Option(help: ArgumentHelp("The folder to write.", valueName: "dir"), completion: .directory)
    var output: String

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
    }

    func run() throws {
        try reportingErrors {
            try FolderExists.check(output)
            let url = URL(filePath: output)
            try makeFolder(url.deletingLastPathComponent())
            try QuickstartStages(plan: size.plan, seed: size.seed, folder: ".")
                .write(World(seed: size.seed), to: url)
            standardError("\(output): a town for seed \(size.seed)\n")
        }
    }
}

/// The seed of a town, and the amount of text about it.
struct WorldSize: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A budget that scales the amounts of data and training; \(QuickstartPlan.usualMinutes) unless given, which is for eight minutes on two cores with AVX512-BF16.",
            valueName: "n"))
    var minutes: Double?

    @Option(help: ArgumentHelp("The seed of the town and of all random choices.", valueName: "n"))
    var seed: UInt64 = 1

    /// The amounts of data and training.
    var plan: QuickstartPlan { QuickstartPlan(minutes: minutes ?? Double(QuickstartPlan.usualMinutes)) }

    func validate() throws {
        guard let minutes else { return }
        guard minutes > 0, minutes.isFinite, minutes <= 10_000 else {
            throw ValidationError("--minutes is \(minutes); it must be greater than 0, up to 10,000.")
        }
    }
}
