import Files
package import Foundation
import NeuralCore

extension ModelDirectory {
    /// The kinds of contents of a directory.
    public enum Contents: Sendable, Hashable {
        /// A model that continues text.
        case languageModel
        /// A model that gives a whole text one number.
        case rewardModel
        /// The changes that an adapter makes to a language model stored elsewhere.
        case adapter
        /// An adapter and a score that make a reward model of a model that is kept elsewhere.
        case rewardAdapter

        /// The kind, for messages.
        var words: String {
            switch self {
            case .languageModel: "a language model"
            case .rewardModel: "a reward model"
            case .adapter: "an adapter of a language model"
            case .rewardAdapter: "an adapter of a reward model"
            }
        }
    }

    /// Returns the kind of contents, by the configuration: `adapter_config.json` if there is one, or `config.json`.
    ///
    /// - Throws: `ModelDirectoryError` where there is neither, or the model is of a class that is not supported.
    public func contents() throws(ModelDirectoryError) -> Contents {
        if gguf != nil { return .languageModel }
        try checkIsThere()
        let adapter = url.appending(component: "adapter_config.json")
        if FileManager.default.fileExists(atPath: adapter.path(percentEncoded: false)) {
            let task = try ConfigurationFile(contentsOf: adapter).string("task_type", standard: "CAUSAL_LM")
            return task == "SEQ_CLS" ? .rewardAdapter : .adapter
        }
        let file = try ConfigurationFile(contentsOf: url.appending(component: "config.json"))
        // A file without the key is that of a language model, whose class follows from its family.
        let architecture = file.strings("architectures").first ?? "ForCausalLM"
        if architecture.hasSuffix("ForSequenceClassification") { return .rewardModel }
        guard ["ForCausalLM", "LMHeadModel", "Model"].contains(where: architecture.hasSuffix) else {
            throw .unsupported(
                file: file.file, key: "architectures", found: architecture,
                supported: "…ForCausalLM, …ForSequenceClassification")
        }
        return .languageModel
    }
}

extension ModelDirectory {
    /// Makes sure that there is such a folder, or a file in GGUF that stands for it.
    package func checkIsThere() throws(ModelDirectoryError) {
        let path = url.path(percentEncoded: false)
        switch FileStatus(path) {
        case .missing: throw gguf == nil ? .missing(folder: path) : .checkpoint(.file(.missing(file: path)))
        case .folder: break
        case .file, .other:
            guard gguf == nil else { break }
            throw .unreadable(
                file: path,
                reason: "it is a file; expected the folder of a model, or a file whose name ends in .gguf")
        }
    }

    /// The GGUF file that stands for the directory, if it is one.
    package var gguf: URL? { url.isGGUF ? url : nil }

    /// Reads from a GGUF file.
    static func reading<Result>(
        gguf url: URL, _ body: (GGUFModel) throws(CheckpointError) -> Result
    ) throws(ModelDirectoryError) -> Result {
        do throws(CheckpointError) {
            return try body(GGUFModel(GGUFFile(url)))
        } catch {
            throw .checkpoint(error)
        }
    }
}
