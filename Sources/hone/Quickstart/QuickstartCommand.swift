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
              hone quickstart --quick --output quick
              hone quickstart --write-recipe > town.yaml
            """))

    @OptionGroup var size: WorldSize

    @Flag(
        help:
            "Take about two minutes on two cores with AVX512-BF16: it shows how everything is done, and its models have not learned enough to show more."
    )
    var quick = false

    @Option(help: ArgumentHelp("The folder for all outputs.", valueName: "dir"), completion: .directory)
    var output = "quickstart"

    @Option(
        help: ArgumentHelp(
            "A folder for event files, which TensorBoard shows, one below it for each stage that trains.",
            valueName: "dir"), completion: .directory)
    var tensorboard: String?

    @Option(
        help: ArgumentHelp(
            "Another model with the same tokenizer to evaluate as well; may be repeated.",
            valueName: "dir"), completion: .directory)
    var compare: [String] = []

    @Flag(help: "Print the stages as a recipe for hone run, which makes the same models, and stop.")
    var writeRecipe = false

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
        guard tensorboard?.isEmpty != true else { throw ValidationError("--tensorboard needs a folder.") }
        try refuse("--quick", if: quick && size.minutes != nil, "--minutes says how much is done")
        try refuse(
            "--compare", if: writeRecipe && !compare.isEmpty, "a recipe makes models and compares none")
    }

    func run() throws {
        try reportingErrors {
            let plan =
                quick ? QuickstartPlan(minutes: Double(QuickstartPlan.quickMinutes)) : size.plan
            if writeRecipe {
                return print(
                    QuickstartRecipe(plan: plan, seed: size.seed, tracking: tensorboard).text, terminator: "")
            }
            let interruption = Interruption()
            do {
                try Quickstart(
                    plan: plan, seed: size.seed, folder: output, tracking: tensorboard,
                    compared: compare, isQuick: quick, interruption: interruption
                ).run()
            } catch  where interruption.isRequested {
                standardError("quickstart: stopped; the same command goes on from there\n")
                throw error
            }
        }
    }
}
