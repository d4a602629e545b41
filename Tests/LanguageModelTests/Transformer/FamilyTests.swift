import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Every family against transformers: `Fixtures/Families/make_families.py` says what was computed and how.
@Suite struct FamilyTests {
    /// One family's model and what transformers computed with it.
    struct Reference {
        let model: Transformer
        let batch: TokenBatch
        let expected: Checkpoint

        init(_ family: TransformerConfiguration.Family) throws {
            let folder = fixture("Families/\(family.rawValue)")
            model = try ModelDirectory(folder).transformer()
            expected = try Checkpoint(folder.appending(component: "expected.safetensors"))
            let tokens = try expected.integers("tokens", as: Int32.self)
            var begin = 0
            let sequences = try expected.integers("lengths", as: Int.self).map { length in
                defer { begin += length }
                return Array(tokens[begin..<begin + length])
            }
            batch = TokenBatch(predicting: sequences)
        }
    }

    static let families = TransformerConfiguration.Family.allCases

    @Test(arguments: families) func logitsMatch(_ family: TransformerConfiguration.Family) throws {
        let reference = try Reference(family)
        let hidden = reference.model(reference.batch.tokens, over: reference.batch.forest)
        let error = relativeError(reference.model.logits(of: hidden), try reference.expected.tensor("logits"))
        #expect(error < 1e-4, "relative error \(error)")
    }

    @Test(arguments: families) func lossAndEveryGradientMatch(_ family: TransformerConfiguration.Family)
        throws
    {
        let reference = try Reference(family)
        let (loss, gradient) = valueWithGradient(at: reference.model) { $0.loss(on: reference.batch) }
        let expectedLoss = try reference.expected.tensor("loss").item()
        #expect(abs(loss - expectedLoss) < 1e-4 * expectedLoss)

        let found = family.joinsMaps ? joinedGradients(gradient) : gradient.parameters
        let expected = try found.map { try reference.expected.tensor("gradient.\($0.name)") }
        let total = expected.reduce(Float(0)) { $0 + norm($1) * norm($1) }.squareRoot()
        for (parameter, expected) in zip(found, expected) {
            let error = distance(parameter.value, expected) / total
            #expect(error < 1e-4, "\(parameter.name): \(error) of the global norm")
        }
    }

    /// Gradients under the names and in the layout of the family's own class.
    private func joinedGradients(_ gradient: Gradient<Transformer>) -> [(name: String, value: Tensor)] {
        JoinedParameters(gradient.values).parameters.map { name, value in
            let own = name == "embed_out.weight" ? "lm_head.weight" : name
            return (own, name.contains(".c_") && value.shape.rank == 2 ? value.transposed() : value)
        }
    }

    @Test(arguments: families) func tenStepsMatch(_ family: TransformerConfiguration.Family) throws {
        let reference = try Reference(family)
        var training = Training(
            reference.model, optimizer: AdamW(beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1),
            schedule: .constant(1e-3), maxGradientNorm: nil)
        let expected = try reference.expected.tensor("losses").scalars
        for step in 0..<10 {
            let report = training.step(tokens: reference.batch.tokens.count) { model, _ in
                model.loss(on: reference.batch)
            }
            #expect(abs(report.loss - expected[step]) < 1e-4 * expected[step], "step \(step)")
        }
    }

    @Test(arguments: families) func whatIsWrittenReadsBack(_ family: TransformerConfiguration.Family) throws {
        let reference = try Reference(family)
        let folder = URL.temporaryDirectory.appending(component: "hone-\(family.rawValue)-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try ModelDirectory(folder).write(reference.model)
        let copy = try ModelDirectory(folder).transformer()
        #expect(copy.configuration == reference.model.configuration)
        for (original, read) in zip(reference.model.parameters, copy.parameters) {
            #expect(original.name == read.name)
            #expect(original.value.scalars == read.value.scalars)
        }
    }
}
