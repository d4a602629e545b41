public import Foundation

/// A safetensors file, opened for reading.
///
///     let file = try SafetensorsFile(url)
///     let weight = try file.tensor("model.norm.weight")
///
/// Opening reads and checks the header only; the arrays are mapped and read when they are asked for. A file that
/// lies about itself, in whatever way, is refused with a sentence that names it and the array concerned.
public struct SafetensorsFile: Sendable {
    private let file: MappedFile
    private let dataOffset: Int
    private let entries: [String: SafetensorsHeader.Entry]

    /// The names of the arrays, in the order of the file.
    public let keys: [String]

    /// The text that goes with the arrays, such as `["format": "pt"]`.
    public let metadata: [String: String]

    /// Opens the file at `url`.
    public init(_ url: URL) throws(CheckpointError) {
        do throws(FileError) {
            file = try MappedFile(url)
        } catch {
            throw .file(error)
        }
        let header = try SafetensorsHeader.read(file.bytes, file: file.path)
        dataOffset = file.bytes.count - header.dataByteCount
        keys = header.entries.map(\.key)
        entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.key, $0) })
        metadata = header.metadata
    }

    /// The path, for messages.
    public var path: String { file.path }

    /// The shape of an array, or nil if the file has none of that name.
    public func shape(of key: String) -> Shape? { entries[key]?.shape }

    /// How the elements of an array are stored, or nil if the file has none of that name.
    public func type(of key: String) -> StoredType? { entries[key]?.type }

    /// An array as a tensor; numbers that 32-bit floats do not have are rounded to the nearest.
    ///
    /// - Throws: `CheckpointError.missingKeys` if the file has no array of that name.
    public func tensor(_ key: String) throws(CheckpointError) -> Tensor {
        try withArray(key) { array, shape in
            var tensor = Tensor(uninitialized: shape)
            tensor.withUnsafeMutableBuffer { array.convert(to: $0) }
            return tensor
        }
    }

    /// An array as integers, in row-major order.
    ///
    /// - Throws: `CheckpointError.missingKeys` if the file has no array of that name, and `.malformed` if it holds
    ///   anything but integers that fit.
    public func integers<Integer: FixedWidthInteger>(
        _ key: String, as type: Integer.Type = Integer.self
    ) throws(CheckpointError) -> [Integer] {
        switch try withArray(key, { array, _ in array.integers(as: type) }) {
        case .success(let integers): return integers
        case .failure(let element):
            throw .malformed(
                file: path, key: key, found: element.found,
                expected: "integers from \(Integer.min) to \(Integer.max)")
        }
    }

    /// Calls `body` with the bytes of an array, as they are stored; they may begin at any address.
    package func withUnsafeBytes<R>(
        of key: String, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(CheckpointError) -> R {
        try withArray(key) { array, _ in body(array.bytes) }
    }

    /// Calls `body` with an array that stays mapped meanwhile, and its shape.
    private func withArray<R>(
        _ key: String, _ body: (StoredArray, Shape) -> R
    ) throws(CheckpointError) -> R {
        guard let entry = entries[key] else { throw .missingKeys([key], file: path) }
        let range = dataOffset + entry.range.lowerBound..<dataOffset + entry.range.upperBound
        return withExtendedLifetime(file) {
            let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
            return body(StoredArray(type: entry.type, bytes: bytes), entry.shape)
        }
    }
}
