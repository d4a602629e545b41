import ArgumentParser
import Foundation

/// `hone quickstart`: the whole story on the built-in world.
struct QuickstartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract:
            "Raise a small assistant from nothing, and watch: corpus, tokenizer, base model, SFT, rewards, DPO, PPO.",
        discussion: paragraphs(
            """
            Everything is made here: a small town with websites, code, conversations and
            opinions about answers. Each stage is one of the commands of hone, shown as it is
            run, so that each can be run again alone. Interrupted and started again, it goes
            on where it was.

              hone quickstart
              hone quickstart --minutes 2 --output small
            """))

    @Option(
        help: ArgumentHelp(
            "A budget: scales how much is made and learned. 5.5 took about 7 minutes on two cores of an AMD Zen 3.",
            valueName: "n"))
    var minutes = 5.5

    @Option(help: ArgumentHelp("Decides the town and all that is random.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The folder for all of it.", valueName: "dir"))
    var output = "quickstart"

    @Option(
        help: ArgumentHelp(
            "Another model with the same tokenizer to evaluate beside those made here; may be repeated.",
            valueName: "dir"))
    var compare: [String] = []

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
        guard minutes > 0, minutes.isFinite, minutes <= 10_000 else {
            throw ValidationError("--minutes is \(minutes); it must be greater than 0, up to 10,000.")
        }
    }

    func run() throws {
        try reportingErrors {
            try Quickstart(
                plan: QuickstartPlan(minutes: minutes), seed: seed, folder: output,
                compared: compare, interruption: Interruption()
            ).run()
        }
    }
}
