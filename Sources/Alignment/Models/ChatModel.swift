public import Foundation
public import LanguageModel
public import NeuralCore

/// A language model with all that goes with it: tokenizer, chat template, and where its texts end.
///
/// ```swift
/// let chat = try ChatModel(contentsOf: folder)
/// let prompt = try chat.format.prompt(Conversation([.user("Who are you?")]))
/// try chat.with(tuning.model).write(to: output)
/// ```
public struct ChatModel: Sendable {
    /// What predicts.
    public var model: Transformer
    /// How its text is written.
    public let format: TextFormat

    /// A model whose text is written as `format` says.
    public init(_ model: Transformer, _ format: TextFormat) {
        self.model = model
        self.format = format
    }

    /// Reads a model directory, or an adapter's with the model it is for.
    ///
    /// - Parameters:
    ///   - folder: The directory, with its `tokenizer.json`.
    ///   - template: The template to use instead of the folder's.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: ``ChatModelError``, also where the tokenizer has tokens that the model does not know.
    public init(
        contentsOf folder: URL, template: ChatTemplate? = nil, base: URL? = nil
    ) throws(ChatModelError) {
        do throws(ModelDirectoryError) {
            model = try ModelDirectory(folder).languageModel(base: base)
        } catch {
            throw .model(error)
        }
        format = try TextFormat(contentsOf: folder, template: template, base: base)
        do throws(MisfitError) {
            try model.configuration.check(format.tokenizer, name: folder.path(percentEncoded: false))
        } catch {
            throw .misfit(error)
        }
    }

    /// What turns text into ids.
    public var tokenizer: BytePairTokenizer { format.tokenizer }

    /// Another model whose text is written alike, such as this one after training.
    public func with(_ model: Transformer) -> ChatModel { ChatModel(model, format) }

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
