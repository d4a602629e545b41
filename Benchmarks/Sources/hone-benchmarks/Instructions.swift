import Alignment
import ArgumentParser
import CPeak
import LanguageModel
import NeuralCore

/// Work whose instructions are counted, to see what a change costs on a machine that is never quiet.
///
/// Each piece is done once before, so that pools and tables are there, and once inside `counted_work`.
struct Instructions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do the work that .ci/instructions counts; print the names in its order.")

    func run() throws {
        ThreadPool.count = 1
        for (name, work) in Self.kernels() + (try Self.paths()) {
            work()
            withoutActuallyEscaping(work) { work in
                var body = work
                withUnsafeMutablePointer(to: &body) { body in
                    counted_work({ $0!.assumingMemoryBound(to: (() -> Void).self).pointee() }, body)
                }
            }
            print(name)
        }
    }

    private typealias Work = (name: String, body: () -> Void)

    /// One operation each, in shapes of the reference model of 13.8 million parameters.
    private static func kernels() -> [Work] {
        var random = RandomSource(seed: 1)
        func normal(_ shape: Shape) -> Tensor { Tensor(of: shape, from: .normal(), using: &random) }
        let (x, weight) = (normal([256, 384]), normal([1_152, 384]))
        var work: [Work] = MatrixPrecision.allCases.map { precision in
            ("product.\(precision)", { _ = linear(x, weight: weight, precision: precision) })
        }
        let row = normal([1, 384])
        for format in StoredMatrix.Format.allCases {
            let stored = StoredMatrix(weight, as: format)
            work.append(("row.\(format)", { _ = linear(row, weight: stored, precision: .bfloat16) }))
        }
        let operands = AttentionOperands(
            query: normal([256, 384]), key: normal([256, 384]), value: normal([256, 384]))
        let forest = Forest(sequenceLengths: [128, 128])
        func attend(_ x: AttentionOperands) -> Tensor {
            attention(
                query: x.query, key: x.key, value: x.value, over: forest, heads: 6,
                keyValueHeads: 6)
        }
        work.append(("attention.forward", { _ = attend(operands) }))
        work.append(("attention.both", { _ = valueWithGradient(at: operands) { attend($0).sum() } }))
        return work
    }

    /// What a user waits for, in a model so small that what Swift does around the kernels shows.
    private static func paths() throws -> [Work] {
        var random = RandomSource(seed: 2)
        let configuration = TransformerConfiguration(
            family: .llama, vocabularySize: 512, width: 64, depth: 2, heads: 2, feedForwardWidth: 192)
        let model = Transformer(configuration, using: &random)
        func tokens(_ count: Int) -> [Int32] {
            (0..<count).map { _ in Int32(random.integer(in: 1..<512)) }
        }
        let texts = (0..<8).map { _ in tokens(33) }
        let batch = TokenBatch(
            supervising: texts.map { SupervisedTokens(ids: $0, isTrained: $0.map { _ in true }) })
        var pretraining = Pretraining(model, schedule: .constant(1e-3))
        var dpo = DirectPreferenceOptimization(policy: model, schedule: .constant(1e-4))
        let pairs = (0..<4).map { _ in
            TokenizedPair(prompt: tokens(8), chosen: tokens(24), rejected: tokens(24))
        }
        var grpo = GroupRelativePolicyOptimization(
            policy: model, rollouts: .init(groupSize: 4, maxTokens: 16, stopTokens: []), beta: 0.04,
            schedule: .constant(1e-4))
        let prompts = (0..<2).map { _ in tokens(8) }
        let reward = CompletionReward("sum") { rollout in
            rollout.completions.map { Float($0.tokens.reduce(0) { $0 &+ Int($1) } % 7) }
        }
        let stored = StoredTransformer(model, as: .int8)
        let source = random
        var training = BytePairTraining()
        training.add(String(repeating: "The owl read the letter twice, 1234 times a day.\n", count: 40))
        let tokenizer = try training.tokenizer(vocabularySize: 300)
        let text = (0..<400).map { "the letter number \($0) of the owl" }.joined(separator: ", ")
        return [
            ("step.pretraining", { _ = pretraining.step(on: batch) }),
            ("step.dpo", { _ = dpo.step(on: pairs) }),
            (
                "step.grpo",
                { _ = grpo.step(on: grpo.rollout(of: prompts, using: source).scored(by: reward)) }
            ),
            (
                "decode.int8",
                {
                    var decoding = Decoding(
                        stored, prompts: [Array(prompts[0])], sampling: .greedy, maxTokens: 16, using: source)
                    while !decoding.isFinished { decoding.step() }
                }
            ),
            ("tokenizer.training", { _ = try? training.tokenizer(vocabularySize: 320) }),
            ("tokenizer.encoding", { _ = tokenizer.encode(text) }),
        ]
    }
}
