import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Adapters of the head and of the embedding, and modules that are saved whole.
@Suite struct TableAdapterTests {
    /// A merged model is written and read again, also where its head is no longer the embedding.
    @Test(arguments: AdapterFixture.tables) func aMergedModelIsAModel(_ name: String) throws {
        let model = try AdapterFixture.adapted(name).merged
        try withTemporaryFolder { folder in
            try ModelDirectory(folder).write(model)
            let copy = try ModelDirectory(folder).transformer()
            #expect(logits(copy, [1, 2, 3, 4]).scalars == logits(model, [1, 2, 3, 4]).scalars)
        }
    }

    @Test func aTableOfItsOwnTakesThePlaceOfTheBases() throws {
        var base = try AdapterFixture.base("tied-head")
        let expected = logits(try AdapterFixture.adapted("tied-head").transformer, [1, 2, 3])
        base.embedding.weight = base.embedding.weight * 2
        let directory = ModelDirectory(AdapterFixture.folder("tied-head"))
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
            var tuning = SupervisedFineTuning(try AdapterFixture.adapted(name), schedule: .constant(1e-2))
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
