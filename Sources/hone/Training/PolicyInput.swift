import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// The input of a command that trains a policy: the model to begin from, and how it is sampled and updated.
protocol PolicyInput {
    var beginning: PolicyBeginning { get }
    var settings: TrainingSettings { get }
    /// Steps of the run, of which each makes some updates.
    var steps: Int { get }
    /// The reward models that judge the answers.
    var rewardModels: RewardEnsemble? { get }
    /// Demonstrations that are imitated in every update; nil for none.
    var imitation: Imitation? { get }
    /// Fingerprints of what decides the result beside the options, the model and the demonstrations.
    var contents: [String: String] { get }
}

extension PolicyInput {
    var start: StartingModel { beginning.start }
    /// The options with defaults filled in.
    var options: RolloutOptions { beginning.options }
    var plan: UpdatePlan { beginning.plan }
    /// The coefficient of the KL divergence from the initial model.
    var beta: Float { beginning.beta }
    var rollouts: RolloutSettings { beginning.rollouts }
}

/// The model of a policy, and the options that say how it is sampled and updated, whatever it answers to.
struct PolicyBeginning {
    let start: StartingModel
    let options: RolloutOptions
    let plan: UpdatePlan
    let beta: Float
    let rollouts: RolloutSettings
    private let training: TrainingOptions
    private let defaults: TrainingDefaults

    /// Reads the model.
    ///
    /// - Parameter miniBatches: Minibatches that each set of answers is divided into.
    init(
        _ given: RolloutOptions, _ training: TrainingOptions, defaults: RolloutDefaults, miniBatches: Int
    ) throws {
        var defaults = defaults
        defaults.updates *= miniBatches
        options = given.filled(with: defaults)
        beta = options.beta ?? defaults.beta
        plan = UpdatePlan(
            epochs: (options.updates ?? defaults.updates) / miniBatches, miniBatches: miniBatches)
        start = try StartingModel(options.start, training, others: options.rewardModels.rewardModel)
        rollouts = RolloutSettings(
            groupSize: options.groupSize ?? defaults.groupSize, maxTokens: options.maxTokens,
            stopTokens: start.chat.format.stopTokens, temperature: options.temperature)
        self.training = training
        self.defaults = defaults.training
    }

    /// The settings of a run of so many steps; its learning rate follows updates, of which a step has several.
    func settings(steps: Int, updates: Int) throws -> TrainingSettings {
        var settings = try TrainingSettings(
            options: training, defaults: defaults, steps: updates, from: "--updates")
        settings.options.steps = steps
        return settings
    }

    /// Reads examples that leave some tokens of the model's context free.
    func reader(leaving room: Int = 0) -> ExampleReader {
        ExampleReader(
            start.chat, context: start.chat.model.configuration.contextLength - room,
            asksAsUser: options.chat,
            columns: options.names.columns)
    }

    /// What is imitated in every update; nil where no conversations are given.
    func imitation(_ reader: ExampleReader) throws -> Imitation? {
        guard !options.sftData.isEmpty else { return nil }
        let demonstrations = try reader.demonstrations(
            DatasetFolder.files(at: options.sftData, split: "train"))
        guard demonstrations.contains(where: { $0.isTrained.dropFirst().contains(true) }) else {
            throw TrainingRunError.noExamples(
                file: options.sftData.joined(separator: ", "),
                reason: "no conversation has an answer to imitate")
        }
        return Imitation(demonstrations, weight: options.sftWeight ?? 1, seed: training.seed)
    }
}

extension TrainingRun where Method: PolicyOptimization {
    /// A run of a method that samples what a policy does, has it judged, and learns from that.
    ///
    /// What is sampled in a step follows from the seed and the number of the step, so that a run that was stopped in the
    /// middle of it begins it again, to the same result.
    ///
    /// - Parameters:
    ///   - command: The command, with defaults filled in.
    ///   - batches: The batches of all steps.
    ///   - largest: Moves on to the batch that takes the most memory, and takes what else a step may.
    ///   - rounds: The most rounds of sampling for a step, so that groups that teach nothing are replaced; nil where
    ///     they are not.
    ///   - groups: The number of prompts in a step, and the mean number of tokens of a prompt.
    ///   - data: A description of what the policy is given, for people.
    ///   - method: Makes the method at its beginning.
    ///   - experience: Samples and judges what the policy does about the next batch.
    init<Command: TrainingCommand>(
        _ command: Command, on input: some PolicyInput, _ batches: Batches,
        largest: @escaping (Method, inout Batches) -> Void, atMostRounds rounds: Int?,
        groups: (count: Int, promptLength: Double), data: String, _ context: CommandContext,
        method: @escaping () -> Method,
        experience: @escaping (Method, _ batches: inout Batches, RandomSource) throws -> Experience
    ) throws where Method.Parameters == TrainedTransformer {
        let (start, rollouts, seed) = (input.start, input.rollouts, command.training.seed)
        let sampling = rounds.map { DynamicSampling(groups: input.options.batch, atMost: $0) }
        let latest = LatestExperience()
        func step(_ method: inout Method, _ batches: inout Batches) throws -> StepReport {
            let number = method.stepsDone
            var (following, random) = (batches, RandomSource(seed: seed, step: number))
            var metrics: [String: Float] = [:]
            let learned: Experience
            if let sampling {
                let sampled = try sampling.experience { _ in
                    try experience(method, &following, random.split())
                }
                (learned, metrics) = (sampled.experience, sampled.report.metrics)
            } else {
                learned = try experience(method, &following, random)
            }
            batches = following
            latest.experience = learned
            var report = method.step(on: learned)
            report.metrics.merge(metrics) { $1 }
            report.step = number + 1
            return report
        }
        let tokensOfGroup = groups.promptLength + Double(rollouts.groupSize) * Double(rollouts.maxTokens) / 2
        let tokensPerStep = Double(groups.count) * tokensOfGroup
        var values = try command.values()
        values.merge(try input.options.values())
        var contents = input.contents
        if let imitation = input.imitation {
            contents["sft_data"] = Fingerprint(of: imitation.demonstrations).text
        }
        let steps = input.steps
        try self.init(
            command, start, input.settings, options: values, contents: contents, context,
            start: { (method(), batches) },
            plan: {
                TrainingPlan(
                    start.model, moving: $0.policy, steps: steps, tokens: Double(steps) * tokensPerStep,
                    tokensInStep: tokensPerStep, sequenceLength: 128, data: data)
            }, step: step, write: { try start.write($0.policy, to: $1) })
        answers = { _ in latest.experience.map(start.answers) ?? "" }
        evaluationInterval = max(1, steps / 8)
        // The longest prompts with answers that do not end take the most memory.
        largestStep = { method, batches in
            let stopTokens = method.rollouts.stopTokens
            method.rollouts.stopTokens = []
            defer { method.rollouts.stopTokens = stopTokens }
            largest(method, &batches)
            return try step(&method, &batches)
        }
    }
}

/// The experience that a run learned from last, kept so that some of it can be shown.
private final class LatestExperience {
    var experience: Experience?
}
