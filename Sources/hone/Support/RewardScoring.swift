import Alignment
import Formatting
import Foundation
import LanguageModel
import NeuralCore

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
            var judge = try ChatRewardModel(contentsOf: existing(folder), base: base)
            options.prepare(&judge.model.body)
            try judge.model.body.configuration.check(context: options.context ?? 0, name: folder)
            return judge
        }
        self.combination = combination.chosen
        context = options.context
    }

    func run(on file: String?, json: Bool) throws {
        var reader = try InputLines(file)
        var cut = 0
        defer {
            if cut > 0 {
                standardError(
                    "\(counted(cut, "text is", plural: "texts are")) longer than the context; only the end was read\n"
                )
            }
        }
        try reader.forEachBatch(
            of: Record.self, in: file,
            expected: "{\"text\":…}, {\"prompt\":…,\"completion\":…} or {\"messages\":…}"
        ) { records in
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
                if json { try printJSON(Line(reward: reward)) } else { print(fixed(Double(reward), 6)) }
            }
        }
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
