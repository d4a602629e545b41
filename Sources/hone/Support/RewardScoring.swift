import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The reward models that judge, and the combination of several into one.
struct RewardModelOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "A reward model that judges the answers; given several times, they judge together.",
            valueName: "dir"), completion: .model)
    var rewardModel: [String] = []

    @OptionGroup var combination: RewardCombinationOption

    func validate() throws { try combination.check(models: rewardModel.count, named: "--reward-model") }

    /// The models as one; nil where there is none.
    ///
    /// - Parameters:
    ///   - format: That of the answers, whose ids each model must read.
    ///   - context: The most tokens of a prompt with its answer, which each model must read; 0 where it is not known.
    ///   - base: The folder of the model that adapters are for; nil for the one that they name.
    func ensemble(_ format: TextFormat, context: Int = 0, base: URL? = nil) throws -> RewardEnsemble? {
        guard !rewardModel.isEmpty else { return nil }
        let members = try rewardModel.map { folder in
            var model = try format.rewardModel(contentsOf: modelFolder(folder), context: context, base: base)
            model.body.precision = .float32
            return model
        }
        return RewardEnsemble(members, combining: combination.chosen)
    }

    /// The options with defaults filled in.
    var filled: RewardModelOptions {
        var filled = self
        if rewardModel.count > 1 {
            filled.combination.rewardCombination = combination.rewardCombination ?? .mean
        }
        return filled
    }
}

/// The combination of several models' rewards into one.
struct RewardCombinationOption: ParsableArguments, Encodable {
    @Option(
        help:
            "The combination of several models' rewards: mean, minimum, or lower-bound, the mean less one standard deviation; mean unless given."
    )
    var rewardCombination: Name?

    /// Refuses the option where there is nothing to combine.
    ///
    /// - Parameter option: The option that names the models.
    func check(models: Int, named option: String) throws {
        try refuse(
            "--reward-combination", if: rewardCombination != nil && models < 2, "it needs \(option) twice")
    }

    /// The combination that is named, or else the mean.
    var chosen: RewardEnsemble.Combination { (rewardCombination ?? .mean).combination }

    /// `RewardEnsemble.Combination` by its name.
    enum Name: String, ExpressibleByArgument, CaseIterable, Encodable {
        case mean, minimum
        case lowerBound = "lower-bound"

        var combination: RewardEnsemble.Combination {
            switch self {
            case .mean: .mean
            case .minimum: .minimum
            case .lowerBound: .lowerBound(deviations: 1)
            }
        }
    }
}

/// The scoring of `hone score` with a reward model.
struct RewardScoring {
    private let judges: [ChatRewardModel]
    private let combination: RewardEnsemble.Combination
    private let context: Int?

    /// A text, a prompt with a completion, or a conversation.
    private enum Record: Decodable {
        case text(String)
        case completion(String, prompt: String)
        case conversation(Conversation)

        private enum Key: CodingKey { case text, prompt, completion, messages }

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: Key.self)
            if keys.contains(.messages) {
                self = .conversation(try Conversation(from: decoder))
            } else if let text = try keys.decodeIfPresent(String.self, forKey: .text) {
                self = .text(text)
            } else {
                self = .completion(
                    try keys.decode(String.self, forKey: .completion),
                    prompt: try keys.decode(String.self, forKey: .prompt))
            }
        }
    }

    private struct Line: Encodable { var reward: Float }

    /// - Parameters:
    ///   - folders: Reward models that judge together, at least one, each of a tokenizer and a template of its own.
    ///   - combination: The combination of their rewards into one.
    ///   - options: The context length and the precision.
    ///   - base: The folder of the model that adapters are for; nil for the one that they name.
    init(
        _ folders: [String], combining combination: RewardCombinationOption, _ options: ScoringOptions,
        base: URL?
    ) throws {
        judges = try folders.map { folder in
            var judge = try ChatRewardModel(contentsOf: modelFolder(folder), base: base)
            options.prepare(&judge.model.body)
            try judge.model.body.configuration.check(context: options.context ?? 0, name: folder)
            return judge
        }
        self.combination = combination.chosen
        context = options.context
    }

    func run(on records: ScoredRecords, json: Bool) throws {
        var cut = 0
        let output = SharedOutput()
        defer {
            if cut > 0 {
                standardError(
                    "\(counted(cut, "text is", plural: "texts are")) longer than the context; only the end was read\n"
                )
            }
        }
        try records.forEachBatch(
            of: Record.self, expected: "{\"text\":…}, {\"prompt\":…,\"completion\":…} or {\"messages\":…}"
        ) { records, _, _ in
            try output.piece {
                var isCut = records.map { _ in false }
                let rewards = try judges.map { judge in
                    let context = min(context ?? .max, judge.model.contextLength)
                    let texts = try records.map { try tokens($0, judge.format) }
                    for number in texts.indices where texts[number].count > context { isCut[number] = true }
                    return judge.model.rewards(of: texts.map { Array($0.suffix(context)) })
                }
                cut += isCut.count { $0 }
                for number in records.indices {
                    let reward = combination.value(of: rewards.map { $0[number] })
                    if json {
                        try printJSON(Line(reward: reward))
                    } else {
                        try standardOutput("\(fixed(Double(reward), 6))\n".utf8)
                    }
                }
            }
        }
        try output.finish()
        cut = Int(output.sums(of: [Double(cut)])[0])
    }

    /// The ids of a record as a reward model is trained on them: a completion ends with the end of the text, a
    /// conversation with that of its last turn.
    private func tokens(_ record: Record, _ format: TextFormat) throws -> [Int32] {
        let ids: [Int32]
        do {
            switch record {
            case .text(let text): ids = format.tokens(of: text)
            case .completion(let completion, let prompt):
                ids = try format.tokens(prompt: prompt, completion: completion)
            case .conversation(let conversation): ids = try format.tokens(of: conversation)
            }
        } catch let problem as ChatTemplateError {
            throw problem
        } catch {
            throw ScoringProblem.refused("\(error)")
        }
        guard !ids.isEmpty else { throw ScoringProblem.noTokens }
        return ids
    }
}

/// A record that has no reward.
private enum ScoringProblem: CommandError, CustomStringConvertible {
    case noTokens
    case refused(String)

    var description: String {
        switch self {
        case .noTokens: "a record without text has no reward"
        case .refused(let reason): "a record cannot be written down: \(reason)"
        }
    }

    var outcome: Outcome { .badData }
}
