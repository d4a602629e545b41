import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// The model that a trained adapter is written for: the one that was begun from, or, where that is an adapter itself, the
/// model at the end of the chain, with one adapter for what both have learned.
struct AdapterBase {
    /// Where the model lies, as the adapter names it.
    let path: String
    private let inner: (model: AdaptedTransformer, directory: ModelDirectory)?

    /// - Parameters:
    ///   - model: The folder of the model to begin from.
    ///   - base: The folder of the model that it is an adapter of; nil for where the adapter says it is.
    ///   - isNeeded: Whether an adapter is going to be written.
    /// - Throws: `ModelDirectoryError` where no adapter can be written for it.
    init(_ model: String, base: URL?, isNeeded: Bool) throws {
        let directory = ModelDirectory(URL(filePath: model))
        guard isNeeded, try directory.contents() == .adapter else {
            (path, inner) = (model, nil)
            return
        }
        let adapted = try directory.adaptedTransformer(base: base)
        try adapted.checkFoldable(at: directory)
        inner = (adapted, directory)
        path = try directory.foundation(base: base).url.path(percentEncoded: false)
    }

    /// What is written, given what was trained on the model to begin from.
    func folded(_ trained: AdaptedTransformer) throws -> AdaptedTransformer {
        try inner.map { try $0.model.folding(trained.adapter, at: $0.directory) } ?? trained
    }
}
