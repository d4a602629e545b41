public import Foundation
public import NeuralCore

extension Transformer {
    /// Writes the model and its tokenizer as one GGUF file, version 3, which llama.cpp loads.
    ///
    /// Matrices are stored in `type`, one at a time; rows that are not whole blocks of it in 8 bits or, where that fails
    /// too, in 16. Normalizations, biases, learned positions and routers are stored in 32 bits. What an adapter adds is merged.
    ///
    /// - Parameters:
    ///   - url: The file; an existing one is replaced in one step.
    ///   - tokenizer: The model's.
    ///   - configuration: The names of its special tokens, and the chat template.
    ///   - name: The name of the model (`general.name`).
    ///   - type: One of ``/NeuralCore/GGUFType/writable``.
    /// - Throws: `ModelDirectoryError`, naming the key or tensor that cannot express the model or its tokenizer.
    public func writeGGUF(
        to url: URL, tokenizer: BytePairTokenizer, configuration: TokenizerConfiguration, name: String,
        as type: GGUFType
    ) throws(ModelDirectoryError) {
        try writeGGUF(
            to: url, tokenizer: tokenizer, configuration: configuration, name: name, as: type, reading: nil)
    }

    /// Writes the model, of parameters that are read one at a time when there is `read`; those of `self` have only their
    /// shapes then.
    func writeGGUF(
        to url: URL, tokenizer: BytePairTokenizer, configuration: TokenizerConfiguration, name: String,
        as type: GGUFType, reading read: ((_ parameter: String) throws(CheckpointError) -> Tensor)?
    ) throws(ModelDirectoryError) {
        guard GGUFType.writable.contains(type) else {
            misuse("a model cannot be stored as \(type.rawValue), which is only read")
        }
        let (path, model) = (url.path(percentEncoded: false), self.configuration)
        var writer = GGUFWriter()
        writer.add("general.architecture", .text(model.family.gguf.name))
        writer.add("general.type", .text("model"))
        writer.add("general.file_type", .integer(type.fileType))
        if type.numbersPerBlock > 1 { writer.add("general.quantization_version", .integer(2)) }
        do throws(CheckpointError) {
            let tokens = GGUFTokenizerWriter(
                tokenizer: tokenizer, configuration: configuration, vocabularySize: model.vocabularySize,
                roles: (model.beginOfSequence, model.endOfSequence, model.padding), file: path)
            writer.add("general.name", .text(tokens.modelName(name)))
            try model.add(to: &writer, file: path)
            try tokens.add(to: &writer)
            add(to: &writer, as: type, reading: read)
            try writer.write(to: url)
        } catch {
            throw .checkpoint(error)
        }
    }

    private func add(
        to writer: inout GGUFWriter, as type: GGUFType,
        reading read: ((_ parameter: String) throws(CheckpointError) -> Tensor)?
    ) {
        let names = GGUFNames(configuration: configuration)
        let model = read == nil ? merged : self
        let parameters =
            !configuration.family.joinsMaps
            ? model.parameters
            : (read == nil ? JoinedParameters(model) : JoinedParameters(uninitialized: model)).parameters
        for (name, factors) in GGUFRotation.tensors(of: configuration) {
            writer.add(name, shape: [factors.count], as: .float32) { Tensor(factors, shape: [factors.count]) }
        }
        for (parameter, value) in parameters {
            let (name, part) = names.place(of: parameter)
            let isKept =
                value.shape.rank < 2 || name.hasPrefix("position_embd") || GGUFNames.isRouter(name)
            let isTwice =
                name == GGUFNames.embedding && configuration.tiesEmbeddings
                && names.architecture.head == .required
            for name in isTwice ? [name, GGUFNames.head] : [name] {
                writer.add(
                    name, shape: value.shape, as: isKept ? .float32 : type.fitting(rowsOf: value.shape[1]),
                    part: part
                ) { () throws(CheckpointError) in
                    names.stored(try read?(parameter) ?? value.detached, named: name)
                }
            }
        }
    }
}

extension GGUFType {
    /// The number of the type that most tensors of a file have (`general.file_type`).
    fileprivate var fileType: Int {
        switch self {
        case .float32: 0
        case .float16: 1
        case .q40: 2
        case .q80: 7
        case .q4K: 14
        case .bfloat16: 32
        default: misuse("a file cannot be stored as \(rawValue), which is only read")
        }
    }

    /// Returns this type if its blocks divide a row, or else one whose blocks do.
    fileprivate func fitting(rowsOf count: Int) -> GGUFType {
        if count % numbersPerBlock == 0 { return self }
        return count % GGUFType.q80.numbersPerBlock == 0 ? .q80 : .float16
    }
}
