import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// What every command that trains understands.
struct TrainingOptions: ParsableArguments {
    /// How products are computed unless something else is asked for.
    static let usualPrecision = PrecisionName.bfloat16

    @Option(help: ArgumentHelp("The folder for the model and for what the run leaves.", valueName: "dir"))
    var output: String

    @Option(help: ArgumentHelp("Decides all that is random.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Go on with the run in --output where it stopped, to the same result.")
    var resume = false

    @Flag(help: "Say what would be done, how long it takes and in how much memory; then stop.")
    var dryRun = false

    @Option(help: ArgumentHelp("Optimizer steps in all.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("The learning rate, or the highest where it changes.", valueName: "x"))
    var learningRate: Float?

    @Option(help: "How the learning rate goes on: constant, linear, cosine, or wsd (stable, then decay).")
    var schedule: ScheduleName?

    @Option(help: ArgumentHelp("Steps over which the learning rate rises.", valueName: "n"))
    var warmup: Int?

    @Option(help: "What moves the model: adamw, muon, sgd, lion or adafactor.")
    var optimizer: OptimizerName = .adamw

    @Option(help: ArgumentHelp("How strongly weights are drawn to zero.", valueName: "x"))
    var weightDecay: Float?

    @Option(
        help: ArgumentHelp("Greater gradients are scaled down to this norm; 0 for never.", valueName: "x"))
    var maxGradientNorm: Float = 1

    @Option(
        help:
            "How products are computed: bfloat16, with sums in float32, or float32. The same on every machine."
    )
    var precision = TrainingOptions.usualPrecision

    @Option(help: ArgumentHelp("Steps between checkpoints; one a minute unless given.", valueName: "n"))
    var checkpointEvery: Int?

    @Flag(help: "Take the data in its own order.")
    var noShuffle = false

    @Flag(help: "Print the result of the run as JSON.")
    var json = false

    func validate() throws {
        try check("--steps", steps, in: 1...Most.steps)
        try check("--checkpoint-every", checkpointEvery, in: 1...Most.steps)
        try check("--warmup", warmup, in: 0...Most.steps)
        try check("--learning-rate", learningRate, .notNegative)
        try check("--weight-decay", weightDecay, .notNegative)
        try check("--max-gradient-norm", maxGradientNorm, .notNegative)
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
    }

    /// The run's folder.
    var directory: RunDirectory { RunDirectory(url: URL(filePath: output)) }

    /// Calls `body` while the run's folder is there and no other process may write in it; before a dry run it is only
    /// looked at.
    func withOutput<Result>(_ body: () throws -> Result) throws -> Result {
        try directory.check(resumes: resume)
        return dryRun ? try body() : try directory.locked(body)
    }

    /// A learning-rate schedule by its name.
    enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
        case constant, linear, cosine, wsd
    }

    /// An optimizer by its name.
    enum OptimizerName: String, ExpressibleByArgument, CaseIterable {
        case adamw, muon, sgd, lion, adafactor
    }
}

/// What a command takes where its user says nothing.
struct TrainingDefaults {
    var learningRate: Float
    /// The learning rate of Muon, whose steps all have the same size.
    var muonLearningRate: Float = 1e-3
    var schedule = TrainingOptions.ScheduleName.linear
    /// The share of the steps over which the learning rate rises.
    var warmupShare = 0.05
    /// What is left of the highest learning rate at the end.
    var floor: Float = 0
    var weightDecay: Float = 0
    var beta2: Float = 0.999
}

/// Options and defaults put together.
struct TrainingSettings {
    let options: TrainingOptions
    let defaults: TrainingDefaults
    let steps: Int

    /// - Parameter source: The option that the steps follow from, where --steps is not given.
    /// - Throws: `ValidationError` where there would be too many.
    init(options: TrainingOptions, defaults: TrainingDefaults, steps: Int, from source: String) throws {
        (self.options, self.defaults, self.steps) = (options, defaults, steps)
        guard steps <= Most.steps else {
            let option = options.steps == nil ? source : "--steps"
            throw ValidationError(
                "\(option): the run would have \(grouped(steps)) steps; it may have \(grouped(Most.steps)).")
        }
    }

    var precision: MatrixPrecision { options.precision.precision }

    var maxGradientNorm: Float? { options.maxGradientNorm == 0 ? nil : options.maxGradientNorm }
    /// The highest learning rate.
    var peakLearningRate: Float {
        options.learningRate
            ?? (options.optimizer == .muon ? defaults.muonLearningRate : defaults.learningRate)
    }
    private var weightDecay: Float { options.weightDecay ?? defaults.weightDecay }
    /// Steps over which the rate rises. A rate that is to be constant rises only where that is asked for.
    private var warmup: Int {
        options.warmup
            ?? (scheduleName == .constant ? 0 : Int((Double(steps) * defaults.warmupShare).rounded()))
    }
    private var scheduleName: TrainingOptions.ScheduleName { options.schedule ?? defaults.schedule }

    /// What Muon does not move, embeddings above all, learns at a fifth of its rate: 0.004 for the usual 0.02.
    private static let adamWScale: Float = 0.2

    var optimizer: any Optimizer {
        switch options.optimizer {
        case .adamw: AdamW(beta1: 0.9, beta2: defaults.beta2, weightDecay: weightDecay)
        case .muon: Muon(weightDecay: weightDecay, adamWScale: Self.adamWScale)
        case .sgd: SGD(momentum: 0.9, weightDecay: weightDecay)
        case .lion: Lion(weightDecay: weightDecay)
        case .adafactor: Adafactor(weightDecay: weightDecay)
        }
    }

    var schedule: LearningRateSchedule {
        switch scheduleName {
        case .constant:
            .warmupStableDecay(peak: peakLearningRate, warmup: warmup, steps: steps, decay: 0, floor: 1)
        case .linear:
            .warmupThenLinear(peak: peakLearningRate, warmup: warmup, steps: steps, floor: defaults.floor)
        case .cosine:
            .warmupThenCosine(peak: peakLearningRate, warmup: warmup, steps: steps, floor: defaults.floor)
        case .wsd:
            .warmupStableDecay(peak: peakLearningRate, warmup: warmup, steps: steps, floor: defaults.floor)
        }
    }

    /// All of this that decides the result, by flag.
    var described: [String: String] {
        [
            "seed": String(options.seed), "steps": String(steps), "learning_rate": "\(peakLearningRate)",
            "schedule": scheduleName.rawValue, "warmup": String(warmup),
            "optimizer": options.optimizer.rawValue, "weight_decay": "\(weightDecay)",
            "max_gradient_norm": "\(options.maxGradientNorm)", "precision": "\(precision)",
            "shuffle": String(!options.noShuffle),
        ]
    }
}
