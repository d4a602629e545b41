import Files
import Foundation
import JSON
import LanguageModel
import NeuralCore

/// A model that goes into a merge: its parameters on disk, by their names.
struct MergeInput {
    let name: String
    let folder: URL
    let checkpoint: Checkpoint
    /// Where the checkpoint keeps the parameters, by their names.
    let keys: [String: String]
    /// The parameters in the order of the file.
    let places: [Place]
    let layerCount: Int

    /// The name of a parameter, with the number of its layer apart.
    struct Place {
        var head: String
        var layer: Int?
        var tail: String

        init(_ name: String) {
            let words = name.split(separator: ".", omittingEmptySubsequences: false)
            let index = words.indices.dropFirst().first {
                ["layers", "h"].contains(words[$0 - 1]) && Int(words[$0]) != nil
            }
            guard let index, let number = Int(words[index]) else {
                (head, layer, tail) = (name, nil, "")
                return
            }
            head = words[..<index].joined(separator: ".")
            layer = number
            tail = words[(index + 1)...].joined(separator: ".")
        }

        var name: String { layer.map { "\(head).\($0).\(tail)" } ?? head }

        /// Whether the layers come after it: whether it is an embedding.
        var isBeforeLayers: Bool {
            ["embed_tokens.weight", "wte.weight", "wpe.weight"].contains(where: head.hasSuffix)
        }

        func with(layer: Int) -> Place {
            var place = self
            place.layer = layer
            return place
        }
    }

    /// Opens the model of a name: a folder with a model or an adapter, or two with a `+` between them.
    ///
    /// - Parameters:
    ///   - output: The folder of the merged model, which none of them may be.
    ///   - workFolder: Where a model with its adapter worked in is written.
    init(_ name: String, apartFrom output: URL, workFolder: URL) throws(MergeError) {
        self.name = name
        let (base, adapter) = Self.parts(of: name)
        for folder in [base, adapter].compactMap({ $0 }) where Self.areSame(folder, output) {
            throw .impossible("\(name) is the folder that the merged model would be written to")
        }
        do throws(ModelDirectoryError) {
            let directory = ModelDirectory(adapter ?? base)
            switch try directory.contents() {
            case .languageModel, .rewardModel:
                guard adapter == nil else {
                    throw .unsupported(
                        file: adapter!.path(percentEncoded: false), key: "contents", found: "a whole model",
                        supported: "an adapter after the +")
                }
                folder = base
            case .adapter, .rewardAdapter:
                folder = workFolder
                try Self.work(directory, into: workFolder, base: adapter == nil ? nil : base)
            }
            let configuration = try ModelDirectory(folder).configuration()
            do throws(CheckpointError) {
                checkpoint = try Checkpoint(folder)
                let parameters = try configuration.family.parameters(in: checkpoint)
                keys = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.key) })
                places = parameters.map { Place($0.name) }
            } catch {
                throw .checkpoint(error)
            }
            layerCount = configuration.depth
        } catch {
            throw .directory(error)
        }
    }

    /// The folders before and after a `+`, unless a folder has it in its name.
    private static func parts(of name: String) -> (URL, URL?) {
        let parts = name.split(separator: "+", maxSplits: 1).map { URL(filePath: String($0)) }
        guard parts.count == 2, !FileManager.default.fileExists(atPath: name) else {
            return (URL(filePath: name), nil)
        }
        return (parts[0], parts[1])
    }

    private static func areSame(_ a: URL, _ b: URL) -> Bool {
        let parts = { (url: URL) in url.resolvingSymlinksInPath().standardizedFileURL.pathComponents }
        return parts(a) == parts(b)
    }

    /// Writes the model of an adapter with the adapter worked in.
    private static func work(
        _ directory: ModelDirectory, into folder: URL, base: URL?
    ) throws(ModelDirectoryError) {
        if try directory.contents() == .rewardAdapter {
            try ModelDirectory(folder).write(directory.rewardModel(base: base))
        } else {
            try ModelDirectory(folder).write(directory.languageModel(base: base))
        }
        MergeInput.copyTextFiles(from: directory.url, to: folder)
    }
}

// MARK: - What goes with the parameters

extension MergeInput {
    private static let textFiles = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.json",
        "merges.txt", "chat_template.jinja", "generation_config.json",
    ]

    /// Copies the files that say how the model's text is written.
    func copyTextFiles(to output: URL) throws {
        for file in Self.textFiles {
            let source = folder.appending(component: file)
            guard FileManager.default.fileExists(atPath: source.path(percentEncoded: false)) else { continue }
            try writeAtomically(Data(contentsOf: source), to: output.appending(component: file))
        }
    }

    private static func copyTextFiles(from source: URL, to folder: URL) {
        for file in textFiles where file != "generation_config.json" {
            try? FileManager.default.copyItem(
                at: source.appending(component: file), to: folder.appending(component: file))
        }
    }

    /// Refuses a model with other parameters than another, apart from the number of layers.
    func checkParameters(against reference: MergeInput) throws(MergeError) {
        let names = { (input: MergeInput) in Set(input.places.filter { ($0.layer ?? 0) == 0 }.map(\.name)) }
        guard let name = names(self).symmetricDifference(names(reference)).min() else { return }
        let isHere = keys[name] != nil
        throw .unlike(
            model: self.name, other: reference.name, tensor: name, found: isHere ? "one" : "none",
            expected: isHere ? "none" : "one")
    }

    /// Refuses a model whose tokens are others: its rows of the embedding mean other things.
    func checkTokens(against reference: MergeInput) throws(MergeError) {
        guard let mine = try? BytePairTokenizer(directory: folder),
            let other = try? BytePairTokenizer(directory: reference.folder)
        else { return }
        for id in 0..<Int32(max(mine.vocabularySize, other.vocabularySize)) {
            let tokens = [mine, other].map {
                Int(id) < $0.vocabularySize ? String(decoding: $0.bytes(of: id), as: UTF8.self) : nil
            }
            guard tokens[0] == tokens[1] else {
                throw .unlike(
                    model: name, other: reference.name, tensor: "token \(id)",
                    found: tokens[0] ?? "none", expected: tokens[1] ?? "none")
            }
        }
    }

    /// The model's own configuration, with the number of layers and the type of the merged one.
    func configuration(of layers: [Int], as type: StoredType?) throws -> Data {
        let file = folder.appending(component: "config.json")
        guard var object = try JSONValue(parsing: [UInt8](Data(contentsOf: file))).object else {
            return Data()
        }
        if !layers.isEmpty {
            object[object["n_layer"] == nil ? "num_hidden_layers" : "n_layer"] = .integer(layers.count)
            if let types = object["layer_types"]?.array {
                object["layer_types"] = .array(layers.map { types[min($0, types.count - 1)] })
            }
        }
        if let type {
            object[object["dtype"] == nil ? "torch_dtype" : "dtype"] = .string(type.torchName)
        }
        return Data(JSONValue.object(object).text(.indented).utf8)
    }
}
