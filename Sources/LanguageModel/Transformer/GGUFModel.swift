import NeuralCore

/// A model in a GGUF file.
struct GGUFModel {
    let metadata: GGUFMetadata
    var file: GGUFFile { metadata.file }

    init(_ file: GGUFFile) throws(CheckpointError) {
        metadata = try GGUFMetadata(file)
    }

    /// The model, with every parameter found and nothing left over.
    ///
    /// - Parameter format: The storage format of the matrices, each converted as it is read; nil for tensors.
    func transformer(as format: StoredMatrix.Format? = nil) throws(CheckpointError) -> Transformer {
        let configuration = try configuration()
        try checkSize(of: configuration)
        var model = Transformer(uninitialized: configuration)
        let names = GGUFNames(configuration: configuration)
        if configuration.family.joinsMaps {
            var parameters = JoinedParameters(uninitialized: model)
            try load(into: &parameters, names, as: format)
            parameters.restore(into: &model)
        } else {
            try load(into: &model, names, as: format)
        }
        return model
    }

    /// Refuses a model that is many times as large as the file, before memory is taken for it.
    private func checkSize(of configuration: TransformerConfiguration) throws(CheckpointError) {
        let held = file.names.reduce(0.0) { $0 + Double(file[$1]?.shape.count ?? 0) }
        guard configuration.leastParameterCount <= 4 * held + Double(1 << 24) else {
            throw .malformed(
                file: file.path, key: nil, found: "\(Int(held)) numbers",
                expected: "some \(configuration.leastParameterCount) for the model that its keys describe")
        }
    }

    private func load(
        into model: inout some Module, _ names: GGUFNames, as format: StoredMatrix.Format?
    ) throws(CheckpointError) {
        var unused = Set(file.names).subtracting(names.factors)
        if names.configuration.tiesEmbeddings { unused.remove(GGUFNames.head) }
        var failure: CheckpointError?
        let formatOf = Transformer.matrices(storedAs: format)
        func reading<Value>(
            _ parameter: String,
            _ body: (_ name: String, _ part: GGUFPart?) throws(CheckpointError) -> Value
        ) -> Value? {
            guard failure == nil else { return nil }
            let (name, part) = names.place(of: parameter)
            unused.remove(name)
            do throws(CheckpointError) {
                return try body(name, part)
            } catch {
                failure = error
                return nil
            }
        }
        for (parameter, value) in model.parameters {
            _ = reading(parameter) { name, part throws(CheckpointError) in
                guard let entry = file[name] else { throw .missingKeys([name], file: file.path) }
                let shape = part?.whole(of: value.shape) ?? value.shape
                guard entry.shape == shape else {
                    throw .misshapen(file: file.path, key: name, found: entry.shape, expected: shape)
                }
            }
        }
        model.forEachParameter(
            replacing: { parameter in
                formatOf(parameter).flatMap { format in
                    reading(parameter) { name, part throws(CheckpointError) in
                        guard names.isReordered(name) else {
                            return try file.matrix(name, part: part, as: format)
                        }
                        return StoredMatrix(names.parameter(try file.tensor(name), named: name), as: format)
                    }
                }
            },
            { parameter, value in
                let read = reading(parameter) { name, part throws(CheckpointError) in
                    names.parameter(try file.tensor(name, part: part), named: name)
                }
                if let read { value = read }
            })
        if let failure { throw failure }
        guard unused.isEmpty else {
            throw .unusedKeys(file.names.filter(unused.contains), file: file.path)
        }
    }
}
