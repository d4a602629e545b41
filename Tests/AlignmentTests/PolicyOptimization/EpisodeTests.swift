import Alignment
import LanguageModel
import NeuralCore
import Testing

/// Completions of several turns, of which the policy drew some tokens and an environment said the others.
@Suite struct EpisodeTests {
    static func episode(_ mask: [Int], rewards: [Float] = []) -> Episode {
        Episode(isDrawn: mask.map { $0 == 1 }, rewards: rewards)
    }

    @Test func turnsAreRunsOfDrawnTokens() {
        #expect(Self.episode([1]).turns == 1)
        #expect(Self.episode([1, 1, 0, 0, 1, 0, 1, 1]).turns == 3)
    }

    @Test func figuresAreSharesOfTheEpisodesThatAsk() {
        var episodes = [[1], [1, 0, 1], [1, 0, 1, 0, 1], [1]].map { Self.episode($0) }
        episodes[1].calls = 1
        episodes[2].calls = 2
        episodes[2].failedCalls = 2
        episodes[0].outcome = EpisodeOutcome(
            isSuccess: false, madeNeedlessCall: false, claimedWithoutCall: true)
        episodes[1].outcome = EpisodeOutcome(
            isSuccess: true, madeNeedlessCall: true, claimedWithoutCall: false)
        episodes[2].outcome = EpisodeOutcome(isSuccess: true, admittedFailure: true)
        #expect(
            episodes.metrics == [
                "tools/call_frequency": 0.75, "tools/failure_frequency": 2 / 3, "episodes/turns": 1.75,
                "episodes/success": 0.5, "episodes/needless_calls": 0.5, "episodes/claims_without_call": 0.5,
                "episodes/honest_after_failure": 1,
            ])
        #expect([Episode]().metrics.isEmpty)
    }

    /// A rollout of one prompt with two episodes that read the same tokens, as they were drawn or said.
    private func rollout(_ masks: [[Int]], rewards: [[Float]]) -> Rollout {
        Rollout(
            prompts: [[1, 2]],
            completions: zip(masks, rewards).map { mask, rewards in
                Rollout.Completion(
                    prompt: 0, tokens: [3, 4, 5, 6, 7], isEnded: true,
                    episode: Self.episode(mask, rewards: rewards))
            }, using: RandomSource(seed: 1))
    }

    @Test func whatWasSaidIsReadAndNotLearned() throws {
        let masks = [[1, 1, 0, 0, 1], [1, 0, 0, 0, 1]]
        let rollout = rollout(masks, rewards: [[0, 1], [0, 0]])
        #expect(rollout.lengths == [3, 2] && rollout.targetCount == 5 && rollout.tokenCount == 12)
        #expect(rollout.spread([1, 2]) == [1, 1, 1, 2, 2])
        let model = TinyTask.model()
        let batch = CompletionBatch([
            .init(
                prompt: [1, 2], completions: [[3, 4, 5, 6, 7], [3, 4, 5, 6, 7]],
                targets: masks.map { $0.map { $0 == 1 } })
        ])
        let all = CompletionBatch([.init(prompt: [1, 2], completions: [[3, 4, 5, 6, 7]])])
        let values = all.logProbabilities(under: model).scalars
        #expect(batch.lengths == [3, 2])
        #expect(
            batch.logProbabilities(under: model).scalars
                == [values[0], values[1], values[4], values[0], values[4]])
    }

    /// With a critic that expects nothing, gamma 1 and lambda 1, an advantage is what is still to come, standardized.
    @Test func rewardsOfTurnsComeWithTheirTurns() throws {
        var random = RandomSource(seed: 1)
        var critic = RewardModel(TinyTask.model(), using: &random)
        critic.score.weight = Tensor(zeros: critic.score.weight.shape)
        var ppo = ProximalPolicyOptimization(
            policy: TinyTask.model(), critic: critic,
            rollouts: RolloutSettings(groupSize: 2, maxTokens: 8, stopTokens: [0]), kl: .fixed(0))
        ppo.advantage = GeneralizedAdvantage(gamma: 1, lambda: 1)
        let rollout = rollout([[1, 1, 0, 0, 1], [1, 0, 1, 0, 1]], rewards: [[2, 1], [0, -3, 4]])
        var experience = rollout.scored(by: .environment)
        #expect(experience.rewards == [3, 1])
        // A reward from elsewhere comes at the end.
        experience.rewards[0] += 5
        let toCome: [Float] = [8, 8, 6, 1, 1, 4]
        let mean = toCome.reduce(0, +) / 6
        let deviation = (toCome.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5).squareRoot()
        let found = ppo.advantages.estimate(
            ScoredRollout(rollout: rollout, kl: nil, rowsAtOnce: 8192, scores: experience.rewards)
        ).advantages
        for (value, expected) in zip(found, toCome) {
            #expect(abs(value - (expected - mean) / deviation) < 1e-4, "\(found)")
        }
    }
}
