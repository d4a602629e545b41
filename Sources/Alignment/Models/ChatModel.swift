public import Foundation
public import LanguageModel
public import NeuralCore

/// A language model with all that goes with it: tokenizer, chat template, and where its texts end.
///
/// ```swift
/// let chat = try ChatModel(contentsOf: folder)
/// let examples = try chat.demonstrations(contentsOf: file)
/// var tuning = SupervisedFineTuning(chat.model)
/// for batch in examples.batches(ofTokens: 4_096, using: random.split()) { tuning.step(on: batch) }
/// try chat.with(tuning.model).write(to: output)
/// ```
public struct ChatModel: Sendable {
    /// The transformer.
    public var model: Transformer
    /// The text format: tokenizer, chat template, special tokens.
    public let format: TextFormat
    /// The folder that it was read from, which an adapter names as its base.
    let folder: URL?
    /// The folder of the model that the one in ``folder`` is an adapter of, where it was given.
    let base: URL?

    /// A model whose text is written as `format` says.
    public init(_ model: Transformer, _ format: TextFormat) {
        self.init(model, format, folder: nil, base: nil)
    }

    /// A model with its tokenizer, such as after pre-training; conversations are written in ChatML where the tokenizer knows
    /// its tokens.
    public init(_ model: Transformer, _ tokenizer: BytePairTokenizer) {
        var configuration = TokenizerConfiguration()
        configuration.endOfText = tokenizer.endOfText.flatMap { end in
            tokenizer.addedTokens.first { $0.id == end }?.content
        }
        self.init(model, TextFormat(tokenizer, configuration: configuration, model: model.configuration))
    }

    private init(_ model: Transformer, _ format: TextFormat, folder: URL?, base: URL?) {
        self.model = model
        self.format = format
        self.folder = folder
        self.base = base
    }

    /// Reads a model directory, or an adapter's with the model it is for.
    ///
    /// - Parameters:
    ///   - folder: The directory, with its `tokenizer.json`.
    ///   - template: The template to use instead of the folder's.
    ///   - variables: Values of the template's variables where a conversation does not say them, such as
    ///     `enable_thinking`.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: ``ChatModelError``, also where the tokenizer has tokens that the model does not know.
    public init(
        contentsOf folder: URL, template: ChatTemplate? = nil, variables: JSONObject = [:], base: URL? = nil
    ) throws(ChatModelError) {
        let model = try Self.reading(folder) { directory throws(ModelDirectoryError) in
            try directory.languageModel(base: base)
        }
        self.init(
            model, try TextFormat(contentsOf: folder, template: template, variables: variables, base: base),
            folder: folder, base: base)
        try Self.check(format, model.configuration, folder)
    }

    static func reading<Model>(
        _ folder: URL, _ body: (ModelDirectory) throws(ModelDirectoryError) -> Model
    ) throws(ChatModelError) -> Model {
        do throws(ModelDirectoryError) { return try body(ModelDirectory(folder)) } catch {
            throw .model(error)
        }
    }

    /// Refuses a tokenizer with tokens that the model does not know.
    static func check(
        _ format: TextFormat, _ model: TransformerConfiguration, _ folder: URL
    ) throws(ChatModelError) {
        do throws(MisfitError) {
            try model.check(format.tokenizer, name: folder.path(percentEncoded: false))
        } catch {
            throw .misfit(error)
        }
    }

    /// The tokenizer.
    public var tokenizer: BytePairTokenizer { format.tokenizer }

    /// The template that conversations are written with; one that refuses them, with the reason, where there is none.
    public var template: ChatTemplate { format.template }

    /// The tokens that end what is generated: those of the model's files, and the ends of a turn and of a text.
    public var ends: Set<Int32> { format.stopTokens }

    /// Another model whose text is written alike, such as this one after training.
    public func with(_ model: Transformer) -> ChatModel {
        ChatModel(model, format, folder: folder, base: base)
    }

    /// Writes a model directory that chats, here and in transformers: the model, its tokenizer, its template, and the
    /// tokens that end a turn. The folder is made if it is not there.
    ///
    /// - Throws: ``ChatModelError``.
    public func write(to folder: URL, as type: StoredType = .float32) throws(ChatModelError) {
        try format.write(to: folder)
        var model = model
        model.endOfSequence = format.endings(of: model)
        do throws(ModelDirectoryError) {
            try ModelDirectory(folder).write(model, generation: format.generation, as: type)
        } catch {
            throw .model(error)
        }
    }
}
