import Foundation
import NeuralCore

/// A GGUF file whose keys were checked.
struct GGUFMetadata {
    let file: GGUFFile
    let architecture: String

    init(_ file: GGUFFile) throws(CheckpointError) {
        self.file = file
        let key = "general.architecture"
        guard let name = file.values[key]?.text else {
            throw .malformed(
                file: file.path, key: key, found: file.values[key]?.shown ?? "nothing",
                expected: "text in UTF-8")
        }
        architecture = name
        for key in file.keys {
            guard let value = file.values[key] else { continue }
            switch GGUFKeys.fate(of: key, architecture: name) {
            case .harmless: continue
            case .honored(let form):
                guard form.fits(value) else { throw malformed(key, form.rawValue) }
            case .only(let other):
                let isSame = value.number != nil ? value.number == other.number : value == other
                if isSame { continue }
                throw malformed(key, other.shown)
            case .refused: throw malformed(key, "files without this key")
            }
        }
    }

    /// Returns the error for a key with an unexpected or unsupported value.
    func malformed(_ key: String, _ expected: String) -> CheckpointError {
        .malformed(
            file: file.path, key: key, found: file.values[key]?.shown ?? "nothing", expected: expected)
    }

    /// Returns whether the model has a value for a key.
    func has(_ name: String) -> Bool { file.values["\(architecture).\(name)"] != nil }

    /// A whole number of the model.
    func size(_ name: String, in range: ClosedRange<Int>, standard: Int? = nil) throws(CheckpointError)
        -> Int
    {
        let key = "\(architecture).\(name)"
        if let standard, file.values[key] == nil { return standard }
        guard let size = file.values[key]?.integer, range.contains(size) else {
            throw malformed(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return size
    }

    /// A number of the model that is greater than zero.
    func positive(_ name: String, standard: Double? = nil) throws(CheckpointError) -> Double {
        let key = "\(architecture).\(name)"
        if let standard, file.values[key] == nil { return standard }
        guard let number = file.values[key]?.number, number > 0, number.isFinite else {
            throw malformed(key, "a positive number")
        }
        return number
    }

    /// A factor of the model; nil where there is none, or zero, which stands for none.
    func scale(_ name: String) throws(CheckpointError) -> Float? {
        let key = "\(architecture).\(name)"
        guard let value = file.values[key], value.number != 0 else { return nil }
        guard let number = value.number.map({ Float($0) }), number > 0, number.isFinite else {
            throw malformed(key, "a positive number, or 0 for none")
        }
        return number
    }

    /// A flag of the model.
    func flag(_ name: String) throws(CheckpointError) -> Bool {
        let key = "\(architecture).\(name)"
        guard let flag = file.values[key]?.bool else { throw malformed(key, "true or false") }
        return flag
    }

    /// A token of the tokenizer, such as `bos`; nil where there is none.
    func token(_ role: String, below count: Int) throws(CheckpointError) -> Int32? {
        let key = "tokenizer.ggml.\(role)_token_id"
        guard let value = file.values[key] else { return nil }
        guard let id = value.integer else { throw malformed(key, "a token id") }
        // Files say −1, or its bits, for none.
        return id == -1 || id == Int(UInt32.max)
            ? nil
            : try { () throws(CheckpointError) in
                guard (0..<count).contains(id) else { throw malformed(key, "a token id below \(count)") }
                return Int32(id)
            }()
    }
}

/// The tokens with a part to play in a GGUF file.
struct GGUFTokenRoles {
    var beginning: Int32?
    /// The token that ends a text; `ends` has those that end a turn too.
    var end: Int32?
    var ends: [Int32] = []
    var unknown: Int32?
    var padding: Int32?

    /// - Parameter count: The ids are below this.
    init(_ metadata: GGUFMetadata, below count: Int) throws(CheckpointError) {
        // Without a word to the contrary llama.cpp takes those of Llama 2 where it takes its kind of tokenizer.
        let isSentencePiece = metadata.file.values["tokenizer.ggml.model"]?.text == "llama"
        func standard(_ id: Int32) -> Int32? { isSentencePiece && Int(id) < count ? id : nil }
        beginning = try metadata.token("bos", below: count) ?? standard(1)
        end = try metadata.token("eos", below: count) ?? standard(2)
        unknown = try metadata.token("unknown", below: count) ?? standard(0)
        padding = try metadata.token("padding", below: count)
        for id in [end, try metadata.token("eot", below: count), try metadata.token("eom", below: count)] {
            if let id, !ends.contains(id) { ends.append(id) }
        }
    }
}

extension URL {
    /// Whether the name is that of a file that holds model and tokenizer together.
    var isGGUF: Bool {
        var isFolder: ObjCBool = false
        guard pathExtension.lowercased() == "gguf" else { return false }
        return !FileManager.default.fileExists(atPath: path(percentEncoded: false), isDirectory: &isFolder)
            || !isFolder.boolValue
    }
}
