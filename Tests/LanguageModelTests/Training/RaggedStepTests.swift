import LanguageModel
import NeuralCore
import Testing

@Suite struct RaggedStepTests {
    /// Sequences of other lengths at each step share their buffers: seldom is more in use at once than ever before. In processes of their own, because the pool is the process's.
    @Test(arguments: [1, 2])
    func stepsOfManyLengthsSeldomTakeBuffersFromTheSystem(parts: Int) async {
        await #expect(processExitsWith: .success) { [parts = parts as Int] in
            var random = RandomSource(seed: 1)
            let configuration = TransformerConfiguration(
                vocabularySize: 60, width: 32, depth: 3, heads: 2, feedForwardWidth: 64)
            var training = Pretraining(
                Transformer(configuration, using: &random), schedule: .constant(1e-3))
            training.training.sharing.parts = parts
            var steps: [Int] = []
            for step in 0..<80 {
                let sequences = (0..<8).map { _ in
                    (0..<16 + random.integer(in: 0..<64)).map { _ in
                        Int32(random.integer(in: 0..<60))
                    }
                }
                let buffers = BufferPool.shared.statistics.systemAllocations
                training.step(on: TokenBatch(predicting: sequences))
                if BufferPool.shared.statistics.systemAllocations != buffers { steps.append(step) }
            }
            #expect(steps.count { $0 >= 20 } <= 4, "\(steps)")
        }
    }
}
