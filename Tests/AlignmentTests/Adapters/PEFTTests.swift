import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Adapters in PEFT's format, against what PEFT computes; `Fixtures/Adapters/make_adapters.py` made the fixtures.
@Suite struct PEFTTests {
    static let cases = ["lora", "rslora", "dora", "patterns"]

    private static func folder(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/Adapters/\(name)")
    }

    private static func adapted(_ name: String) throws -> AdaptedTransformer {
        let base = try ParityRun.model()
        return base.applying(try ModelDirectory(folder(name)).adapter(for: base))
    }

    /// The norm of a difference, relative to that of what is expected.
    private func distance(_ found: Tensor, _ expected: Tensor) -> Double {
        let square = (found - expected).sumOfSquares() / max(expected.sumOfSquares(), 1e-12)
        return square.squareRoot()
    }

    @Test(arguments: cases) func outputsAndGradientsAreThoseOfPEFT(_ name: String) throws {
        let expected = try Checkpoint(Self.folder(name).appending(component: "expected.safetensors"))
        let model = try Self.adapted(name)
        let batch = TokenBatch(predicting: [try expected.integers("tokens")])
        let transformer = model.transformer
        let logits = transformer.logits(of: transformer(batch.tokens, over: batch.forest))
        #expect(distance(logits, try expected.tensor("logits")) < 1e-5)
        let (loss, gradient) = valueWithGradient(at: model) { $0.transformer.loss(on: batch) }
        #expect(abs(loss - (try expected.tensor("loss").item())) < 1e-5 * loss)
        for (key, value) in gradient.parameters {
            let wanted = try expected.tensor("gradient.base_model.model." + key)
            #expect(distance(value, wanted) < 1e-4, "\(name), \(key)")
        }
        let merged = Dictionary(uniqueKeysWithValues: model.merged.parameters.map { ($0.name, $0.value) })
        for key in expected.keys where key.hasPrefix("merged.") {
            let weight = try #require(merged[String(key.dropFirst("merged.".count))])
            #expect(distance(weight, try expected.tensor(key)) < 1e-6, "\(name), \(key)")
        }
    }

    @Test(arguments: cases) func whatIsWrittenHasTheKeysOfPEFT(_ name: String) throws {
        let model = try Self.adapted(name)
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder)
            try directory.write(model, base: "somewhere")
            #expect(try directory.contents() == .adapter)
            let (ours, theirs) = (
                try Checkpoint(folder.appending(component: "adapter_model.safetensors")),
                try Checkpoint(Self.folder(name).appending(component: "adapter_model.safetensors"))
            )
            #expect(Set(ours.keys) == Set(theirs.keys))
            for key in theirs.keys {
                #expect(ours.shape(of: key) == theirs.shape(of: key), "\(key)")
                #expect(try ours.tensor(key).scalars == theirs.tensor(key).scalars, "\(key)")
            }
            let again = try directory.adapter(for: model.base)
            #expect(again.configuration == model.adapter.configuration)
            #expect(again.maps.map(\.alpha) == model.adapter.maps.map(\.alpha))
        }
    }

    @Test func theBaseIsFoundBesideTheAdapter() throws {
        let model = try Self.adapted("lora")
        try withTemporaryFolder { folder in
            try ModelDirectory(folder.appending(component: "base")).write(model.base)
            let adapter = ModelDirectory(folder.appending(component: "adapter"))
            try adapter.write(model, base: "../base")
            let read = try adapter.languageModel()
            for (a, b) in zip(read.parameters, model.merged.parameters) {
                #expect(a.value.scalars == b.value.scalars, "\(a.name)")
            }
            try adapter.write(model, base: "nowhere")
            #expect(throws: ModelDirectoryError.self) { try adapter.languageModel() }
        }
    }

    @Test func aRewardAdapterIsReadBack() throws {
        var random = RandomSource(seed: 4)
        let model = AdaptedRewardModel(try Self.adapted("dora"), using: &random)
        try withTemporaryFolder { folder in
            try ModelDirectory(folder.appending(component: "base")).write(model.body.base)
            let directory = ModelDirectory(folder.appending(component: "adapter"))
            try directory.write(model, base: "../base")
            #expect(try directory.contents() == .rewardAdapter)
            let texts: [[Int32]] = [[1, 2, 3], [4, 5, 6, 7]]
            #expect(try directory.rewardModel().rewards(of: texts) == model.merged.rewards(of: texts))
        }
    }

    @Test(arguments: [
        ("\"peft_type\": \"LORA\"", "\"peft_type\": \"VERA\""),
        ("\"bias\": \"none\"", "\"bias\": \"all\""),
        ("\"lora_alpha\": 8", "\"lora_alpha\": \"much\""),
        ("\"r\": 4", "\"r\": -1"),
        ("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa\""),
        ("\"use_dora\": false", "\"use_dora\": true"),
    ])
    func whatIsNotUnderstoodIsRefused(_ right: String, _ wrong: String) throws {
        let base = try ParityRun.model()
        try withTemporaryFolder { folder in
            for name in ["adapter_config.json", "adapter_model.safetensors"] {
                try FileManager.default.copyItem(
                    at: Self.folder("lora").appending(component: name),
                    to: folder.appending(component: name))
            }
            let file = folder.appending(component: "adapter_config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains(right))
            try text.replacing(right, with: wrong).write(to: file, atomically: true, encoding: .utf8)
            #expect(throws: ModelDirectoryError.self) { try ModelDirectory(folder).adapter(for: base) }
        }
    }

    @Test func anAdapterOfAnotherModelIsRefused() throws {
        var random = RandomSource(seed: 1)
        let other = Transformer(
            TransformerConfiguration(family: .llama, vocabularySize: 37, width: 32, depth: 2),
            using: &random)
        #expect(throws: ModelDirectoryError.self) {
            try ModelDirectory(Self.folder("lora")).adapter(for: other)
        }
    }
}
