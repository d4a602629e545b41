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
    private var entries: [String: SafetensorsHeader.Entry]

    /// The names of the arrays, in the order of the file.
    public private(set) var keys: [String]

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

    /// Returns the element type of an array, or nil if the file has none with that name.
    public func type(of key: String) -> StoredType? { entries[key]?.type }

    /// An array as a tensor; numbers that 32-bit floats do not have are rounded to the nearest.
    ///
    /// - Throws: `CheckpointError.missingKeys` if the file has no array of that name.
    public func tensor(_ key: String) throws(CheckpointError) -> Tensor {
        let entry = try entry(key)
        var tensor = Tensor(uninitialized: entry.shape)
        tensor.withUnsafeMutableBuffer { elements in
            for begin in stride(from: 0, to: elements.count, by: StoredMatrix.elementsAtOnce) {
                let end = min(elements.count, begin + StoredMatrix.elementsAtOnce)
                read(entry, from: begin, into: UnsafeMutableBufferPointer(rebasing: elements[begin..<end]))
            }
        }
        return tensor
    }

    /// An array of two axes in a format, read some rows at a time; the bits of `StoredMatrix(try tensor(key), as: format)`.
    package func matrix(
        _ key: String, as format: StoredMatrix.Format
    ) throws(CheckpointError) -> StoredMatrix {
        let entry = try entry(key)
        return StoredMatrix(entry.shape, as: format) { rows, elements in
            read(entry, from: rows.lowerBound * entry.shape[1], into: elements)
        }
    }

    /// Takes an array for several that follow one another in it.
    ///
    /// - Precondition: They have as many elements together, and names that no array has.
    mutating func separate(_ key: String, into parts: [(key: String, shape: Shape)]) {
        guard let whole = entries.removeValue(forKey: key), let place = keys.firstIndex(of: key),
            parts.reduce(0, { $0 + $1.shape.count }) == whole.shape.count
        else { misuse("\(key) is not \(parts.count) arrays") }
        var begin = whole.range.lowerBound
        for (key, shape) in parts {
            let end = begin + shape.count * whole.type.byteCount
            entries[key] = .init(key: key, type: whole.type, shape: shape, range: begin..<end)
            begin = end
        }
        keys.replaceSubrange(place...place, with: parts.map(\.key))
    }

    private func entry(_ key: String) throws(CheckpointError) -> SafetensorsHeader.Entry {
        guard let entry = entries[key] else { throw .missingKeys([key], file: path) }
        return entry
    }

    /// Converts elements of an array from the given one on. Their memory is the system's again then, so that of a large file
    /// no more is held than what is read at once.
    private func read(
        _ entry: SafetensorsHeader.Entry, from first: Int, into elements: UnsafeMutableBufferPointer<Float>
    ) {
        let begin = dataOffset + entry.range.lowerBound + first * entry.type.byteCount
        let range = begin..<begin + elements.count * entry.type.byteCount
        withExtendedLifetime(file) {
            let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
            StoredArray(type: entry.type, bytes: bytes).convert(to: elements)
            file.release(range)
        }
    }

    /// An array as integers, in row-major order.
    ///
    /// - Throws: `CheckpointError.missingKeys` if the file has no array of that name, and `.malformed` if it holds
    ///   anything but integers that fit.
    public func integers<Integer: FixedWidthInteger>(
        _ key: String, as type: Integer.Type = Integer.self
    ) throws(CheckpointError) -> [Integer] {
        switch try withArray(key, { $0.integers(as: type) }) {
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
        try withArray(key) { body($0.bytes) }
    }

    /// Calls `body` with an array that stays mapped meanwhile.
    private func withArray<R>(
        _ key: String, _ body: (StoredArray) -> R
    ) throws(CheckpointError) -> R {
        let entry = try entry(key)
        let range = dataOffset + entry.range.lowerBound..<dataOffset + entry.range.upperBound
        return withExtendedLifetime(file) {
            defer { file.release(range) }
            let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
            return body(StoredArray(type: entry.type, bytes: bytes))
        }
    }
}
