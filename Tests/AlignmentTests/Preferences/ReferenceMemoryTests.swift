import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// The reference reads each example once, and a run that goes on has the numbers of one that was not stopped.
@Suite struct ReferenceMemoryTests {
    typealias DPO = DirectPreferenceOptimization<Transformer>

    /// Products in bfloat16, where rounding depends on what else is in a batch.
    private func make(remembering tokens: Int? = nil) throws -> DPO {
        var (policy, reference) = (try ParityRun.model(), try ParityRun.model("reference"))
        (policy.precision, reference.precision) = (.bfloat16, .bfloat16)
        var dpo = DPO(policy: policy, reference: reference, schedule: .constant(1e-3))
        if let tokens { dpo.rememberedTokens = tokens }
        return dpo
    }

    private func bits(_ method: DPO) -> [[Float]] { method.policy.parameters.map(\.value.scalars) }

    /// Batches of two epochs, in another composition in the second.
    private func batches() throws -> [[TokenizedPair]] {
        let pairs = try ParityRun.records().pairs
        return [
            Array(pairs[0..<3]), Array(pairs[3..<6]), [pairs[0], pairs[4], pairs[2]],
            [pairs[5], pairs[1], pairs[3]],
        ]
    }

    @Test func eachExampleIsRememberedOnce() throws {
        var dpo = try make()
        var counts: [Int] = []
        for batch in try batches() {
            dpo.step(on: batch)
            counts.append(dpo.memory.count)
        }
        #expect(counts == [3, 6, 6, 6])
        // With sums in float32 alone a remembered number is the one that is computed anew.
        var (remembering, forgetting) = (try make(), try make(remembering: 0))
        remembering.training.model.precision = .float32
        forgetting.training.model.precision = .float32
        remembering.reference?.precision = .float32
        forgetting.reference?.precision = .float32
        for batch in try batches() {
            remembering.step(on: batch)
            forgetting.step(on: batch)
        }
        #expect(forgetting.memory.count == 0)
        #expect(bits(remembering) == bits(forgetting))
    }

    @Test func theMemoryIsBounded() throws {
        let pairs = try ParityRun.records().pairs
        let first = pairs[0].chosen.count + pairs[0].rejected.count
        var dpo = try make(remembering: first)
        dpo.step(on: [pairs[0]])
        dpo.step(on: [pairs[1]])
        dpo.step(on: pairs)
        #expect(dpo.memory.count == 1)
    }

    @Test func examplesAreRecognizedByTheirTokens() throws {
        var dpo = try make()
        let pair = TokenizedPair(prompt: [1, 2], chosen: [3, 4], rejected: [5])
        dpo.step(on: [pair])
        dpo.step(on: [TokenizedPair(prompt: [1, 2], chosen: [3, 4], rejected: [5], margin: 2)])
        #expect(dpo.memory.count == 1)
        // The same ids in other places are another example.
        dpo.step(on: [TokenizedPair(prompt: [1], chosen: [2, 3, 4], rejected: [5])])
        dpo.step(on: [TokenizedPair(prompt: [1, 2], chosen: [3], rejected: [4, 5])])
        #expect(dpo.memory.count == 3)
        dpo.reference = try ParityRun.model()
        #expect(dpo.memory.count == 0)
    }

    @Test func aRunThatGoesOnRemembersTheSame() throws {
        let batches = try batches()
        var whole = try make()
        for batch in batches { whole.step(on: batch) }
        var begun = try make()
        for batch in batches[..<2] { begun.step(on: batch) }
        let folder = try PolicyCheckpointTests.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        try begun.writeCheckpoint(to: folder)
        var resumed = try make()
        try resumed.readCheckpoint(from: folder)
        #expect(resumed.memory.count == 6)
        for batch in batches[2...] { resumed.step(on: batch) }
        #expect(bits(resumed) == bits(whole))

        let file = folder.appending(component: "remembered.safetensors")
        var writer = SafetensorsWriter()
        writer.add([Int64](repeating: 1, count: 4), named: "identities")
        writer.add([Int64(4), 3], named: "ends")
        writer.add(Tensor([1, 2, 3]), named: "log_probabilities")
        try writer.write(to: file)
        #expect(throws: CheckpointError.self) { try resumed.readCheckpoint(from: folder) }
        try FileManager.default.removeItem(at: file)
        #expect(throws: CheckpointError.self) { try resumed.readCheckpoint(from: folder) }
        #expect(resumed.memory.count == 6)
    }

    @Test func aRunThatHasNotBegunIsWrittenToo() throws {
        let folder = try PolicyCheckpointTests.folder
        defer { try? FileManager.default.removeItem(at: folder) }
        try make().writeCheckpoint(to: folder)
        var dpo = try make()
        try dpo.readCheckpoint(from: folder)
        #expect(dpo.memory.count == 0)
    }
}

/// A loss of one's own, against a gradient by hand.
@Suite struct OwnPreferenceLossTests {
    let squaredHinge = PreferenceLoss { (1 - $0.margin * $0.beta).relu().squared() }

    /// L = mean of relu(1 − βm)², so dL/dm = −2β relu(1 − βm) / n, and the rest is the gradient of the margins.
    @Test func aStepGoesAlongTheGradientByHand() throws {
        let pairs = try ParityRun.records().pairs
        let (policy, reference) = (try ParityRun.model(), try ParityRun.model("reference"))
        let (beta, rate): (Float, Float) = (0.4, 0.05)
        var dpo = DirectPreferenceOptimization(
            policy: policy, reference: reference, beta: beta, loss: squaredHinge, optimizer: SGD(),
            schedule: .constant(rate), maxGradientNorm: nil)
        let report = dpo.step(on: pairs)

        let batch = CompletionBatch(pairs.map(\.group))
        let theirs = batch.logProbabilities(under: reference)
        func margins(_ model: Transformer) -> Tensor {
            let logs = model.predictions(on: batch.tokens).logProbabilities - theirs
            let sums = logs.summed(into: batch.count, at: batch.tokens.sequenceOfTarget)
            return sums.rows(at: pairs.indices.map { Int32(2 * $0) })
                - sums.rows(at: pairs.indices.map { Int32(2 * $0 + 1) })
        }
        let found = margins(policy).scalars
        let count = Float(pairs.count)
        let loss = found.reduce(0) { $0 + pow(max(0, 1 - beta * $1), 2) } / count
        #expect(abs(report.loss - loss) < 1e-5)
        let slopes = Tensor(found.map { -2 * beta * max(0, 1 - beta * $0) / count })
        let (_, gradient) = valueWithGradient(at: policy) { (margins($0) * slopes).sum() }
        for ((moved, before), slope) in zip(
            zip(dpo.policy.parameters, policy.parameters), gradient.parameters)
        {
            let expected = before.value - slope.value * rate
            let error = (moved.value - expected).squared().sum().item().squareRoot()
            #expect(error < 1e-5 * max(1, expected.squared().sum().item().squareRoot()), "\(moved.name)")
        }
    }
}
