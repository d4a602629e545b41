public import Foundation
public import NeuralCore

/// A Hugging Face model directory: `config.json` with `model.safetensors`, or its shards and their index.
///
///     let directory = ModelDirectory(url)
///     var model = try directory.transformer()
///     try ModelDirectory(other).write(model)
///
/// Models written here load in transformers, and the other way round. A GGUF file is read wherever a directory is; see
/// ``Transformer/writeGGUF(to:tokenizer:configuration:name:as:)`` for writing one.
public struct ModelDirectory: Sendable {
    /// The folder.
    public let url: URL

    /// The directory at `url`, which need not exist yet.
    public init(_ url: URL) { self.url = url }

    // MARK: Reading

    /// Reads `config.json`, and the tokens that end a sequence from `generation_config.json`, if there is one.
    ///
    /// If the latter names such tokens, those of `config.json` do not count, as in transformers. Ids beyond the vocabulary
    /// end nothing and are left out.
    public func configuration() throws(ModelDirectoryError) -> TransformerConfiguration {
        if let gguf {
            return try Self.reading(gguf: gguf) { model throws(CheckpointError) in try model.configuration() }
        }
        try checkIsThere()
        var configuration = try TransformerConfiguration(contentsOf: url.appending(component: "config.json"))
        let ends = try GenerationConfiguration(directory: url).ends
            .filter { $0 < configuration.vocabularySize }
        if !ends.isEmpty { configuration.endOfSequence = ends }
        return configuration
    }

    /// The model, with every parameter found and nothing left over.
    ///
    /// Numbers of any type are read; the parameters are 32-bit floats. Where the weights have a language head that is
    /// not the embedding it is used, even if the configuration says that the two are one.
    public func transformer() throws(ModelDirectoryError) -> Transformer { try transformer(as: nil) }

    /// The model as one that does not learn, each matrix stored as soon as it is read: the model of 32-bit floats never
    /// exists, and the most memory that is held is little more than that of the stored weights.
    ///
    /// - Parameter format: The storage format of the matrices. The weights have the bits that `transformer()` and then
    ///   ``StoredTransformer/init(_:as:)`` give them.
    public func storedTransformer(
        as format: StoredMatrix.Format
    ) throws(ModelDirectoryError) -> StoredTransformer {
        StoredTransformer(loaded: try transformer(as: format), as: format)
    }

    /// The model, its matrices stored in a format if there is one.
    private func transformer(
        as format: StoredMatrix.Format?
    ) throws(ModelDirectoryError) -> Transformer {
        if let gguf {
            return try Self.reading(gguf: gguf) { model throws(CheckpointError) in
                try model.transformer(as: format)
            }
        }
        let (empty, checkpoint, layout) = try opened()
        var model = empty
        do throws(CheckpointError) {
            let storing = Transformer.matrices(storedAs: format)
            if model.configuration.family.joinedNames != nil {
                var parameters = JoinedParameters(uninitialized: model)
                try checkpoint.loadParameters(into: &parameters, layout: layout, storing: storing)
                parameters.restore(into: &model)
            } else {
                try checkpoint.loadParameters(into: &model, layout: layout, storing: storing)
            }
            return model
        } catch {
            throw .checkpoint(error)
        }
    }

    /// A model without its parameters, the weights, and where they keep them.
    private func opened() throws(ModelDirectoryError) -> (Transformer, Checkpoint, ParameterLayout) {
        var configuration = try configuration()
        let checkpoint = try checkpoint(for: configuration)
        do throws(CheckpointError) {
            if configuration.tiesEmbeddings {
                configuration.tiesEmbeddings = try !configuration.family.hasHeadOfItsOwn(checkpoint)
            }
        } catch {
            throw .checkpoint(error)
        }
        let layout = configuration.family.layout(of: checkpoint, hasHead: !configuration.tiesEmbeddings)
        return (Transformer(uninitialized: configuration), checkpoint, layout)
    }

    /// Writes the model of the directory as ``Transformer/writeGGUF(to:tokenizer:configuration:name:as:)`` does, with one
    /// tensor at a time in memory.
    ///
    /// - Parameter ends: The tokens that end a sequence.
    package func writeGGUF(
        to url: URL, tokenizer: BytePairTokenizer, configuration: TokenizerConfiguration, name: String,
        endingWith ends: [Int32], as type: GGUFType
    ) throws(ModelDirectoryError) {
        let (empty, checkpoint, layout) = try opened()
        var model = empty
        do throws(CheckpointError) {
            if model.configuration.family.joinedNames != nil {
                try checkpoint.check(parametersOf: JoinedParameters(uninitialized: model), layout)
            } else {
                try checkpoint.check(parametersOf: model, layout)
            }
        } catch {
            throw .checkpoint(error)
        }
        model.endOfSequence = ends
        try model.writeGGUF(
            to: url, tokenizer: tokenizer, configuration: configuration, name: name, as: type
        ) { parameter throws(CheckpointError) in try checkpoint.parameter(parameter, layout: layout) }
    }

    /// Opens the weights, and makes sure that their size is that of the configuration before anything is allocated
    /// for them.
    func checkpoint(for configuration: TransformerConfiguration) throws(ModelDirectoryError) -> Checkpoint {
        do throws(CheckpointError) {
            var checkpoint = try Checkpoint(url)
            try checkpoint.checkSize(of: configuration)
            if let experts = configuration.experts { try checkpoint.separate(experts, of: configuration) }
            return checkpoint
        } catch .file(.missing(let file)) {
            if let other = foreignWeights { throw .foreignWeights(file: other) }
            throw .checkpoint(.file(.missing(file: file)))
        } catch {
            throw .checkpoint(error)
        }
    }

    /// A file in the folder with weights in a format that is not read.
    private var foreignWeights: String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        let beginnings = ["pytorch_model", "consolidated", "tf_model", "flax_model"]
        return names.sorted().first { name in
            name.hasSuffix(".gguf") || beginnings.contains(where: name.hasPrefix) && !name.hasSuffix(".json")
        }.map { url.appending(component: $0).path }
    }

    // MARK: Writing

    /// Writes the model so that transformers loads it; adapters are merged into its weights.
    ///
    /// `generation_config.json` lists the tokens that end generation, so that transformers stops at the same ones; its other
    /// values are kept.
    /// The folder is created if it does not exist. Each file is replaced in one step; `config.json` comes last, so that a
    /// folder that has one is complete.
    ///
    /// - Parameters:
    ///   - model: The model to write.
    ///   - generation: The contents of `generation_config.json` before the model was trained.
    ///   - type: The element type of the stored numbers: `.float32`, `.bfloat16` or `.float16`.
    ///   - bytesPerFile: The most bytes of parameters in one file; a larger model is split into several, with an index.
    public func write(
        _ model: Transformer, generation: GenerationConfiguration = GenerationConfiguration(),
        as type: StoredType = .float32, bytesPerFile: Int = 5_000_000_000
    ) throws(ModelDirectoryError) {
        let configuration = model.configuration
        try configuration.requireWritable(to: url.appending(component: "config.json").path)
        var weights = SafetensorsWriter()
        weights.add(parametersOf: model.merged, as: type)
        try write(weights, to: "model.safetensors", bytesPerFile: bytesPerFile) {
            try writeAtomically(
                generation.file(for: configuration),
                to: url.appending(component: GenerationConfiguration.fileName))
            return configuration.configurationFile(
                architecture: configuration.causalArchitecture, dtype: type.torchName)
        }
    }

    /// Writes arrays and then the configuration that goes with them.
    ///
    /// - Parameter bytesPerFile: The most bytes of a model's parameters in one file; nil where there is always one file.
    package func write(
        _ arrays: SafetensorsWriter, to name: String, bytesPerFile: Int? = nil,
        configurationNamed configurationName: String = "config.json",
        configuration: () throws -> Data
    ) throws(ModelDirectoryError) {
        do {
            try makeFolder(url)
            if let bytesPerFile {
                try arrays.write(toFolder: url, bytesPerFile: bytesPerFile)
            } else {
                try arrays.write(to: url.appending(component: name))
            }
            try writeAtomically(configuration(), to: url.appending(component: configurationName))
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .unwritable(file: url.path(percentEncoded: false), reason: error.localizedDescription)
        }
    }
}

extension SafetensorsWriter {
    /// Adds the parameters of a model under the names and in the shapes of its family.
    mutating func add(parametersOf model: Transformer, as type: StoredType) {
        if let names = model.configuration.family.joinedNames {
            add(
                parametersOf: JoinedParameters(model), as: type,
                layout: ParameterLayout { names.place($0) })
        } else {
            let family = model.configuration.family
            add(
                parametersOf: model, as: type, layout: ParameterLayout { .init(key: family.fileName(of: $0)) }
            )
        }
    }
}

extension StoredType {
    /// The word for this type in `config.json`.
    package var torchName: String {
        switch self {
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        default: "float32"
        }
    }
}
