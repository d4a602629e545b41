/// The names and layout of a model's parameters in a checkpoint that was not made for it.
///
///     let layout = ParameterLayout { name in
///         .init(key: "transformer." + name, isTransposed: name.hasSuffix("c_attn.weight"))
///     }
///
/// The same layout serves reading and writing.
public struct ParameterLayout: Sendable {
    /// The place of a parameter in a checkpoint.
    public struct Place: Sendable, Hashable {
        /// The array's name.
        public var key: String
        /// Whether the array is the transpose of the parameter, which must then be a matrix.
        public var isTransposed: Bool

        /// A place under the name `key`.
        public init(key: String, isTransposed: Bool = false) {
            self.key = key
            self.isTransposed = isTransposed
        }

        /// The shape of the array of a parameter of shape `parameter`.
        func shape(of parameter: Shape) -> Shape {
            guard isTransposed else { return parameter }
            guard parameter.rank == 2 else {
                misuse("\(key) is said to be transposed, but its parameter has the shape \(parameter)")
            }
            return [parameter[1], parameter[0]]
        }
    }

    private let place: @Sendable (String) -> Place?
    private let isIgnored: @Sendable (String) -> Bool

    /// Creates a layout.
    ///
    /// - Parameters:
    ///   - isIgnored: Whether an array of the checkpoint may be there without being a parameter.
    ///   - place: The place of a parameter by name; nil if it is not stored and keeps its value.
    public init(
        ignoring isIgnored: @escaping @Sendable (_ key: String) -> Bool = { _ in false },
        _ place: @escaping @Sendable (_ name: String) -> Place?
    ) {
        self.place = place
        self.isIgnored = isIgnored
    }

    /// Every parameter under its own name.
    public static let plain = ParameterLayout { Place(key: $0) }

    /// This layout with `prefix` before every key; arrays whose names begin otherwise are ignored.
    public func prefixed(_ prefix: String) -> ParameterLayout {
        ParameterLayout(
            ignoring: { key in !key.hasPrefix(prefix) || isIgnored(String(key.dropFirst(prefix.count))) },
            { name in place(name).map { Place(key: prefix + $0.key, isTransposed: $0.isTransposed) } })
    }

    func place(of name: String) -> Place? { place(name) }

    package func ignores(_ key: String) -> Bool { isIgnored(key) }
}

extension Checkpoint {
    /// Gives the parameters of `model` the values that this checkpoint holds.
    ///
    /// All or nothing: if a parameter is missing, an array is left over or a shape differs, the error says so and the
    /// model is as before.
    ///
    /// - Parameters:
    ///   - model: The model whose parameters are replaced.
    ///   - layout: The place of each parameter in the checkpoint.
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
        try check(parametersOf: model, layout)
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
                    return StoredMatrix(try tensor(at: place), as: format)
                }
            },
            { name, parameter in
                let value = reading(name) { place throws(CheckpointError) in try tensor(at: place) }
                if let value { parameter = value }
            })
        if let failure { throw failure }
    }

    /// The value of a parameter, by its name in the model.
    package func parameter(
        _ name: String, layout: ParameterLayout
    ) throws(CheckpointError) -> Tensor {
        guard let place = layout.place(of: name) else { throw .missingKeys([name], file: path) }
        return try tensor(at: place)
    }

    private func tensor(at place: ParameterLayout.Place) throws(CheckpointError) -> Tensor {
        let array = try tensor(place.key)
        return place.isTransposed ? array.transposed() : array
    }

    /// Makes sure that this checkpoint holds parameters of the names and shapes of a model's, and nothing else.
    package func check(
        parametersOf model: some Module, _ layout: ParameterLayout
    ) throws(CheckpointError) {
        let parameters = model.parameters.map { (name: $0.name, shape: $0.value.shape) }
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
