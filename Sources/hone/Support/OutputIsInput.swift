import Files
import Foundation

/// What is to be written would replace something that the same command reads.
struct OutputIsInput: CommandError, CustomStringConvertible {
    let option: String
    let output: String
    let input: String

    /// Throws itself where an output is an input, by whatever path or link, where an output is a file of a folder that is
    /// read, or a folder that holds what is read.
    ///
    /// An output that is not there yet replaces nothing.
    ///
    /// - Parameters:
    ///   - output: The path of a file or folder; nil for none.
    ///   - option: The option that names it, as it is typed.
    ///   - inputs: The paths that are read; what is not there is passed over.
    static func check(_ output: String?, as option: String, among inputs: [String?]) throws {
        guard let output, let written = FileIdentity(output) else { return }
        for input in inputs.compactMap(\.self) {
            guard let read = FileIdentity(input) else { continue }
            let isWithin =
                FileStatus(output) == .folder
                ? FileIdentity.folders(above: input).contains(written)
                : FileIdentity.folders(above: output).contains(read)
            if written == read || isWithin {
                throw OutputIsInput(option: option, output: output, input: input)
            }
        }
    }

    /// The files that models are read from: those given, and those that a model has in the folders given. What else lies in a model's
    /// folder may be written again.
    static func files(ofModels models: [String?]) -> [String] {
        models.compactMap(\.self).flatMap { model -> [String] in
            guard FileStatus(model) == .folder else { return [model] }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: model)) ?? []
            return names.filter(isOfModel).sorted().map { "\(model)/\($0)" }
        }
    }

    private static func isOfModel(_ name: String) -> Bool {
        let beginnings = [
            "config.json", "adapter_config.json", "generation_config.json", "tokenizer", "chat_template",
        ]
        let parts = ["vocab.json", "merges.txt", "special_tokens_map.json"]
        return beginnings.contains { name.hasPrefix($0) } || parts.contains(name)
            || [".safetensors", ".bin", ".index.json"].contains { name.hasSuffix($0) }
    }

    var outcome: Outcome { .usage }
    var description: String {
        let isWithin = FileStatus(input) == .folder && FileStatus(output) != .folder
        let replaced = (isWithin ? "a file of " : "") + input
        return "\(option) \(output): would replace \(replaced), which this command reads"
    }
}
