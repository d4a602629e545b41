import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// What must hold whatever is learned.
@Suite struct PolicyIdentityTests {
    func grpo(
        _ loss: PolicyLoss = .dapo, plan: UpdatePlan = UpdatePlan(), beta: Float = 0
    ) -> GroupRelativePolicyOptimization<Transformer> {
        GroupRelativePolicyOptimization(
            policy: TinyTask.model(), rollouts: TinyTask.settings, loss: loss, beta: beta, plan: plan,
            schedule: .constant(1e-3))
    }

    @Test func theRatioIsOneAtTheFirstUpdate() {
        var grpo = grpo(plan: UpdatePlan(epochs: 3))
        let updates = grpo.updates(on: TinyTask.experience(of: grpo.policy))
        #expect(updates[0].metrics["ratio"] == 1)
        #expect(updates[0].metrics["policy/approxkl"] == 0)
        #expect((updates[2].metrics["policy/approxkl"] ?? 0) > 0)
    }

    @Test func theRatioIsOneInTheFirstEpochOfPPO() throws {
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(), critic: TinyTask.critic(), rollouts: TinyTask.settings,
            plan: UpdatePlan(epochs: 1), schedule: .constant(1e-3))
        let report = ppo.step(on: TinyTask.experience(of: ppo.policy))
        #expect(report.metrics["val/ratio"] == 1)
        #expect(report.metrics["policy/approxkl_avg"] == 0)
        #expect(report.metrics["policy/clipfrac_avg"] == 0)
        #expect(report.metrics["objective/kl"] == 0)
    }

    /// Advantages of a group add up to zero, and every ratio is one.
    @Test func theFirstLossOfEqualLengthsIsZero() {
        var settings = TinyTask.settings
        settings.stopTokens = []
        var grpo = grpo(.grpo)
        grpo.rollouts = settings
        let experience = TinyTask.experience(of: grpo.policy, settings: settings)
        #expect(abs(grpo.step(on: experience).loss) < 1e-6)
    }

    /// Advantages that are standardized over tokens add up to zero over them.
    @Test func theFirstLossOfStandardizedAdvantagesIsZero() throws {
        var reinforce = ReinforcePlusPlus(
            policy: TinyTask.model(), reference: TinyTask.model(seed: 2), rollouts: TinyTask.settings,
            beta: 0.1)
        let report = reinforce.step(on: TinyTask.experience(of: reinforce.policy))
        #expect(abs(report.loss) < 1e-5 && report.gradientNorm > 0)
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(), critic: TinyTask.critic(), reference: TinyTask.model(seed: 2),
            rollouts: TinyTask.settings, plan: UpdatePlan(epochs: 1))
        let metrics = ppo.step(on: TinyTask.experience(of: ppo.policy)).metrics
        #expect(abs(try #require(metrics["loss/policy_avg"])) < 1e-5)
    }

    /// Of completions that have become likelier and less likely.
    @Test func vespoWeighsAWholeCompletionByItsRatio() throws {
        let rollout = TinyTask.experience(of: TinyTask.model()).rollout
        let experience = Experience(rollout, rewards: rollout.completions.indices.map { Float($0 % 3) })
        var (once, twice) = (grpo(.vespo()), grpo(.vespo(), plan: UpdatePlan(epochs: 2)))
        let before = once.policy
        once.step(on: experience)
        let size = rollout.groupSize
        let (ratios, weights) = (0..<rollout.completions.count).map { number -> (Float, Float) in
            let begin = number / size * size
            let batch = CompletionBatch([
                .init(
                    prompt: rollout.prompts[number / size], completions: [rollout.completions[number].tokens])
            ])
            func sum(_ model: Transformer) -> Float {
                batch.logProbabilities(under: model).scalars.reduce(0, +)
            }
            let ratio = exp(sum(once.policy) - sum(before))
            let mean = experience.rewards[begin..<begin + size].reduce(0, +) / Float(size)
            let (k, lambda): (Float, Float) = experience.rewards[number] < mean ? (3, 2) : (2, 3)
            return (ratio, pow(ratio, k) * exp(lambda * (1 - ratio)))
        }.reduce(into: ([Float](), [Float]())) {
            $0.0.append($1.0)
            $0.1.append($1.1)
        }
        #expect(ratios.contains { $0 > 1.02 } && ratios.contains { $0 < 0.98 })
        let found = try #require(twice.updates(on: experience)[1].metrics["vespo/phi_seq_mean"])
        #expect(abs(found - weights.reduce(0, +) / Float(weights.count)) < 2e-4, "\(found)")
    }

    /// The weight of a completion is that among those of its update, not of the rollout.
    @Test(arguments: ["luspo", "grpo", "gspo", "bnpo", "dr_grpo"])
    func aMiniBatchIsAStepOfItsOwn(_ name: String) throws {
        let whole = TinyTask.experience(of: TinyTask.model()).rollout
        func experience(_ groups: Range<Int>) -> Experience {
            let numbers = groups.lowerBound * whole.groupSize..<groups.upperBound * whole.groupSize
            let rollout = Rollout(
                prompts: Array(whole.prompts[groups]), completions: Array(whole.completions[numbers]),
                using: RandomSource(seed: 4))
            return Experience(rollout, rewards: numbers.map { Float($0 % 3) })
        }
        let loss = try #require(PolicyLoss.variants[name])
        func norms(_ experience: Experience, miniBatches: Int) -> [Float] {
            var method = grpo(loss, plan: UpdatePlan(miniBatches: miniBatches))
            return method.updates(on: experience).map(\.gradientNorm)
        }
        let alone = [
            norms(experience(0..<1), miniBatches: 1)[0], norms(experience(1..<2), miniBatches: 1)[0],
        ]
        let first = norms(experience(0..<2), miniBatches: 2)[0]
        #expect(alone.contains { abs($0 - first) < 1e-3 * $0 }, "\(first) is none of \(alone)")
    }

    @Test func partsChangeNothing() {
        var (whole, cut) = (grpo(beta: 0.1), grpo(beta: 0.1))
        cut.plan.rowsAtOnce = 1
        let experience = TinyTask.experience(of: whole.policy)
        let (one, two) = (whole.step(on: experience), cut.step(on: experience))
        #expect(abs(one.loss - two.loss) < 1e-5)
        #expect(abs(one.gradientNorm - two.gradientNorm) < 1e-4 * one.gradientNorm)
        #expect(abs(one.metrics["entropy", default: 0] - two.metrics["entropy", default: 1]) < 1e-5)
    }

    @Test func uniformGroupsTeachNothing() {
        var (all, some) = (grpo(.grpo), grpo(.grpo))
        some.skipsUniformGroups = true
        let rollout = TinyTask.experience(of: all.policy).rollout
        let rewards = rollout.completions.indices.map { $0 < 16 ? Float(1) : Float($0 % 3) }
        let experience = Experience(rollout, rewards: rewards)
        let (one, two) = (all.step(on: experience), some.step(on: experience))
        #expect(one.metrics["frac_reward_zero_std"] == 0.5)
        #expect(abs(one.gradientNorm - two.gradientNorm) < 1e-4 * one.gradientNorm)
        #expect(two.tokens < one.tokens)
    }

    @Test func equalRewardsEverywhereMoveNothing() {
        var grpo = grpo()
        let rollout = TinyTask.experience(of: grpo.policy).rollout
        let report = grpo.step(
            on: Experience(rollout, rewards: rollout.completions.map { _ in 1 }))
        #expect(report.refusal == .nothingToLearn)
        #expect(grpo.training.stepsTaken == 0)
        #expect(grpo.counts.steps == 1)
    }

    @Test func anEmptyRolloutMovesNothing() {
        var grpo = grpo()
        let experience = TinyTask.settings.rollout(of: [], by: grpo.policy, using: RandomSource(seed: 1))
            .scored(by: TinyTask.reward)
        #expect(grpo.step(on: experience).refusal == .nothingToLearn)
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(), critic: TinyTask.critic(), rollouts: TinyTask.settings)
        #expect(ppo.step(on: experience).refusal == .nothingToLearn)
    }

    @Test func equalRewardsArePreferredToNeither() {
        var online = OnlinePreferenceOptimization(
            DirectPreferenceOptimization(policy: TinyTask.model()), rollouts: TinyTask.settings)
        let rollout = TinyTask.experience(of: online.policy).rollout
        let one = Experience(rollout, rewards: rollout.completions.indices.map { $0 == 20 ? 1 : 0 })
        #expect(one.preferencePairs().count == 1)
        let none = Experience(rollout, rewards: rollout.completions.map { _ in 1 })
        #expect(online.step(on: none).refusal == .nothingToLearn)
    }

    @Test func aRewardThatIsNotGivenIsLeftOut() {
        var grpo = grpo(.grpo)
        let rollout = TinyTask.experience(of: grpo.policy).rollout
        let rewards = rollout.completions.indices.map { $0 == 0 ? Float.nan : Float($0 % 3) }
        let report = grpo.step(on: Experience(rollout, rewards: rewards))
        #expect(report.refusal == nil && report.loss.isFinite)
        #expect(report.metrics["reward"]?.isFinite == true)
    }

    @Test func updatesStopWhenThePolicyHasMovedFar() {
        var grpo = grpo(plan: UpdatePlan(epochs: 8, greatestKL: 1e-9))
        #expect(grpo.updates(on: TinyTask.experience(of: grpo.policy)).count == 2)
    }

    @Test func theCostOfDivergenceIsSteeredToItsTarget() {
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(), critic: TinyTask.critic(), reference: TinyTask.model(seed: 2),
            rollouts: TinyTask.settings, kl: .adaptive(initial: 0.1, target: 1e-4, horizon: 32),
            schedule: .constant(1e-4))
        let report = ppo.step(on: TinyTask.experience(of: ppo.policy))
        let kl = report.metrics["objective/kl", default: 0]
        // 32 completions of a horizon of 32, and an error beyond what is taken in at once.
        let expected: Float = kl > 1e-4 ? 1.2 : 0.8
        #expect(abs(ppo.kl.coefficient - 0.1 * expected) < 1e-6)
    }
}

/// The method with an advantage of one's own, and its short form.
@Suite struct AdvantageEstimatorTests {
    /// Each reward less a number that its user knows.
    struct Centered: AdvantageEstimator {
        let baseline: Float
        func estimate(_ scored: ScoredRollout) -> AdvantageEstimate {
            AdvantageEstimate(
                scored.rollout.spread(scored.rewards().map { $0 - baseline }),
                metrics: ["baseline": baseline])
        }
    }

    private func bits(_ model: some Module) -> [[Float]] { model.parameters.map(\.value.scalars) }

    /// At the first update every ratio is one, so that the loss is minus the mean advantage of the tokens.
    @Test func anAdvantageOfOnesOwnIsLearnedFrom() {
        var method = PolicyGradientOptimization(
            policy: TinyTask.model(), rollouts: TinyTask.settings, advantages: Centered(baseline: 0.25),
            schedule: .constant(1e-3))
        let experience = TinyTask.experience(of: method.policy)
        let report = method.step(on: experience)
        let lengths = experience.rollout.lengths.map(Float.init)
        let sum = zip(experience.rewards, lengths).reduce(0) { $0 + ($1.0 - 0.25) * $1.1 }
        #expect(abs(report.loss + sum / lengths.reduce(0, +)) < 1e-5)
        #expect(report.metrics["baseline"] == 0.25 && report.gradientNorm > 0)
    }

    @Test func promptsAndARewardMakeAStep() {
        let random = RandomSource(seed: 3, step: 0)
        var short = GroupRelativePolicyOptimization(
            policy: TinyTask.model(), groupSize: 8, maxTokens: 4, stopTokens: [0], schedule: .constant(1e-3))
        short.step(on: TinyTask.prompts, rewardedBy: TinyTask.reward, using: random)
        var long = GroupRelativePolicyOptimization(
            policy: TinyTask.model(), rollouts: TinyTask.settings, schedule: .constant(1e-3))
        long.step(on: long.rollout(of: TinyTask.prompts, using: random).scored(by: TinyTask.reward))
        #expect(bits(short.policy) == bits(long.policy))
        #expect(bits(short.policy) != bits(TinyTask.model()))
        var records = GroupRelativePolicyOptimization(
            policy: TinyTask.model(), rollouts: TinyTask.settings, schedule: .constant(1e-3))
        let prompts = TinyTask.prompts.map { TokenizedPrompt(ids: $0, record: PromptRecord(.text("?"))) }
        records.step(on: prompts, rewardedBy: TinyTask.reward, using: random)
        #expect(bits(records.policy) == bits(long.policy))
    }

    @Test func settingsOfTheEstimatorAreTheMethodsOwn() {
        var grpo = GroupRelativePolicyOptimization(policy: TinyTask.model(), rollouts: TinyTask.settings)
        grpo.scaling = .batch
        #expect(grpo.advantages.scaling == .batch)
        grpo.beta = 0.3
        #expect(grpo.kl.coefficient == 0.3)
    }

    /// Cut-off completions teach nothing, and where all are cut off no update is made.
    @Test func aRolloutThatIsCutOffTeachesNothing() {
        var rloo = ReinforceLeaveOneOut(policy: TinyTask.model(), rollouts: TinyTask.settings)
        rloo.rollouts.stopTokens = []
        rloo.ignoresTruncated = true
        let report = rloo.step(
            on: TinyTask.prompts, rewardedBy: TinyTask.reward, using: RandomSource(seed: 3, step: 0))
        #expect(report.refusal == .nothingToLearn && rloo.training.stepsTaken == 0)
    }
}
