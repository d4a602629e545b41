public import Foundation
import LanguageModel
public import NeuralCore

extension ChatModel {
    /// Writes the model, its tokenizer and its template as one GGUF file, which llama.cpp loads.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - name: What the model is called.
    ///   - type: How matrices are stored: one of ``/NeuralCore/GGUFType/writable``.
    /// - Throws: ``ChatModelError``, naming the key or tensor that cannot say what the model or its tokenizer does.
    public func writeGGUF(to url: URL, name: String, as type: GGUFType) throws(ChatModelError) {
        var model = model
        model.endOfSequence = format.endings(of: model)
        do throws(ModelDirectoryError) {
            try model.writeGGUF(
                to: url, tokenizer: tokenizer, configuration: format.writtenConfiguration, name: name,
                as: type)
        } catch {
            throw .model(error)
        }
    }

    /// Writes the model in a directory as ``writeGGUF(to:name:as:)`` does; one tensor at a time is in memory where the
    /// directory holds a whole model, and not an adapter or a GGUF file.
    ///
    /// - Parameters:
    ///   - folder: The directory, with its `tokenizer.json`.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    ///   - url: The file.
    ///   - name: What the model is called.
    ///   - type: How matrices are stored: one of ``/NeuralCore/GGUFType/writable``.
    /// - Throws: ``ChatModelError``.
    public static func writeGGUF(
        contentsOf folder: URL, base: URL? = nil, to url: URL, name: String, as type: GGUFType
    ) throws(ChatModelError) {
        let configuration = try reading(folder) {
            directory throws(ModelDirectoryError) -> TransformerConfiguration? in
            guard directory.gguf == nil, try directory.contents() == .languageModel else { return nil }
            return try directory.configuration()
        }
        guard let configuration else {
            return try ChatModel(contentsOf: folder, base: base).writeGGUF(to: url, name: name, as: type)
        }
        let format = try TextFormat(contentsOf: folder, base: base)
        try check(format, configuration, folder)
        try reading(folder) { directory throws(ModelDirectoryError) in
            try directory.writeGGUF(
                to: url, tokenizer: format.tokenizer, configuration: format.writtenConfiguration, name: name,
                endingWith: format.endings(after: configuration.endOfSequence), as: type)
        }
    }
}
