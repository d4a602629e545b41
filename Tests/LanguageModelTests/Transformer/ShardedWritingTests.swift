import Foundation
import LanguageModel
import NeuralCore
import Testing

@Suite struct ShardedWritingTests {
    func model(_ seed: UInt64) -> Transformer {
        var random = RandomSource(seed: seed)
        return Transformer(
            TransformerConfiguration(vocabularySize: 40, width: 32, depth: 2, heads: 2, feedForwardWidth: 64),
            using: &random)
    }

    func scalars(_ model: Transformer) -> [[Float]] { model.parameters.map(\.value.scalars) }

    func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func aModelInSeveralFilesIsTheSameModel() throws {
        let folder = FileManager.default.temporaryDirectory.appending(component: "shards-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = ModelDirectory(folder)

        try directory.write(model(1), bytesPerFile: 20_000)
        let first = try names(folder)
        #expect(first.contains("model-00001-of-00006.safetensors"))
        #expect(first.contains("model.safetensors.index.json"))
        #expect(!first.contains("model.safetensors"))
        #expect(try scalars(directory.transformer()) == scalars(model(1)))
        for name in first where name.hasSuffix(".safetensors") {
            let size = try #require(
                FileManager.default.attributesOfItem(atPath: folder.appending(component: name).path)[.size]
                    as? Int)
            #expect(size < 22_000)
        }

        // Another one in its place takes other names, so that at no moment the index names a mixture.
        try directory.write(model(2), bytesPerFile: 20_000)
        #expect(try Set(names(folder)).isDisjoint(with: first.filter { $0.contains("-of-") }))
        #expect(try scalars(directory.transformer()) == scalars(model(2)))

        try directory.write(model(3))
        #expect(try names(folder) == ["config.json", "generation_config.json", "model.safetensors"])
        #expect(try scalars(directory.transformer()) == scalars(model(3)))
    }
}
