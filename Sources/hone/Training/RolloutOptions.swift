import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// What every command understands that lets a policy answer.
struct RolloutOptions: ParsableArguments, Encodable {
    @OptionGroup var start: StartOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The prompts: JSON Lines of {\"prompt\":[{\"role\":\"user\",\"content\":…}]} or conversations.",
            valueName: "file"), completion: .file())
    var data: [String]

    @OptionGroup var rewardModels: RewardModelOptions

    @Option(
        help: ArgumentHelp(
            "A program that judges the answers; may be repeated: instructions (IFEval's keys in the record), number or "
                + "fact (the record's \"answer\").", valueName: "name"))
    var reward: [RewardName] = []

    @Option(help: ArgumentHelp("Prompts in a step.", valueName: "n"))
    var batch = Self.usualBatch

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

    @Flag(help: "A prompt of plain text is what a user says: the model's chat template is put around it.")
    var chat = false

    /// Prompts in a step where nothing is said.
    static let usualBatch = 8

    /// Rewards that need no model, by name.
    enum RewardName: String, ExpressibleByArgument, CaseIterable, Encodable {
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
        return "answers to it cannot be judged: "
            + reward.map { "--reward \($0.rawValue) needs \($0.columns)" }.joined(separator: ", ")
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

    /// The options with what is taken where nothing was said.
    func filled(with defaults: RolloutDefaults) -> RolloutOptions {
        var filled = self
        filled.groupSize = groupSize ?? defaults.groupSize
        filled.updates = updates ?? defaults.updates
        filled.beta = beta ?? defaults.beta
        filled.start.adapter = start.adapter.filled
        filled.rewardModels = rewardModels.filled
        return filled
    }
}

/// What a command that lets a policy answer takes where its user says nothing; its help says so.
struct RolloutDefaults {
    var training: TrainingDefaults
    /// Answers to each prompt.
    var groupSize: Int
    /// Updates for each set of answers.
    var updates = 1
    /// How strongly the model is held to where it began.
    var beta: Float

    /// The paragraph of the help.
    var paragraph: String {
        "Unless given: \(RolloutOptions.usualBatch) prompts a step with \(counted(groupSize, "answer")) each, "
            + "\(training.rate(over: "updates")), \(counted(updates, "update")) a step, "
            + "beta \(String(format: "%g", beta)). \(TrainingDefaults.pages)"
    }
}

/// What is common to the commands that let a policy answer: what they read, and the run.
struct PolicyRun {
    let start: StartingModel
    /// The options with what was taken where nothing was said.
    let options: RolloutOptions
    let settings: TrainingSettings
    let plan: UpdatePlan
    /// How strongly the model is held to where it began.
    let beta: Float
    /// What judges the answers beside programs.
    let rewardModels: RewardEnsemble?
    let rollouts: RolloutSettings
    private let seed: UInt64
    private let steps: Int
    private let list: ExampleSet<TokenizedPrompt>
    private let batches: ExampleBatches<TokenizedPrompt>

    /// Reads the model, the prompts and the reward model.
    ///
    /// - Parameter miniBatches: Parts in which each set of answers is learned.
    init(
        _ given: RolloutOptions, _ training: TrainingOptions, defaults: RolloutDefaults, miniBatches: Int = 1
    ) throws {
        var defaults = defaults
        defaults.updates *= miniBatches
        let options = given.filled(with: defaults)
        self.options = options
        (seed, beta) = (training.seed, options.beta ?? defaults.beta)
        let plan = UpdatePlan(
            epochs: (options.updates ?? defaults.updates) / miniBatches, miniBatches: miniBatches)
        self.plan = plan
        start = try StartingModel(options.start, training, others: options.rewardModels.rewardModel)
        let chat = start.chat
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
    }

    /// Runs a method to its end.
    ///
    /// - Parameters:
    ///   - command: The command, with what it takes where nothing was said.
    ///   - rounds: The most rounds of sampling for a step, so that groups that teach nothing are replaced; nil where
    ///     they are not.
    func run<Command: TrainingCommand, Method: PolicyOptimization>(
        _ command: Command, atMostRounds rounds: Int? = nil, _ context: CommandContext, _ make: () -> Method
    ) throws -> TrainingRun.Result? where Method.Policy == TrainedPolicy {
        var values = try command.values()
        values.merge(try options.values())
        values.merge(try settings.options.values())
        let tokensOfPrompt =
            Double(batches.meanLength) + Double(rollouts.groupSize) * Double(rollouts.maxTokens) / 2
        return try start.run(Command.self, settings, options: values, contents: contents, context) {
            PolicyStage(
                make(), batches: batches, steps: steps, seed: seed,
                data: "\(counted(list.count, "prompt")), "
                    + "\(counted(rollouts.groupSize, "answer")) to each",
                tokensPerStep: Double(min(options.batch, list.count)) * tokensOfPrompt,
                interruption: context.interruption,
                sampling: rounds.map { DynamicSampling(groups: options.batch, atMost: $0) },
                reward: rewards(of:), write: { try start.write($0, to: $1) })
        }
    }

    /// Fingerprints of what decides the result beside the options and the model: the prompts, the reward models, and what
    /// programs judge by.
    private var contents: [String: String] {
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
    private func rewards(of prompts: [TokenizedPrompt]) -> [CompletionReward] {
        var rewards: [CompletionReward] = []
        if let rewardModels { rewards.append(CompletionReward(of: rewardModels)) }
        rewards += options.reward.map { start.chat.format.reward($0.reward, of: prompts.map(\.record)) }
        return rewards
    }
}
