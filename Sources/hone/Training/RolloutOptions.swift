import Alignment
import ArgumentParser
import Behavior
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The options shared by all commands that sample answers from a policy.
struct RolloutOptions: ParsableArguments, Encodable {
    @OptionGroup var start: StartOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The prompts: {\"prompt\":[{\"role\":\"user\",\"content\":…}]} or conversations, in JSON Lines, Parquet, Arrow, "
                + "CSV or TSV, or in the folder of a data set.",
            valueName: "file"), completion: .file())
    var data: [String] = []

    @OptionGroup var world: EnvironmentOptions

    @OptionGroup var names: ColumnOptions

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

    @Option(help: ArgumentHelp("The weight of the KL divergence from the initial model.", valueName: "x"))
    var beta: Float?

    @Option(help: ArgumentHelp("Updates for each set of answers.", valueName: "n"))
    var updates: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Conversations that are imitated in every update too, as hone sft reads them, so that what no reward sees does "
                + "not drift (PPO-ptx).",
            valueName: "file"), completion: .file())
    var sftData: [String] = []

    @Option(
        help: ArgumentHelp(
            "The weight of the loss of --sft-data, the mean over its tokens; 1 unless given.", valueName: "x")
    )
    var sftWeight: Float?

    @Flag(help: "Treat a plain-text prompt as a user's message: the model's chat template is put around it.")
    var chat = false

    /// The default number of prompts in a step.
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

        /// The fault of what it judges by in a record, such as an instruction that is not known; nil where there is none.
        func problem(of record: PromptRecord) -> BehaviorSuiteError.Problem? {
            guard self == .instructions else { return nil }
            do throws(BehaviorSuiteError.Problem) {
                _ = try Instruction.list(of: record.columns)
                return nil
            } catch {
                return error
            }
        }

        /// Whether it judges answers to a record; this does not depend on the answer.
        func judges(_ record: PromptRecord) -> Bool {
            reward.value(.init("", columns: record.columns)) != nil
        }

        /// Whether there are good answers to a record that it judges. A record without a known answer is a question that
        /// nobody can answer: where all are, there is no fact to be learned.
        func knows(_ record: PromptRecord) -> Bool {
            guard self == .fact else { return true }
            return ["answer", "Answer"].contains { record.columns[$0].map { $0 != .null } == true }
        }
    }

    func validate() throws {
        if world.environment != nil {
            try refuse("--data", if: !data.isEmpty, "--environment has tasks of its own")
            try refuse(
                "--reward-model", if: !rewardModels.rewardModel.isEmpty, "--environment gives the rewards")
            try refuse("--reward", if: !reward.isEmpty, "--environment gives the rewards")
        } else {
            guard !data.isEmpty else {
                throw ValidationError("Name prompts, with --data, or an --environment.")
            }
            guard !rewardModels.rewardModel.isEmpty || !reward.isEmpty else {
                throw ValidationError("Say what is a good answer: --reward-model or --reward.")
            }
        }
        try check("--batch", batch, in: 1...Most.examples)
        try check("--group-size", groupSize, in: 1...Most.examples)
        try check("--max-tokens", maxTokens, in: 1...Most.tokens)
        try check("--updates", updates, in: 1...Most.rounds)
        try check("--temperature", temperature, .positive)
        try check("--beta", beta, .notNegative)
        try refuse("--sft-weight", if: sftWeight != nil && sftData.isEmpty, "it needs --sft-data")
        try check("--sft-weight", sftWeight, .positive)
    }

    /// Why nothing will have an opinion on the answers to a record, or not all that should; nil where all is well.
    func reasonUnjudged(_ record: PromptRecord) -> String? {
        var check = RewardCheck(reward)
        check.add(record)
        let isJudged = check.unjudged == 0 || !rewardModels.rewardModel.isEmpty
        guard check.hasProblem || !isJudged else { return nil }
        return "answers to it cannot be judged: \(check.needs)"
    }

    /// Refuses a reward that has no opinion on the answers to any of the records.
    func checkRewards(on records: [PromptRecord]) throws {
        var check = RewardCheck(reward)
        for record in records { check.add(record) }
        try check.requireUse(of: data.joined(separator: ", "))
    }

    /// The options with defaults filled in.
    func filled(with defaults: RolloutDefaults) -> RolloutOptions {
        var filled = self
        filled.groupSize = groupSize ?? defaults.groupSize
        filled.updates = updates ?? defaults.updates
        filled.beta = beta ?? defaults.beta
        if !sftData.isEmpty { filled.sftWeight = sftWeight ?? 1 }
        filled.world = world.filled
        filled.start.adapter = start.adapter.filled
        filled.rewardModels = rewardModels.filled
        return filled
    }
}

/// The defaults of a command that samples answers, which its help states.
struct RolloutDefaults {
    var training: TrainingDefaults
    /// Answers to each prompt.
    var groupSize: Int
    /// Updates for each set of answers.
    var updates = 1
    /// The coefficient of the KL divergence from the initial model.
    var beta: Float

    /// The paragraph of the help.
    var paragraph: String {
        "Unless given: \(RolloutOptions.usualBatch) prompts a step with \(counted(groupSize, "answer")) each, "
            + "\(training.rate(over: "updates")), \(counted(updates, "update")) a step, "
            + "beta \(general(Double(beta))). \(TrainingDefaults.pages)"
    }
}
