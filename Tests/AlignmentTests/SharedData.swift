import Foundation

/// Where data for tests lies: fixtures beside the sources, and real data beside the package, if it is there.
enum TestFiles {
    /// `Tests/AlignmentTests/Fixtures`.
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    /// The folder `shared/data` beside the package or beside a folder that holds it.
    static let sharedData: URL? = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        for _ in 0..<6 {
            folder.deleteLastPathComponent()
            let data = folder.appending(path: "shared/data")
            if FileManager.default.fileExists(atPath: data.path) { return data }
        }
        return nil
    }()

    /// Whether real data is there; tests that need it are skipped otherwise.
    static var hasSharedData: Bool { sharedData != nil }

    /// A file of real data.
    static func shared(_ path: String) -> URL { sharedData!.appending(path: path) }

    /// Writes text to a fresh temporary file and hands its place to the body.
    static func withTemporaryFile<R>(_ text: String, named name: String, _ body: (URL) throws -> R) throws
        -> R
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return try body(file)
    }
}
