import Alignment
import LanguageModel
import NeuralCore
import Testing

/// Demonstrations beside a policy's own completions.
@Suite struct ImitationTests {
    private static let shown = SupervisedTokens(
        ids: [1, 2, 5, 6, 0], isTrained: [false, false, true, true, true])

    private func grpo(
        _ imitation: Imitation?, rowsAtOnce: Int = 8192
    ) -> GroupRelativePolicyOptimization<Transformer> {
        var grpo = GroupRelativePolicyOptimization(
            policy: TinyTask.model(), rollouts: TinyTask.settings, beta: 0.1,
            plan: UpdatePlan(epochs: 1, rowsAtOnce: rowsAtOnce), optimizer: SGD(),
            schedule: .constant(0.1), maxGradientNorm: nil)
        grpo.imitation = imitation
        return grpo
    }

    private func move(of model: Transformer) -> [Float] {
        zip(model.parameters, TinyTask.model().parameters).flatMap { moved, start in
            zip(moved.value.scalars, start.value.scalars).map { $0 - $1 }
        }
    }

    /// Steps of SGD add up as their losses do.
    @Test(arguments: [8192, 1])
    func theGradientIsTheSumOfBoth(rowsAtOnce: Int) throws {
        var (both, alone) = (
            grpo(Imitation([Self.shown], weight: 2.5), rowsAtOnce: rowsAtOnce), grpo(nil)
        )
        var tuning = SupervisedFineTuning(
            TinyTask.model(), optimizer: SGD(), schedule: .constant(0.1), maxGradientNorm: nil)
        let experience = TinyTask.experience(of: alone.policy)
        let (report, own) = (both.step(on: experience), alone.step(on: experience))
        let imitated = tuning.step(on: [Self.shown])
        #expect(abs(report.loss - (own.loss + 2.5 * imitated.loss)) < 1e-5)
        #expect(abs(try #require(report.metrics["sft/loss"]) - imitated.loss) < 1e-5)
        #expect(report.metrics["sft/mean_token_accuracy"] == imitated.metrics["mean_token_accuracy"])
        #expect(own.metrics["sft/loss"] == nil)
        let (sums, parts) = (move(of: both.policy), zip(move(of: alone.policy), move(of: tuning.model)))
        let greatest = sums.map(abs).max() ?? 0
        for (sum, (policy, example)) in zip(sums, parts) {
            #expect(abs(sum - (policy + 2.5 * example)) < 1e-4 * greatest)
        }
    }

    /// Another update takes other demonstrations, about as many tokens as it has of its own.
    @Test func everyUpdateDrawsAnew() {
        let several = (1...9).map { id in
            SupervisedTokens(ids: [1, Int32(id), 0], isTrained: [false, true, true])
        }
        var (grpo, alone) = (grpo(Imitation(several, seed: 4)), grpo(nil))
        let experience = TinyTask.experience(of: grpo.policy)
        let own = alone.step(on: experience).tokens
        let losses = (0..<2).map { _ in
            let report = grpo.step(on: experience)
            #expect((2 * own..<2 * own + 3).contains(report.tokens))
            return report.metrics["sft/loss"]
        }
        #expect(losses[0] != losses[1])
    }

    @Test func whatHasNothingToLearnIsLeftOut() {
        let unseen = SupervisedTokens(ids: [1, 2], isTrained: [true, false])
        #expect(Imitation([unseen, Self.shown]).demonstrations == [Self.shown])
    }

    /// Where the reward says nothing, nothing is imitated either: the run is the policy's.
    @Test func aRolloutWithoutALessonMovesNothing() {
        var grpo = grpo(Imitation([Self.shown]))
        grpo.beta = 0
        let rollout = TinyTask.experience(of: grpo.policy).rollout
        #expect(
            grpo.step(on: Experience(rollout, rewards: rollout.completions.map { _ in 1 })).refusal
                == .nothingToLearn)
    }
}
