import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone dpo`: moves a model toward preferred answers, without a reward model.
struct DPOCommand: TrainingCommand {
    static let title = "Direct preference optimization"
    static let defaults = TrainingDefaults(learningRate: 1e-6)
    static let configuration = CommandConfiguration(
        commandName: "dpo",
        abstract: "Move a model toward preferred answers, held to a reference (DPO and its family).",
        discussion: paragraphs(
            """
            Records are pairs: {"prompt":[{"role":"user","content":…}],"chosen":[…],"rejected":[…]}. Prompts
            of plain text are read as they stand, unless --chat makes them what a user says. Each
            pair's log-probabilities under the reference are computed once.

            \(defaults.paragraph(each: "pair", "; for a small model made from nothing, 1e-4 and more"))

              hone dpo --model assistant --data preferences.jsonl --output better
              hone dpo --model assistant --data preferences.jsonl --output better --loss ipo --beta 0.2
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp(
            "The folder of the reference model; the initial model unless given.", valueName: "dir"),
        completion: .model)
    var reference: String?

    @Option(help: "The loss, by TRL's name.")
    var loss: LossName = .sigmoid

    @Option(
        help: ArgumentHelp(
            "The strength of the pull toward the reference model; 0.1 unless given.", valueName: "x"))
    var beta: Float?

    @Option(
        help: ArgumentHelp(
            "The assumed share of pairs that are the wrong way round (sigmoid, exo_pair, robust, aot, aot_unpaired); 0 "
                + "unless given.", valueName: "x"))
    var labelSmoothing: Float?

    @Option(
        help: ArgumentHelp(
            "Weight of the chosen answers' mean cross-entropy, added to the loss (RPO).", valueName: "x"))
    var sftWeight: Float = 0

    /// The losses by TRL's names.
    enum LossName: String, ExpressibleByArgument, CaseIterable, Encodable {
        case sigmoid, hinge, ipo
        case exo = "exo_pair"
        case nca = "nca_pair"
        case robust
        case bco = "bco_pair"
        case sppo = "sppo_hard"
        case aot
        case aotUnpaired = "aot_unpaired"
        case apoZero = "apo_zero"
        case apoDown = "apo_down"
        case discopop
        case sft
        case sigmoidNorm = "sigmoid_norm"

        /// Whether it assumes that a share of pairs is the wrong way round.
        var takesSmoothing: Bool { [.sigmoid, .exo, .robust, .aot, .aotUnpaired].contains(self) }

        /// The loss of this name.
        func loss(smoothing: Float) -> PreferenceLoss {
            switch self {
            case .sigmoid: smoothing == 0 ? .sigmoid : .sigmoid(smoothing: smoothing)
            case .hinge: .hinge
            case .ipo: .ipo
            case .exo: smoothing == 0 ? .exo() : .exo(smoothing: smoothing)
            case .nca: .nca
            case .robust: .robust(noise: smoothing)
            case .bco: .bcoPair
            case .sppo: .sppoHard
            case .aot: .aot(smoothing: smoothing)
            case .aotUnpaired: .aotUnpaired(smoothing: smoothing)
            case .apoZero: .apoZero
            case .apoDown: .apoDown
            case .discopop: .discopop()
            case .sft: .sft
            case .sigmoidNorm: .sigmoidNorm
            }
        }
    }

    func validate() throws {
        try check("--beta", beta, .positive)
        guard (0..<0.5).contains(labelSmoothing ?? 0) else {
            throw ValidationError("--label-smoothing must be at least 0 and less than 0.5.")
        }
        try check("--sft-weight", sftWeight, .notNegative)
        let name = loss.rawValue
        try refuse(
            "--label-smoothing", if: labelSmoothing != nil && !loss.takesSmoothing,
            "the loss \(name) has none")
        try refuse("--beta", if: beta != nil && loss == .sft, "the loss sft has no reference")
        try refuse("--reference", if: reference != nil && loss == .sft, "the loss sft has no reference")
    }

    /// The reference, which must read the policy's tokens.
    private func model(in folder: String, for examples: ExampleData<TokenizedPair>) throws -> Transformer {
        let longest = (Array(examples.list) + examples.held).map {
            $0.prompt.count + max($0.chosen.count, $0.rejected.count)
        }
        return try examples.start.chat.format.languageModel(
            contentsOf: modelFolder(folder), context: longest.max() ?? 0, base: examples.start.adapterBase)
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        let examples = try ExampleData(
            data, training, defaults: Self.defaults,
            others: [reference].compactMap(\.self)
        ) { reader, files in try reader.pairs(files, usingMargins: false) }
        let (beta, labelSmoothing) = (beta ?? 0.1, labelSmoothing ?? 0)
        let other = try reference.map { try model(in: $0, for: examples) }
        var command = self
        (command.beta, command.labelSmoothing) = (beta, labelSmoothing)
        let contents = other.map { ["reference_weights": Fingerprint(of: $0).text] } ?? [:]
        return try TrainingRun(command, on: examples, reading: contents, noun: "pair", context) {
            var reference = other ?? examples.start.model
            reference.precision = examples.settings.precision
            var losses = [WeightedPreferenceLoss(loss.loss(smoothing: labelSmoothing))]
            if sftWeight != 0 { losses.append(.init(.sft, weight: sftWeight)) }
            return DirectPreferenceOptimization(
                policy: examples.start.policy, reference: reference, beta: beta, losses: losses,
                optimizer: examples.settings.optimizer, schedule: examples.settings.schedule,
                maxGradientNorm: examples.settings.maxGradientNorm)
        }.run()
    }
}
