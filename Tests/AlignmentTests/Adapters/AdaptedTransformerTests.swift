import Alignment
import LanguageModel
import NeuralCore
import Testing

/// An adapter learns and leaves its base alone, with every method.
@Suite struct AdaptedTransformerTests {
    static let configurations = {
        var dora = LowRankConfiguration(rank: 4, alpha: 8)
        dora.learnsMagnitudes = true
        var few = LowRankConfiguration(rank: 2, alpha: 2)
        few.targets = [.query, .down]
        few.scaling = .byRootOfRank
        return [LowRankConfiguration(rank: 4, alpha: 8), dora, few]
    }()

    private func start(_ configuration: LowRankConfiguration = configurations[0]) throws -> AdaptedTransformer
    {
        var random = RandomSource(seed: 3)
        let base = try ParityRun.model()
        return base.applying(LowRankAdapter(configuration, for: base, using: &random))
    }

    private func bits(_ model: some Module) -> [[UInt32]] {
        model.parameters.map { $0.value.scalars.map(\.bitPattern) }
    }

    @Test(arguments: configurations) func aFreshAdapterChangesNothing(
        _ configuration: LowRankConfiguration
    ) throws {
        let model = try start(configuration)
        let batch = TokenBatch(predicting: [[1, 2, 3, 4, 5, 6]])
        let (one, two) = (model.base.loss(on: batch).item(), model.transformer.loss(on: batch).item())
        // The gain of DoRA is a norm divided by itself, computed in two ways.
        #expect(abs(one - two) <= (configuration.learnsMagnitudes ? 1e-5 : 0))
    }

    @Test(arguments: configurations) func mergedEqualsUnmerged(_ configuration: LowRankConfiguration) throws {
        var model = try start(configuration)
        var random = RandomSource(seed: 9)
        model.forEachParameter { _, parameter in
            parameter =
                parameter
                + Tensor(of: parameter.shape, from: .normal(standardDeviation: 0.1), using: &random)
        }
        let batch = TokenBatch(predicting: [[1, 2, 3, 4, 5, 6]])
        let (one, two) = (model.transformer.loss(on: batch).item(), model.merged.loss(on: batch).item())
        #expect(abs(one - two) < 1e-5 * one)
    }

    /// Trains for some steps and expects the loss to fall while the base keeps its bits.
    private func expectLearning<Method>(
        _ method: Method, base: (Method) -> Transformer, step: (inout Method) throws -> StepReport
    ) throws {
        var method = method
        let before = bits(base(method))
        let first = try step(&method).loss
        var last = first
        for _ in 0..<20 { last = try step(&method).loss }
        #expect(last < first)
        #expect(bits(base(method)) == before)
    }

    @Test(arguments: configurations) func supervisedFineTuningMovesOnlyTheAdapter(
        _ configuration: LowRankConfiguration
    ) throws {
        let groups = try ParityRun.records().pairs.map {
            CompletionBatch.Group(prompt: $0.prompt, completions: [$0.chosen])
        }
        let batch = CompletionBatch(groups).tokens
        try expectLearning(
            SupervisedFineTuning(try start(configuration), schedule: .constant(1e-2)),
            base: { $0.model.base }, step: { $0.step(on: batch) })
    }

    @Test(arguments: configurations) func preferencesMoveOnlyTheAdapter(
        _ configuration: LowRankConfiguration
    ) throws {
        let pairs = try ParityRun.records().pairs
        let dpo = DirectPreferenceOptimization(
            policy: try start(configuration), schedule: .constant(1e-2))
        try expectLearning(dpo, base: { $0.policy.base }, step: { $0.step(on: pairs) })
        try expectLearning(
            ReferenceFreeOptimization(
                policy: try start(configuration), objective: .init(.orpo), schedule: .constant(1e-2)),
            base: { $0.policy.base }, step: { $0.step(on: pairs) })
        let labeled = try ParityRun.records().labeled.map {
            TokenizedLabel(prompt: $0.prompt, completion: $0.completion, isDesirable: $0.label)
        }
        try expectLearning(
            KahnemanTverskyOptimization(
                policy: try start(configuration), objective: .init(), schedule: .constant(1e-2)),
            base: { $0.policy.base }, step: { $0.step(on: labeled) })
        try expectLearning(
            BinaryClassifierOptimization(
                policy: try start(configuration), objective: .init(), schedule: .constant(1e-2)),
            base: { $0.policy.base }, step: { $0.step(on: labeled) })
    }

    @Test func rewardModelingMovesTheAdapterAndTheScore() throws {
        var random = RandomSource(seed: 8)
        let pairs = try ParityRun.records().pairs
        let model = AdaptedRewardModel(try start(), using: &random)
        try expectLearning(
            RewardModeling(model, schedule: .constant(1e-2)), base: { $0.model.body.base },
            step: { $0.step(on: pairs) })
    }

    @Test func theReferenceFollowsAnAdapter() throws {
        let batch = try ParityRun.records().pairs
        var dpo = DirectPreferenceOptimization(policy: try start(), schedule: .constant(1e-2))
        dpo.referenceUpdate = ReferenceUpdate(mixture: 1, interval: 1)
        dpo.step(on: batch)
        #expect(bits(try #require(dpo.reference)) == bits(dpo.policy.merged))
    }

    @Test func dropoutFollowsFromTheSeedAndTheStep() throws {
        var configuration = Self.configurations[0]
        configuration.dropout = 0.5
        let batch = TokenBatch(predicting: [[1, 2, 3, 4, 5, 6, 7, 8]])
        func losses(_ configuration: LowRankConfiguration, seed: UInt64) throws -> [Float] {
            var tuning = SupervisedFineTuning(try start(configuration), schedule: .constant(1e-2))
            tuning.seed = seed
            return (0..<4).map { _ in tuning.step(on: batch).loss }
        }
        let dropped = try losses(configuration, seed: 1)
        #expect(try dropped == losses(configuration, seed: 1))
        #expect(try dropped.last != losses(configuration, seed: 2).last)
        #expect(try dropped.last != losses(Self.configurations[0], seed: 1).last)
    }
}
