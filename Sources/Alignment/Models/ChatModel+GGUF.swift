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
}
