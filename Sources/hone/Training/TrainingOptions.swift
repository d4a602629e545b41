import ArgumentParser
import Formatting
import Foundation
import JSON
import LanguageModel
import NeuralCore

/// The options shared by all commands that train.
struct TrainingOptions: ParsableArguments, Encodable {
    /// The default precision of matrix products.
    static let usualPrecision = PrecisionName.bfloat16

    @Option(
        help: ArgumentHelp("The folder for the model and the files of the run.", valueName: "dir"),
        completion: .directory)
    var output: String

    @Option(help: ArgumentHelp("The seed of all random choices.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Resume the run in --output where it stopped, with the same result.")
    var resume = false

    @Flag(help: "Print the plan with its time and memory, and stop.")
    var dryRun = false

    @Option(help: ArgumentHelp("Optimizer steps in all.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("The learning rate, or the highest one if it changes.", valueName: "x"))
    var learningRate: Float?

    @Option(help: "The learning-rate schedule: constant, linear, cosine, or wsd (stable, then decay).")
    var schedule: ScheduleName?

    @Option(help: ArgumentHelp("Steps of warmup, over which the learning rate rises.", valueName: "n"))
    var warmup: Int?

    @Option(help: "The optimizer: adamw, muon, sgd, lion or adafactor.")
    var optimizer: OptimizerName = .adamw

    @Option(
        help: ArgumentHelp(
            "The share of a weight removed each step, times the learning rate.", valueName: "x"))
    var weightDecay: Float?

    @Option(
        help: ArgumentHelp(
            "The greatest gradient norm; larger gradients are scaled down to it; 0 for no limit.",
            valueName: "x"))
    var maxGradientNorm: Float = 1

    @Option(
        help:
            "The precision of matrix products: bfloat16, with sums in float32, or float32. The same on every machine."
    )
    var precision = TrainingOptions.usualPrecision

    @Option(
        help: ArgumentHelp(
            "The number of parts that a step is computed in, to save memory, or to share it out among the ranks of MPI; 1 "
                + "unless given, and on several ranks one for each. Parts decide the bits of a run, ranks do not.",
            valueName: "n"))
    var accumulation: Int?

    @Option(
        help:
            "How ranks add up gradients: exact (the same bits for any number of ranks), plain or bfloat16 (half the bytes)."
    )
    var reduction = ReductionName.exact

    @Flag(
        help:
            "Deal the states of adamw or muon out among the ranks of MPI, whole matrices to each (ZeRO-1): less memory, the same bits."
    )
    var shardOptimizer = false

    @Option(
        help: ArgumentHelp(
            "Weight of the load-balance loss in a model with experts, 0 being none; what its config.json says unless given.",
            valueName: "x"))
    var routerAuxLoss: Float?

    @Option(
        help: ArgumentHelp(
            "Weight of the z-loss of routers in a model with experts; 1e-3 is usual.", valueName: "x"))
    var routerZLoss: Float?

    @Option(help: ArgumentHelp("Steps between checkpoints; one a minute unless given.", valueName: "n"))
    var checkpointEvery: Int?

    @Option(
        help: ArgumentHelp(
            "Average the weights over the steps: of the average before, this share stays, such as 0.999. The averaged model "
                + "goes to the folder ema of --output.", valueName: "x"))
    var ema: Double?

    @Option(
        help: ArgumentHelp("A folder for event files, which TensorBoard shows.", valueName: "dir"),
        completion: .directory)
    var tensorboard: String?

    @Flag(help: "Keep the data in its own order.")
    var noShuffle = false

    @Flag(help: "Print the result of the run as JSON.")
    var json = false

    func validate() throws {
        try check("--steps", steps, in: 1...Most.steps)
        try check("--checkpoint-every", checkpointEvery, in: 1...Most.steps)
        try check("--accumulation", accumulation, in: 1...Most.examples)
        try check("--warmup", warmup, in: 0...Most.steps)
        try check("--learning-rate", learningRate, .notNegative)
        try check("--weight-decay", weightDecay, .notNegative)
        try check("--router-aux-loss", routerAuxLoss, .notNegative)
        try check("--router-z-loss", routerZLoss, .notNegative)
        try check("--ema", ema, .share)
        try refuse(
            "--shard-optimizer", if: shardOptimizer && ![.adamw, .muon].contains(optimizer),
            "it is for adamw and muon")
        try refuse(
            "--shard-optimizer", if: shardOptimizer && reduction == .plain,
            "--reduction plain gives all ranks the whole gradient")
        try check("--max-gradient-norm", maxGradientNorm, .notNegative)
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
        guard tensorboard?.isEmpty != true else { throw ValidationError("--tensorboard needs a folder.") }
    }

    /// A model with the options that are about the model: the precision of its products and the losses of its routers.
    func applied(to model: Transformer) -> Transformer {
        var model = model
        model.precision = precision.precision
        if let routerAuxLoss {
            model.routerLosses?.balance = routerAuxLoss
            model.routerLosses?.balances = routerAuxLoss > 0
        }
        if let routerZLoss { model.routerLosses?.z = routerZLoss }
        return model
    }

    /// Refuses losses of routers where there are no routers, or where a method does not add them.
    func requireUse(in command: String, _ experts: TransformerConfiguration.Experts?) throws {
        let given = [("--router-aux-loss", routerAuxLoss), ("--router-z-loss", routerZLoss)]
        guard let option = given.first(where: { $0.1 != nil })?.0 else { return }
        guard experts != nil else {
            throw TrainingRunError.unsupported("\(option): the model has no experts")
        }
        guard command != "reward" else {
            throw TrainingRunError.unsupported("\(option): hone reward adds no losses of routers")
        }
    }

    /// The run's folder.
    var directory: RunDirectory { RunDirectory(url: URL(filePath: output)) }

    /// The parts that a step is computed in, and the processes that share them out: where the number of parts is not given,
    /// that of the run to resume, or one for each process.
    func sharing(among communicator: any Communicator) -> WorkSharing {
        let recorded = resume ? directory.recorded?.options["accumulation"]?.integer : nil
        var sharing = WorkSharing(
            parts: max(1, accumulation ?? recorded ?? communicator.size), among: communicator,
            reduction: reduction.reduction)
        sharing.dealsOutStates = shardOptimizer
        return sharing
    }

    /// Calls `body` while the run's folder is there and no other process may write in it; before a dry run it is only
    /// looked at. It belongs to the first of the processes that share the run.
    func withOutput<Result>(_ context: CommandContext, _ body: () throws -> Result) throws -> Result {
        guard context.isFirst else { return try body() }
        try checkFolders()
        return dryRun ? try body() : try directory.locked(body)
    }

    /// Makes sure, before anything is read, that the folders of the run can be written, and that nothing there would be lost.
    func checkFolders() throws {
        try directory.check(resumes: resume)
        if let tracking { try checkFolder(tracking) }
        try checkTracking()
    }

    /// The folder for event files.
    var tracking: URL? { tensorboard.map { URL(filePath: $0) } }

    /// Makes sure that no other run is told of in the folder for event files.
    private func checkTracking() throws(TrainingRunError) {
        guard let tensorboard, let tracking, !TensorBoardWriter.files(in: tracking).isEmpty else { return }
        guard resume else { throw .trackingExists(tensorboard) }
        // A run that was killed before it had written its settings has none there.
        if let run = directory.recorded, !TensorBoardWriter.hasText(run.table, in: tracking),
            TensorBoardWriter.hasText(RunDescription.tableHead, in: tracking)
        {
            throw .trackingExists(tensorboard)
        }
    }

    /// A learning-rate schedule by its name.
    enum ScheduleName: String, ExpressibleByArgument, CaseIterable, Encodable {
        case constant, linear, cosine, wsd
    }

    /// `GradientReduction` by its name.
    enum ReductionName: String, ExpressibleByArgument, CaseIterable, Encodable {
        case exact, plain, bfloat16

        var reduction: GradientReduction {
            switch self {
            case .exact: .exact
            case .plain: .plain
            case .bfloat16: .bfloat16
            }
        }
    }

    /// An optimizer by its name.
    enum OptimizerName: String, ExpressibleByArgument, CaseIterable, Encodable {
        case adamw, muon, sgd, lion, adafactor
    }
}

/// The defaults of a command, which its help states.
struct TrainingDefaults {
    var learningRate: Float
    /// The learning rate of Muon, whose steps all have the same size.
    var muonLearningRate: Float = 1e-3
    var schedule = TrainingOptions.ScheduleName.linear
    /// The share of the steps over which the learning rate rises.
    var warmupShare = 0.05
    /// The final learning rate, as a share of the highest one.
    var floor: Float = 0
    var weightDecay: Float = 0
    var beta2: Float = 0.999

    /// The learning rate, its schedule and the weight decay, in words.
    ///
    /// - Parameters:
    ///   - steps: The unit that the schedule counts.
    ///   - factor: A factor of the rate, in words.
    func rate(over steps: String, times factor: String = "") -> String {
        let rate = exponential(Double(learningRate), 0).replacing("e-0", with: "e-") + factor
        let warmup = Int((100 * warmupShare).rounded())
        let end = floor == 0 ? "0" : "\(Int((100 * floor).rounded())) % of it"
        let shape = schedule == .cosine ? "a cosine" : "a line"
        return
            "learning rate \(rate), reached over the first \(warmup) % of the \(steps) and falling in \(shape) to \(end)"
            + (weightDecay == 0 ? "" : ", weight decay \(general(Double(weightDecay)))")
    }

    /// The paragraph of the help of a command that trains on records.
    ///
    /// - Parameter noun: The noun for a record.
    func paragraph(each noun: String, _ remark: String = "") -> String {
        "Unless given: \(grouped(DataOptions.usualTokens)) tokens a step, each \(noun) once, "
            + "\(rate(over: "steps"))\(remark). \(Self.pages)"
    }

    /// A pointer to the pages with all defaults.
    static let pages =
        "Documentation/Defaults.md has all defaults, Documentation/Records.md the schemas of records."
}

/// The options of a run with defaults filled in, and the values derived from them.
struct TrainingSettings {
    /// The options, each with its value.
    var options: TrainingOptions
    /// Steps of the run, or updates where the schedule counts those.
    let steps: Int
    let optimizer: any Optimizer
    let schedule: LearningRateSchedule
    /// The highest learning rate.
    let peakLearningRate: Float

    /// Parameters that Muon does not update, mainly embeddings, learn at a fifth of its rate: 0.004 for the usual 0.02.
    private static let adamWScale: Float = 0.2

    /// - Parameter source: The option that the steps follow from, where --steps is not given.
    /// - Throws: `ValidationError` where there would be too many.
    init(options given: TrainingOptions, defaults: TrainingDefaults, steps: Int, from source: String) throws {
        guard steps <= Most.steps else {
            let option = given.steps == nil ? source : "--steps"
            throw ValidationError(
                "\(option): the run would have \(grouped(steps)) steps; it may have \(grouped(Most.steps)).")
        }
        let name = given.schedule ?? defaults.schedule
        let peak =
            given.learningRate
            ?? (given.optimizer == .muon ? defaults.muonLearningRate : defaults.learningRate)
        // A rate that is to be constant rises only where that is asked for.
        let usualWarmup = name == .constant ? 0 : Int((Double(steps) * defaults.warmupShare).rounded())
        let warmup = given.warmup ?? usualWarmup
        let weightDecay = given.weightDecay ?? defaults.weightDecay
        optimizer =
            switch given.optimizer {
            case .adamw: AdamW(beta1: 0.9, beta2: defaults.beta2, weightDecay: weightDecay)
            case .muon: Muon(weightDecay: weightDecay, adamWScale: Self.adamWScale)
            case .sgd: SGD(momentum: 0.9, weightDecay: weightDecay)
            case .lion: Lion(weightDecay: weightDecay)
            case .adafactor: Adafactor(weightDecay: weightDecay)
            }
        schedule =
            switch name {
            case .constant:
                .warmupStableDecay(peak: peak, warmup: warmup, steps: steps, decay: 0, floor: 1)
            case .linear: .warmupThenLinear(peak: peak, warmup: warmup, steps: steps, floor: defaults.floor)
            case .cosine: .warmupThenCosine(peak: peak, warmup: warmup, steps: steps, floor: defaults.floor)
            case .wsd: .warmupStableDecay(peak: peak, warmup: warmup, steps: steps, floor: defaults.floor)
            }
        var options = given
        options.steps = given.steps ?? steps
        (options.schedule, options.learningRate) = (name, peak)
        (options.warmup, options.weightDecay) = (warmup, weightDecay)
        (self.options, self.steps, peakLearningRate) = (options, steps, peak)
    }

    var precision: MatrixPrecision { options.precision.precision }

    var maxGradientNorm: Float? { options.maxGradientNorm == 0 ? nil : options.maxGradientNorm }
}
