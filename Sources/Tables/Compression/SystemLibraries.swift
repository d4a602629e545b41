import Foundation

/// A library of the system, looked for when a file needs it, so that nothing else does.
private enum SystemLibrary {
    /// Opens a library by its name without prefix and suffix, such as `zstd`; nil where there is none.
    static func open(_ name: String) -> UnsafeMutableRawPointer? {
        let file = "lib\(name).1.dylib"
        let places = ["lib\(name).so.1", file, "/opt/homebrew/lib/\(file)", "/usr/local/lib/\(file)"]
        return places.lazy.compactMap { dlopen($0, RTLD_NOW) }.first
    }

    /// The error where there is none.
    static func missing(_ name: String, for compression: String, debian: String, brew: String) -> TableError {
        TableError(
            found: "\(compression) compression",
            expected: "the library \(name) on this machine (Debian: \(debian); macOS: brew install \(brew)), "
                + "or another compression")
    }
}

/// The system's Zstandard.
struct ZstandardLibrary: Sendable {
    private typealias Decompress =
        @convention(c) @Sendable (UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int) -> Int
    private typealias IsError = @convention(c) @Sendable (Int) -> UInt32
    private typealias ErrorName = @convention(c) @Sendable (Int) -> UnsafePointer<CChar>

    private let decompress: Decompress
    private let isError: IsError
    private let errorName: ErrorName

    private static let shared: ZstandardLibrary? = {
        guard let library = SystemLibrary.open("zstd"),
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
            throw SystemLibrary.missing("libzstd", for: "Zstandard", debian: "libzstd1", brew: "zstd")
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

/// The system's Brotli.
struct BrotliLibrary: Sendable {
    private typealias Decompress =
        @convention(c) @Sendable (
            Int, UnsafeRawPointer?, UnsafeMutablePointer<Int>?, UnsafeMutableRawPointer?
        ) -> Int32

    private let decompress: Decompress

    private static let shared: BrotliLibrary? = {
        guard let library = SystemLibrary.open("brotlidec"),
            let decompress = dlsym(library, "BrotliDecoderDecompress")
        else { return nil }
        return BrotliLibrary(decompress: unsafeBitCast(decompress, to: Decompress.self))
    }()

    static func decompress(
        _ bytes: Bytes, into output: UnsafeMutableRawBufferPointer
    ) throws(TableError) {
        guard let library = shared else {
            throw SystemLibrary.missing("libbrotlidec", for: "BROTLI", debian: "libbrotli1", brew: "brotli")
        }
        var count = output.count
        let isWhole =
            library.decompress(bytes.count, bytes.memory.baseAddress, &count, output.baseAddress) == 1
        guard isWhole, count == output.count else {
            throw TableError(found: "damaged BROTLI data", expected: "\(output.count) bytes")
        }
    }
}
