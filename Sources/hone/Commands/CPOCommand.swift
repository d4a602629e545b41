import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone cpo`: contrasts preferred answers with others, without a reference.
struct CPOCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cpo",
        abstract: "Contrast preferred answers with others, without a reference (CPO, SimPO, AlphaPO).",
        discussion: """
              hone cpo --model assistant --data preferences.jsonl --output better
              hone cpo --model assistant --data preferences.jsonl --output better --loss simpo
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(help: "The loss, by TRL's name: sigmoid, hinge, ipo, simpo or alphapo.")
    var loss: LossName = .sigmoid

    @Option(help: ArgumentHelp("The scale of the contrast.", valueName: "x"))
    var beta: Float = 0.1

    @Option(
        help: ArgumentHelp(
            "What imitating the preferred answer counts; of no use to simpo and alphapo.", valueName: "x"))
    var cpoAlpha: Float = 1

    @Option(
        help: ArgumentHelp(
            "By how much a preferred answer should be likelier (simpo, alphapo).", valueName: "x"))
    var simpoGamma: Float = 0.5

    @Option(help: ArgumentHelp("The shape of the reward (alphapo).", valueName: "x"))
    var alpha: Float = 0.25

    @Option(help: ArgumentHelp("The share of pairs taken to be the wrong way round.", valueName: "x"))
    var labelSmoothing: Float = 0

    /// The losses by TRL's names.
    enum LossName: String, ExpressibleByArgument, CaseIterable {
        case sigmoid, hinge, ipo, simpo, alphapo
    }

    func validate() throws {
        guard beta > 0, beta.isFinite else { throw ValidationError("--beta must be greater than 0.") }
        guard (0..<0.5).contains(labelSmoothing) else {
            throw ValidationError("--label-smoothing must be at least 0 and less than 0.5.")
        }
    }

    func run() throws { try reportingErrors { try run(CommandContext()) } }

    private var method: ReferenceFreeLoss {
        switch loss {
        case .sigmoid: .contrastive(.sigmoid(smoothing: labelSmoothing), imitation: cpoAlpha)
        case .hinge: .contrastive(.hinge, imitation: cpoAlpha)
        case .ipo: .contrastive(.identity, imitation: cpoAlpha)
        case .simpo: .simple(margin: simpoGamma, smoothing: labelSmoothing)
        case .alphapo: .simple(margin: simpoGamma, alpha: alpha, smoothing: labelSmoothing)
        }
    }

    /// Runs the stage.
    @discardableResult
    func run(_ context: CommandContext) throws -> TrainingRun.Result? {
        let run = try ExampleRun(
            data, training, defaults: TrainingDefaults(learningRate: 1e-6)
        ) { reader, files in try reader.pairs(files) }
        let own = ["loss": "\(method)", "beta": "\(beta)"]
        return try run.run("cpo", own: own, noun: "pair", context) {
            ReferenceFreeOptimization(
                policy: run.policy, method: method, beta: beta, optimizer: run.settings.optimizer,
                schedule: run.settings.schedule, maxGradientNorm: run.settings.maxGradientNorm)
        }
    }
}
