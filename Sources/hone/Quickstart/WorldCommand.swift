import Alignment
import ArgumentParser
import BuiltInWorld
import Files
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// `hone world`: the texts of the built-in world, which a quickstart begins with, or episodes of a built-in environment, or
/// exercises in arithmetic.
struct WorldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "world",
        abstract: "Write a small made-up town: websites, code, conversations, opinions about answers.",
        discussion: paragraphs(
            """
            The folder has website and repositories for "hone corpus", and records for training:
            demonstrations.jsonl, preferences.jsonl, held-out-preferences.jsonl, prompts.jsonl. The same seed and
            minutes always write the same files; they are the first stage of "hone quickstart". The folder appears
            when it is whole. With --environment a file of conversations is written instead: episodes as someone plays
            them who knows the environment, for "hone sft" to begin with. With --exercise arithmetic it is sums and
            differences of four numbers, worked out between <think> and </think>: a prompt, a completion, and the answer
            that --reward number asks for. An eighth of all problems is held out, whatever the seed.

              hone world --minutes 2 --output world
              hone world --environment calculator --episodes 500 --output shown.jsonl
              hone world --exercise arithmetic --examples 400 --output sums.jsonl
            """))

    @OptionGroup var size: WorldSize

    @Option(
        help: ArgumentHelp(
            "Write episodes of a built-in environment: \(EnvironmentName.list).", valueName: "name"))
    var environment: EnvironmentName?

    @Option(help: ArgumentHelp("The number of episodes; 1000 unless given.", valueName: "n"))
    var episodes: Int?

    @Option(help: ArgumentHelp("Write exercises: arithmetic.", valueName: "name"))
    var exercise: ExerciseName?

    @Option(help: ArgumentHelp("The number of exercises; 1000 unless given.", valueName: "n"))
    var examples: Int?

    @Flag(help: "Write exercises that are never among the others.")
    var heldOut = false

    @Option(help: ArgumentHelp("The folder or file to write.", valueName: "path"), completion: .directory)
    var output: String

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
        try refuse("--episodes", if: episodes != nil && environment == nil, "it needs --environment")
        try refuse(
            "--minutes", if: size.minutes != nil && environment != nil, "--episodes says how many there are")
        try check("--episodes", episodes, in: 1...Most.examples)
        try refuse("--exercise", if: exercise != nil && environment != nil, "--environment writes episodes")
        try refuse(
            "--minutes", if: size.minutes != nil && exercise != nil, "--examples says how many there are")
        try refuse("--examples", if: examples != nil && exercise == nil, "it needs --exercise")
        try refuse("--held-out", if: heldOut && exercise == nil, "it needs --exercise")
        try check("--examples", examples, in: 1...Arithmetic.most)
    }

    func run() throws {
        try reportingErrors {
            try FolderExists.check(output)
            let url = URL(filePath: output)
            if let environment {
                let lines = try environment.demonstrations(episodes ?? 1000, seed: size.seed)
                try writeAtomically(Data(lines.utf8), to: url)
                standardError("\(output): \(counted(episodes ?? 1000, "episode"))\n")
                return
            }
            if exercise == .arithmetic {
                let problems = Arithmetic.problems(
                    examples ?? 1000, isHeldOut: heldOut, seed: size.seed)
                let lines = problems.map { $0.line + "\n" }.joined()
                try writeAtomically(Data(lines.utf8), to: url)
                standardError("\(output): \(counted(problems.count, "exercise"))\n")
                return
            }
            try makeFolder(url.deletingLastPathComponent())
            try QuickstartStages(plan: size.plan, seed: size.seed, folder: ".")
                .write(World(seed: size.seed), to: url)
            standardError("\(output): a town for seed \(size.seed)\n")
        }
    }
}

/// Exercises by their name.
enum ExerciseName: String, ExpressibleByArgument, CaseIterable {
    case arithmetic
}

/// The seed of a town, and the amount of text about it.
struct WorldSize: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A budget that scales the amounts of data and training; \(QuickstartPlan.usualMinutes) unless given, which is for ten minutes on two cores with AVX512-BF16.",
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
