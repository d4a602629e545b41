import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// What every command understands that lets a policy answer.
struct RolloutOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of the model to begin from.", valueName: "dir"))
    var model: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The prompts: JSON Lines of {\"prompt\":[{\"role\":\"user\",\"content\":…}]} or conversations.",
            valueName: "file"))
    var data: [String]

    @OptionGroup var rewardModels: RewardModelOptions

    @Option(
        help: ArgumentHelp(
            "A program that judges the answers; may be repeated: instructions (IFEval's keys in the record), number or "
                + "fact (the record's \"answer\").", valueName: "name"))
    var reward: [RewardName] = []

    @Option(help: ArgumentHelp("Prompts in a step.", valueName: "n"))
    var batch: Int = 8

    @Option(help: ArgumentHelp("Answers to each prompt.", valueName: "n"))
    var groupSize: Int?

    @Option(help: ArgumentHelp("The most tokens of an answer.", valueName: "n"))
    var maxTokens = 128

    @Option(help: ArgumentHelp("Divides the logits when answers are drawn.", valueName: "x"))
    var temperature: Float = 1

    @Option(help: ArgumentHelp("How strongly the model is held to where it began.", valueName: "x"))
    var beta: Float?

    @Option(help: ArgumentHelp("Updates for each set of answers.", valueName: "n"))
    var updates: Int?

    @OptionGroup(title: "Adapters") var adapter: AdapterOptions
    @OptionGroup(title: "Adapters") var base: BaseOption

    @Flag(help: "A prompt of plain text is what a user says: the model's chat template is put around it.")
    var chat = false

    /// Rewards that need no model, by name.
    enum RewardName: String, ExpressibleByArgument, CaseIterable {
        case instructions, number, fact

        var reward: ProgrammaticReward {
            switch self {
            case .instructions: .followingItsRecord
            case .number: .number()
            case .fact: .fact()
            }
        }

        /// The keys of a record that it judges by.
        var columns: String {
            switch self {
            case .instructions: "\"instruction_id_list\" and \"kwargs\""
            case .number: "a number in \"answer\""
            case .fact: "\"answer\""
            }
        }

        /// Whether it has an opinion on answers to a record, which does not depend on the answer.
        func judges(_ record: PromptRecord) -> Bool {
            reward.value(.init("", columns: record.columns)) != nil
        }
    }

    func validate() throws {
        guard !data.isEmpty else { throw ValidationError("--data needs at least one file.") }
        guard !rewardModels.rewardModel.isEmpty || !reward.isEmpty else {
            throw ValidationError("Say what is a good answer: --reward-model or --reward.")
        }
        try check("--batch", batch, in: 1...Most.examples)
        try check("--group-size", groupSize, in: 1...Most.examples)
        try check("--max-tokens", maxTokens, in: 1...Most.tokens)
        try check("--updates", updates, in: 1...Most.rounds)
        try check("--temperature", temperature, .positive)
        try check("--beta", beta, .notNegative)
    }

    /// Why nothing will have an opinion on the answers to a record; nil where something has.
    func reasonUnjudged(_ record: PromptRecord) -> String? {
        guard rewardModels.rewardModel.isEmpty, !reward.contains(where: { $0.judges(record) }) else {
            return nil
        }
        return "no usable " + Set(reward.map(\.columns)).sorted().joined(separator: ", nor ")
            + " to judge answers by"
    }

    /// Refuses a reward that has no opinion on the answers to any of the records.
    func checkRewards(on records: [PromptRecord]) throws {
        for name in reward where !records.contains(where: name.judges) {
            let found = Set(records.flatMap { $0.columns.keys }).sorted()
            throw TrainingRunError.noExamples(
                file: data.joined(separator: ", "),
                reason:
                    "--reward \(name.rawValue) needs records with \(name.columns); beside the prompt they have \(found.isEmpty ? "nothing" : found.joined(separator: ", "))"
            )
        }
    }

    /// What decides the result, by flag.
    func described(_ list: ExampleSet<TokenizedPrompt>) -> [String: String] {
        var described: [String: String] = [
            "data": "\(list.count) prompts, \(Fingerprint(of: list).text)",
            "reward": reward.map(\.rawValue).joined(separator: ","),
            "batch": String(batch), "group_size": groupSize.map(String.init) ?? "default",
            "max_tokens": String(maxTokens), "temperature": "\(temperature)",
            "beta": beta.map { "\($0)" } ?? "default", "updates": updates.map(String.init) ?? "default",
        ]
        if chat { described["chat"] = "true" }
        return described.merging(adapter.described) { $1 }.merging(rewardModels.described) { $1 }
    }
}

/// What is common to the commands that let a policy answer: what they read, and the run.
struct PolicyRun {
    let chat: ChatModel
    let options: RolloutOptions
    /// The model that an adapter is written for; nil where none is.
    private let base: AdapterBase?
    let training: TrainingOptions
    let settings: TrainingSettings
    let plan: UpdatePlan
    /// What judges the answers beside programs.
    let rewardModels: RewardEnsemble?
    let rollouts: RolloutSettings
    private let steps: Int
    private let list: ExampleSet<TokenizedPrompt>
    private let batches: ExampleBatches<TokenizedPrompt>

    /// Reads the model, the prompts and the reward model.
    ///
    /// - Parameters:
    ///   - groupSize: Answers to each prompt where the user says nothing.
    ///   - plan: Updates for each set of answers.
    init(
        _ options: RolloutOptions, _ training: TrainingOptions, defaults: TrainingDefaults, groupSize: Int,
        plan: UpdatePlan
    ) throws {
        try training.directory.check(resumes: training.resume)
        self.options = options
        self.training = training
        self.plan = plan
        let adapterBase = try options.base.folder(for: [options.model] + options.rewardModels.rewardModel)
        chat = try ChatModel(folder: options.model, base: adapterBase)
        base = try options.adapter.isWritten ? chat.adapterBase() : nil
        let context = chat.model.configuration.contextLength - min(options.maxTokens, 16)
        let list = try ExampleReader(chat, context: context, asksAsUser: options.chat)
            .prompts(options.data.map { URL(filePath: $0) }, unjudged: options.reasonUnjudged)
        self.list = list
        try options.checkRewards(on: list.map(\.record))
        func batches(epochs: Double) -> ExampleBatches<TokenizedPrompt> {
            list.batches(
                .examples(options.batch), epochs: epochs, seed: training.noShuffle ? nil : training.seed)
        }
        self.batches = batches(epochs: .infinity)
        steps = training.steps ?? batches(epochs: 1).batchCount
        // The learning rate follows updates, of which a step has several.
        settings = try TrainingSettings(
            options: training, defaults: defaults,
            steps: self.batches.sum(ofNext: steps) { plan.updates(prompts: $0) }, from: "--updates")
        rollouts = RolloutSettings(
            groupSize: options.groupSize ?? groupSize, maxTokens: options.maxTokens,
            stopTokens: chat.format.stopTokens, temperature: options.temperature)
        // The most tokens of a prompt and its answer; a reward model that reads fewer would judge the end alone.
        let longest = min(
            chat.model.configuration.contextLength, (list.map(\.tokenCount).max() ?? 0) + rollouts.maxTokens)
        rewardModels = try options.rewardModels.ensemble(
            chat.tokenizer, context: longest, base: adapterBase)
    }

    /// What is trained, at its beginning.
    var policy: TrainedPolicy {
        guard let configuration = options.adapter.configuration else { return TrainedPolicy(model) }
        var random = RandomSource(seed: training.seed)
        return TrainedPolicy(model.adapted(configuration, using: &random))
    }

    /// The model to begin from.
    var model: Transformer {
        var model = chat.model
        model.precision = settings.precision
        return model
    }

    /// Runs a method to its end.
    ///
    /// - Parameter rounds: The most rounds of sampling for a step, so that groups that teach nothing are replaced; nil where
    ///   they are not.
    func run<Method: PolicyOptimization>(
        _ command: String, own: [String: String] = [:], atMostRounds rounds: Int? = nil,
        _ context: CommandContext, _ make: () -> Method
    ) throws -> TrainingRun.Result? where Method.Policy == TrainedPolicy {
        try options.adapter.requireUse(in: command, chat.model)
        var run = TrainingRun(
            command: command, options: training,
            settings: settings.described.merging(options.described(list)) { $1 }.merging(own) { $1 }
                .merging(contents) { $1 },
            places: [
                "model": options.model,
                "reward_model": options.rewardModels.rewardModel.joined(separator: ","),
            ], context: context)
        run.padding = (chat.format.padding, chat.format.endings(of: chat.model))
        let meanPrompt = batches.meanLength
        let tokensOfPrompt =
            Double(meanPrompt) + Double(rollouts.groupSize) * Double(rollouts.maxTokens) / 2
        return try training.withOutput {
            try run.run {
                PolicyStage(
                    make(), batches: batches, steps: steps, seed: training.seed,
                    data: "\(counted(list.count, "prompt")), "
                        + "\(counted(rollouts.groupSize, "answer")) to each",
                    tokensPerStep: Double(min(options.batch, list.count)) * tokensOfPrompt,
                    interruption: context.interruption,
                    sampling: rounds.map { DynamicSampling(groups: options.batch, atMost: $0) },
                    reward: rewards(of:)
                ) { policy, folder in
                    try policy.write(to: folder, chat: chat, base: base)
                }
            }
        }
    }

    /// Fingerprints of what decides the result beside the settings: the weights, and what programs judge by.
    private var contents: [String: String] {
        var contents = ["model_weights": Fingerprint(of: chat.model).text]
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
    private func rewards(of prompts: [TokenizedPrompt]) -> [CompletionReward] {
        var rewards: [CompletionReward] = []
        if let rewardModels { rewards.append(CompletionReward(of: rewardModels)) }
        rewards += options.reward.map { chat.format.reward($0.reward, of: prompts.map(\.record)) }
        return rewards
    }
}
