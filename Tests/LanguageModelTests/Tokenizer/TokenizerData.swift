import Foundation

/// Where the data of these tests lies.
enum TokenizerData {
    private static let here = URL(filePath: #filePath).deletingLastPathComponent()

    static let fixtures = here.deletingLastPathComponent().appending(path: "Fixtures/Tokenizer")

    /// The shared data beside the package, or beside a folder that holds it, if it is there.
    static let shared: URL? = {
        var folder = here
        while folder.path.count > 1 {
            folder.deleteLastPathComponent()
            let data = folder.appending(path: "shared/data")
            if FileManager.default.fileExists(atPath: data.path) { return data }
        }
        return nil
    }()

    static var hasShared: Bool { shared != nil }

    /// A file of the shared data; only for tests that are disabled without it.
    static func shared(_ path: String) throws -> URL {
        guard let shared else { throw CocoaError(.fileNoSuchFile) }
        return shared.appending(path: path)
    }

    /// A fixture, decoded from JSON.
    static func fixture<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: fixtures.appending(path: name)))
    }
}
