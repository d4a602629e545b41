import Files
import Foundation
import JSON
import LanguageModel
import NeuralCore

/// A model that goes into a merge: its parameters on disk, by their names.
struct MergeInput {
    let name: String
    /// The folder with its parameters.
    let folder: URL
    /// The folder with its tokenizer and template.
    let textFolder: URL
    let checkpoint: Checkpoint
    /// The checkpoint's keys of the parameters, by our names.
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

        /// True for an embedding, which comes before the layers.
        var isBeforeLayers: Bool {
            let embeddings = ["embed_tokens.weight", "embed_in.weight", "wte.weight", "wpe.weight"]
            return embeddings.contains(where: head.hasSuffix)
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
    ///   - workFolder: Where a model with its adapter merged into it is written.
    init(_ name: String, apartFrom output: URL, workFolder: URL) throws(MergeError) {
        self.name = name
        let (base, adapter) = Self.parts(of: name)
        let isOutput = { (folder: URL) in Self.areSame(folder, output) }
        guard !isOutput(base), !(adapter.map(isOutput) ?? false) else {
            throw .impossible("\(name) is the folder that the merged model would be written to")
        }
        do throws(ModelDirectoryError) {
            let directory = ModelDirectory(adapter ?? base)
            let base = adapter == nil ? nil : base
            let contents = try directory.contents()
            let isAdapter = contents == .adapter || contents == .rewardAdapter
            guard adapter == nil || isAdapter else {
                throw .unsupported(
                    file: directory.url.path(percentEncoded: false), key: "contents", found: "a whole model",
                    supported: "an adapter after the +")
            }
            let chain = try directory.chain(base: base)
            if let file = chain.first(where: { $0.gguf != nil }) {
                throw .unsupported(
                    file: file.url.path(percentEncoded: false), key: "format", found: "a GGUF file",
                    supported: "a model's folder")
            }
            if let base = chain.first(where: { isOutput($0.url) }) {
                throw .unsupported(
                    file: name, key: "base_model_name_or_path",
                    found: "\(base.url.path(percentEncoded: false)), where the merged model would be written",
                    supported: "another folder")
            }
            textFolder = try directory.textDirectory(base: base).url
            folder = isAdapter ? workFolder : directory.url
            if isAdapter { try Self.merge(directory, into: folder, base: base) }
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

    /// Writes the model of an adapter with the adapter merged into it, and how it generates.
    private static func merge(
        _ directory: ModelDirectory, into folder: URL, base: URL?
    ) throws(ModelDirectoryError) {
        if try directory.contents() == .rewardAdapter {
            try ModelDirectory(folder).write(directory.rewardModel(base: base))
        } else {
            try ModelDirectory(folder).write(directory.languageModel(base: base))
        }
        let generation = try directory.foundation(base: base).url.appending(component: generationFile)
        try? FileManager.default.copyItem(at: generation, to: folder.appending(component: generationFile))
    }
}

// MARK: - What goes with the parameters

extension MergeInput {
    private static let generationFile = "generation_config.json"
    private static let textFiles =
        URL.tokenizerFileNames
        + ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja"]

    /// Copies the files that say how the model's text is written and generated.
    func copyTextFiles(to output: URL) throws {
        let files = Self.textFiles.map { (textFolder, $0) } + [(folder, Self.generationFile)]
        for (folder, file) in files {
            let source = folder.appending(component: file)
            guard FileManager.default.fileExists(atPath: source.path(percentEncoded: false)) else { continue }
            try writeAtomically(Data(contentsOf: source), to: output.appending(component: file))
        }
    }

    /// Refuses a model with other parameters than another, apart from the number of layers.
    func checkParameters(against reference: MergeInput) throws(MergeError) {
        // Layers may differ: one has experts, and another has none.
        let names = { (input: MergeInput) in
            Set(input.places.map { $0.layer == nil ? $0.name : $0.with(layer: 0).name })
        }
        guard let name = names(self).symmetricDifference(names(reference)).min() else { return }
        let isHere = names(self).contains(name)
        throw .unlike(
            model: self.name, other: reference.name, tensor: name, found: isHere ? "one" : "none",
            expected: isHere ? "none" : "one")
    }

    /// True if the model has a tokenizer.
    var hasTokenizer: Bool { textFolder.holdsTokenizer }

    private func textFile(_ name: String) -> Data? {
        try? Data(contentsOf: textFolder.appending(component: name))
    }

    /// Refuses a model whose tokens are others: its rows of the embedding mean other things. A model without a tokenizer
    /// is taken to have the same.
    func checkTokens(against reference: MergeInput) throws(MergeError) {
        guard hasTokenizer, reference.hasTokenizer else { return }
        // Equal files need not be parsed.
        if URL.tokenizerFileNames.allSatisfy({ textFile($0) == reference.textFile($0) }) { return }
        let (mine, other): (BytePairTokenizer, BytePairTokenizer)
        do throws(TokenizerError) {
            mine = try BytePairTokenizer(directory: textFolder)
            other = try BytePairTokenizer(directory: reference.textFolder)
        } catch {
            throw .model(.tokenizer(error))
        }
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
            let model = try ModelDirectory(folder).configuration()
            if let types = object["layer_types"]?.array {
                object["layer_types"] = .array(layers.map { types[min($0, types.count - 1)] })
            } else if model.slidingWindow != nil, !model.fullAttentionLayers.isEmpty {
                // The first layers see everything by their number, which is another in the merged model.
                let isFull = layers.map(model.fullAttentionLayers.contains)
                object["layer_types"] = .array(isFull.map { $0 ? "full_attention" : "sliding_attention" })
                object["max_window_layers"] = .integer(isFull.firstIndex(of: false) ?? layers.count)
            }
            if let experts = model.experts, !experts.denseLayers.isEmpty {
                let dense = layers.indices.filter { !model.hasExperts(inLayer: layers[$0]) }
                object["mlp_only_layers"] = .array(dense.map { .integer($0) })
                object["decoder_sparse_step"] = 1
            }
        }
        if let type {
            // Both names are read, by transformers of different times.
            let named = ["dtype", "torch_dtype"].filter { object[$0] != nil }
            for name in named.isEmpty ? ["torch_dtype"] : named { object[name] = .string(type.torchName) }
        }
        return Data(JSONValue.object(object).text(.indented).utf8)
    }
}
