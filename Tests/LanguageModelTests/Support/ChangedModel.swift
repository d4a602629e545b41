import Foundation
import LanguageModel
import NeuralCore

/// A JSON object in a file beside the tests.
func json(_ path: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(contentsOf: fixture(path)))
}

/// Calls `body` with a copy of a model directory, in whose `config.json` some keys have other values.
///
/// - Parameter changes: Values by key; the string "absent" takes a key away.
@discardableResult
func withModel<Result>(
    _ folder: URL, changing changes: [String: Any], _ body: (ModelDirectory) throws -> Result
) throws -> Result {
    let copy = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
    defer { try? FileManager.default.removeItem(at: copy) }
    try FileManager.default.copyItem(at: folder, to: copy)
    let file = copy.appending(component: "config.json")
    var keys =
        try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    for (key, value) in changes { keys[key] = value as? String == "absent" ? nil : value }
    try JSONSerialization.data(withJSONObject: keys).write(to: file)
    return try body(ModelDirectory(copy))
}

/// The logits of every token of a text, computed in one pass.
func logits(_ model: Transformer, _ tokens: [Int32]) -> Tensor {
    model.logits(of: model(tokens, over: Forest(sequenceLengths: [tokens.count])))
}
