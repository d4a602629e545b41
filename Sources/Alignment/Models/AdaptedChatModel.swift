public import Foundation
package import LanguageModel
public import NeuralCore

/// A chat model with an adapter on it.
///
/// ```swift
/// var tuning = SupervisedFineTuning(chat.model.adapted(rank: 16, alpha: 32, using: &random))
/// try chat.with(tuning.model).write(to: output)             // the adapter alone, as PEFT writes it
/// try chat.with(tuning.model).merged.write(to: whole)       // a model that needs no adapter
/// ```
public struct AdaptedChatModel: Sendable {
    /// The adapter on its model.
    public var model: AdaptedTransformer
    /// The model as it was read, with how its text is written.
    public let chat: ChatModel

    /// The model with the adapter merged into its weights.
    public var merged: ChatModel { chat.with(model.merged) }

    /// Writes a directory that PEFT loads: the adapter, with the tokenizer and the template beside it. The folder is made
    /// if it is not there.
    ///
    /// The adapter names the folder that the chat model was read from as its base. Where that folder holds an adapter
    /// itself, what is written is one adapter of the model at the end of the chain that does what both do.
    ///
    /// - Parameters:
    ///   - folder: Where the files are to be.
    ///   - base: Where the base is kept, a folder or a name that PEFT understands; nil for where it was read from.
    ///   - type: How numbers are stored.
    /// - Throws: ``ChatModelError``.
    /// - Precondition: The chat model was read from a folder, or `base` is given.
    public func write(
        to folder: URL, base: String? = nil, as type: StoredType = .float32
    ) throws(ChatModelError) {
        let found = if let base { AdapterBase(path: base) } else { try chat.adapterBase() }
        try write(to: folder, found, as: type)
    }

    /// Writes the adapter as one of a base that was looked up before.
    package func write(
        to folder: URL, _ base: AdapterBase, as type: StoredType = .float32
    ) throws(ChatModelError) {
        try chat.format.write(to: folder)
        do throws(ModelDirectoryError) {
            try ModelDirectory(folder).write(try base.folded(model), base: base.path, as: type)
        } catch {
            throw .model(error)
        }
    }
}

/// The model that an adapter is written for: the one that was begun from, or, where that is an adapter itself, the model at
/// the end of the chain, with one adapter for what both have learned.
package struct AdapterBase {
    /// The path of the base model, as the adapter names it.
    package let path: String
    private var inner: (model: AdaptedTransformer, directory: ModelDirectory)?

    /// A model that is no adapter.
    init(path: String) { self.path = path }

    /// The base of an adapter that is trained on the model in a folder.
    ///
    /// - Parameter base: The folder of the model that it is an adapter of; nil for where the adapter says it is.
    /// - Throws: `ModelDirectoryError` where no adapter can be written for it.
    init(_ folder: URL, base: URL?) throws(ModelDirectoryError) {
        let directory = ModelDirectory(folder)
        guard try directory.contents() == .adapter else {
            self.init(path: folder.relativePath)
            return
        }
        let adapted = try directory.adaptedTransformer(base: base)
        try adapted.checkFoldable(at: directory)
        self.init(path: try directory.foundation(base: base).url.path(percentEncoded: false))
        inner = (adapted, directory)
    }

    /// The adapted model to be written, from the one that was trained.
    package func folded(_ trained: AdaptedTransformer) throws(ModelDirectoryError) -> AdaptedTransformer {
        guard let inner else { return trained }
        return try inner.model.folding(trained.adapter, at: inner.directory)
    }
}

extension ChatModel {
    /// The base that an adapter trained on this model names in its files.
    package func adapterBase() throws(ChatModelError) -> AdapterBase {
        guard let folder else {
            misuse("an adapter of a model that was read from no folder; say where its base is kept")
        }
        do throws(ModelDirectoryError) {
            return try AdapterBase(folder, base: base)
        } catch {
            throw .model(error)
        }
    }

    /// This model with an adapter on it, such as after training.
    public func with(_ model: AdaptedTransformer) -> AdaptedChatModel {
        AdaptedChatModel(model: model, chat: self)
    }
}
