public import Foundation

/// Where data for tests lies: fixtures beside the sources, and real data beside the package, if it is there.
public enum TestFiles {
    /// The folder `Fixtures` of the test target that a file belongs to.
    public static func fixtures(of file: String = #filePath) -> URL {
        var folder = URL(filePath: file)
        while folder.path.count > 1 {
            folder.deleteLastPathComponent()
            let fixtures = folder.appending(path: "Fixtures")
            if FileManager.default.fileExists(atPath: fixtures.path) { return fixtures }
        }
        preconditionFailure("no folder Fixtures stands above \(file)")
    }

    /// The folder `shared/data` beside the or beside a folder that holds it.
    public static let sharedData: URL? = {
        var folder = URL(filePath: #filePath)
        while folder.path.count > 1 {
            folder.deleteLastPathComponent()
            let data = folder.appending(path: "shared/data")
            if FileManager.default.fileExists(atPath: data.path) { return data }
        }
        return nil
    }()

    /// Whether real data is there; tests that need it are skipped otherwise.
    public static var hasSharedData: Bool { sharedData != nil }

    /// A file of real data; only for tests that are disabled without it.
    public static func shared(_ path: String) throws -> URL {
        guard let sharedData else { throw CocoaError(.fileNoSuchFile) }
        return sharedData.appending(path: path)
    }

    /// Writes text to a fresh temporary file and hands its place to the body.
    public static func withTemporaryFile<Result>(
        _ text: String, named name: String, _ body: (URL) throws -> Result
    ) throws -> Result {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        return try body(folder.write(name, text))
    }
}
