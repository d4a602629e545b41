/// A dense, row-major array of 32-bit floats with value semantics.
///
///     let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
///     var y = x          // costs nothing
///     y[0, 1] = 20       // copies first: x keeps its 2
///
/// Token ids and other integers are not tensors. Half precision is a way to compute a product or to store a
/// frozen weight, never a property of a tensor.
public struct Tensor: Sendable {
    /// The extents of the axes, slowest first.
    public let shape: Shape

    package private(set) var storage: Storage

    /// The place of this value in the graph of the `valueWithGradient` that computed it, if any.
    package internal(set) var edge: Edge?

    private init(shape: Shape, storage: Storage) {
        self.shape = shape
        self.storage = storage
    }

    /// A tensor whose contents are undefined until a kernel fills them.
    package init(uninitialized shape: Shape) {
        self.init(shape: shape, storage: Storage(count: shape.count))
    }

    /// The number of elements.
    public var count: Int { storage.count }

    /// The number of rows when every axis but the last is folded into one.
    public var rows: Int { shape.rows }

    /// The extent of the last axis.
    public var channels: Int { shape.channels }

    /// The same values as another shape with as many elements; nothing is copied, nothing is recorded.
    package func reinterpreted(as shape: Shape) -> Tensor {
        guard shape.count == count else {
            misuse(
                "cannot see a tensor of shape \(self.shape) as \(shape): \(count) and \(shape.count) elements"
            )
        }
        return Tensor(shape: shape, storage: storage)
    }
}

// MARK: - Creation

extension Tensor {
    /// A tensor of one repeated value.
    public init(repeating value: Float, shape: Shape) {
        self.init(uninitialized: shape)
        UnsafeMutableBufferPointer(start: storage.pointer, count: count).initialize(repeating: value)
    }

    /// A tensor of zeros.
    public init(zeros shape: Shape) { self.init(repeating: 0, shape: shape) }

    /// A tensor of ones.
    public init(ones shape: Shape) { self.init(repeating: 1, shape: shape) }

    /// A tensor of the given scalars in row-major order.
    ///
    /// - Precondition: `scalars.count` is the shape's element count.
    public init(_ scalars: some Collection<Float>, shape: Shape) {
        guard scalars.count == shape.count else {
            misuse(
                "\(scalars.count) scalars for a tensor of shape \(shape), which has \(shape.count) elements")
        }
        self.init(uninitialized: shape)
        _ = UnsafeMutableBufferPointer(start: storage.pointer, count: count).initialize(from: scalars)
    }

    /// A tensor of rank 1.
    public init(_ scalars: [Float]) { self.init(scalars, shape: [scalars.count]) }

    /// A scalar: a tensor of shape `[]`.
    public init(_ scalar: Float) { self.init(repeating: scalar, shape: []) }
}

// MARK: - Elements

extension Tensor {
    /// The elements in row-major order.
    public var scalars: [Float] { withUnsafeBuffer { Array($0) } }

    /// The value of a tensor of one element.
    public func item() -> Float {
        guard count == 1 else { misuse("item() of a tensor of shape \(shape), which has \(count) elements") }
        return storage.pointer.pointee
    }

    /// One element, by its index along each axis.
    ///
    /// Writing copies the elements first if another tensor shares them, and ends recording of this value.
    public subscript(indices: Int...) -> Float {
        get { storage.pointer[offset(of: indices)] }
        set {
            let offset = offset(of: indices)
            withUnsafeMutableBuffer { $0[offset] = newValue }
        }
    }

    private func offset(of indices: [Int]) -> Int {
        guard indices.count == shape.rank, zip(indices, shape.extents).allSatisfy({ 0 <= $0 && $0 < $1 })
        else {
            misuse("index \(indices) of a tensor of shape \(shape)")
        }
        return zip(indices, shape.extents).reduce(0) { $0 * $1.1 + $1.0 }
    }

    /// Calls `body` with the elements in row-major order.
    public func withUnsafeBuffer<R, E>(_ body: (UnsafeBufferPointer<Float>) throws(E) -> R) throws(E) -> R {
        try withExtendedLifetime(storage) { () throws(E) -> R in
            try body(UnsafeBufferPointer(start: storage.pointer, count: count))
        }
    }

    /// Calls `body` with the elements for writing, after copying them if another tensor shares them.
    ///
    /// The writing is not recorded: the tensor leaves the graph it was in.
    public mutating func withUnsafeMutableBuffer<R, E>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
    ) throws(E) -> R {
        edge = nil
        if isKnownUniquelyReferenced(&storage) { storage.rounded = nil } else { copyStorage() }
        return try body(UnsafeMutableBufferPointer(start: storage.pointer, count: count))
    }

    /// Replaces every element by what `body` computes from the old ones: in their own place, or in a new block when
    /// another tensor shares them. Nothing is copied, and the result is not recorded.
    package mutating func replaceElements(
        _ body: (_ new: UnsafeMutablePointer<Float>, _ old: UnsafePointer<Float>) -> Void
    ) {
        edge = nil
        if isKnownUniquelyReferenced(&storage) {
            storage.rounded = nil
            body(storage.pointer, storage.pointer)
        } else {
            let replacement = Storage(count: count)
            body(replacement.pointer, storage.pointer)
            storage = replacement
        }
    }

    private mutating func copyStorage() {
        let copy = Storage(count: count)
        copy.pointer.update(from: storage.pointer, count: count)
        CopyCount.add(count * MemoryLayout<Float>.stride)
        storage = copy
    }
}
