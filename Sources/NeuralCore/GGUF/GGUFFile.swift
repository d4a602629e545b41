import Files
package import Foundation

/// A GGUF file: keys with values, then tensors, mapped into memory.
///
/// Whatever the file says of itself is checked against its size before anything is allocated for it: counts, lengths,
/// types, extents, and that each tensor lies within the file, on its alignment and on no other.
///
/// - SeeAlso: [The format](https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), versions 2 and 3, little-endian.
package struct GGUFFile: Sendable {
    /// A tensor of the file.
    package struct Entry: Sendable {
        package let type: GGUFType
        /// Row-major, the number of rows first; the file lists them the other way round.
        package let shape: Shape
        let range: Range<Int>
    }

    /// The keys and their values.
    package let values: [String: GGUFValue]
    /// The keys in the order of the file.
    package let keys: [String]
    /// The names of the tensors in the order of the file.
    package let names: [String]
    private let entries: [String: Entry]
    private let file: MappedFile

    /// The path, for messages.
    package var path: String { file.path }

    /// Opens the file at `url`.
    package init(_ url: URL) throws(CheckpointError) {
        do throws(FileError) { file = try MappedFile(url) } catch { throw .file(error) }
        var reader = GGUFReader(file.bytes, file: file.path)
        let header = try reader.header()
        (keys, values) = (header.keys, header.values)
        names = header.tensors.map(\.name)
        entries = Dictionary(uniqueKeysWithValues: header.tensors.map { ($0.name, $0.entry) })
    }

    /// Returns the entry of a tensor, or nil if the file has none with that name.
    package subscript(name: String) -> Entry? { entries[name] }

    /// The numbers of a tensor, or of a part of it, as 32-bit floats.
    package func tensor(_ name: String, part: GGUFPart? = nil) throws(CheckpointError) -> Tensor {
        let entry = try entry(name)
        let shape = part?.shape(in: entry.shape) ?? entry.shape
        var tensor = Tensor(uninitialized: shape)
        tensor.withUnsafeMutableBuffer { read(entry, from: (part?.number ?? 0) * shape.count, into: $0) }
        return tensor
    }

    /// A tensor, or a part of it, of two axes in a format, read some rows at a time; the bits of
    /// `StoredMatrix(try tensor(name, part: part), as: format)`.
    package func matrix(
        _ name: String, part: GGUFPart? = nil, as format: StoredMatrix.Format
    ) throws(CheckpointError) -> StoredMatrix {
        let entry = try entry(name)
        let shape = part?.shape(in: entry.shape) ?? entry.shape
        let begin = (part?.number ?? 0) * shape.count
        return StoredMatrix(shape, as: format) { rows, numbers in
            read(entry, from: begin + rows.lowerBound * shape[1], into: numbers)
        }
    }

    private func entry(_ name: String) throws(CheckpointError) -> Entry {
        guard let entry = entries[name] else { throw .missingKeys([name], file: path) }
        return entry
    }

    /// Decodes whole blocks from the given number on. Their memory is the system's again then.
    private func read(_ entry: Entry, from first: Int, into numbers: UnsafeMutableBufferPointer<Float>) {
        let type = entry.type
        let begin = entry.range.lowerBound + first / type.numbersPerBlock * type.bytesPerBlock
        let range = begin..<begin + numbers.count / type.numbersPerBlock * type.bytesPerBlock
        withExtendedLifetime(file) {
            GGUFBlocks.decode(UnsafeRawBufferPointer(rebasing: file.bytes[range]), as: type, to: numbers)
            file.release(range)
        }
    }

    /// Returns whether two tensors are stored alike, byte for byte.
    package func areEqual(_ a: String, _ b: String) -> Bool {
        guard let a = entries[a], let b = entries[b], a.type == b.type, a.shape == b.shape else {
            return false
        }
        defer { for range in [a.range, b.range] { file.release(range) } }
        return withExtendedLifetime(file) {
            memcmp(
                file.bytes.baseAddress! + a.range.lowerBound, file.bytes.baseAddress! + b.range.lowerBound,
                a.range.count) == 0
        }
    }
}

/// One of the parts of a tensor, which follow one another along its first axis: one expert of those of a layer.
package struct GGUFPart: Sendable {
    /// The place of the part among all of them, from 0.
    package let number: Int
    /// The number of parts.
    package let count: Int

    /// - Precondition: There are more than `number` parts.
    package init(number: Int, count: Int) {
        guard 0..<count ~= number else { misuse("part \(number) of \(count)") }
        (self.number, self.count) = (number, count)
    }

    /// The shape of the tensor of parts of a shape.
    package func whole(of part: Shape) -> Shape { Shape([count] + part.extents) }

    /// The shape of a part.
    fileprivate func shape(in whole: Shape) -> Shape {
        guard whole.rank > 1, whole[0] == count else {
            misuse("\(count) parts of a tensor of shape \(whole)")
        }
        return Shape(Array(whole.extents.dropFirst()))
    }
}

/// A value of a key of a GGUF file.
package enum GGUFValue: Equatable, Sendable {
    /// A whole number, and the type it is stored in.
    case integer(Int, Kind = .uint32)
    case number(Double, Kind = .float32)
    case bool(Bool)
    /// Bytes that should be UTF-8.
    case string([UInt8])
    case integers([Int], Kind = .int32)
    case numbers([Double], Kind = .float32)
    case bools([Bool])
    case strings([[UInt8]])

    /// The types of the format, by their numbers.
    package enum Kind: UInt32, Sendable {
        case uint8 = 0
        case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// The bytes of a value, or the fewest that one has.
        var leastByteCount: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64, .string: 8
            case .array: 12
            }
        }
    }

    /// A string.
    package static func text(_ text: String) -> GGUFValue { .string(Array(text.utf8)) }

    /// The whole number, if it is one.
    package var integer: Int? { if case .integer(let value, _) = self { value } else { nil } }

    /// The number, whole or not.
    package var number: Double? {
        switch self {
        case .integer(let value, _): Double(value)
        case .number(let value, _): value
        default: nil
        }
    }

    /// The truth value, if it is one.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The string, if it is one in UTF-8.
    package var text: String? {
        if case .string(let bytes) = self { String(validating: bytes, as: UTF8.self) } else { nil }
    }

    /// The value, for messages; for lists only the type of the elements.
    package var shown: String {
        switch self {
        case .integer(let value, _): "\(value)"
        case .number(let value, _): "\(value)"
        case .bool(let value): "\(value)"
        case .string(let bytes): "\"\(String(decoding: bytes.prefix(80), as: UTF8.self))\""
        case .integers(let list, _): "a list of \(list.count) whole numbers"
        case .numbers(let list, _): "a list of \(list.count) numbers"
        case .bools(let list): "a list of \(list.count) truth values"
        case .strings(let list): "a list of \(list.count) strings"
        }
    }
}
