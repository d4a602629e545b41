/// How the parameters of a model are named and laid out in a checkpoint that was not made for it.
///
///     let layout = ParameterLayout { name in
///         .init(key: "transformer." + name, isTransposed: name.hasSuffix("c_attn.weight"))
///     }
///
/// The same layout serves reading and writing.
public struct ParameterLayout: Sendable {
    /// Where a parameter is stored.
    public struct Place: Sendable, Hashable {
        /// The array's name.
        public var key: String
        /// Whether the array is the transpose of the parameter, which is a matrix then.
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
    ///   - place: Where the parameter of a name is stored; nil if it is not stored and keeps the value it has.
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
