public import Foundation
public import LanguageModel
public import NeuralCore
internal import Synchronization

/// A model that is talked to, and what it has read of the conversation.
///
/// ```swift
/// let session = ChatSession(chat, weights: .bfloat16)
/// for try await piece in session.reply(to: conversation, sampling: .topP(0.95, temperature: 0.8), using: random) {
///     print(piece, terminator: "")
/// }
/// ```
///
/// A conversation that goes on is not read again from its beginning: the keys and values of what it has in common with the
/// one before are kept. Answers have the bits that they have without this; see `PromptCache`. Conversations may be edited
/// between replies, or others be answered.
public final class ChatSession: Sendable {
    /// The text format.
    public let format: TextFormat
    /// The model as it generates.
    package let model: StoredTransformer
    private let read = Mutex<PromptCache?>(nil)
    /// The tokens, for calls of each form that was asked for.
    private let vocabularies = Mutex<[ToolCallFormat: TokenTrie]>([:])

    /// A session with a model.
    ///
    /// - Parameters:
    ///   - chat: Who answers.
    ///   - weights: How the weights are kept: fewer bytes generate faster.
    public convenience init(_ chat: ChatModel, weights: StoredMatrix.Format = .float32) {
        self.init(StoredTransformer(chat.model, as: weights), chat.format)
    }

    /// A session with the model in a directory, whose weights are read straight into their format, so that the most memory
    /// that is held is little more than theirs; an adapter is merged in 32 bits first.
    ///
    /// - Parameters:
    ///   - folder: The directory of a model or an adapter, with its `tokenizer.json`.
    ///   - weights: How the weights are kept.
    ///   - template: The template to use instead of the folder's.
    ///   - variables: Values of the template's variables where a conversation does not say them.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: ``ChatModelError``, as ``ChatModel/init(contentsOf:template:variables:base:)`` does.
    public convenience init(
        contentsOf folder: URL, weights: StoredMatrix.Format = .float32, template: ChatTemplate? = nil,
        variables: JSONObject = [:], base: URL? = nil
    ) throws(ChatModelError) {
        let model = try ChatModel.reading(folder) { directory throws(ModelDirectoryError) in
            try directory.storedLanguageModel(as: weights, base: base)
        }
        let format = try TextFormat(contentsOf: folder, template: template, variables: variables, base: base)
        try ChatModel.check(format, model.configuration, folder)
        self.init(model, format)
    }

    /// A session with a model whose weights are stored already.
    package init(_ model: StoredTransformer, _ format: TextFormat) {
        self.model = model
        self.format = format
    }

    /// The answer to a conversation, as it is being generated.
    ///
    /// - Parameters:
    ///   - conversation: What was said. Where it leaves no room for an answer, its first exchanges are left out.
    ///   - sampling: How tokens are drawn.
    ///   - maxTokens: The most tokens of the answer.
    ///   - random: Decides the draws.
    /// - Returns: Pieces of text. The first one asked for throws a ``/Conversations/ChatTemplateError`` where the conversation cannot be
    ///   written, or a `GenerationError`.
    public func reply(
        to conversation: Conversation, sampling: Sampling = Sampling(), maxTokens: Int = .max,
        using random: RandomSource
    ) -> Continuation {
        let options = options(sampling: sampling, maxTokens: maxTokens)
        return Continuation(end: { self.keep($0) }) {
            try self.generation(answering: conversation, options, using: random).generation
        }
    }

    /// The options of an answer.
    func options(sampling: Sampling, maxTokens: Int) -> GenerationOptions {
        var options = GenerationOptions(
            sampling: sampling, maxTokens: maxTokens, stopTokens: format.stopTokens)
        options.thinking = format.thinking()
        return options
    }

    /// The answer to a conversation, to be generated step by step.
    ///
    /// - Returns: The generation, to be handed to ``keep(_:)`` in the end, whether first exchanges were left out, and whether
    ///   the answer begins within thinking.
    package func generation(
        answering conversation: Conversation, _ options: GenerationOptions, using random: RandomSource
    ) throws -> (generation: TextGeneration, isShortened: Bool, opensThinking: Bool) {
        let (tokens, isShortened) = try prompt(conversation, maxTokens: options.maxTokens)
        let generation = try TextGeneration(
            model, format.tokenizer, prompts: [tokens], options: options,
            reusing: read.withLock { $0.take() }, using: random)
        return (generation, isShortened, format.opensThinking(tokens))
    }

    /// Keeps what was read for the next answer.
    package func keep(_ generation: consuming TextGeneration) {
        let cache = generation.promptCache
        if cache != nil { read.withLock { $0 = cache } }
    }

    /// The tokens, with those that are marks of calls.
    func tokens(markedFor format: ToolCallFormat) -> TokenTrie {
        vocabularies.withLock { vocabularies in
            if let known = vocabularies[format] { return known }
            let tokens = TokenTrie(self.format.tokenizer, marks: format.marks)
            vocabularies[format] = tokens
            return tokens
        }
    }

    /// The conversation as the model reads it; what was said first is left out where there is no room.
    private func prompt(
        _ conversation: Conversation, maxTokens: Int
    ) throws(ChatTemplateError) -> (tokens: [Int32], isShortened: Bool) {
        let positions = model.configuration.contextLength
        let room = positions - min(maxTokens, max(1, positions / 4))
        var shortened = conversation
        while true {
            let tokens = try format.prompt(shortened)
            let first = shortened.messages.firstIndex { $0.role == .user } ?? 0
            let next = shortened.messages.dropFirst(first + 1).firstIndex { $0.role == .user }
            guard tokens.count > room, let next else { return (tokens, shortened != conversation) }
            shortened.messages.removeSubrange(first..<next)
        }
    }
}

extension ChatModel {
    /// The answer to a conversation, as it is being generated.
    ///
    /// ```swift
    /// for try await piece in chat.reply(to: conversation, sampling: .topP(0.95, temperature: 0.8), using: random) {
    ///     print(piece, terminator: "")
    /// }
    /// ```
    ///
    /// For a conversation of several turns there is ``ChatSession``, which does not read it again at every turn.
    ///
    /// - Parameters:
    ///   - conversation: What was said. Where it leaves no room for an answer, its first exchanges are left out.
    ///   - sampling: How tokens are drawn.
    ///   - maxTokens: The most tokens of the answer.
    ///   - random: Decides the draws.
    public func reply(
        to conversation: Conversation, sampling: Sampling = Sampling(), maxTokens: Int = .max,
        using random: RandomSource
    ) -> Continuation {
        ChatSession(self).reply(to: conversation, sampling: sampling, maxTokens: maxTokens, using: random)
    }
}
