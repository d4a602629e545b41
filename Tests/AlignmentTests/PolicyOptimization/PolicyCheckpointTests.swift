import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// A run that is interrupted goes on as if it had not been.
@Suite struct PolicyCheckpointTests {
    struct Interrupt: Error {}

    static var folder: URL {
        get throws {
            let folder = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return folder
        }
    }

    static func step(_ method: inout some PolicyOptimization) {
        let random = RandomSource(seed: 3, step: method.counts.steps)
        let rollout = method.rollout(of: TinyTask.prompts, using: random)
        method.step(on: rollout.scored(by: TinyTask.reward))
    }

    /// Four steps; and two, a third broken off in the middle of its rollout, then two by a value made anew.
    func expectSameBits<Method: PolicyOptimization>(_ make: () -> Method) throws -> (Method, Method) {
        var whole = make()
        for _ in 0..<4 { Self.step(&whole) }

        var begun = make()
        for _ in 0..<2 { Self.step(&begun) }
        let folder = try Self.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        try begun.writeCheckpoint(to: folder)
        var tokens = 0
        #expect(throws: Interrupt.self) {
            try begun.rollout(of: TinyTask.prompts, using: RandomSource(seed: 3, step: 2)) {
                () throws(Interrupt) in
                tokens += 1
                if tokens == 3 { throw Interrupt() }
            }
        }

        var resumed = make()
        try resumed.readCheckpoint(from: folder)
        #expect(resumed.counts.steps == 2)
        #expect(resumed.training.stepsTaken == begun.training.stepsTaken)
        for _ in 0..<2 { Self.step(&resumed) }
        #expect(resumed.counts == whole.counts)
        expectEqual(resumed.policy, whole.policy)
        return (resumed, whole)
    }

    func expectEqual(_ one: some Module, _ other: some Module) {
        for (a, b) in zip(one.parameters, other.parameters) {
            #expect(a.value.scalars == b.value.scalars, "\(a.name)")
        }
    }

    @Test func proximalOptimizationGoesOn() throws {
        let (resumed, whole) = try expectSameBits {
            ProximalPolicyOptimization(
                policy: TinyTask.model(), critic: TinyTask.critic(), rollouts: TinyTask.settings,
                plan: UpdatePlan(epochs: 2, miniBatches: 2),
                kl: .adaptive(target: 0.1, horizon: 100), schedule: .constant(1e-3))
        }
        #expect(resumed.kl == whole.kl)
        expectEqual(resumed.critic.model, whole.critic.model)
    }

    @Test func groupRelativeOptimizationGoesOn() throws {
        _ = try expectSameBits {
            var grpo = GroupRelativePolicyOptimization(
                policy: TinyTask.model(), rollouts: TinyTask.settings, beta: 0.1,
                plan: UpdatePlan(epochs: 2, miniBatches: 2), schedule: .constant(1e-3))
            grpo.imitation = Imitation(
                (1...9).map { SupervisedTokens(ids: [1, $0, 0], isTrained: [false, true, true]) })
            return grpo
        }
    }

    @Test func onlinePreferencesGoOn() throws {
        _ = try expectSameBits {
            OnlinePreferenceOptimization(
                DirectPreferenceOptimization(
                    policy: TinyTask.model(), reference: TinyTask.model(), schedule: .constant(1e-3)),
                rollouts: TinyTask.settings)
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"counts":{"steps":-1,"episodes":0,"tokens":0}}"#,
        #"{"counts":{"steps":9223372036854775807,"episodes":0,"tokens":0}}"#,
    ])
    func aDamagedCheckpointIsRefused(_ text: String) throws {
        var grpo = GroupRelativePolicyOptimization(policy: TinyTask.model(), rollouts: TinyTask.settings)
        let folder = try Self.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: CheckpointError.self) { try grpo.readCheckpoint(from: folder) }
        try grpo.writeCheckpoint(to: folder)
        try Data(text.utf8).write(to: folder.appending(component: "progress.json"))
        #expect(throws: CheckpointError.self) { try grpo.readCheckpoint(from: folder) }
    }
}
