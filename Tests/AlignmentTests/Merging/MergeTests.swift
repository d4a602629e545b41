import Alignment
import Foundation
import JSON
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// The fixtures were merged by mergekit; see `Fixtures/Merging/make.py`.
struct MergeTests {
    static let folder = TestFiles.fixtures().appending(path: "Merging")

    /// A recipe whose models are those of the fixtures.
    static func recipe(_ text: [UInt8], in folder: URL = folder) throws -> MergeRecipe {
        var recipe = try MergeRecipe(JSONValue(parsing: text), file: "recipe")
        let path = { (name: String) in folder.appending(component: name).path(percentEncoded: false) }
        recipe.base = recipe.base.map(path)
        for slice in recipe.slices.indices {
            for source in recipe.slices[slice].sources.indices {
                recipe.slices[slice].sources[source].model = path(recipe.slices[slice].sources[source].model)
            }
        }
        return recipe
    }

    static func recipe(named name: String) throws -> MergeRecipe {
        try recipe([UInt8](Data(contentsOf: folder.appending(component: "\(name).json"))))
    }

    @Test(
        "Every tensor is mergekit's",
        arguments: [
            "linear", "linear-sum", "slerp", "slerp-slices", "task-arithmetic", "task-arithmetic-mean",
            "ties",
            "ties-rescaled", "dare-linear", "dare-ties",
        ])
    func parity(name: String) throws {
        try withTemporaryFolder { output in
            try Self.recipe(named: name).write(to: output)
            let expected = try Checkpoint(Self.folder.appending(component: "\(name).safetensors"))
            let merged = try Checkpoint(output)
            #expect(Set(merged.keys) == Set(expected.keys))
            for key in expected.keys {
                let (ours, theirs) = try (merged.tensor(key), expected.tensor(key))
                #expect(ours.shape == theirs.shape)
                let error = zip(ours.scalars, theirs.scalars).map { abs($0 - $1) }.max()!
                #expect(error <= 2e-6, "\(key): \(error)")
            }
            _ = try ModelDirectory(output).transformer()
        }
    }

    @Test("Tensors of one direction are merged along a straight line")
    func oneDirection() throws {
        try withTemporaryFolder { folder in
            let (a, double) = (Self.folder.appending(component: "a"), folder.appending(component: "double"))
            var scaled = MergeRecipe(.linear, of: [a.path])
            scaled.parameters = ["weight": .number(2), "normalize": .flag(false)]
            try scaled.write(to: double)
            var recipe = MergeRecipe(.slerp, of: [a.path, double.path], base: a.path)
            recipe.parameters["t"] = .number(0.25)
            let output = folder.appending(component: "out")
            try recipe.write(to: output)
            for key in try Checkpoint(output).keys {
                let (from, merged) = try (Checkpoint(a).tensor(key), Checkpoint(output).tensor(key))
                #expect(
                    zip(from.scalars, merged.scalars).allSatisfy { abs(1.25 * $0 - $1) <= 1e-6 }, "\(key)")
            }
        }
    }

    @Test("Of differences of one magnitude TIES keeps the first")
    func equalMagnitudes() throws {
        try withTemporaryFolder { folder in
            let base = Self.folder.appending(component: "base")
            let (double, output) = (folder.appending(component: "double"), folder.appending(component: "out"))
            var scaled = MergeRecipe(.linear, of: [base.path])
            scaled.parameters = ["weight": .number(2), "normalize": .flag(false)]
            try scaled.write(to: double)
            var recipe = MergeRecipe(.ties, of: [double.path], base: base.path)
            recipe.parameters = ["weight": .number(1), "density": .number(0.5)]
            try recipe.write(to: output)
            // A new model's normalizations are ones, and so are these differences.
            #expect(
                try Checkpoint(output).tensor("model.norm.weight").scalars == [2, 2, 2, 2, 1, 1, 1, 1])
        }
    }

    @Test(
        "What is dropped at random is told by the seed, and the rest keeps the magnitude of all",
        arguments: [MergeMethod.dareLinear, .dareTies])
    func dropping(_ method: MergeMethod) throws {
        try withTemporaryFolder { output in
            func differences(_ seed: UInt64, _ density: Double) throws -> [Float] {
                var recipe = MergeRecipe(
                    method, of: [Self.folder.appending(component: "c").path],
                    base: Self.folder.appending(component: "base").path)
                recipe.parameters = ["weight": .number(1), "density": .number(density)]
                recipe.seed = seed
                try recipe.write(to: output)
                let key = "model.embed_tokens.weight"
                let base = try Checkpoint(Self.folder.appending(component: "base")).tensor(key)
                return try (Checkpoint(output).tensor(key) - base).scalars
            }
            let (all, some) = (try differences(1, 1), try differences(1, 0.4))
            #expect(some == (try differences(1, 0.4)))
            #expect(some != (try differences(2, 0.4)))
            // Of 64 draws with 0.4, four standard deviations about the mean.
            #expect((10...41).contains(some.count { $0 != 0 }))
            let magnitude = { (numbers: [Float]) in numbers.map(\.magnitude).reduce(0, +) }
            #expect(abs(magnitude(some) - magnitude(all)) < 1e-3 * magnitude(all))
        }
    }

    @Test("Arrays are stored as the base has them unless another type is asked for")
    func types() throws {
        try withTemporaryFolder { folder in
            let (half, output) = (folder.appending(component: "half"), folder.appending(component: "out"))
            let a = Self.folder.appending(component: "a")
            try ModelDirectory(half).write(ModelDirectory(a).transformer(), as: .bfloat16)
            let recipe = MergeRecipe(.linear, of: [half.path, a.path])
            var weighted = recipe
            weighted.parameters["weight"] = .number(1)
            try weighted.write(to: output)
            #expect(try Checkpoint(output).type(of: "model.norm.weight") == .bfloat16)
            weighted.type = .float32
            try weighted.write(to: output)
            #expect(try Checkpoint(output).type(of: "model.norm.weight") == .float32)
            // The configuration says so by both of its names.
            let text = try Data(contentsOf: output.appending(component: "config.json"))
            let configuration = try JSONValue(parsing: Array(text))
            #expect(configuration["dtype"] == "float32" && configuration["torch_dtype"] == "float32")
            #expect(throws: MergeError.self) { try recipe.write(to: output) }
            #expect(throws: MergeError.self) { try weighted.write(to: half) }
        }
    }

    @Test("An adapter merges as the model it makes, and leaves nothing behind")
    func adapters() throws {
        try withTemporaryFolder { folder in
            let adapters = TestFiles.fixtures().appending(path: "Adapters")
            let (base, adapter) = (adapters.appending(path: "gpt2-base"), adapters.appending(path: "gpt2"))
            let name = "\(base.path)+\(adapter.path)"
            var recipe = MergeRecipe(.linear, of: [base.path, name])
            recipe.parameters["weight"] = .number(1)
            let output = folder.appending(component: "out")
            try recipe.write(to: output)
            let whole = try ModelDirectory(adapter).languageModel(base: base)
            let mean = try ModelDirectory(output).transformer()
            for ((key, b), ((_, x), (_, m))) in zip(
                try ModelDirectory(base).transformer().parameters, zip(whole.parameters, mean.parameters))
            {
                let expected = ((b + x) * 0.5).scalars
                #expect(zip(expected, m.scalars).allSatisfy { abs($0 - $1) < 1e-6 }, "\(key)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
        }
    }

    @Test("An adapter without a tokenizer has that of its base, in checks and in the merged model")
    func tokenizers() throws {
        try withTemporaryFolder { folder in
            let adapters = TestFiles.fixtures().appending(path: "Adapters")
            let (base, other) = (folder.appending(component: "base"), folder.appending(component: "other"))
            let letters = { (second: String) in Data(#"{"a": 0, "\#(second)": 1}"#.utf8) }
            for (model, second) in [(base, "b"), (other, "c")] {
                try FileManager.default.copyItem(at: adapters.appending(path: "gpt2-base"), to: model)
                try letters(second).write(to: model.appending(component: "vocab.json"))
                try Data().write(to: model.appending(component: "merges.txt"))
            }
            let adapter = "\(base.path)+\(adapters.appending(path: "gpt2").path)"
            let output = folder.appending(component: "out")
            var recipe = MergeRecipe(.linear, of: [adapter, base.path])
            recipe.parameters["weight"] = .number(1)
            try recipe.write(to: output)
            #expect(try Data(contentsOf: output.appending(component: "vocab.json")) == letters("b"))
            recipe = MergeRecipe(.linear, of: [other.path, adapter])
            recipe.parameters["weight"] = .number(1)
            let error = #expect(throws: MergeError.self) { try recipe.write(to: output) }
            #expect("\(error!)".contains("token 1: found b, but \(other.path) has c"), "\(error!)")
        }
    }

    @Test(
        "A SentencePiece model goes with the merged model, as other tokenizers do",
        arguments: ["tokenizer.model", "spiece.model"])
    func pieces(_ name: String) throws {
        try withTemporaryFolder { folder in
            let adapters = TestFiles.fixtures().appending(path: "Adapters")
            let (base, output) = (folder.appending(component: "base"), folder.appending(component: "out"))
            try FileManager.default.copyItem(at: adapters.appending(path: "gpt2-base"), to: base)
            try Data("pieces".utf8).write(to: base.appending(component: name))
            var recipe = MergeRecipe(
                .linear, of: ["\(base.path)+\(adapters.appending(path: "gpt2").path)", base.path])
            recipe.parameters["weight"] = .number(1)
            try recipe.write(to: output)
            #expect(try Data(contentsOf: output.appending(component: name)) == Data("pieces".utf8))
        }
    }

    @Test("The base that an adapter names is not written over")
    func outputIsBase() throws {
        try withTemporaryFolder { folder in
            let adapters = TestFiles.fixtures().appending(path: "Adapters")
            let base = folder.appending(component: "base")
            let adapter = folder.appending(component: "adapter")
            try FileManager.default.copyItem(at: adapters.appending(path: "gpt2-base"), to: base)
            try FileManager.default.copyItem(at: adapters.appending(path: "gpt2"), to: adapter)
            let file = adapter.appending(component: "adapter_config.json")
            var object = try JSONValue(parsing: [UInt8](Data(contentsOf: file))).object!
            object["base_model_name_or_path"] = .string("../base")
            try Data(JSONValue.object(object).text(.indented).utf8).write(to: file)
            var recipe = MergeRecipe(.linear, of: [adapter.path])
            recipe.parameters["weight"] = .number(1)
            let weights = try Data(contentsOf: base.appending(component: "model.safetensors"))
            let error = #expect(throws: MergeError.self) { try recipe.write(to: base) }
            #expect("\(error!)".contains("where the merged model would be written"), "\(error!)")
            #expect(try Data(contentsOf: base.appending(component: "model.safetensors")) == weights)
        }
    }

    @Test("Layers keep their windows in a merged model that has others")
    func windows() throws {
        try withTemporaryFolder { folder in
            var configuration = TransformerConfiguration.depth(4, vocabularySize: 8)
            configuration.family = .qwen2
            (configuration.slidingWindow, configuration.fullAttentionLayers) = (16, [0, 1])
            var random = RandomSource(seed: 1)
            let (model, output) = (folder.appending(component: "model"), folder.appending(component: "out"))
            try ModelDirectory(model).write(Transformer(configuration, using: &random))
            // As it was written before there were types of layers.
            let file = model.appending(component: "config.json")
            var object = try JSONValue(parsing: [UInt8](Data(contentsOf: file))).object!
            object["layer_types"] = nil
            try Data(JSONValue.object(object).text(.indented).utf8).write(to: file)
            let recipe = try Self.recipe(
                Array(
                    """
                    {"merge_method": "linear", "parameters": {"weight": 1}, "slices": [
                    {"sources": [{"model": "model", "layer_range": [1, 4]}]},
                    {"sources": [{"model": "model", "layer_range": [0, 1]}]}]}
                    """.utf8), in: folder)
            try recipe.write(to: output)
            let merged = try ModelDirectory(output).configuration()
            #expect(merged.slidingWindow == 16)
            #expect(merged.fullAttentionLayers == [0, 3])
        }
    }

    @Test("Layers keep their experts in a merged model that has others")
    func experts() throws {
        try withTemporaryFolder { folder in
            var configuration = TransformerConfiguration(
                family: .qwen3MoE, vocabularySize: 8, width: 16, depth: 3, heads: 2)
            configuration.experts?.denseLayers = [0]
            var random = RandomSource(seed: 1)
            let (model, output) = (folder.appending(component: "model"), folder.appending(component: "out"))
            let original = Transformer(configuration, using: &random)
            try ModelDirectory(model).write(original)
            let recipe = try Self.recipe(
                Array(
                    """
                    {"merge_method": "linear", "parameters": {"weight": 1}, "slices": [
                    {"sources": [{"model": "model", "layer_range": [1, 3]}]},
                    {"sources": [{"model": "model", "layer_range": [0, 1]}]}]}
                    """.utf8), in: folder)
            try recipe.write(to: output)
            let merged = try ModelDirectory(output).transformer()
            #expect(merged.configuration.experts?.denseLayers == [2])
            for (found, expected) in [(0, 1), (1, 2), (2, 0)] {
                #expect(
                    merged.blocks[found].parameters.map(\.value.scalars)
                        == original.blocks[expected].parameters.map(\.value.scalars))
            }
            // The same number of layers, with experts in others.
            let other = folder.appending(component: "other")
            configuration.experts?.denseLayers = [1]
            try ModelDirectory(other).write(Transformer(configuration, using: &random))
            let error = #expect(throws: MergeError.self) {
                var recipe = MergeRecipe(.linear, of: [model.path, other.path])
                recipe.parameters["weight"] = .number(0.5)
                try recipe.write(to: folder.appending(component: "both"))
            }
            #expect("\(String(describing: error))".contains("mlp"))
        }
    }

    @Test(
        "What a recipe says and is not understood is refused with its place",
        arguments: [
            (#"{"merge_method": "karcher", "models": [{"model": "a"}]}"#, "merge_method is karcher"),
            (#"{"merge_method": "linear"}"#, "either models or slices"),
            (#"{"merge_method": "linear", "models": []}"#, "models is an array"),
            (
                #"{"merge_method": "linear", "models": [{"model": "a", "wieght": 1}]}"#,
                "models[0] is a table with wieght"
            ),
            (
                #"{"merge_method": "linear", "models": [{"model": "a", "parameters": {"weight": "x"}}]}"#,
                #"models[0].parameters.weight is "x""#
            ),
            (
                #"{"merge_method": "linear", "models": [{"model": "a", "parameters": {"normalize": true}}]}"#,
                "models[0].parameters is a table with normalize"
            ),
            (
                #"{"merge_method": "slerp", "slices": [{"sources": [{"model": "a", "layer_range": [2, 1]}]}]}"#,
                "slices[0].sources[0].layer_range is [2, 1]"
            ),
            (
                #"{"merge_method": "linear", "models": [{"model": "a"}], "tokenizer_source": "union"}"#,
                "tokenizer_source is union"
            ),
            (#"{"merge_method": "linear", "models": [{"model": "a"}], "dtype": "int8"}"#, "dtype is int8"),
        ])
    func refusals(text: String, message: String) throws {
        let error = #expect(throws: MergeError.self) { try Self.recipe(Array(text.utf8)) }
        #expect("\(error!)".contains(message), "\(error!)")
    }

    @Test(
        "What cannot be carried out is refused before anything is written",
        arguments: [
            (#"{"merge_method": "ties", "models": [{"model": "a"}]}"#, "none is given"),
            (
                #"{"merge_method": "linear", "base_model": "base", "models": [{"model": "a"}]}"#,
                "linear has no base"
            ),
            (#"{"merge_method": "linear", "models": [{"model": "a"}, {"model": "a"}]}"#, "a model twice"),
            (
                #"{"merge_method": "slerp", "base_model": "a", "models": [{"model": "b"}, {"model": "c"}]}"#,
                "one other model; these are 3"
            ),
            (#"{"merge_method": "slerp", "base_model": "a", "models": [{"model": "b"}]}"#, "no t is given"),
            (#"{"merge_method": "linear", "models": [{"model": "a"}]}"#, "no weight is given"),
            (
                #"{"merge_method": "linear", "models": [{"model": "a"}], "parameters": {"weight": 0}}"#,
                "a sum of all weights that is not 0"
            ),
            (
                #"""
                {"merge_method": "linear", "parameters": {"weight": 1}, "slices": [
                {"sources": [{"model": "a", "layer_range": [0, 2]}, {"model": "b", "layer_range": [3, 5]}]}]}
                """#, "found 3..<5 of 4"
            ),
        ])
    func impossible(text: String, message: String) throws {
        try withTemporaryFolder { folder in
            let output = folder.appending(component: "out")
            let recipe = try Self.recipe(Array(text.utf8))
            let error = #expect(throws: MergeError.self) { try recipe.write(to: output) }
            #expect("\(error!)".contains(message), "\(error!)")
            #expect(!FileManager.default.fileExists(atPath: output.path))
        }
    }
}
