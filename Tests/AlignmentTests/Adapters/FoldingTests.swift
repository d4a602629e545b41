import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// An adapter that was trained on an adapter becomes one adapter of the model at the end of the chain.
@Suite struct FoldingTests {
    private func adapter(of model: Transformer, _ configuration: LowRankConfiguration) -> LowRankAdapter {
        var random = RandomSource(seed: 11)
        var adapter = LowRankAdapter(configuration, for: model, using: &random)
        adapter.forEachParameter { _, parameter in
            parameter =
                parameter + Tensor(of: parameter.shape, from: .normal(standardDeviation: 0.1), using: &random)
        }
        return adapter
    }

    private static let seconds = {
        var few = LowRankConfiguration(rank: 3, alpha: 5)
        few.targets = [.value, .up]
        var dora = LowRankConfiguration(rank: 2)
        dora.learnsMagnitudes = true
        return [LowRankConfiguration(rank: 4), few, dora]
    }()

    @Test(
        arguments: [
            "lora", "rslora", "dora", "patterns", "modules", "tables", "tied-tables", "tied-head", "gpt2",
            "gpt2-dora", "gpt2-patterns", "gpt2-modules",
        ], [0, 1, 2])
    func theFoldedAdapterDoesWhatBothDo(_ name: String, _ second: Int) throws {
        let first = try AdapterFixture.adapted(name)
        let inner = first.merged
        let outer = inner.applying(adapter(of: inner, Self.seconds[second]))
        let expected = logits(outer.transformer)
        #expect(distance(logits(inner), expected) > 1e-3)
        try withTemporaryFolder { folder in
            try ModelDirectory(folder.appending(component: "base")).write(first.base)
            let inside = ModelDirectory(folder.appending(component: "inner"))
            try inside.write(first, base: "../base")
            let folded = try first.folding(outer.adapter, at: inside)
            #expect(distance(logits(folded.transformer), expected) < 1e-5)
            let written = ModelDirectory(folder.appending(component: "folded"))
            try written.write(folded, base: "../base")
            #expect(distance(logits(try written.languageModel()), expected) < 1e-5)
            // And one that names an adapter as its base is folded where it is read.
            let outside = ModelDirectory(folder.appending(component: "outer"))
            try outside.write(outer, base: "../inner")
            #expect(distance(logits(try outside.languageModel()), expected) < 1e-5)
            #expect(try outside.foundation().url.lastPathComponent == "base")
        }
    }

    @Test func aChainThatEndsInItselfIsRefused() throws {
        let model = try AdapterFixture.adapted("lora")
        try withTemporaryFolder { folder in
            for (name, base) in [("a", "../b"), ("b", "../a"), ("c", "../c")] {
                try ModelDirectory(folder.appending(component: name)).write(model, base: base)
            }
            for name in ["a", "b", "c"] {
                #expect(throws: ModelDirectoryError.self) {
                    try ModelDirectory(folder.appending(component: name)).languageModel()
                }
            }
        }
    }

    @Test func aNameOfTheHubIsAskedFor() throws {
        let model = try AdapterFixture.adapted("lora")
        try withTemporaryFolder { folder in
            try ModelDirectory(folder.appending(component: "base")).write(model.base)
            let directory = ModelDirectory(folder.appending(component: "adapter"))
            try directory.write(model, base: "Qwen/Qwen3-0.6B")
            let error = #expect(throws: ModelDirectoryError.self) { try directory.languageModel() }
            #expect(error?.description.contains("Qwen/Qwen3-0.6B") ?? false)
            #expect(error?.description.contains("--base DIR") ?? false)
            let read = try directory.languageModel(base: folder.appending(component: "base"))
            #expect(logits(read).scalars == logits(model.merged).scalars)
        }
    }

    @Test func theStandardAlphaIsTwiceTheRank() {
        #expect(LowRankConfiguration(rank: 4).alpha == 8)
        #expect(LowRankConfiguration() == LowRankConfiguration(rank: 16, alpha: 32))
    }
}
