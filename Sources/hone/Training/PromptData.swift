import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The input of a command that samples answers: the model to begin from, the prompts, the reward models.
struct PromptData: PolicyInput {
    let start: StartingModel
    /// The options with defaults filled in.
    let options: RolloutOptions
    let settings: TrainingSettings
    let plan: UpdatePlan
    /// The coefficient of the KL divergence from the initial model.
    let beta: Float
    /// The reward models that judge the answers, in addition to programs.
    let rewardModels: RewardEnsemble?
    /// Demonstrations that are imitated in every update; nil for none.
    let imitation: Imitation?
    let rollouts: RolloutSettings
    /// Steps of the run, of which each makes some updates.
    let steps: Int
    let list: ExampleSet<TokenizedPrompt>
    /// Batches without end.
    let batches: ExampleBatches<TokenizedPrompt>

    /// Reads the model, the prompts and the reward model.
    ///
    /// - Parameter miniBatches: Minibatches that each set of answers is divided into.
    init(
        _ given: RolloutOptions, _ training: TrainingOptions, defaults: RolloutDefaults, miniBatches: Int = 1
    ) throws {
        var defaults = defaults
        defaults.updates *= miniBatches
        let options = given.filled(with: defaults)
        self.options = options
        beta = options.beta ?? defaults.beta
        let plan = UpdatePlan(
            epochs: (options.updates ?? defaults.updates) / miniBatches, miniBatches: miniBatches)
        self.plan = plan
        start = try StartingModel(options.start, training, others: options.rewardModels.rewardModel)
        let chat = start.chat
        let context = chat.model.configuration.contextLength - min(options.maxTokens, 16)
        let reader = ExampleReader(
            chat, context: context, asksAsUser: options.chat, columns: options.names.columns)
        let list = try reader.prompts(
            DatasetFolder.files(at: options.data, split: "train"), unjudged: options.reasonUnjudged)
        self.list = list
        try options.checkRewards(on: list.map(\.record))
        func batches(epochs: Double) -> ExampleBatches<TokenizedPrompt> {
            list.batches(
                .examples(options.batch), epochs: epochs, seed: training.noShuffle ? nil : training.seed)
        }
        self.batches = batches(epochs: .infinity)
        steps = training.steps ?? batches(epochs: 1).batchCount
        // The learning rate follows updates, of which a step has several.
        var settings = try TrainingSettings(
            options: training, defaults: defaults.training,
            steps: self.batches.sum(ofNext: steps) { plan.updates(prompts: $0) }, from: "--updates")
        settings.options.steps = steps
        self.settings = settings
        rollouts = RolloutSettings(
            groupSize: options.groupSize ?? defaults.groupSize, maxTokens: options.maxTokens,
            stopTokens: chat.format.stopTokens, temperature: options.temperature)
        // The most tokens of a prompt and its answer; a reward model that reads fewer would judge the end alone.
        let longest = min(
            chat.model.configuration.contextLength, (list.map(\.tokenCount).max() ?? 0) + rollouts.maxTokens)
        rewardModels = try options.rewardModels.ensemble(
            chat.format, context: longest, base: start.adapterBase)
        imitation = try options.imitation(seed: training.seed, reader)
    }

    /// Fingerprints of what decides the result beside the options and the model: the prompts, the reward models, and what
    /// programs judge by.
    var contents: [String: String] {
        var contents = ["data": Fingerprint(of: list).text]
        if let imitation {
            contents["sft_data"] = Fingerprint(of: imitation.demonstrations).text
        }
        if let rewardModels {
            contents["reward_model_weights"] = rewardModels.members.map {
                Fingerprint(of: $0, $0.body.configuration).text
            }.joined(separator: ",")
        }
        if !options.reward.isEmpty {
            var fingerprint = Fingerprint()
            for prompt in list {
                fingerprint.add(JSONValue.object(prompt.record.columns).text(.compact).utf8)
            }
            contents["columns"] = fingerprint.text
        }
        return contents
    }

    /// The rewards of completions of some prompts.
    func rewards(of prompts: [TokenizedPrompt]) -> [CompletionReward] {
        var rewards: [CompletionReward] = []
        if let rewardModels { rewards.append(CompletionReward(of: rewardModels)) }
        rewards += options.reward.map { start.chat.format.reward($0.reward, of: prompts.map(\.record)) }
        return rewards
    }
}

extension RolloutOptions {
    /// What is imitated in every update; nil where no conversations are given.
    func imitation(seed: UInt64, _ reader: ExampleReader) throws -> Imitation? {
        guard !sftData.isEmpty else { return nil }
        let demonstrations = try reader.demonstrations(DatasetFolder.files(at: sftData, split: "train"))
        guard demonstrations.contains(where: { $0.isTrained.dropFirst().contains(true) }) else {
            throw TrainingRunError.noExamples(
                file: sftData.joined(separator: ", "), reason: "no conversation has an answer to imitate")
        }
        return Imitation(demonstrations, weight: sftWeight ?? 1, seed: seed)
    }
}

extension TrainingRun where Method: PolicyOptimization, Batches == ExampleBatches<TokenizedPrompt> {
    /// A run of a method that lets a policy answer prompts, has the answers judged, and learns from that.
    ///
    /// Prompts and draws of a step follow from the seed and the number of the step, so that a run that was stopped in the
    /// middle of a rollout begins that rollout again, to the same result.
    ///
    /// - Parameters:
    ///   - command: The command, with defaults filled in.
    ///   - rounds: The most rounds of sampling for a step, so that groups that teach nothing are replaced; nil where
    ///     they are not.
    ///   - method: Makes the method at its beginning.
    init<Command: TrainingCommand>(
        _ command: Command, on data: PromptData, atMostRounds rounds: Int? = nil, _ context: CommandContext,
        method: @escaping () -> Method
    ) throws where Method.Parameters == TrainedTransformer {
        let (batches, rollouts, options, seed) = (
            data.batches, data.rollouts, data.options, command.training.seed
        )
        let sampling = rounds.map { DynamicSampling(groups: options.batch, atMost: $0) }
        let latest = LatestExperience()
        func step(_ method: inout Method, _ batches: inout Batches) throws -> StepReport {
            let number = method.stepsDone
            var (following, random) = (batches, RandomSource(seed: seed, step: number))
            func experience(_ random: RandomSource) throws -> Experience {
                let chosen = following.next() ?? []
                let (rollouts, policy) = (method.rollouts, method.policy.transformer)
                return try method.training.sharing.experience(of: chosen, using: random) { chosen, random in
                    let rollout = try rollouts.rollout(of: chosen.map(\.ids), by: policy, using: random) {
                        if context.stopsWithinStep { throw StoppedWithinStep() }
                    }
                    return rollout.scored(by: data.rewards(of: chosen))
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
            batches = following
            latest.experience = learned
            var report = method.step(on: learned)
            report.metrics.merge(metrics) { $1 }
            report.step = number + 1
            return report
        }
        let tokensOfPrompt =
            Double(batches.meanLength) + Double(rollouts.groupSize) * Double(rollouts.maxTokens) / 2
        let tokensPerStep = Double(min(options.batch, data.list.count)) * tokensOfPrompt
        let answers =
            "\(counted(data.list.count, "prompt")), \(counted(rollouts.groupSize, "answer")) to each"
        var values = try command.values()
        values.merge(try options.values())
        try self.init(
            command, data.start, data.settings, options: values, contents: data.contents, context,
            start: { (method(), batches) },
            plan: {
                TrainingPlan(
                    data.start.model, moving: $0.policy, steps: data.steps,
                    tokens: Double(data.steps) * tokensPerStep, tokensInStep: tokensPerStep,
                    sequenceLength: 128, data: answers)
            }, step: step, write: { try data.start.write($0.policy, to: $1) })
        self.answers = { _ in latest.experience.map(data.start.answers) ?? "" }
        evaluationInterval = max(1, data.steps / 8)
        let largest = batches.survey(of: data.steps).largest
        // The longest prompts with answers that do not end take the most memory.
        largestStep = { method, batches in
            let stopTokens = method.rollouts.stopTokens
            method.rollouts.stopTokens = []
            defer { method.rollouts.stopTokens = stopTokens }
            batches.move(to: largest)
            return try step(&method, &batches)
        }
    }
}

/// The rollout that a run learned from last, kept so that some of it can be shown.
final class LatestExperience {
    var experience: Experience?
}
