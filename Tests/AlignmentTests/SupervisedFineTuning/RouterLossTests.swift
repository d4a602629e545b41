import Alignment
import LanguageModel
import NeuralCore
import Testing

/// The losses of routers in every method that trains a language model.
@Suite struct RouterLossTests {
    private static let vocabulary = 64

    /// A model with experts, the weight of whose load-balance loss is `balance`, and of whose z-loss `z`.
    private static func model(balance: Float, z: Float) -> Transformer {
        var configuration = TransformerConfiguration(
            family: .qwen3MoE, vocabularySize: vocabulary, width: 32, depth: 2, heads: 2)
        configuration.experts?.losses.balances = true
        configuration.experts?.losses.balance = balance
        configuration.experts?.losses.z = z
        configuration.initializationScale = 0.3
        var random = RandomSource(seed: 1)
        return Transformer(configuration, using: &random)
    }

    private static let pairs = (0..<4).map { number in
        TokenizedPair(
            prompt: [1, Int32(number), 5], chosen: [7, Int32(2 * number), 2], rejected: [Int32(number), 2])
    }

    private static let texts = TokenBatch(predicting: [[1, 2, 3, 4, 5, 6], [9, 8, 7], [30, 3, 30, 3]])

    private static let experience = TinyTask.experience(of: TinyTask.model())

    private typealias Step = @Sendable (Transformer) -> StepReport

    private static let steps: [(name: String, take: Step)] = [
        (
            "pretrain",
            {
                var method = Pretraining($0, schedule: .constant(1e-3))
                return method.step(on: texts)
            }
        ),
        (
            "sft",
            {
                var method = SupervisedFineTuning($0)
                return method.step(on: texts)
            }
        ),
        (
            "dft",
            {
                var method = SupervisedFineTuning($0, loss: .dynamic)
                return method.step(on: texts)
            }
        ),
        (
            "dpo",
            {
                var method = DirectPreferenceOptimization(policy: $0)
                return method.step(on: pairs)
            }
        ),
        (
            "orpo",
            {
                var method = ReferenceFreeOptimization(policy: $0, objective: .init(.orpo))
                return method.step(on: pairs)
            }
        ),
        (
            "grpo",
            {
                var method = GroupRelativePolicyOptimization(policy: $0, rollouts: TinyTask.settings)
                return method.step(on: experience)
            }
        ),
        (
            "adapter",
            {
                var random = RandomSource(seed: 2)
                var method = SupervisedFineTuning($0.adapted(rank: 2, using: &random))
                return method.step(on: texts)
            }
        ),
    ]

    @Test(arguments: steps.indices) func theLossHasThoseOfRouters(_ index: Int) throws {
        let (name, take) = Self.steps[index]
        let alone = take(Self.model(balance: 0, z: 0))
        #expect(alone.metrics["aux_loss"] == nil && alone.metrics["router_z_loss"] == nil, "\(name)")
        let both = take(Self.model(balance: 0.5, z: 0.25))
        let balance = try #require(both.metrics["aux_loss"])
        let z = try #require(both.metrics["router_z_loss"])
        // Two experts of eight are chosen: even choices cost 2, and uneven ones more.
        #expect(balance > 1.9 && balance < 8, "\(name)")
        #expect(abs(both.loss - alone.loss - 0.5 * balance - 0.25 * z) < 1e-5 * both.loss, "\(name)")
        // The other figures are those of the loss alone.
        #expect(both.metrics.filter { alone.metrics[$0.key] != nil } == alone.metrics, "\(name)")
        #expect(both.gradientNorm != alone.gradientNorm, "\(name)")
    }

    /// Parts are weighted by their tokens, each with losses of its own.
    @Test func partsHaveTheirShares() throws {
        let model = Self.model(balance: 0.5, z: 0)
        let batch = TokenBatch(predicting: [[1, 2, 3, 4, 5, 6], [9, 8], [30, 3, 30, 3], [7, 7, 7, 8]])
        var method = SupervisedFineTuning(model, accumulation: 4)
        let report = method.step(on: batch)
        let parts = batch.split(into: 4)
        let expected = try parts.reduce(Float(0)) { sum, part in
            var alone = SupervisedFineTuning(model)
            let own = try #require(alone.step(on: part).metrics["aux_loss"])
            return sum + own * Float(part.tokens.count) / Float(batch.tokens.count)
        }
        #expect(abs(try #require(report.metrics["aux_loss"]) - expected) < 1e-5)
    }

    @Test func adaptersAreForMapsThatPEFTHasModulesFor() {
        var random = RandomSource(seed: 2)
        let adapted = Self.model(balance: 0, z: 0).adapted(rank: 2, using: &random)
        #expect(adapted.adapter.maps.allSatisfy { $0.name.contains(".self_attn.") })
        #expect(adapted.adapter.maps.count == 8)
    }
}
