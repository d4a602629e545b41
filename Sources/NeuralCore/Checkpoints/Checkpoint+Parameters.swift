extension Checkpoint {
    /// Gives the parameters of `model` the values that this checkpoint holds.
    ///
    /// All or nothing: if a parameter is missing, an array is left over or a shape differs, the error says so and the
    /// model is as before.
    ///
    /// - Parameters:
    ///   - model: What takes over the values.
    ///   - layout: Where the checkpoint keeps each parameter.
    public func loadParameters(
        into model: inout some Module, layout: ParameterLayout = .plain
    ) throws(CheckpointError) {
        try loadParameters(into: &model, layout: layout, storing: { _ in nil })
    }

    /// Gives the parameters of `model` the values that this checkpoint holds; the matrices for which `format` says so are read
    /// straight into it.
    package func loadParameters(
        into model: inout some Module, layout: ParameterLayout,
        storing format: (_ name: String) -> StoredMatrix.Format?
    ) throws(CheckpointError) {
        try check(model.parameters.map { ($0.name, $0.value.shape) }, layout)
        var failure: CheckpointError?
        func reading<Value>(
            _ name: String, _ body: (ParameterLayout.Place) throws(CheckpointError) -> Value?
        ) -> Value? {
            guard failure == nil, let place = layout.place(of: name) else { return nil }
            do throws(CheckpointError) {
                return try body(place)
            } catch {
                failure = error
                return nil
            }
        }
        model.forEachParameter(
            replacing: { name in
                reading(name) { place throws(CheckpointError) in
                    guard let format = format(name) else { return nil }
                    guard place.isTransposed else { return try matrix(place.key, as: format) }
                    return StoredMatrix(try tensor(place.key).transposed(), as: format)
                }
            },
            { name, parameter in
                let value = reading(name) { place throws(CheckpointError) in
                    let array = try tensor(place.key)
                    return place.isTransposed ? array.transposed() : array
                }
                if let value { parameter = value }
            })
        if let failure { throw failure }
    }

    /// Makes sure that this checkpoint holds the parameters of these names and shapes, and nothing else.
    private func check(
        _ parameters: [(name: String, shape: Shape)], _ layout: ParameterLayout
    ) throws(CheckpointError) {
        var missing: [String] = []
        var unused = Set(keys)
        for (name, shape) in parameters {
            guard let place = layout.place(of: name) else { continue }
            unused.remove(place.key)
            guard let found = self.shape(of: place.key) else {
                missing.append(place.key)
                continue
            }
            let expected = place.shape(of: shape)
            guard found == expected else {
                throw .misshapen(file: path, key: place.key, found: found, expected: expected)
            }
        }
        guard missing.isEmpty else { throw .missingKeys(missing, file: path) }
        let leftOver = keys.filter { unused.contains($0) && !layout.ignores($0) }
        guard leftOver.isEmpty else { throw .unusedKeys(leftOver, file: path) }
    }
}
