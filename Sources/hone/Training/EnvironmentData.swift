import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore
import Synchronization

/// The input of a command that trains a policy: the model to begin from, and how it is sampled and updated.
protocol PolicyInput {
    var start: StartingModel { get }
    var settings: TrainingSettings { get }
    var plan: UpdatePlan { get }
    /// The coefficient of the KL divergence from the initial model.
    var beta: Float { get }
    /// The reward models that judge the answers.
    var rewardModels: RewardEnsemble? { get }
    /// Demonstrations that are imitated in every update; nil for none.
    var imitation: Imitation? { get }
    var rollouts: RolloutSettings { get }
}

/// The input of a command whose policy acts in an environment.
struct EnvironmentData: PolicyInput {
    let world: any SolvableEnvironment
    /// The most turns in an episode.
    let turns: Int
    let start: StartingModel
    /// The options with defaults filled in.
    let options: RolloutOptions
    let settings: TrainingSettings
    let plan: UpdatePlan
    let beta: Float
    let imitation: Imitation?
    let rollouts: RolloutSettings
    /// Steps of the run, of which each makes some updates.
    let steps: Int

    var rewardModels: RewardEnsemble? { nil }

    /// Reads the model.
    ///
    /// - Parameter miniBatches: Minibatches that each set of episodes is divided into.
    init(
        _ name: EnvironmentName, _ given: RolloutOptions, _ training: TrainingOptions,
        defaults: RolloutDefaults, miniBatches: Int = 1
    ) throws {
        guard let steps = training.steps else {
            throw ValidationError("--environment needs --steps: it has no end of its own.")
        }
        self.steps = steps
        world = name.world
        var defaults = defaults
        defaults.updates *= miniBatches
        options = given.filled(with: defaults)
        turns = options.world.maxTurns ?? EnvironmentOptions.usualTurns
        beta = options.beta ?? defaults.beta
        plan = UpdatePlan(
            epochs: (options.updates ?? defaults.updates) / miniBatches, miniBatches: miniBatches)
        start = try StartingModel(options.start, training, others: [])
        var settings = try TrainingSettings(
            options: training, defaults: defaults.training,
            steps: steps * plan.updates(prompts: options.batch), from: "--updates")
        settings.options.steps = steps
        self.settings = settings
        rollouts = RolloutSettings(
            groupSize: options.groupSize ?? defaults.groupSize, maxTokens: options.maxTokens,
            stopTokens: start.chat.format.stopTokens, temperature: options.temperature)
        imitation = try options.imitation(
            seed: training.seed,
            ExampleReader(
                start.chat, context: start.chat.model.configuration.contextLength,
                asksAsUser: options.chat, columns: options.names.columns))
    }

    /// Fingerprints of what decides the result beside the options and the model.
    var contents: [String: String] {
        imitation.map { ["sft_data": Fingerprint(of: $0.demonstrations).text] } ?? [:]
    }

    /// Lets a policy play some tasks.
    ///
    /// - Parameter token: Called before each token of all episodes; what it throws ends the sampling.
    func experience(
        of tasks: Int, by policy: Transformer, _ rollouts: RolloutSettings, using random: RandomSource,
        beforeEachToken token: () throws -> Void
    ) throws -> Experience {
        var sampling = try EpisodeSampling(
            Array(repeating: world, count: tasks), rollouts, turns: turns, by: policy,
            format: start.chat.format, using: random)
        while !sampling.isFinished {
            try sampling.takeTurns(beforeEachToken: token)
            let taken = sampling
            sampling = try waiting {
                var stepped = taken
                try await stepped.stepEnvironments()
                return stepped
            }
        }
        return sampling.rollout.scored(by: .environment)
    }

    /// The mean number of tokens of what the policy is told first.
    func promptLength() throws -> Double {
        var random = RandomSource(seed: 0)
        let lengths = try (0..<8).map { _ in
            var world = world
            return try start.chat.format.prompt(world.reset(using: &random)).count
        }
        return Double(lengths.reduce(0, +)) / Double(lengths.count)
    }
}

/// Tasks without end: those of a step follow from the seed and the step's number.
struct EndlessTasks: Resumable {
    func writeCheckpoint(to folder: URL) throws(FileError) {}
    mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {}
}

extension TrainingRun where Method: PolicyOptimization, Batches == EndlessTasks {
    /// A run of a method that lets a policy act in an environment, and learns from the rewards.
    ///
    /// Tasks and draws of a step follow from the seed and the number of the step, so that a run that was stopped in the
    /// middle of an episode begins it again, to the same result.
    ///
    /// - Parameters:
    ///   - command: The command, with defaults filled in.
    ///   - rounds: The most rounds of sampling for a step, so that groups that teach nothing are replaced; nil where
    ///     they are not.
    ///   - method: Makes the method at its beginning.
    init<Command: TrainingCommand>(
        _ command: Command, in data: EnvironmentData, atMostRounds rounds: Int? = nil,
        _ context: CommandContext, method: @escaping () -> Method
    ) throws where Method.Parameters == TrainedTransformer {
        let (rollouts, options, seed) = (data.rollouts, data.options, command.training.seed)
        let sampling = rounds.map { DynamicSampling(groups: options.batch, atMost: $0) }
        let latest = LatestExperience()
        func step(_ method: inout Method, _: inout Batches) throws -> StepReport {
            let number = method.stepsDone
            var random = RandomSource(seed: seed, step: number)
            func experience(_ random: RandomSource) throws -> Experience {
                let (rollouts, policy) = (method.rollouts, method.policy.transformer)
                let tasks = Array(0..<options.batch)
                return try method.training.sharing.experience(of: tasks, using: random) { tasks, random in
                    try data.experience(of: tasks.count, by: policy, rollouts, using: random) {
                        if context.stopsWithinStep { throw StoppedWithinStep() }
                    }
                }
            }
            var metrics: [String: Float] = [:]
            let learned: Experience
            if let sampling {
                let sampled = try sampling.experience { _ in try experience(random.split()) }
                (learned, metrics) = (sampled.experience, sampled.report.metrics)
            } else {
                learned = try experience(random)
            }
            latest.experience = learned
            var report = method.step(on: learned)
            report.metrics.merge(metrics) { $1 }
            report.step = number + 1
            return report
        }
        let length = try data.promptLength()
        let tokensOfTask = length + Double(rollouts.groupSize) * Double(rollouts.maxTokens) / 2
        let tokensPerStep = Double(options.batch) * tokensOfTask
        let tasks =
            "\(counted(options.batch, "task")) a step, \(counted(rollouts.groupSize, "episode")) of each"
        var values = try command.values()
        values.merge(try options.values())
        try self.init(
            command, data.start, data.settings, options: values, contents: data.contents, context,
            start: { (method(), EndlessTasks()) },
            plan: {
                TrainingPlan(
                    data.start.model, moving: $0.policy, steps: data.steps,
                    tokens: Double(data.steps) * tokensPerStep, tokensInStep: tokensPerStep,
                    sequenceLength: 128, data: tasks)
            }, step: step, write: { try data.start.write($0.policy, to: $1) })
        answers = { _ in latest.experience.map(data.start.answers) ?? "" }
        evaluationInterval = max(1, data.steps / 8)
        // Episodes whose first turn does not end take the most memory.
        largestStep = { method, batches in
            let stopTokens = method.rollouts.stopTokens
            method.rollouts.stopTokens = []
            defer { method.rollouts.stopTokens = stopTokens }
            return try step(&method, &batches)
        }
    }
}

/// Waits for work that waits itself.
func waiting<Value: Sendable>(for work: @escaping @Sendable () async throws -> Value) throws -> Value {
    let (awaited, done) = (AwaitedResult<Value>(), DispatchSemaphore(value: 0))
    Task.detached {
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        awaited.result.withLock { $0 = result }
        done.signal()
    }
    done.wait()
    guard let result = awaited.result.withLock({ $0 }) else { fatalError("signaled without a result") }
    return try result.get()
}

/// What work gave that somebody waits for.
private final class AwaitedResult<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
}
