import Foundation
import LanguageModel
import NeuralCore
import Testing

/// One model under the names that other classes and tools give its arrays.
@Suite struct CheckpointLayoutTests {
    typealias Family = TransformerConfiguration.Family

    static let tokens = (0..<12).map { Int32($0 * 7 % 53) }

    /// Calls `body` with a model directory of a family, whose arrays were changed and written to one file.
    @discardableResult
    private func withArrays<Result>(
        _ family: Family, changing change: (inout [String: Tensor]) -> Void, keys: [String: Any] = [:],
        _ body: (ModelDirectory) throws -> Result
    ) throws -> Result {
        try withModel(fixture("Families/\(family.rawValue)"), changing: keys) { directory in
            let checkpoint = try Checkpoint(directory.url)
            var arrays: [String: Tensor] = [:]
            for key in checkpoint.keys { arrays[key] = try checkpoint.tensor(key) }
            change(&arrays)
            let index = directory.url.appending(component: "model.safetensors.index.json")
            try? FileManager.default.removeItem(at: index)
            var writer = SafetensorsWriter()
            for (key, array) in arrays.sorted(by: { $0.key < $1.key }) { writer.add(array, named: key) }
            try writer.write(to: directory.url.appending(component: "model.safetensors"))
            return try body(directory)
        }
    }

    private func original(_ family: Family) throws -> [Float] {
        logits(try ModelDirectory(fixture("Families/\(family.rawValue)")).transformer(), Self.tokens).scalars
    }

    private func found(_ directory: ModelDirectory) throws -> [Float] {
        logits(try directory.transformer(), Self.tokens).scalars
    }

    private static func prefix(_ family: Family) -> String {
        [.gpt2: "transformer.", .gptNeoX: "gpt_neox."][family] ?? "model."
    }

    @Test(arguments: Family.allCases) func theBaseModelWritesItsArraysWithoutAPrefix(_ family: Family) throws
    {
        let (prefix, expected) = (Self.prefix(family), try original(family))
        let bare = { (arrays: inout [String: Tensor]) in
            arrays = Dictionary(
                uniqueKeysWithValues: arrays.map { (String($0.key.trimmingPrefix(prefix)), $0.value) })
        }
        #expect(try withArrays(family, changing: bare) { try found($0) } == expected)
        let withPrefix = try withArrays(family, changing: { _ in }) { directory in
            #expect(try Checkpoint(directory.url).keys.contains { $0.hasPrefix(prefix) })
            return try found(directory)
        }
        #expect(withPrefix == expected)
    }

    @Test(arguments: Family.allCases) func whatTrainingLibrariesLeaveIsPassedOver(_ family: Family) throws {
        let prefix = Self.prefix(family)
        let leftOver = { (arrays: inout [String: Tensor]) in
            arrays["v_head.summary.weight"] = Tensor(ones: [1, 24])
            arrays["v_head.summary.bias"] = Tensor([1])
            arrays["steps_seen"] = Tensor(7)
            if family == .gpt2 {
                arrays["\(prefix)h.0.attn.bias"] = Tensor(ones: [1, 1, 64, 64])
                arrays["\(prefix)h.1.attn.masked_bias"] = Tensor(-1e4)
            } else {
                if family == .gptNeoX {
                    arrays["\(prefix)layers.0.attention.bias"] = Tensor(ones: [1, 1, 64, 64])
                    arrays["\(prefix)layers.1.attention.masked_bias"] = Tensor(-1e4)
                }
                arrays["\(prefix)layers.0.self_attn.rotary_emb.inv_freq"] = Tensor([1, 0.1, 0.01])
                arrays["\(prefix)rotary_emb.inv_freq"] = Tensor([1, 0.1, 0.01])
            }
        }
        #expect(try withArrays(family, changing: leftOver) { try found($0) } == original(family))
    }

    @Test(arguments: [
        "model.layers.0.self_attn.q_proj.weight_scale", "model.layers.0.self_attn.k_norm.weight",
        "model.layers.2.self_attn.q_proj.weight", "score.weight",
    ])
    func whatMayBeAPartOfTheModelIsRefused(_ key: String) throws {
        let more = { (arrays: inout [String: Tensor]) in
            arrays[key] = key.hasSuffix("scale") ? Tensor(2) : Tensor([1, 2])
        }
        try withArrays(.mistral, changing: more) { directory in
            #expect {
                try directory.transformer()
            } throws: {
                guard case ModelDirectoryError.checkpoint(.unusedKeys([key], file: _)) = $0 else {
                    return false
                }
                return true
            }
        }
    }

    @Test(arguments: [Family.gpt2, .qwen3]) func aTiedHeadIsTheEmbeddingUnlessItDiffers(_ family: Family)
        throws
    {
        let embedding = family == .gpt2 ? "transformer.wte.weight" : "model.embed_tokens.weight"
        let expected = try original(family)

        // A copy of the embedding is no head of its own.
        try withArrays(family, changing: { $0["lm_head.weight"] = $0[embedding] }) { directory in
            let model = try directory.transformer()
            #expect(model.separateHead == nil)
            #expect(model.configuration.tiesEmbeddings)
            #expect(logits(model, Self.tokens).scalars == expected)
        }
        // The head alone serves as both.
        let headAlone = { (arrays: inout [String: Tensor]) in
            arrays["lm_head.weight"] = arrays.removeValue(forKey: embedding)
        }
        #expect(try withArrays(family, changing: headAlone) { try found($0) } == expected)
        // One that differs is used, as in transformers, and is still there when the model was written.
        try withArrays(family, changing: { $0["lm_head.weight"] = $0[embedding]! * 2 }) { directory in
            let model = try directory.transformer()
            #expect(!model.configuration.tiesEmbeddings)
            let doubled = logits(model, Self.tokens).scalars
            #expect(zip(doubled, expected).allSatisfy { abs($0 - 2 * $1) < 1e-4 })
            try ModelDirectory(directory.url).write(model)
            #expect(try found(directory) == doubled)
        }
    }

    @Test func anIndexMayNameWhatFollowsFromTheConfiguration() throws {
        let folder = fixture("Families/llama")
        let expected = try original(.llama)
        try withModel(folder, changing: [:]) { directory in
            let url = directory.url.appending(component: "model.safetensors.index.json")
            var index = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
            var map = try #require(index["weight_map"] as? [String: String])
            let file = try #require(map.values.first)
            map["model.layers.0.self_attn.rotary_emb.inv_freq"] = file
            index["weight_map"] = map
            try JSONSerialization.data(withJSONObject: index).write(to: url)
            #expect(try found(directory) == expected)
        }
    }

    @Test(arguments: [
        "pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "consolidated.00.pth", "model.gguf",
        "tf_model.h5",
    ])
    func weightsInAnotherFormatAreNamedWithTheWayToConvertThem(_ name: String) throws {
        try withModel(fixture("Families/mistral"), changing: [:]) { directory in
            try FileManager.default.moveItem(
                at: directory.url.appending(component: "model.safetensors"),
                to: directory.url.appending(component: name))
            #expect {
                try directory.transformer()
            } throws: {
                let text = "\($0)"
                return text.contains("/\(name)")
                    && text.contains(name == "model.gguf" ? "in place of its folder" : "save_pretrained")
            }
        }
    }
}
