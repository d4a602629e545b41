import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Configurations that ask for more than is there.
@Suite struct FalseConfigurationTests {
    /// 2 to the power of 24 tokens of as many channels are a petabyte.
    @Test(arguments: ["vocab_size", "num_hidden_layers", "head_dim", "intermediate_size"])
    func noMemoryIsTakenForIt(key: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = RandomSource(seed: 1)
        let configuration = TransformerConfiguration(
            vocabularySize: 8, width: 4, depth: 1, heads: 2, feedForwardWidth: 4, contextLength: 8)
        try ModelDirectory(folder).write(Transformer(configuration, using: &random))
        let url = folder.appending(component: "config.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        var file = try #require(object as? [String: Any])
        file["hidden_size"] = 1 << 24
        file[key] = ["num_hidden_layers": 1_000, "head_dim": 1 << 23][key] ?? 1 << 24
        try JSONSerialization.data(withJSONObject: file).write(to: url)
        let error = #expect(throws: ModelDirectoryError.self) { try ModelDirectory(folder).transformer() }
        #expect(error?.description.contains("for the model that its configuration describes") == true)
    }
}
