import Alignment
import Conversations
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Every method of training comes to the same weights, bit by bit, on any number of ranks.
@Suite struct SharedStepTests {
    /// Some of a step's gradients are added up while others are computed.
    private static let bucketSize = 2_000

    /// Makes some steps in four parts on 1, 2, 3 and 4 ranks.
    ///
    /// - Parameter dealsOutStates: True where the states of the optimizer are dealt out among the ranks.
    private static func expectEqualBits<Method: TrainingMethod>(
        _ steps: Int = 3, dealsOutStates: Bool = false, _ make: @escaping @Sendable () throws -> Method,
        _ step: @escaping @Sendable (_ method: inout Method, _ number: Int) throws -> StepReport
    ) throws {
        let outcomes = try [1, 2, 3, 4].map { ranks in
            try onRanks(ranks) { communicator in
                var method = try make()
                method.training.sharing = WorkSharing(parts: 4, among: communicator)
                method.training.sharing.dealsOutStates = dealsOutStates
                method.training.sharing.bucketSize = bucketSize
                let reports = try (0..<steps).map { try step(&method, $0) }
                return SharedRun.Outcome(method.training.model, reports)
            }
        }
        let alone = outcomes[0][0]
        #expect(alone.reports.allSatisfy { !$0.contains("nan") && $0.contains("nil") })
        for (ranks, outcome) in zip(1..., outcomes) {
            for rank in outcome.indices {
                #expect(outcome[rank].parameters == alone.parameters, "rank \(rank) of \(ranks)")
                #expect(outcome[rank].reports == alone.reports, "rank \(rank) of \(ranks)")
            }
        }
    }

    private static func pairs(_ number: Int) throws -> [TokenizedPair] {
        let pairs = try ParityRun.records().pairs
        // The second step sees the examples in another order, and so in other parts.
        return number % 2 == 0 ? pairs : pairs.reversed()
    }

    private static func labels() throws -> [TokenizedLabel] {
        try ParityRun.records().labeled.map {
            TokenizedLabel(prompt: $0.prompt, completion: $0.completion, isDesirable: $0.label)
        }
    }

    @Test(arguments: [false, true]) func preTraining(dealsOutStates: Bool) throws {
        let batch = TokenBatch(predicting: SharedRun.sequences([20, 12, 31, 7, 18, 25, 3, 16]))
        try Self.expectEqualBits(dealsOutStates: dealsOutStates) {
            Pretraining(try ParityRun.model(), optimizer: Muon(), schedule: .constant(1e-3), zLoss: 1e-4)
        } _: { method, _ in
            method.step(on: batch)
        }
    }

    /// Those that do not update one parameter apart from another keep all states on all ranks.
    @Test(arguments: 0..<5) func optimizersWhoseStatesAreToBeDealtOut(optimizer: Int) throws {
        let texts = SharedRun.texts
        try Self.expectEqualBits(dealsOutStates: true) {
            let optimizers: [any Optimizer] = [AdamW(), Muon(), SGD(momentum: 0.9), Lion(), Adafactor()]
            return SupervisedFineTuning(
                try ParityRun.model(), optimizer: optimizers[optimizer], schedule: .constant(1e-3))
        } _: { method, _ in
            method.step(on: texts)
        }
    }

    /// The order of MPI knows nothing of the parameters of a rank.
    @Test func statesAreNotDealtOutWherePlainSumsAre() throws {
        let texts = SharedRun.texts
        let outcomes = try [false, true].map { dealsOutStates in
            try onRanks(3) { communicator in
                var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
                tuning.training.sharing = WorkSharing(parts: 3, among: communicator, reduction: .plain)
                tuning.training.sharing.dealsOutStates = dealsOutStates
                let reports = (0..<2).map { _ in tuning.step(on: texts) }
                return SharedRun.Outcome(tuning.model, reports)
            }
        }
        #expect(outcomes[0] == outcomes[1])
        #expect(outcomes[0].allSatisfy { $0 == outcomes[0][0] })
    }

    @Test(arguments: [false, true]) func supervisedFineTuning(dealsOutStates: Bool) throws {
        let texts = SharedRun.texts
        try Self.expectEqualBits(dealsOutStates: dealsOutStates) {
            var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
            tuning.embeddingNoise = 5
            tuning.mixture = TextMixture(SharedRun.sequences([30, 40], seed: 5), share: 0.2)
            return tuning
        } _: { method, _ in
            method.step(on: texts)
        }
    }

    @Test func rewardModeling() throws {
        try Self.expectEqualBits {
            var random = RandomSource(seed: 4)
            return RewardModeling(
                RewardModel(try ParityRun.model(), using: &random), centering: 0.01,
                schedule: .constant(1e-3))
        } _: { method, number in
            method.step(on: try Self.pairs(number))
        }
    }

    @Test func directPreferences() throws {
        try Self.expectEqualBits(4) {
            DirectPreferenceOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                losses: [.init(.sigmoid), .init(.sft, weight: 0.3)], schedule: .constant(1e-3))
        } _: { method, number in
            method.step(on: try Self.pairs(number))
        }
    }

    @Test func labeledCompletions() throws {
        try Self.expectEqualBits {
            KahnemanTverskyOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                objective: .init(), schedule: .constant(1e-3))
        } _: { method, _ in
            method.step(on: try Self.labels())
        }
    }

    @Test func binaryClassifier() throws {
        try Self.expectEqualBits {
            BinaryClassifierOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                objective: .init(), schedule: .constant(1e-3))
        } _: { method, _ in
            method.step(on: try Self.labels())
        }
    }

    @Test(arguments: [ReferenceFreeLoss.orpo, .cpo(), .simpo()])
    func referenceFreePreferences(loss: ReferenceFreeLoss) throws {
        try Self.expectEqualBits {
            ReferenceFreeOptimization(
                policy: try ParityRun.model(), objective: .init(loss), schedule: .constant(1e-3))
        } _: { method, number in
            method.step(on: try Self.pairs(number))
        }
    }

    @Test func distillation() throws {
        let texts = SharedRun.texts
        try Self.expectEqualBits(4) {
            var distillation = Distillation(
                try ParityRun.model(), teacher: try ParityRun.model("reference"),
                rollouts: RolloutSettings(groupSize: 1, maxTokens: 6, stopTokens: [1]),
                schedule: .constant(1e-3))
            distillation.seed = 3
            return distillation
        } _: { method, _ in
            method.step(on: texts)
        }
    }

    @Test func groupRelativePolicy() throws {
        let demonstrations = SharedRun.texts
        try Self.expectEqualBits {
            var grpo = GroupRelativePolicyOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                rollouts: RolloutSettings(groupSize: 3, maxTokens: 8, stopTokens: [1]), beta: 0.05,
                plan: UpdatePlan(epochs: 2, miniBatches: 2), schedule: .constant(1e-3))
            grpo.imitation = Imitation(demonstrations, weight: 0.5)
            return grpo
        } _: { method, number in
            method.step(on: SharedRun.experience(method, number, prompts: 9))
        }
    }

    @Test func leaveOneOut() throws {
        try Self.expectEqualBits {
            ReinforceLeaveOneOut(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                rollouts: RolloutSettings(groupSize: 2, maxTokens: 8, stopTokens: [1]),
                schedule: .constant(1e-3))
        } _: { method, number in
            method.step(on: SharedRun.experience(method, number, prompts: 6))
        }
    }

    @Test(arguments: [false, true]) func proximalPolicy(dealsOutStates: Bool) throws {
        try Self.expectEqualBits(dealsOutStates: dealsOutStates) {
            var random = RandomSource(seed: 4)
            return ProximalPolicyOptimization(
                policy: try ParityRun.model(),
                critic: RewardModel(try ParityRun.model(), using: &random),
                rollouts: RolloutSettings(groupSize: 1, maxTokens: 8, stopTokens: [1]),
                plan: UpdatePlan(epochs: 2, miniBatches: 2), schedule: .constant(1e-3))
        } _: { method, number in
            method.step(on: SharedRun.experience(method, number, prompts: 10))
        }
    }

    @Test func onePartIsComputedByOneRank() throws {
        let batch = TokenBatch(predicting: SharedRun.sequences([20, 12]))
        let outcomes = try [1, 3].map { ranks in
            try onRanks(ranks) { communicator in
                var method = Pretraining(try ParityRun.model(), schedule: .constant(1e-3))
                method.training.sharing = WorkSharing(parts: 1, among: communicator)
                let report = method.step(on: batch)
                return SharedRun.Outcome(method.model, [report])
            }
        }
        #expect(outcomes[1].allSatisfy { $0 == outcomes[0][0] })
    }
}
