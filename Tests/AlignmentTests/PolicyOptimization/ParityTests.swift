import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Methods that learn from groups, against ten updates of TRL on the same rollouts: two for each.
@Suite struct GroupParityTests {
    typealias GRPO = GroupRelativePolicyOptimization<Transformer>

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let loss: PolicyLoss
        var set: @Sendable (inout GRPO) -> Void = { _ in }
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "grpo", loss: .grpo) { $0.beta = 0.1 },
        Case(name: "bnpo", loss: .bnpo),
        Case(name: "dr_grpo", loss: .drGRPO) { $0.scaling = .none },
        Case(name: "dapo", loss: .dapo) { $0.beta = 0.1 },
        Case(name: "cispo", loss: .cispo(greatestWeight: 1.02)),
        Case(name: "sapo", loss: .sapo()),
        Case(name: "gspo", loss: .gspo),
        Case(name: "luspo", loss: .luspo),
        Case(name: "vespo", loss: .vespo()),
        Case(name: "two_sided", loss: .dapo) {
            $0.plan.clipRange.delta = 1.05
            $0.scaling = .batch
        },
        Case(name: "truncated", loss: .grpo) {
            $0.ignoresTruncated = true
            $0.beta = 0.1
        },
        Case(name: "cool", loss: .dapo) {
            $0.rollouts.temperature = 0.7
            $0.beta = 0.1
        },
        Case(name: "entropy", loss: .dapo) { $0.entropyWeight = 0.05 },
    ]

    @Test(arguments: cases) func groupRelativeOptimizationMatchesTRL(_ variant: Case) throws {
        let run = try ParityRun("grpo_\(variant.name)")
        let rollouts = try ParityRollouts.load()
        var grpo = GRPO(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
            rollouts: rollouts.settings(), loss: variant.loss,
            plan: UpdatePlan(epochs: 2, clipRange: ClipRange(0.02, high: 0.03)),
            optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        // The default of TRL before 1.16, which made these runs; those of episodes are of 1.16.
        grpo.correctsKLBias = false
        variant.set(&grpo)
        for step in 0..<5 {
            let reports = grpo.updates(on: rollouts.experience(rollouts.groups[step]))
            for (update, report) in reports.enumerated() {
                run.expect(report, at: 2 * step + update)
                let weights = "vespo/phi_seq_mean"
                #expect((report.metrics[weights] == nil) == (run.steps[2 * step + update][weights] == nil))
            }
        }
        try run.expect(grpo.policy)
    }

    static let episodes = ["grpo", "dapo", "bnpo", "dr_grpo", "gspo", "truncated", "entropy"]

    /// Episodes with what tools said in them, which TRL masks.
    @Test(arguments: cases.filter { episodes.contains($0.name) })
    func groupRelativeOptimizationOfEpisodesMatchesTRL(_ variant: Case) throws {
        let run = try ParityRun("episodes_\(variant.name)")
        let given = try ParityEpisodes.load()
        var grpo = GRPO(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
            rollouts: RolloutSettings(groupSize: 4, maxTokens: given.longest, stopTokens: [given.end]),
            loss: variant.loss, plan: UpdatePlan(epochs: 2, clipRange: ClipRange(0.02, high: 0.03)),
            optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        variant.set(&grpo)
        for step in 0..<5 {
            let reports = grpo.updates(on: given.experience(given.groups[step]))
            for (update, report) in reports.enumerated() { run.expect(report, at: 2 * step + update) }
            #expect(Double(grpo.counts.tokens) == run.steps[2 * step]["num_tokens"])
            #expect(reports[0].metrics["tools/failure_frequency"] != nil)
        }
        try run.expect(grpo.policy)
    }

    @Test(arguments: ["rloo", "rloo_standardized"]) func leaveOneOutMatchesTRL(_ name: String) throws {
        let run = try ParityRun(name)
        let rollouts = try ParityRollouts.load()
        var rloo = ReinforceLeaveOneOut(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
            rollouts: rollouts.settings(), beta: 0.05,
            plan: UpdatePlan(epochs: 2, clipRange: ClipRange(0.1)),
            optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        if name != "rloo" {
            rloo.standardizesAdvantages = true
            rloo.rewardBounds = -1...1
        }
        for step in 0..<5 {
            let reports = rloo.updates(on: rollouts.experience(rollouts.groups[step]))
            for (update, report) in reports.enumerated() { run.expect(report, at: 2 * step + update) }
        }
        try run.expect(rloo.policy)
    }
}

/// Online DPO against ten steps of TRL on the same rollouts.
@Suite struct OnlinePreferenceParityTests {
    /// TRL adds up `objective/kl` and what is made of it over padding too: the sums of ours, which leave it
    /// out, follow from `rewards/…`, in which TRL does as well.
    static let padded: Set = [
        "objective/kl", "objective/non_score_reward", "objective/rlhf_reward", "objective/entropy",
    ]

    @Test func tenStepsMatchTRL() throws {
        let run = try ParityRun("online_dpo")
        let rollouts = try ParityRollouts.load()
        var online = OnlinePreferenceOptimization(
            DirectPreferenceOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                optimizer: ParityRun.optimizer, schedule: .constant(1e-3)),
            rollouts: rollouts.settings(groupSize: 2))
        online.missingEndPenalty = 0.5
        for step in 0..<10 {
            var experience = rollouts.experience(rollouts.groups[step], groupSize: 2)
            for second in stride(from: 1, to: 8, by: 2) { experience.rewards[second] += 0.1 }
            let report = online.step(on: experience)
            run.expect(report, at: step, except: Self.padded)
            let trl = run.steps[step]
            let sum = try #require(trl["rewards/chosen"]) + #require(trl["rewards/rejected"])
            #expect(abs(Double(report.metrics["objective/kl"]!) - sum / 0.2) < 1e-3)
        }
        try run.expect(online.policy)
    }
}

/// PPO against five rollouts of TRL with two updates each.
@Suite struct ProximalPolicyParityTests {
    @Test(arguments: ["ppo", "ppo_k3"]) func tenUpdatesMatchTRL(_ name: String) throws {
        let run = try ParityRun(name)
        let rollouts = try ParityRollouts.load()
        var random = RandomSource(seed: 0)
        var scorer = RewardModel(try ParityRun.model(), using: &random)
        try Checkpoint(ParityRun.folder.appending(component: "reward_model.safetensors")).loadParameters(
            into: &scorer)
        var ppo = ProximalPolicyOptimization(
            policy: try ParityRun.model(), critic: scorer, reference: try ParityRun.model("reference"),
            rollouts: rollouts.settings(groupSize: 1, temperature: 0.7),
            plan: UpdatePlan(epochs: 2, clipRange: ClipRange(0.02)), optimizer: ParityRun.optimizer,
            schedule: .constant(1e-3), maxGradientNorm: nil)
        ppo.arrival = .afterEnd
        ppo.valueClipping = 0.05
        if name == "ppo_k3" {
            ppo.plan.clipRange = ClipRange(0.2)
            ppo.valueClipping = 0.2
            ppo.estimator = .k3
            ppo.standardizesRewards = true
            ppo.missingEndPenalty = 1
            ppo.advantage = GeneralizedAdvantage(gamma: 0.98, lambda: 0.9)
        }
        for (step, made) in rollouts.single.enumerated() {
            let rollout = rollouts.experience(made).rollout
            let report = ppo.step(on: rollout.scored(by: CompletionReward(of: scorer)))
            expectEquivalence(of: report, on: rollout, with: run.steps[step], name)
            run.expect(report, at: step, except: Self.padded.union(["loss", "grad_norm"]))
        }
        try run.expect(ppo.policy)
        let critic = try Checkpoint(ParityRun.folder.appending(component: "\(name)_critic.safetensors"))
        for (key, value) in ppo.critic.model.parameters {
            let expected = try critic.tensor(key)
            let error = (value - expected).squared().sum().item() / expected.squared().sum().item()
            #expect(error.squareRoot() < 1e-4, "\(name), critic, \(key): \(error.squareRoot())")
        }
    }

    /// What TRL takes means of over padding too; `policy/entropy_avg` is among them and cannot be told from
    /// its value.
    static let padded: Set = [
        "objective/entropy", "policy/approxkl_avg", "policy/entropy_avg", "val/ratio", "val/ratio_var",
    ]

    /// By how much TRL's numbers differ from ours, which leave padding out: a padded token has
    /// log-probability 1 in TRL, before and after, hence entropy −1, ratio 1 and no movement.
    func expectEquivalence(
        of report: StepReport, on rollout: Rollout, with trl: [String: Double], _ name: String
    ) {
        let lengths = rollout.completions.map(\.tokens.count)
        let places = Double(lengths.count * lengths.max()!)
        let tokens = Double(lengths.reduce(0, +))
        func ours(_ key: String) -> Double { Double(report.metrics[key] ?? .nan) }
        let padding = places - tokens
        let expected = [
            "objective/entropy": ours("objective/entropy") - padding / Double(lengths.count),
            "policy/approxkl_avg": ours("policy/approxkl_avg") * tokens / places,
            "val/ratio": (ours("val/ratio") * tokens + padding) / places,
            "val/ratio_var": ours("val/ratio_var") * (tokens / places) * (tokens / places),
        ]
        for (key, value) in expected {
            #expect(
                abs(value - trl[key]!) < 1e-4 * max(1, abs(value)), "\(name), \(key): \(value), \(trl[key]!)")
        }
    }
}
