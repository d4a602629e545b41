extension Checkpoint {
    /// Gives the parameters of `model` the values that this checkpoint holds.
    ///
    /// All or nothing: if a parameter is missing, an array is left over or a shape differs, the error says so and the
    /// model is as before.
    ///
    /// - Parameter layout: Where the checkpoint keeps each parameter.
    public func loadParameters(
        into model: inout some Module, layout: ParameterLayout = .plain
    ) throws(CheckpointError) {
        try check(model.parameters.map { ($0.name, $0.value.shape) }, layout)
        var failure: CheckpointError?
        model.forEachParameter { name, parameter in
            guard failure == nil, let place = layout.place(of: name) else { return }
            do throws(CheckpointError) {
                let stored = try tensor(place.key)
                parameter = place.isTransposed ? stored.swappingAxes() : stored
            } catch {
                failure = error
            }
        }
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
            let expected = place.isTransposed ? Shape(shape.extents.reversed()) : shape
            guard found == expected else {
                throw .misshapen(file: path, key: place.key, found: found, expected: expected)
            }
        }
        guard missing.isEmpty else { throw .missingKeys(missing, file: path) }
        let leftOver = keys.filter { unused.contains($0) && !layout.ignores($0) }
        guard leftOver.isEmpty else { throw .unusedKeys(leftOver, file: path) }
    }
}

extension Tensor {
    /// The transpose of a matrix, in blocks that stay in the cache.
    func swappingAxes() -> Tensor {
        guard shape.rank == 2 else { misuse("a tensor of shape \(shape) has no transpose to be stored as") }
        let (rows, columns, block) = (shape[0], shape[1], 32)
        var result = Tensor(uninitialized: [columns, rows])
        withUnsafeBuffer { source in
            result.withUnsafeMutableBuffer { out in
                for top in stride(from: 0, to: rows, by: block) {
                    for left in stride(from: 0, to: columns, by: block) {
                        for row in top..<min(top + block, rows) {
                            for column in left..<min(left + block, columns) {
                                out[column * rows + row] = source[row * columns + column]
                            }
                        }
                    }
                }
            }
        }
        return result
    }
}
