internal import NeuralCore

extension Checkpoint {
    /// Makes sure that a model is not many times as large as what is held here, before memory is taken for it.
    ///
    /// What a false configuration asks for has no bound; one that is a little off gets its error, with a key, later.
    func checkSize(of configuration: TransformerConfiguration) throws(CheckpointError) {
        let held = keys.reduce(0.0) { $0 + Double(shape(of: $1)?.count ?? 0) }
        let needed = configuration.leastParameterCount
        guard needed <= 4 * held + Double(1 << 24) else {
            throw .malformed(
                file: path, key: nil, found: "\(Int(held)) numbers",
                expected: "some \(needed) for the model that its configuration describes")
        }
    }
}

extension TransformerConfiguration {
    /// The scalars of all matrices, whatever the sizes are.
    var leastParameterCount: Double {
        let width = Double(width)
        let heads = Double(2 * (heads + keyValueHeads)) * Double(headSize)
        let block = width * (heads + Double(family.design.isGated ? 3 : 2) * Double(feedForwardWidth))
        let rows = Double(vocabularySize) + Double(rotaryBase == nil ? contextLength : 0)
        return width * rows + Double(depth) * block
    }
}
