import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Learning from preferences goes on from a checkpoint as if it had not stopped, and is measured without a step.
@Suite struct PreferenceCheckpointTests {
    private func expectEqual(_ one: some Module, _ other: some Module) {
        for (a, b) in zip(one.parameters, other.parameters) {
            #expect(a.value.scalars == b.value.scalars, "\(a.name)")
        }
    }

    private func labels() throws -> [TokenizedLabel] {
        try ParityRun.records().labeled.map {
            TokenizedLabel(prompt: $0.prompt, completion: $0.completion, isDesirable: $0.label)
        }
    }

    @Test func theRunningMeanOfRewardsGoesOn() throws {
        func make() throws -> BinaryClassifierOptimization<Transformer> {
            BinaryClassifierOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                objective: .init(), schedule: .constant(1e-3))
        }
        let batch = try labels()
        var whole = try make()
        for _ in 0..<4 { whole.step(on: batch) }
        var begun = try make()
        for _ in 0..<2 { begun.step(on: batch) }
        let folder = try PolicyCheckpointTests.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        try begun.writeCheckpoint(to: folder)
        var resumed = try make()
        try resumed.readCheckpoint(from: folder)
        #expect(resumed.meanReward == begun.meanReward && begun.meanReward != 0)
        for _ in 0..<2 { resumed.step(on: batch) }
        #expect(resumed.meanReward == whole.meanReward)
        expectEqual(resumed.policy, whole.policy)

        try Data(#"{"count":-1,"mean":0,"squares":0}"#.utf8)
            .write(to: folder.appending(component: "progress.json"))
        #expect(throws: CheckpointError.self) { try resumed.readCheckpoint(from: folder) }
    }

    @Test func aMovingReferenceGoesOn() throws {
        func make() throws -> DirectPreferenceOptimization<Transformer> {
            var dpo = DirectPreferenceOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                schedule: .constant(1e-3))
            dpo.referenceUpdate = ReferenceUpdate(mixture: 0.6, interval: 2)
            return dpo
        }
        let batch = try ParityRun.records().pairs
        var whole = try make()
        for _ in 0..<5 { whole.step(on: batch) }
        var begun = try make()
        for _ in 0..<3 { begun.step(on: batch) }
        let folder = try PolicyCheckpointTests.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        try begun.writeCheckpoint(to: folder)
        var resumed = try make()
        try resumed.readCheckpoint(from: folder)
        expectEqual(try #require(resumed.reference), try #require(begun.reference))
        for _ in 0..<2 { resumed.step(on: batch) }
        expectEqual(resumed.policy, whole.policy)
        expectEqual(try #require(resumed.reference), try #require(whole.reference))
    }

    @Test func measuringIsWhatTheNextStepReports() throws {
        let pairs = try ParityRun.records().pairs
        var dpo = DirectPreferenceOptimization(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"))
        var orpo = ReferenceFreeOptimization(policy: try ParityRun.model(), objective: .init(.orpo))
        var kto = KahnemanTverskyOptimization(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"), objective: .init())
        let batch = try labels()
        let measured = [
            dpo.metrics(on: pairs), orpo.metrics(on: pairs), kto.metrics(on: batch),
        ]
        let reports = [dpo.step(on: pairs), orpo.step(on: pairs), kto.step(on: batch)]
        for (metrics, report) in zip(measured, reports) {
            #expect(abs((metrics["loss"] ?? .nan) - report.loss) < 1e-6)
            for key in ["rewards/margins", "rewards/chosen", "logps/rejected"] {
                #expect(abs((metrics[key] ?? .nan) - (report.metrics[key] ?? .nan)) < 1e-4, "\(key)")
            }
            #expect((0...1).contains(metrics["rewards/accuracies"] ?? .nan))
        }
    }

    @Test func aCompletionIsNotComparedWithItself() async {
        await #expect(processExitsWith: .failure) {
            let label = TokenizedLabel(prompt: [1, 2], completion: [3], isDesirable: true)
            var kto = KahnemanTverskyOptimization(policy: try ParityRun.model(), objective: .init())
            kto.step(on: [label])
        }
    }
}
