public import Foundation
import LanguageModel
public import NeuralCore

/// A reward model with how the texts that it judges are written.
///
/// ```swift
/// let judge = try ChatRewardModel(contentsOf: folder)
/// let rewards = try judge.rewards(of: [Conversation([.user("Who are you?"), .assistant("An assistant.")])])
/// ```
///
/// To judge what a policy says as token ids, the two must share a tokenizer: ``TextFormat/rewardModel(contentsOf:context:base:)``
/// of the policy's format reads such a model.
public struct ChatRewardModel: Sendable {
    /// The model that judges.
    public var model: RewardModel
    /// The tokenizer and the chat template of its texts.
    public let format: TextFormat

    /// A reward model whose texts are written as `format` says.
    public init(_ model: RewardModel, _ format: TextFormat) {
        self.model = model
        self.format = format
    }

    /// Reads the directory of a reward model, or that of an adapter with the model it is for.
    ///
    /// - Parameters:
    ///   - folder: The directory, with its `tokenizer.json`.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: ``ChatModelError``, also where the tokenizer has tokens that the model does not know.
    public init(contentsOf folder: URL, base: URL? = nil) throws(ChatModelError) {
        let format = try TextFormat(contentsOf: folder, base: base)
        self.init(try format.rewardModel(contentsOf: folder, base: base), format)
    }

    /// The rewards of conversations, each read as it is trained: up to the end of the assistant's last turn.
    ///
    /// - Throws: ``/Conversations/ChatTemplateError`` where there is no template; ``/Conversations/SupervisionProblem`` where
    ///   it refuses a conversation.
    public func rewards(of conversations: [Conversation]) throws -> [Float] {
        model.rewards(of: try conversations.map { try format.tokens(of: $0) })
    }

    /// Says which of two answers to a conversation has the greater reward, as ``/Behavior/BehaviorEvaluation`` asks it.
    ///
    /// Throws where there is no template, or it refuses the conversation, and a `MisfitError` where an answer ends beyond
    /// the context, since of a longer text the model would judge the end alone.
    ///
    /// - Parameter name: The name of the model in messages.
    public func judge(named name: String) -> Judge {
        { conversation, first, second in
            let prompt = try format.prompt(conversation)
            let end = [format.endOfTurn].compactMap(\.self)
            let texts = [first, second].map { prompt + format.tokenizer.encode($0.text) + end }
            try model.body.configuration.check(context: texts.map(\.count).max() ?? 0, name: name)
            let rewards = model.rewards(of: texts)
            return rewards[0] == rewards[1] ? .neither : rewards[0] > rewards[1] ? .first : .second
        }
    }

    /// Writes a model directory that judges, here and in transformers' class for sequence classification: the model, its
    /// tokenizer, its template, and the tokens that end a turn. The folder is made if it is not there.
    ///
    /// - Throws: ``ChatModelError``.
    public func write(to folder: URL, as type: StoredType = .float32) throws(ChatModelError) {
        try format.write(to: folder)
        var model = model
        model.body.endOfSequence = format.endings(of: model.body)
        // transformers reads the reward at the last token that is not padding: that may be anything but the end.
        let padding = format.tokenizer.specialTokens.first { $0.id != format.endOfTurn }?.id
        do throws(ModelDirectoryError) {
            try ModelDirectory(folder).write(model, padding: padding, as: type)
        } catch {
            throw .model(error)
        }
    }
}

extension ChatModel {
    /// A reward model whose text is written as this model's is, such as one that was trained from it.
    ///
    /// ```swift
    /// var modeling = RewardModeling(RewardModel(chat.model, using: &random))
    /// try chat.with(modeling.model).write(to: output)
    /// ```
    public func with(_ model: RewardModel) -> ChatRewardModel { ChatRewardModel(model, format) }

    /// Writes a directory that PEFT loads: the adapter and the score alone, with the tokenizer and the template beside them.
    ///
    /// - Parameters:
    ///   - model: The adapter and the score, trained on this model.
    ///   - folder: Where the files are to be; made if it is not there.
    ///   - base: Where the base is kept, a folder or a name that PEFT understands; nil for where it was read from.
    ///   - type: How numbers are stored.
    /// - Throws: ``ChatModelError``.
    /// - Precondition: The chat model was read from a folder, or `base` is given.
    public func write(
        _ model: AdaptedRewardModel, to folder: URL, base: String? = nil, as type: StoredType = .float32
    ) throws(ChatModelError) {
        let found = if let base { AdapterBase(path: base) } else { try adapterBase() }
        try write(model, to: folder, found, as: type)
    }

    /// Writes the adapter and the score as those of a base that was looked up before.
    package func write(
        _ model: AdaptedRewardModel, to folder: URL, _ base: AdapterBase, as type: StoredType = .float32
    ) throws(ChatModelError) {
        try format.write(to: folder)
        do throws(ModelDirectoryError) {
            let folded = AdaptedRewardModel(body: try base.folded(model.body), score: model.score)
            try ModelDirectory(folder).write(folded, base: base.path, as: type)
        } catch {
            throw .model(error)
        }
    }
}
