import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// A step of supervised fine-tuning, DPO, GRPO or PPO, or GRPO's sampling alone, in the shapes that TRL is measured with.
struct AlignmentStep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alignment",
        abstract: "A step of sft, dpo, grpo or ppo, or a rollout, of the model of 13.8 million parameters.",
        discussion: """
            sft: 16 ragged conversations of up to 256 tokens. dpo: 8 pairs, 64 tokens of prompt and 192 of each \
            completion, or as --prompt and --completion say, with the reference's log-probabilities computed in the step or, \
            with --precomputed, once before. \
            grpo: 8 prompts × 4 completions × 64 new tokens, sampled and learned from, with a reference. ppo: the same \
            number of rollouts and reward, with a reference and a critic, learned from four times. rollout: the sampling of \
            grpo alone.
            """)

    @OptionGroup var measurement: Measurement
    @OptionGroup var arithmetic: Arithmetic

    @Argument(help: "sft, dpo, grpo, ppo or rollout.")
    var method: String

    @Option(help: "small, llama or gpt2.")
    var model = BenchmarkModel.llama.rawValue

    @Option(help: "Tokens of a prompt of dpo.")
    var prompt = 64

    @Option(help: "Tokens of a completion of dpo.")
    var completion = 192

    @Flag(help: "Compute the log-probabilities of dpo's reference once, not in the step.")
    var precomputed = false

    func run() throws {
        ThreadPool.count = measurement.threads
        guard let kind = BenchmarkModel(rawValue: model) else {
            throw ValidationError("--model \(model); it is small, llama or gpt2")
        }
        let model = kind.transformer(arithmetic.precision)
        var random = RandomSource(seed: 2)
        let step: () -> Void
        let tokens: Int
        switch method {
        case "sft":
            // Ragged: from an eighth of the context to all of it.
            let texts = (0..<16).map { index in
                let count = 32 + index * 224 / 15
                let ids = kind.tokens(count, using: &random)
                return SupervisedTokens(
                    ids: ids, isTrained: ids.indices.map { $0 >= count / 3 })
            }
            let batch = TokenBatch(supervising: texts)
            tokens = batch.tokens.count
            var tuning = SupervisedFineTuning(model, schedule: .constant(1e-4))
            step = { tuning.step(on: batch) }
        case "dpo":
            let pairs = (0..<8).map { _ in
                TokenizedPair(
                    prompt: kind.tokens(prompt, using: &random),
                    chosen: kind.tokens(completion, using: &random),
                    rejected: kind.tokens(completion, using: &random))
            }
            tokens = 16 * (prompt + completion)
            var dpo = DirectPreferenceOptimization(policy: model, schedule: .constant(1e-4))
            if !precomputed { dpo.rememberedTokens = 0 }
            step = { dpo.step(on: pairs) }
        case "grpo":
            let prompts = (0..<8).map { _ in kind.tokens(32, using: &random) }
            tokens = 32 * 64
            var grpo = GroupRelativePolicyOptimization(
                policy: model, rollouts: .init(groupSize: 4, maxTokens: 64, stopTokens: []), beta: 0.04,
                schedule: .constant(1e-4))
            let source = random
            step = { grpo.step(on: grpo.rollout(of: prompts, using: source).scored(by: Self.reward)) }
        case "rollout":
            let prompts = (0..<8).map { _ in kind.tokens(32, using: &random) }
            tokens = 32 * 64
            let settings = RolloutSettings(groupSize: 4, maxTokens: 64, stopTokens: [])
            let source = random
            step = { _ = settings.rollout(of: prompts, by: model, using: source) }
        case "ppo":
            let prompts = (0..<32).map { _ in kind.tokens(32, using: &random) }
            tokens = 32 * 64
            let critic = RewardModel(model, using: &random)
            var ppo = ProximalPolicyOptimization(
                policy: model, critic: critic,
                rollouts: .init(groupSize: 1, maxTokens: 64, stopTokens: []), schedule: .constant(1e-4))
            let source = random
            step = { ppo.step(on: ppo.rollout(of: prompts, using: source).scored(by: Self.reward)) }
        default: throw ValidationError("\(method); it is sft, dpo, grpo, ppo or rollout")
        }
        let times = seconds(rounds: measurement.rounds, step)
        let rollouts =
            ["grpo", "ppo", "rollout"].contains(method)
            ? " rollouts/s=\(column(32 / median(times), width: 0))" : ""
        print(
            "ALIGN hone \(method) \(arithmetic.name) s/step=\(column(median(times), width: 0, decimals: 3)) "
                + "tok/s=\(Int(Double(tokens) / median(times))) (tokens/step \(tokens))\(rollouts) "
                + "maxrss_MB=\(peakMegabytes)")
    }

    /// The same reward that the peer is given, of something cheap.
    private static let reward = CompletionReward("length") { rollout in
        rollout.completions.map { Float($0.tokens.reduce(0) { $0 &+ Int($1) } % 7) }
    }
}
