import Foundation

/// The compression of a page or a buffer.
enum Compression {
    case uncompressed, snappy, gzip, zstandard, lz4

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

/// The system's Zstandard library, looked for when a file needs it, so that nothing else does.
private struct ZstandardLibrary: Sendable {
    private typealias Decompress =
        @convention(c) @Sendable (UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int) -> Int
    private typealias IsError = @convention(c) @Sendable (Int) -> UInt32
    private typealias ErrorName = @convention(c) @Sendable (Int) -> UnsafePointer<CChar>

    private let decompress: Decompress
    private let isError: IsError
    private let errorName: ErrorName

    private static let places = [
        "libzstd.so.1", "libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib",
        "/usr/local/lib/libzstd.1.dylib",
    ]

    private static let shared: ZstandardLibrary? = {
        guard let library = places.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first,
            let decompress = dlsym(library, "ZSTD_decompress"), let isError = dlsym(library, "ZSTD_isError"),
            let errorName = dlsym(library, "ZSTD_getErrorName")
        else { return nil }
        return ZstandardLibrary(
            decompress: unsafeBitCast(decompress, to: Decompress.self),
            isError: unsafeBitCast(isError, to: IsError.self),
            errorName: unsafeBitCast(errorName, to: ErrorName.self))
    }()

    static func decompress(
        _ bytes: Bytes, into output: UnsafeMutableRawBufferPointer
    ) throws(TableError) {
        guard let library = shared else {
            throw TableError(
                found: "Zstandard compression",
                expected: "the library libzstd on this machine (Debian: libzstd1; macOS: brew install zstd), "
                    + "or another compression")
        }
        let count = library.decompress(
            output.baseAddress, output.count, bytes.memory.baseAddress, bytes.count)
        guard library.isError(count) == 0 else {
            throw TableError(
                found: "Zstandard data: \(String(cString: library.errorName(count)))",
                expected: "\(output.count) bytes")
        }
        guard count == output.count else {
            throw TableError(found: "\(count) bytes of Zstandard data", expected: "\(output.count)")
        }
    }
}
