public import Foundation
internal import JSON

/// The contents of a `generation_config.json`: the settings for generating text.
///
/// The tokens that end a text are read; everything else, such as a temperature, is kept and written again unchanged.
public struct GenerationConfiguration: Equatable, Sendable {
    /// The tokens that end a text (`eos_token_id`), as listed; empty if the file names none.
    public var ends: [Int32] = []

    private var fields = JSONFields()

    /// A configuration that says nothing.
    public init() {}

    static let fileName = "generation_config.json"

    /// Reads a model directory's file; says nothing where there is none.
    ///
    /// An id that is negative means no token.
    ///
    /// - Throws: `ModelDirectoryError`, naming the key.
    public init(directory: URL) throws(ModelDirectoryError) {
        // A GGUF file says with its tokenizer where texts end, and nothing else of this.
        if directory.isGGUF { return }
        let url = directory.appending(component: Self.fileName)
        do throws(TokenizerError) {
            fields = try JSONFields(contentsOfExisting: url) ?? JSONFields()
        } catch {
            // The error names the file itself.
            let path = url.path(percentEncoded: false)
            let words = "\(error)"
            let reason = words.hasPrefix("\(path): ") ? String(words.dropFirst(path.count + 2)) : words
            throw .unreadable(file: path, reason: "cannot be read as JSON: \(reason)")
        }
        let key = "eos_token_id"
        let value = fields[key]
        guard value != .null else { return }
        let ids = (value.array ?? [value]).map { value in value.integer.flatMap { Int32(exactly: $0) } }
        guard !ids.contains(nil) else {
            throw .malformed(
                file: fields.file, key: key, found: "something else", expected: "token ids")
        }
        ends = ids.compactMap(\.self).filter { $0 >= 0 }
    }

    /// Returns the contents of the file for a model: those that were read, with the model's end tokens if they differ.
    func file(for model: TransformerConfiguration) -> Data {
        guard !fields.isEmpty else { return model.generationFile() }
        var written = fields
        if model.endOfSequence != ends.filter({ $0 < model.vocabularySize }) {
            let ids = model.endOfSequence.map { JSONValue.integer(Int($0)) }
            written["eos_token_id"] = ids.count > 1 ? .array(ids) : ids.first ?? .null
        }
        return Data(written.bytes)
    }
}
