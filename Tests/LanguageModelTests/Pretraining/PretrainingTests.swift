import LanguageModel
import NeuralCore
import Testing

@Suite struct PretrainingTests {
    private static let configuration = TransformerConfiguration(
        vocabularySize: 60, width: 32, depth: 2, heads: 2)

    static func model() -> Transformer {
        var random = RandomSource(seed: 1)
        return Transformer(configuration, using: &random)
    }

    static func sequences(_ lengths: [Int], seed: UInt64 = 2) -> [[Int32]] {
        var random = RandomSource(seed: seed)
        return lengths.map { length in (0..<length).map { _ in Int32(random.integer(in: 0..<60)) } }
    }

    private static func distance(_ a: Transformer, _ b: Transformer) -> Float {
        zip(a.parameters, b.parameters).reduce(0) { worst, pair in
            let difference = pair.0.value - pair.1.value
            let size = (pair.1.value * pair.1.value).sum().item().squareRoot()
            return max(worst, (difference * difference).sum().item().squareRoot() / max(size, 1e-6))
        }
    }

    @Test func packingChangesNothing() {
        let model = Self.model()
        let sequences = Self.sequences([9, 2, 30, 17])
        let packed = model.predictions(on: TokenBatch(predicting: sequences)).logProbabilities.scalars
        let alone = sequences.flatMap {
            model.predictions(on: TokenBatch(predicting: [$0])).logProbabilities.scalars
        }
        #expect(packed.count == alone.count)
        #expect(zip(packed, alone).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func accumulationOfFourEqualsOneBatch() {
        let batch = TokenBatch(predicting: Self.sequences([20, 12, 31, 7, 18, 25, 3, 16]))
        let runs = [1, 4].map { accumulation in
            var training = Pretraining(
                Self.model(), schedule: .constant(1e-3), outlierGuard: nil, accumulation: accumulation)
            let losses = (0..<4).map { _ in training.step(on: batch).loss }
            return (losses, training.model)
        }
        #expect(zip(runs[0].0, runs[1].0).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(Self.distance(runs[1].1, runs[0].1) < 1e-4)
    }

    /// In a process of its own, because the count is the process's.
    @Test func aStepCopiesNoWeights() async {
        await #expect(processExitsWith: .success) {
            let batch = TokenBatch(predicting: PretrainingTests.sequences([20, 12]))
            // The first step copies those that the arguments still hold.
            for optimizer in [AdamW(), Muon()] as [any Optimizer] {
                var training = Pretraining(
                    PretrainingTests.model(), optimizer: optimizer, schedule: .constant(1e-3),
                    accumulation: 2)
                training.step(on: batch)
                let copies = CopyCount.bytes
                training.step(on: batch)
                #expect(CopyCount.bytes == copies)
            }
        }
    }

    @Test func aStepGoneWrongLeavesEverythingAsItWas() {
        var model = Self.model()
        model.forEachParameter { name, parameter in
            if name.contains("embed") { parameter = parameter * Float.infinity }
        }
        var training = Pretraining(model, schedule: .constant(1e-3))
        let before = training.model.parameters.map(\.value.scalars.description)
        let report = training.step(on: TokenBatch(predicting: Self.sequences([20])))
        #expect(report.refusal != nil)
        #expect(training.model.parameters.map(\.value.scalars.description) == before)
    }

    @Test func theSameBitsWithAnyNumberOfThreads() {
        let batch = TokenBatch(predicting: Self.sequences([40, 33, 64, 12]))
        let before = ThreadPool.count
        defer { ThreadPool.count = before }
        let results = [1, 2, 3].map { threads in
            ThreadPool.count = threads
            var training = Pretraining(Self.model(), optimizer: Muon(), schedule: .constant(1e-2))
            for _ in 0..<3 { training.step(on: batch) }
            return training.model.parameters.map(\.value.scalars)
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }
}
