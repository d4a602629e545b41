import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore
import Synchronization

/// The input of a command whose policy acts in an environment.
struct EnvironmentData: PolicyInput {
    let world: any SolvableEnvironment
    /// The most turns in an episode.
    let turns: Int
    let beginning: PolicyBeginning
    let settings: TrainingSettings
    let imitation: Imitation?
    let steps: Int

    var rewardModels: RewardEnsemble? { nil }
    var contents: [String: String] { [:] }

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
        beginning = try PolicyBeginning(given, training, defaults: defaults, miniBatches: miniBatches)
        turns = beginning.options.world.maxTurns ?? EnvironmentOptions.usualTurns
        settings = try beginning.settings(
            steps: steps, updates: steps * beginning.plan.updates(prompts: beginning.options.batch))
        imitation = try beginning.imitation(beginning.reader())
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

    /// What the policy is told first in some episodes.
    func prompts() throws -> [[Int32]] {
        var random = RandomSource(seed: 0)
        return try (0..<8).map { _ in
            var world = world
            return try start.chat.format.prompt(world.reset(using: &random))
        }
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
    /// - Parameters:
    ///   - command: The command, with defaults filled in.
    ///   - rounds: The most rounds of sampling for a step, so that groups that teach nothing are replaced; nil where
    ///     they are not.
    ///   - method: Makes the method at its beginning.
    init<Command: TrainingCommand>(
        _ command: Command, in data: EnvironmentData, atMostRounds rounds: Int? = nil,
        _ context: CommandContext, method: @escaping () -> Method
    ) throws where Method.Parameters == TrainedTransformer {
        let count = data.options.batch
        let prompts = try data.prompts()
        let longest = prompts.max { $0.count < $1.count } ?? []
        try self.init(
            command, on: data, EndlessTasks(),
            largest: { method, _ in
                let shares = max(1, min(method.training.sharing.parts, count))
                method.rollouts.takeLateTurn(
                    after: Array(repeating: longest, count: (count + shares - 1) / shares),
                    by: method.policy.transformer)
            }, atMostRounds: rounds,
            groups: (count, Double(prompts.reduce(0) { $0 + $1.count }) / Double(prompts.count)),
            data: "\(counted(count, "task")) a step, \(counted(data.rollouts.groupSize, "episode")) of each",
            context, method: method
        ) { method, _, random in
            let (rollouts, policy) = (method.rollouts, method.policy.transformer)
            let tasks = Array(0..<count)
            return try method.training.sharing.experience(of: tasks, using: random) { tasks, random in
                try data.experience(of: tasks.count, by: policy, rollouts, using: random) {
                    if context.stopsWithinStep { throw StoppedWithinStep() }
                }
            }
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
