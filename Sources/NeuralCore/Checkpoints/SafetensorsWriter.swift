import CKernels
public import Foundation

/// Gathers arrays and writes them to a safetensors file.
///
///     var writer = SafetensorsWriter()
///     writer.add(model.norm.weight, named: "model.norm.weight", as: .bfloat16)
///     writer.add([step], named: "step")
///     try writer.write(to: url)
///
/// Tensors are values: what is written is what was added, whatever the program does meanwhile, and adding copies
/// nothing. The file is written piece by piece and replaces an older one in one step, when it is complete.
public struct SafetensorsWriter: Sendable {
    struct Addition: Sendable {
        var key: String
        var type: StoredType
        var shape: Shape
        var write: @Sendable (borrowing FileWriter) throws(FileError) -> Void

        var byteCount: Int { shape.count * type.byteCount }
    }

    var additions: [Addition] = []
    private var keys: Set<String> = []
    let metadata: [String: String]

    /// Creates a writer of an empty file.
    ///
    /// - Parameter metadata: Text that goes with the arrays. Readers of the Hugging Face ecosystem ask for
    ///   `"format": "pt"`, which is what they call row-major arrays.
    public init(metadata: [String: String] = ["format": "pt"]) {
        self.metadata = metadata
    }

    /// Adds a tensor.
    ///
    /// - Parameters:
    ///   - tensor: The tensor to write.
    ///   - key: Its name in the file.
    ///   - type: A type of floating-point numbers of 16 or 32 bits; numbers are rounded to the nearest, ties to even.
    public mutating func add(_ tensor: Tensor, named key: String, as type: StoredType = .float32) {
        add(tensor, at: ParameterLayout.Place(key: key), as: type)
    }

    /// Adds every parameter of a model.
    ///
    /// - Parameters:
    ///   - model: The model to write.
    ///   - type: A type of floating-point numbers of 16 or 32 bits.
    ///   - layout: Under which names and in which shapes.
    public mutating func add(
        parametersOf model: some Module, as type: StoredType = .float32, layout: ParameterLayout = .plain
    ) {
        for (name, value) in model.parameters {
            guard let place = layout.place(of: name) else { continue }
            add(value, at: place, as: type)
        }
    }

    /// Adds a tensor that is computed when it is written, so that no more than one of them is held at a time.
    ///
    /// - Parameters:
    ///   - shape: The shape that `tensor` gives.
    ///   - tensor: Computes it; it is called once for each writing.
    package mutating func add(
        named key: String, shape: Shape, as type: StoredType,
        computing tensor: @escaping @Sendable () throws(FileError) -> Tensor
    ) {
        let encoder = Self.encoder(for: type)
        add(key, type, shape) { writer throws(FileError) in
            try Self.write(try tensor(), with: encoder, to: writer)
        }
    }

    private mutating func add(_ tensor: Tensor, at place: ParameterLayout.Place, as type: StoredType) {
        let tensor = tensor.detached
        add(named: place.key, shape: place.shape(of: tensor.shape), as: type) {
            place.isTransposed ? tensor.transposed() : tensor
        }
    }

    /// Adds integers, stored in their own type.
    ///
    /// - Parameters:
    ///   - integers: The integers to write.
    ///   - shape: The shape that readers will see; one axis if nil.
    ///   - key: The array's name in the file.
    public mutating func add<Integer: FixedWidthInteger & BitwiseCopyable & Sendable>(
        _ integers: [Integer], shape: Shape? = nil, named key: String
    ) {
        let shape = shape ?? [integers.count]
        guard shape.count == integers.count else {
            misuse(
                "\(integers.count) integers for an array of shape \(shape), which has \(shape.count) elements"
            )
        }
        add(key, StoredType(of: Integer.self), shape) { writer throws(FileError) in
            let result = integers.withUnsafeBytes { bytes in
                Result { () throws(FileError) in try writer.write(bytes) }
            }
            try result.get()
        }
    }

    /// Writes the file: complete, or not at all.
    ///
    /// The folder must exist. After a power cut, a full disk or a killed process, the file is as it was before.
    public func write(to url: URL) throws(FileError) {
        // Greater elements first, so that every array begins at a multiple of its elements' size.
        let ordered = additions.sorted { $0.type.byteCount > $1.type.byteCount }
        var header = SafetensorsHeader(entries: [], metadata: metadata, dataByteCount: 0)
        for addition in ordered {
            let end = header.dataByteCount + addition.byteCount
            header.entries.append(
                .init(
                    key: addition.key, type: addition.type, shape: addition.shape,
                    range: header.dataByteCount..<end))
            header.dataByteCount = end
        }
        let encoded = header.encoded
        try writeAtomically(to: url) { writer throws(FileError) in
            try writer.write(encoded)
            for addition in ordered { try addition.write(writer) }
        }
    }

    private mutating func add(
        _ key: String, _ type: StoredType, _ shape: Shape,
        _ write: @escaping @Sendable (borrowing FileWriter) throws(FileError) -> Void
    ) {
        guard keys.insert(key).inserted, key != SafetensorsHeader.metadataKey else {
            misuse("an array named \(key) cannot be added: the name is taken")
        }
        additions.append(Addition(key: key, type: type, shape: shape, write: write))
    }
}

// MARK: - Encoding

extension SafetensorsWriter {
    private typealias FloatEncoder =
        @Sendable (UnsafeMutablePointer<UInt16>?, UnsafePointer<Float>?, Int, Int) -> Void

    private static func encoder(for type: StoredType) -> FloatEncoder? {
        switch type {
        case .float32: nil
        case .float16: ck_float16_from_float32
        case .bfloat16: ck_bfloat16_from_float32
        default: misuse("a tensor cannot be stored as \(type.rawValue); choose F32, BF16 or F16")
        }
    }

    /// Writes the elements of `tensor`, through `encoder` if they take half the room.
    private static func write(
        _ tensor: Tensor, with encoder: FloatEncoder?, to writer: borrowing FileWriter
    ) throws(FileError) {
        try tensor.withUnsafeBuffer { (elements) throws(FileError) in
            guard let encoder else { return try writer.write(UnsafeRawBufferPointer(elements)) }
            let chunk = 1 << 20
            let halves = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: min(chunk, elements.count))
            defer { halves.deallocate() }
            for begin in stride(from: 0, to: elements.count, by: chunk) {
                let count = min(chunk, elements.count - begin)
                encoder(halves.baseAddress, elements.baseAddress! + begin, 0, count)
                try writer.write(
                    UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: halves[..<count])))
            }
        }
    }
}
