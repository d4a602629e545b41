import Alignment
import Foundation
import LanguageModel

/// What `hone score` does with a reward model.
struct RewardScoring {
    private let model: RewardEnsemble
    private let tokenizer: BytePairTokenizer
    private let template: Result<ChatTemplate, ChatTemplateError>
    private let context: Int
    /// What a completion ends with: the end of a turn as the folder's template has it, for an adapter's base may end
    /// otherwise, or else what the model itself ends with.
    private let end: Int32?

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
    ///   - folders: Reward models that judge together, at least one; the first one's tokenizer is used.
    ///   - combination: How their rewards become one.
    init(_ folders: [String], combining combination: RewardCombinationOption, context: Int?) throws {
        let url = URL(filePath: folders[0])
        tokenizer = try BytePairTokenizer(directory: url)
        model = try combination.ensemble(folders, tokenizer)
        self.context = min(context ?? model.contextLength, model.contextLength)
        template = Result { () throws(ChatTemplateError) in try ChatTemplate(directory: url) }
        let endOfTurn = (try? template.get())?.tokens["eos_token"].flatMap(tokenizer.id(ofAddedToken:))
        end = endOfTurn ?? model.members[0].body.endOfSequence.first
    }

    func run(on file: String?, json: Bool) throws {
        var reader = try LineReader(file)
        try reader.forEachBatch(
            of: Record.self, in: file,
            expected: "{\"text\":…}, {\"prompt\":…,\"completion\":…} or {\"messages\":…}"
        ) { records in
            let texts = try records.map(tokens).map { Array($0.suffix(context)) }
            for reward in model.rewards(of: texts) {
                if json { try printJSON(Line(reward: reward)) } else { print(String(format: "%.6f", reward)) }
            }
        }
    }

    /// The ids of a record as a reward model is trained on them: a completion ends with the end of the text, a
    /// conversation with that of its last turn.
    private func tokens(_ record: Record) throws -> [Int32] {
        let ids: [Int32]
        switch record {
        case .text(let text):
            ids = tokenizer.boundaries.before + tokenizer.encode(text)
        case .completion(let completion, let prompt):
            ids =
                tokenizer.boundaries.before + tokenizer.encode(prompt) + tokenizer.encode(completion)
                + [end].compactMap(\.self)
        case .conversation(let conversation):
            ids = try tokens(conversation)
        }
        guard !ids.isEmpty else { throw ScoringProblem.noTokens }
        return ids
    }

    private func tokens(_ conversation: Conversation) throws -> [Int32] {
        let template: ChatTemplate
        do {
            template = try self.template.get()
        } catch {
            throw ScoringProblem.template(error.description)
        }
        let messages = conversation.messages
        do {
            guard messages.last?.role == .assistant, messages.count > 1 else {
                return tokenizer.encode(try template.text(of: conversation))
            }
            let texts = try template.texts(
                prompt: .messages(messages.dropLast()), completion: .messages(messages.suffix(1)),
                tools: conversation.tools)
            return tokenizer.encode(texts.prompt) + tokenizer.encode(texts.completion)
        } catch {
            throw ScoringProblem.template("\(error)")
        }
    }
}

/// A record that has no reward.
private enum ScoringProblem: CommandError, CustomStringConvertible {
    case noTokens
    case template(String)

    var description: String {
        switch self {
        case .noTokens: "a record without text has no reward"
        case .template(let reason): "a conversation cannot be written down: \(reason)"
        }
    }

    var outcome: Outcome { .badData }
}
