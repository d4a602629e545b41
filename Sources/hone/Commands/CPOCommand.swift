import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone cpo`: contrasts preferred answers with others, without a reference.
struct CPOCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cpo",
        abstract: "Contrast preferred answers with others, without a reference (CPO, SimPO, AlphaPO).",
        discussion: paragraphs(
            """
            Unless given: 4,096 tokens a step, each pair once, learning rate 1e-6, falling in a line to 0
            after 5 % of the steps. Documentation/Defaults.md has all defaults,
            Documentation/Records.md the schemas of records.

              hone cpo --model assistant --data preferences.jsonl --output better
              hone cpo --model assistant --data preferences.jsonl --output better --loss simpo
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(help: "The loss, by TRL's name: sigmoid, hinge, ipo, simpo or alphapo.")
    var loss: LossName = .sigmoid

    @Option(help: ArgumentHelp("The scale of the contrast.", valueName: "x"))
    var beta: Float = 0.1

    @Option(
        help: ArgumentHelp(
            "Weight of imitating the preferred answer (sigmoid, hinge, ipo); 1 unless given.", valueName: "x")
    )
    var cpoAlpha: Float?

    @Option(
        help: ArgumentHelp(
            "By how much a preferred answer should be likelier (simpo, alphapo); 0.5 unless given.",
            valueName: "x"))
    var simpoGamma: Float?

    @Option(help: ArgumentHelp("The shape of the reward (alphapo); 0.25 unless given.", valueName: "x"))
    var alpha: Float?

    @Option(
        help: ArgumentHelp(
            "The share of pairs taken to be the wrong way round (sigmoid, simpo, alphapo); 0 unless given.",
            valueName: "x"))
    var labelSmoothing: Float?

    /// The losses by TRL's names.
    enum LossName: String, ExpressibleByArgument, CaseIterable {
        case sigmoid, hinge, ipo, simpo, alphapo
    }

    func validate() throws {
        try check("--beta", beta, .positive)
        try check("--cpo-alpha", cpoAlpha, .notNegative)
        try check("--simpo-gamma", simpoGamma, .finite)
        try check("--alpha", alpha, .finite)
        guard (0..<0.5).contains(labelSmoothing ?? 0) else {
            throw ValidationError("--label-smoothing must be at least 0 and less than 0.5.")
        }
        let isSimple = loss == .simpo || loss == .alphapo
        let reason = "the loss \(loss.rawValue) has none"
        try refuse("--cpo-alpha", if: cpoAlpha != nil && isSimple, reason)
        try refuse("--simpo-gamma", if: simpoGamma != nil && !isSimple, reason)
        try refuse("--alpha", if: alpha != nil && loss != .alphapo, reason)
        try refuse(
            "--label-smoothing", if: labelSmoothing != nil && (loss == .hinge || loss == .ipo), reason)
    }

    func run() throws { try reportingErrors { try run(CommandContext()) } }

    private var method: ReferenceFreeLoss {
        let (cpoAlpha, simpoGamma) = (cpoAlpha ?? 1, simpoGamma ?? 0.5)
        let (alpha, labelSmoothing) = (alpha ?? 0.25, labelSmoothing ?? 0)
        return switch loss {
        case .sigmoid: .cpo(.sigmoid(smoothing: labelSmoothing), imitation: cpoAlpha)
        case .hinge: .cpo(.hinge, imitation: cpoAlpha)
        case .ipo: .cpo(.ipo, imitation: cpoAlpha)
        case .simpo: .simpo(margin: simpoGamma, smoothing: labelSmoothing)
        case .alphapo: .simpo(margin: simpoGamma, alpha: alpha, smoothing: labelSmoothing)
        }
    }

    /// Runs the stage.
    @discardableResult
    func run(_ context: CommandContext) throws -> TrainingRun.Result? {
        let run = try ExampleRun(
            data, training, defaults: TrainingDefaults(learningRate: 1e-6)
        ) { reader, files in try reader.pairs(files, usingMargins: false) }
        let own = ["loss": "\(method)", "beta": "\(beta)"]
        return try run.run("cpo", own: own, noun: "pair", context) {
            ReferenceFreeOptimization(
                policy: run.policy, method: method, beta: beta, optimizer: run.settings.optimizer,
                schedule: run.settings.schedule, maxGradientNorm: run.settings.maxGradientNorm)
        }
    }
}
