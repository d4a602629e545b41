import Foundation

/// A reader of bytes from outside, as the fuzzer knows it.
struct Reader: Sendable {
    /// Its name on the command line.
    let name: String
    /// Inputs that are well formed, or nearly, from which others are made.
    let seeds: @Sendable (Scratch) throws -> [[UInt8]]
    /// Words of the format, besides those that every format shares.
    let tokens: [String]
    /// Makes checksums right again, so that what is behind them is reached.
    let repair: @Sendable (inout [UInt8]) -> Void
    /// Reads an input; a typed error is a good answer.
    let read: @Sendable ([UInt8], Scratch) throws -> Void

    init(
        _ name: String, tokens: [String] = [], seeds: @escaping @Sendable (Scratch) throws -> [[UInt8]],
        repair: @escaping @Sendable (inout [UInt8]) -> Void = { _ in },
        read: @escaping @Sendable ([UInt8], Scratch) throws -> Void
    ) {
        self.name = name
        self.tokens = tokens
        self.seeds = seeds
        self.repair = repair
        self.read = read
    }

    /// All readers, in the order of the documentation.
    static let all = weights + configurations + tokenizers + conversations + corpora + tables + runs

    static func named(_ name: String) -> Reader? { (all + faulty).first { $0.name == name } }
}

/// A folder in memory for readers that read files.
struct Scratch: Sendable {
    let folder: URL

    /// The folder of a process that uses a reader.
    init(of process: Int32, named name: String) {
        let memory = URL(filePath: "/dev/shm", directoryHint: .isDirectory)
        let root = FileManager.default.isWritableFile(atPath: memory.path) ? memory : URL.temporaryDirectory
        folder = root.appending(component: "hone-fuzz-\(name)-\(process)")
    }

    /// Makes the folder of this process.
    init(named name: String) throws {
        self.init(of: getpid(), named: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Writes a file, in place of one of this name.
    func file(_ name: String, _ bytes: some Collection<UInt8>) -> URL {
        let url = folder.appending(component: name)
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer { close(descriptor) }
        Array(bytes).withUnsafeBytes { bytes in
            if bytes.count > 0 { _ = write(descriptor, bytes.baseAddress, bytes.count) }
        }
        return url
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// A fixture of the tests.
    func fixture(_ path: String) throws -> [UInt8] {
        let package = URL(filePath: #filePath).appending(path: "../../../..").standardized
        return [UInt8](try Data(contentsOf: package.appending(path: "Tests/\(path)")))
    }
}
