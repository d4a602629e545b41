import Foundation
import TestSupport

/// Where the data of these tests lies.
enum TokenizerData {
    static let fixtures = TestFiles.fixtures().appending(path: "Tokenizer")

    /// A fixture, decoded from JSON.
    static func fixture<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: fixtures.appending(path: name)))
    }
}
