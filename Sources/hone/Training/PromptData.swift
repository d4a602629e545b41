import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The input of a command that samples answers: the model to begin from, the prompts, the reward models.
struct PromptData: PolicyInput {
    let beginning: PolicyBeginning
    let settings: TrainingSettings
    let rewardModels: RewardEnsemble?
    let imitation: Imitation?
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
        let beginning = try PolicyBeginning(given, training, defaults: defaults, miniBatches: miniBatches)
        self.beginning = beginning
        let (options, chat) = (beginning.options, beginning.start.chat)
        let reader = beginning.reader(leaving: min(options.maxTokens, 16))
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
        settings = try beginning.settings(
            steps: steps,
            updates: self.batches.sum(ofNext: steps) { beginning.plan.updates(prompts: $0) })
        // The most tokens of a prompt and its answer; a reward model that reads fewer would judge the end alone.
        let longest = min(
            chat.model.configuration.contextLength,
            (list.map(\.tokenCount).max() ?? 0) + beginning.rollouts.maxTokens)
        rewardModels = try options.rewardModels.ensemble(
            chat.format, context: longest, base: beginning.start.adapterBase)
        imitation = try beginning.imitation(reader)
    }

    /// Fingerprints of the prompts, the reward models, and what programs judge by.
    var contents: [String: String] {
        var contents = ["data": Fingerprint(of: list).text]
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

extension TrainingRun where Method: PolicyOptimization, Batches == ExampleBatches<TokenizedPrompt> {
    /// A run of a method that lets a policy answer prompts, has the answers judged, and learns from that.
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
        let largest = data.batches.survey(of: data.steps).largest
        try self.init(
            command, on: data, data.batches, largest: { $1.move(to: largest) }, atMostRounds: rounds,
            groups: (min(data.options.batch, data.list.count), Double(data.batches.meanLength)),
            data:
                "\(counted(data.list.count, "prompt")), \(counted(data.rollouts.groupSize, "answer")) to each",
            context, method: method
        ) { method, batches, random in
            let chosen = batches.next() ?? []
            let (rollouts, policy) = (method.rollouts, method.policy.transformer)
            return try method.training.sharing.experience(of: chosen, using: random) { chosen, random in
                let rollout = try rollouts.rollout(of: chosen.map(\.ids), by: policy, using: random) {
                    if context.stopsWithinStep { throw StoppedWithinStep() }
                }
                return rollout.scored(by: data.rewards(of: chosen))
            }
        }
    }
}
