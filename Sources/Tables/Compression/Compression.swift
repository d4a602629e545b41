import Foundation

/// The compression of a page or a buffer.
enum Compression {
    case uncompressed, snappy, gzip, brotli, zstandard, lz4

    /// The most bytes that one page may become; what claims more is refused before anything is set aside for it.
    static let greatestSize = 1 << 29

    /// Undoes the compression of bytes that become `size` others.
    func decompressed(_ bytes: Bytes, size: Int) throws(TableError) -> Bytes {
        guard size >= 0, size <= Self.greatestSize else {
            throw TableError(
                found: "a page of \(size) bytes", expected: "at most \(Self.greatestSize) bytes a page")
        }
        return switch self {
        case .uncompressed: try bytes.slice(0, count: size)
        case .snappy:
            try Bytes(count: size) { output throws(TableError) in
                try CopyingDecoder.snappy(bytes, into: output)
            }
        case .lz4:
            try Bytes(count: size) { output throws(TableError) in try CopyingDecoder.lz4(bytes, into: output)
            }
        case .gzip:
            try Bytes(count: size) { output throws(TableError) in try Self.inflate(bytes, into: output) }
        case .brotli:
            try Bytes(count: size) { output throws(TableError) in
                try BrotliLibrary.decompress(bytes, into: output)
            }
        case .zstandard:
            try Bytes(count: size) { output throws(TableError) in
                try ZstandardLibrary.decompress(bytes, into: output)
            }
        }
    }

    /// Inflates the members of a gzip stream, or one in zlib's own wrapping.
    private static func inflate(
        _ bytes: Bytes, into output: UnsafeMutableRawBufferPointer
    ) throws(TableError) {
        guard let inflater = Inflater(.gzipOrZlib) else {
            throw TableError(found: "no memory for zlib", expected: "room to inflate \(output.count) bytes")
        }
        var (consumed, produced, isWhole) = (0, 0, false)
        do throws(Inflater.Fault) {
            while true {
                let progress = try inflater.inflate(
                    UnsafeRawBufferPointer(rebasing: bytes.memory[consumed...]),
                    into: UnsafeMutableRawBufferPointer(rebasing: output[produced...]))
                consumed += progress.consumed
                produced += progress.produced
                isWhole = progress.ended
                guard isWhole, consumed < bytes.count, produced < output.count else { break }
                inflater.reset()
            }
        } catch {
            throw TableError(found: "gzip data: \(error.reason)", expected: "\(output.count) bytes")
        }
        guard isWhole, produced == output.count else {
            throw TableError(found: "gzip data: \(produced) bytes", expected: "\(output.count) bytes")
        }
    }
}
