import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Adapters of the head and of the embedding, modules that are saved whole, and patterns that are regular expressions,
/// against what PEFT computes; `Fixtures/Adapters/make_table_adapters.py` made the fixtures.
@Suite struct TableAdapterTests {
    static let cases = [
        "regex", "modules", "tables", "tables-dora", "tied-tables", "tied-head", "tied-modules",
        "tied-saved-head", "tied-ensured", "gpt2-modules",
    ]

    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/Adapters")

    static func base(_ name: String) throws -> Transformer {
        if name.hasPrefix("tied") || name.hasPrefix("gpt2") {
            let folder = name.hasPrefix("tied") ? "tied-base" : "gpt2-base"
            return try ModelDirectory(fixtures.appending(component: folder)).transformer()
        }
        return try ParityRun.model()
    }

    static func adapted(_ name: String) throws -> AdaptedTransformer {
        let base = try base(name)
        let directory = ModelDirectory(fixtures.appending(component: name))
        return base.applying(try directory.adapter(for: base))
    }

    /// The norm of a difference, relative to that of what is expected.
    private func distance(_ found: Tensor, _ expected: Tensor) -> Double {
        guard found.shape == expected.shape else { return .infinity }
        return ((found - expected).sumOfSquares() / max(expected.sumOfSquares(), 1e-12)).squareRoot()
    }

    private func logits(_ transformer: Transformer, _ tokens: [Int32]) -> Tensor {
        transformer.logits(of: transformer(tokens, over: Forest(sequenceLengths: [tokens.count])))
    }

    @Test(arguments: cases) func outputsAndGradientsAreThoseOfPEFT(_ name: String) throws {
        let expected = try Checkpoint(Self.fixtures.appending(components: name, "expected.safetensors"))
        let model = try Self.adapted(name)
        let tokens: [Int32] = try expected.integers("tokens")
        let wanted = try expected.tensor("logits")
        #expect(distance(logits(model.transformer, tokens), wanted) < 1e-5)
        #expect(distance(logits(model.merged, tokens), wanted) < 1e-5)
        let (loss, gradient) = valueWithGradient(at: model) {
            $0.transformer.loss(on: TokenBatch(predicting: [tokens]))
        }
        #expect(abs(loss - (try expected.tensor("loss").item())) < 1e-5 * loss)
        var checked = 0
        for (key, value) in gradient.parameters {
            let name = key.replacing("model.embed_positions.", with: "transformer.wpe.")
            let key = "gradient.base_model.model." + name
            guard expected.shape(of: key) != nil else { continue }
            #expect(distance(value, try expected.tensor(key)) < 1e-4, "\(name), \(key)")
            checked += 1
        }
        // PEFT trains two adapters as one there.
        #expect(checked > 0 || name == "tied-ensured")
    }

    @Test(arguments: cases) func whatIsWrittenIsWhatPEFTWrote(_ name: String) throws {
        let model = try Self.adapted(name)
        try withTemporaryFolder { folder in
            try ModelDirectory(folder).write(model, base: "somewhere")
            let (ours, theirs) = (
                try Checkpoint(folder.appending(component: "adapter_model.safetensors")),
                try Checkpoint(Self.fixtures.appending(components: name, "adapter_model.safetensors"))
            )
            // PEFT also writes the base's own table, of which nothing was trained.
            let keys = theirs.keys.filter { !$0.contains("base_layer") }
            #expect(Set(ours.keys) == Set(keys))
            for key in keys {
                #expect(try ours.tensor(key).scalars == theirs.tensor(key).scalars, "\(key)")
            }
            let again = try ModelDirectory(folder).adapter(for: model.base)
            #expect(again.configuration == model.adapter.configuration)
            #expect(
                (again.maps + again.tables).map(\.alpha)
                    == (model.adapter.maps + model.adapter.tables).map(\.alpha))
        }
    }

    /// A merged model is written and read again, also where its head is no longer the embedding.
    @Test(arguments: cases) func aMergedModelIsAModel(_ name: String) throws {
        let model = try Self.adapted(name).merged
        try withTemporaryFolder { folder in
            try ModelDirectory(folder).write(model)
            let copy = try ModelDirectory(folder).transformer()
            #expect(logits(copy, [1, 2, 3, 4]).scalars == logits(model, [1, 2, 3, 4]).scalars)
        }
    }

    @Test func aTableOfItsOwnTakesThePlaceOfTheBases() throws {
        var base = try Self.base("tied-head")
        let expected = logits(try Self.adapted("tied-head").transformer, [1, 2, 3])
        base.embedding.weight = base.embedding.weight * 2
        let directory = ModelDirectory(Self.fixtures.appending(component: "tied-head"))
        let model = base.applying(try directory.adapter(for: base))
        #expect(logits(model.transformer, [1, 2, 3]).scalars == expected.scalars)
        try withTemporaryFolder { folder in
            try ModelDirectory(folder).write(model, base: "somewhere")
            let again = base.applying(try ModelDirectory(folder).adapter(for: base))
            #expect(logits(again.transformer, [1, 2, 3]).scalars == expected.scalars)
        }
    }

    @Test func whatMovesIsWhatPEFTMoves() throws {
        let pairs = try ParityRun.records().pairs
        let batch = CompletionBatch(
            pairs.map { CompletionBatch.Group(prompt: $0.prompt, completions: [$0.chosen]) }
        ).tokens
        for name in ["modules", "tables"] {
            var tuning = SupervisedFineTuning(try Self.adapted(name), schedule: .constant(1e-2))
            let before = tuning.model
            let first = tuning.step(on: batch).loss
            var last = first
            for _ in 0..<10 { last = tuning.step(on: batch).loss }
            #expect(last < first)
            for (old, new) in zip(before.adapter.parameters, tuning.model.adapter.parameters) {
                #expect(old.value.scalars != new.value.scalars, "\(old.name)")
            }
            for (old, new) in zip(before.base.parameters, tuning.model.base.parameters) {
                #expect(old.value.scalars == new.value.scalars, "\(old.name)")
            }
        }
    }
}
