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

    /// What the file says of a tensor, or nil if it has none of that name.
    package subscript(name: String) -> Entry? { entries[name] }

    /// The numbers of a tensor as 32-bit floats.
    package func tensor(_ name: String) throws(CheckpointError) -> Tensor {
        let entry = try entry(name)
        var tensor = Tensor(uninitialized: entry.shape)
        tensor.withUnsafeMutableBuffer { read(entry, from: 0, into: $0) }
        return tensor
    }

    /// A tensor of two axes in a format, read some rows at a time; the bits of `StoredMatrix(try tensor(name), as: format)`.
    package func matrix(
        _ name: String, as format: StoredMatrix.Format
    ) throws(CheckpointError) -> StoredMatrix {
        let entry = try entry(name)
        return StoredMatrix(entry.shape, as: format) { rows, numbers in
            read(entry, from: rows.lowerBound * entry.shape[1], into: numbers)
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

    /// Whether two tensors are stored alike, byte for byte.
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
