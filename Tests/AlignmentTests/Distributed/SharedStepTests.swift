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

    /// What a run ends with: all parameters, and the figures of all steps.
    private struct Outcome: Sendable, Equatable {
        var parameters: [[UInt32]]
        var reports: [String]

        init(_ model: some Module, _ reports: [StepReport]) {
            parameters = model.parameters.map { $0.value.scalars.map(\.bitPattern) }
            self.reports = reports.map { report in
                "\(report.loss) \(report.gradientNorm) \(report.tokens) \(report.refusal as Any) "
                    + report.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                        separator: " ")
                    + report.distributions.sorted { $0.key < $1.key }.map { "\($0)" }.joined()
            }
        }
    }

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
                return Outcome(method.training.model, reports)
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

    private static func sequences(_ lengths: [Int], seed: UInt64 = 2) -> [[Int32]] {
        var random = RandomSource(seed: seed)
        return lengths.map { length in (0..<length).map { _ in Int32(random.integer(in: 3..<36)) } }
    }

    /// Texts of which the second half is learned.
    private static var texts: [SupervisedTokens] {
        sequences([9, 14, 6, 21, 8, 12, 17]).map { ids in
            SupervisedTokens(ids: ids, isTrained: ids.indices.map { $0 >= ids.count / 2 })
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
        let batch = TokenBatch(predicting: Self.sequences([20, 12, 31, 7, 18, 25, 3, 16]))
        try Self.expectEqualBits(dealsOutStates: dealsOutStates) {
            Pretraining(try ParityRun.model(), optimizer: Muon(), schedule: .constant(1e-3), zLoss: 1e-4)
        } _: { method, _ in
            method.step(on: batch)
        }
    }

    /// Those that do not update one parameter apart from another keep all states on all ranks.
    @Test(arguments: 0..<5) func optimizersWhoseStatesAreToBeDealtOut(optimizer: Int) throws {
        let texts = Self.texts
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
        let texts = Self.texts
        let outcomes = try [false, true].map { dealsOutStates in
            try onRanks(3) { communicator in
                var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
                tuning.training.sharing = WorkSharing(parts: 3, among: communicator, reduction: .plain)
                tuning.training.sharing.dealsOutStates = dealsOutStates
                let reports = (0..<2).map { _ in tuning.step(on: texts) }
                return Outcome(tuning.model, reports)
            }
        }
        #expect(outcomes[0] == outcomes[1])
        #expect(outcomes[0].allSatisfy { $0 == outcomes[0][0] })
    }

    @Test(arguments: [false, true]) func supervisedFineTuning(dealsOutStates: Bool) throws {
        let texts = Self.texts
        try Self.expectEqualBits(dealsOutStates: dealsOutStates) {
            var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
            tuning.embeddingNoise = 5
            tuning.mixture = TextMixture(Self.sequences([30, 40], seed: 5), share: 0.2)
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
        let texts = Self.texts
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

    /// The prompts of a step, answered and rewarded on the ranks that share it.
    private static func experience<Method: PolicyOptimization>(
        _ method: Method, _ number: Int, prompts: Int
    ) -> Experience {
        let prompts = sequences((0..<prompts).map { 3 + $0 % 4 }, seed: UInt64(number))
        let (rollouts, policy) = (method.rollouts, method.policy.transformer)
        let reward = CompletionReward("spread") { prompt, completion in
            Float(completion.reduce(0) { $0 + Int($1) } % 7) - Float(prompt.count)
        }
        return method.training.sharing.experience(
            of: prompts, using: RandomSource(seed: 9, step: number)
        ) { prompts, random in
            rollouts.rollout(of: prompts, by: policy, using: random).scored(by: reward)
        }
    }

    @Test func groupRelativePolicy() throws {
        let demonstrations = Self.texts
        try Self.expectEqualBits {
            var grpo = GroupRelativePolicyOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                rollouts: RolloutSettings(groupSize: 3, maxTokens: 8, stopTokens: [1]), beta: 0.05,
                plan: UpdatePlan(epochs: 2, miniBatches: 2), schedule: .constant(1e-3))
            grpo.imitation = Imitation(demonstrations, weight: 0.5)
            return grpo
        } _: { method, number in
            method.step(on: Self.experience(method, number, prompts: 9))
        }
    }

    @Test func leaveOneOut() throws {
        try Self.expectEqualBits {
            ReinforceLeaveOneOut(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                rollouts: RolloutSettings(groupSize: 2, maxTokens: 8, stopTokens: [1]),
                schedule: .constant(1e-3))
        } _: { method, number in
            method.step(on: Self.experience(method, number, prompts: 6))
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
            method.step(on: Self.experience(method, number, prompts: 10))
        }
    }

    @Test func aRunStoppedOnFourRanksGoesOnOnTwo() throws {
        let texts = Self.texts
        @Sendable func make(_ communicator: any Communicator) throws -> SupervisedFineTuning<Transformer> {
            var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
            tuning.training.sharing = WorkSharing(parts: 4, among: communicator)
            return tuning
        }
        let folder = TemporaryFolder()
        let place = folder.url
        _ = try onRanks(4) { communicator in
            var tuning = try make(communicator)
            for _ in 0..<2 { tuning.step(on: texts) }
            if communicator.rank == 0 { try tuning.writeCheckpoint(to: place) }
        }
        let resumed = try onRanks(2) { communicator in
            var tuning = try make(communicator)
            try tuning.readCheckpoint(from: place)
            let reports = (0..<2).map { _ in tuning.step(on: texts) }
            return Outcome(tuning.model, reports)
        }
        var alone = try make(SingleProcess())
        for _ in 0..<2 { alone.step(on: texts) }
        let whole = Outcome(alone.model, [])
        #expect(whole.parameters != resumed[0].parameters)
        let expected = (0..<2).map { _ in alone.step(on: texts) }
        #expect(resumed.allSatisfy { $0 == Outcome(alone.model, expected) })
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: [0, 1]) func eachRankKeepsStatesOfItsOwnParametersAlone(optimizer: Int) throws {
        let texts = Self.texts
        @Sendable func make() throws -> SupervisedFineTuning<Transformer> {
            let optimizers: [any Optimizer] = [AdamW(), Muon()]
            return SupervisedFineTuning(
                try ParityRun.model(), optimizer: optimizers[optimizer], schedule: .constant(1e-3),
                accumulation: 4)
        }
        var alone = try make()
        for _ in 0..<2 { alone.step(on: texts) }
        let whole = alone.training.optimizer.state.tensors.mapValues(\.scalars)
        let folders = (0..<2).map { _ in TemporaryFolder() }
        try alone.writeCheckpoint(to: folders[0].url)
        let place = folders[1].url
        let states = try onRanks(3) { communicator in
            var tuning = try make()
            tuning.training.sharing.communicator = communicator
            tuning.training.sharing.dealsOutStates = true
            for _ in 0..<2 { tuning.step(on: texts) }
            let own = tuning.training.optimizer.state.tensors.mapValues(\.scalars)
            tuning.training.gatherStates()
            if communicator.rank == 0 { try tuning.writeCheckpoint(to: place) }
            tuning.training.dropStatesOfOthers()
            #expect(tuning.training.optimizer.state.tensors.mapValues(\.scalars) == own)
            return own
        }
        #expect(states.map(\.count).reduce(0, +) == whole.count)
        #expect(states.reduce(into: [:]) { $0.merge($1) { a, _ in a } } == whole)
        let files = try folders.map {
            try Data(contentsOf: $0.url.appending(component: "training.safetensors"))
        }
        #expect(files[0] == files[1])
    }

    /// On three ranks, and then from their checkpoint on two.
    @Test func eachRankKeepsStatesOfItsOwnParametersOfTheCriticAlone() throws {
        typealias PPO = ProximalPolicyOptimization<Transformer>
        @Sendable func make(_ communicator: any Communicator) throws -> PPO {
            var random = RandomSource(seed: 4)
            var ppo = ProximalPolicyOptimization(
                policy: try ParityRun.model(), critic: RewardModel(try ParityRun.model(), using: &random),
                rollouts: RolloutSettings(groupSize: 1, maxTokens: 8, stopTokens: [1]),
                schedule: .constant(1e-3))
            ppo.training.sharing = WorkSharing(parts: 4, among: communicator)
            ppo.training.sharing.dealsOutStates = true
            return ppo
        }
        @Sendable func step(_ ppo: inout PPO, _ number: Int) -> StepReport {
            ppo.step(on: Self.experience(ppo, number, prompts: 8))
        }
        var alone = try make(SingleProcess())
        for number in 0..<2 { _ = step(&alone, number) }
        let whole = alone.advantages.critic.optimizer.state.tensors.mapValues(\.scalars)
        let folders = (0..<2).map { _ in TemporaryFolder() }
        try alone.writeCheckpoint(to: folders[0].url)
        defer { withExtendedLifetime(folders) {} }
        let place = folders[1].url
        let states = try onRanks(3) { communicator in
            var ppo = try make(communicator)
            for number in 0..<2 { _ = step(&ppo, number) }
            let own = ppo.advantages.critic.optimizer.state.tensors.mapValues(\.scalars)
            ppo.gatherStates()
            if communicator.rank == 0 { try ppo.writeCheckpoint(to: place) }
            ppo.dropStatesOfOthers()
            #expect(ppo.advantages.critic.optimizer.state.tensors.mapValues(\.scalars) == own)
            return own
        }
        #expect(states.map(\.count).reduce(0, +) == whole.count)
        #expect(states.reduce(into: [:]) { $0.merge($1) { a, _ in a } } == whole)
        for name in ["training.safetensors", "critic.safetensors"] {
            let files = try folders.map { try Data(contentsOf: $0.url.appending(component: name)) }
            #expect(files[0] == files[1], "\(name)")
        }
        let report = step(&alone, 2)
        let expected = Outcome(alone.advantages.critic.model, [report])
        let expectedStates = alone.advantages.critic.optimizer.state.tensors.mapValues(\.scalars)
        // Whether or not what belongs to others is dropped first.
        for drops in [true, false] {
            let resumed = try onRanks(2) { communicator in
                var ppo = try make(communicator)
                try ppo.readCheckpoint(from: place)
                if drops { ppo.dropStatesOfOthers() }
                #expect((ppo.advantages.critic.optimizer.state.tensors.count < whole.count) == drops)
                let report = step(&ppo, 2)
                ppo.gatherStates()
                let states = ppo.advantages.critic.optimizer.state.tensors.mapValues(\.scalars)
                return (Outcome(ppo.advantages.critic.model, [report]), states)
            }
            #expect(resumed.allSatisfy { $0.0 == expected && $0.1 == expectedStates })
        }
    }

    @Test func onePartIsComputedByOneRank() throws {
        let batch = TokenBatch(predicting: Self.sequences([20, 12]))
        let outcomes = try [1, 3].map { ranks in
            try onRanks(ranks) { communicator in
                var method = Pretraining(try ParityRun.model(), schedule: .constant(1e-3))
                method.training.sharing = WorkSharing(parts: 1, among: communicator)
                let report = method.step(on: batch)
                return Outcome(method.model, [report])
            }
        }
        #expect(outcomes[1].allSatisfy { $0 == outcomes[0][0] })
    }
}
