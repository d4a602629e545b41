import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// One loop for every method: it is measured without a step, and goes on from a checkpoint as if it had not stopped.
@Suite struct ExampleMethodTests {
    private static func texts() throws -> ExampleSet<SupervisedTokens> {
        ExampleSet(
            try ParityRun.records().pairs.map { pair in
                SupervisedTokens(
                    ids: pair.prompt + pair.chosen,
                    isTrained: pair.prompt.map { _ in false } + pair.chosen.map { _ in true })
            })
    }

    /// Trains a method for some steps on batches that are kept with it, and compares it with one that was stopped.
    private func expectExactResumption<Method: ExampleMethod>(
        on examples: ExampleSet<Method.Example>, _ make: () throws -> Method
    ) throws {
        func take(_ steps: Int, _ method: inout Method, _ batches: inout ExampleBatches<Method.Example>) {
            for _ in 0..<steps { if let batch = batches.next() { method.step(on: batch) } }
        }
        let fresh = examples.batches(of: 2, epochs: 9, using: RandomSource(seed: 1))
        var (whole, wholeBatches) = (try make(), fresh)
        take(5, &whole, &wholeBatches)
        var (begun, begunBatches) = (try make(), fresh)
        take(3, &begun, &begunBatches)
        let folder = try PolicyCheckpointTests.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        try begun.writeCheckpoint(to: folder)
        try begunBatches.writeCheckpoint(to: folder)
        var (resumed, batches) = (try make(), fresh)
        try resumed.readCheckpoint(from: folder)
        try batches.readCheckpoint(from: folder)
        #expect(resumed.stepsDone == 3 && batches.position == begunBatches.position)
        take(2, &resumed, &batches)
        for (a, b) in zip(resumed.training.model.parameters, whole.training.model.parameters) {
            #expect(a.value.scalars == b.value.scalars, "\(a.name)")
        }
        // A place that the examples do not have is none.
        try Data(#"{"epoch":0,"used":99}"#.utf8).write(to: folder.appending(component: "position.json"))
        let before = batches.position
        #expect(throws: CheckpointError.self) { try batches.readCheckpoint(from: folder) }
        #expect(batches.position == before)
    }

    @Test func fineTuningGoesOn() throws {
        try expectExactResumption(on: Self.texts()) {
            var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
            (tuning.embeddingNoise, tuning.seed) = (5, 3)
            tuning.mixture = TextMixture([[1, 2, 3, 4], [5, 6, 7]], share: 0.2)
            return tuning
        }
    }

    @Test func rewardModelingGoesOn() throws {
        try expectExactResumption(on: ExampleSet(ParityRun.records().pairs)) {
            var random = RandomSource(seed: 2)
            return RewardModeling(
                RewardModel(try ParityRun.model(), using: &random), schedule: .constant(1e-3))
        }
    }

    @Test func whatIsTrainedMayBeDecidedLate() throws {
        for wantsAdapter in [false, true] {
            func make() throws -> DirectPreferenceOptimization<TrainedTransformer> {
                let model = try ParityRun.model()
                var random = RandomSource(seed: 2)
                let policy =
                    wantsAdapter
                    ? TrainedTransformer(model.adapted(rank: 2, using: &random)) : TrainedTransformer(model)
                return DirectPreferenceOptimization(policy: policy, schedule: .constant(1e-3))
            }
            try expectExactResumption(on: ExampleSet(ParityRun.records().pairs), make)
            var dpo = try make()
            dpo.step(on: try ParityRun.records().pairs)
            #expect((dpo.policy.whole == nil) == wantsAdapter && (dpo.policy.adapted == nil) != wantsAdapter)
            let names = dpo.policy.merged.parameters.map(\.name)
            #expect(names == (try ParityRun.model()).parameters.map(\.name))
        }
    }

    @Test func validationOfTextsIsTheLossOfAllTheirTargets() throws {
        let texts = Array(try Self.texts())
        let many = Array(repeating: texts, count: 9).flatMap(\.self)
        let tuning = SupervisedFineTuning(try ParityRun.model())
        let figures = tuning.validation(on: many)
        let expected = try ParityRun.model().loss(on: TokenBatch(supervising: texts)).item()
        #expect(abs((figures["loss"] ?? 0) - expected) < 1e-5 * expected)
        #expect((0...1).contains(figures["mean_token_accuracy"] ?? -1))
        #expect(tuning.stepsDone == 0)
    }

    @Test func validationOfPairsIsThatOfTheirRewards() throws {
        let pairs = try ParityRun.records().pairs
        var random = RandomSource(seed: 2)
        let modeling = RewardModeling(RewardModel(try ParityRun.model(), using: &random))
        let judged = modeling.model.judgments(of: pairs)
        let figures = modeling.validation(on: pairs)
        #expect(figures["accuracy"] == Float(judged.count { $0.isRight }) / Float(judged.count))
        let margin = judged.reduce(0) { $0 + $1.margin } / Float(judged.count)
        #expect(abs((figures["margin"] ?? 0) - margin) < 1e-5)
        let dpo = DirectPreferenceOptimization(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"), beta: 0.1)
        let (few, all) = (dpo.metrics(on: pairs), dpo.validation(on: pairs))
        #expect(all.keys == few.keys)
        for (key, value) in few {
            #expect(abs((all[key] ?? .nan) - value) < 1e-6 * max(1, abs(value)), "\(key)")
        }
    }
}
