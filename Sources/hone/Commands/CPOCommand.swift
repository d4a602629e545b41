import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone cpo`: contrasts preferred answers with others, without a reference.
struct CPOCommand: TrainingCommand {
    static let title = "Contrastive preference optimization"
    static let defaults = TrainingDefaults(learningRate: 1e-6)
    static let configuration = CommandConfiguration(
        commandName: "cpo",
        abstract: "Contrast preferred answers with others, without a reference (CPO, SimPO, AlphaPO).",
        discussion: paragraphs(
            """
            \(defaults.paragraph(each: "pair"))

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
            "Weight of the cross-entropy of the preferred answer (sigmoid, hinge, ipo); 1 unless given.",
            valueName: "x")
    )
    var cpoAlpha: Float?

    @Option(
        help: ArgumentHelp(
            "The target margin of the preferred answer (simpo, alphapo); 0.5 unless given.",
            valueName: "x"))
    var simpoGamma: Float?

    @Option(help: ArgumentHelp("The shape of the reward (alphapo); 0.25 unless given.", valueName: "x"))
    var alpha: Float?

    @Option(
        help: ArgumentHelp(
            "The assumed share of pairs that are the wrong way round (sigmoid, simpo, alphapo); 0 unless given.",
            valueName: "x"))
    var labelSmoothing: Float?

    /// The losses by TRL's names.
    enum LossName: String, ExpressibleByArgument, CaseIterable, Encodable {
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

    /// The command with the defaults of its loss filled in.
    private var filled: CPOCommand {
        var filled = self
        switch loss {
        case .sigmoid, .hinge, .ipo: filled.cpoAlpha = cpoAlpha ?? 1
        case .simpo: filled.simpoGamma = simpoGamma ?? 0.5
        case .alphapo: (filled.simpoGamma, filled.alpha) = (simpoGamma ?? 0.5, alpha ?? 0.25)
        }
        if loss != .hinge, loss != .ipo { filled.labelSmoothing = labelSmoothing ?? 0 }
        return filled
    }

    private var method: ReferenceFreeLoss {
        let filled = filled
        let (cpoAlpha, simpoGamma) = (filled.cpoAlpha ?? 1, filled.simpoGamma ?? 0.5)
        let (alpha, labelSmoothing) = (filled.alpha ?? 0.25, filled.labelSmoothing ?? 0)
        return switch loss {
        case .sigmoid: .cpo(.sigmoid(smoothing: labelSmoothing), imitation: cpoAlpha)
        case .hinge: .cpo(.hinge, imitation: cpoAlpha)
        case .ipo: .cpo(.ipo, imitation: cpoAlpha)
        case .simpo: .simpo(margin: simpoGamma, smoothing: labelSmoothing)
        case .alphapo: .simpo(margin: simpoGamma, alpha: alpha, smoothing: labelSmoothing)
        }
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        let examples = try ExampleData(
            data, training, defaults: Self.defaults
        ) { reader, files in try reader.pairs(files, usingMargins: false) }
        return try TrainingRun(filled, on: examples, noun: "pair", context) {
            ReferenceFreeOptimization(
                policy: examples.start.policy, objective: .init(method, beta: beta),
                optimizer: examples.settings.optimizer, schedule: examples.settings.schedule,
                maxGradientNorm: examples.settings.maxGradientNorm)
        }.run()
    }
}
