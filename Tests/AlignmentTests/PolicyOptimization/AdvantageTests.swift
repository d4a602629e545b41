import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

@Suite struct GeneralizedAdvantageTests {
    let rewards: [Float] = [0.5, -1, 0, 2]
    let values: [Float] = [0.1, 0.4, -0.3, 0.7]

    @Test func withoutLookaheadItIsTheSurprise() {
        let (advantages, returns) = GeneralizedAdvantage(gamma: 0.9, lambda: 0).estimate(
            rewards: rewards, values: values)
        for index in 0..<4 {
            let next = index < 3 ? values[index + 1] : 0
            #expect(abs(advantages[index] - (rewards[index] + 0.9 * next - values[index])) < 1e-6)
            #expect(abs(returns[index] - (advantages[index] + values[index])) < 1e-6)
        }
    }

    @Test func withFullLookaheadReturnsAreDiscountedSums() {
        let (_, returns) = GeneralizedAdvantage(gamma: 0.9, lambda: 1).estimate(
            rewards: rewards, values: values)
        for index in 0..<4 {
            let sum = (index..<4).reduce(Float(0)) { $0 + pow(0.9, Float($1 - index)) * rewards[$1] }
            #expect(abs(returns[index] - sum) < 1e-6)
        }
    }

    @Test func itIsTheWeightedSumOfSurprises() {
        let (gamma, lambda): (Float, Float) = (0.97, 0.6)
        let estimate = GeneralizedAdvantage(gamma: gamma, lambda: lambda)
        let (advantages, _) = estimate.estimate(rewards: rewards, values: values)
        let surprises = (0..<4).map { rewards[$0] + gamma * ($0 < 3 ? values[$0 + 1] : 0) - values[$0] }
        for index in 0..<4 {
            let sum = (index..<4).reduce(Float(0)) {
                $0 + pow(gamma * lambda, Float($1 - index)) * surprises[$1]
            }
            #expect(abs(advantages[index] - sum) < 1e-6)
        }
    }
}

@Suite struct DivergenceEstimatorTests {
    /// Two distributions over four tokens; each estimator's mean under the first is known.
    let policy: [Float] = [0.1, 0.2, 0.3, 0.4]
    let reference: [Float] = [0.25, 0.25, 0.25, 0.25]

    func mean(_ estimator: KLEstimator) -> Float {
        let estimates = estimator.estimates(Tensor(policy.map(log)), reference: Tensor(reference.map(log)))
        return zip(estimates.scalars, policy).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test func theFirstAndThirdAreUnbiased() {
        let exact = zip(policy, reference).reduce(Float(0)) { $0 + $1.0 * log($1.0 / $1.1) }
        #expect(abs(mean(.k1) - exact) < 1e-6)
        #expect(abs(mean(.k3) - exact) < 1e-6)
        #expect(abs(mean(.k2) - exact) > 1e-3)
    }

    @Test(arguments: [KLEstimator.k2, .k3]) func theOthersAreNeverNegative(
        _ estimator: KLEstimator
    ) {
        let estimates = estimator.estimates(Tensor(policy.map(log)), reference: Tensor(reference.map(log)))
        #expect(estimates.scalars.allSatisfy { $0 >= 0 })
    }
}

/// A policy of which only the last normalization is trained stands for any adapter.
private struct NormOnly: TransformerParameters {
    let base: Transformer
    var norm: Normalization

    init(_ base: Transformer) {
        self.base = base
        norm = base.norm
    }

    var transformer: Transformer {
        var transformer = base
        transformer.norm = norm
        return transformer
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&norm, named: "norm")
    }
}

@Suite struct PartialPolicyTests {
    func expectOnlyTheNormMoves(_ method: some PolicyOptimization) {
        var method = method
        let before = TinyTask.model()
        let report = method.step(on: TinyTask.experience(of: before))
        #expect(report.refusal == nil && report.gradientNorm > 0)
        let after = method.policy.transformer
        for (a, b) in zip(before.parameters, after.parameters) {
            #expect((a.value.scalars == b.value.scalars) == (a.name != "model.norm.weight"), "\(a.name)")
        }
    }

    @Test func whatIsFrozenStays() {
        let policy = NormOnly(TinyTask.model())
        let schedule = LearningRateSchedule.constant(1e-2)
        expectOnlyTheNormMoves(
            GroupRelativePolicyOptimization(policy: policy, rollouts: TinyTask.settings, schedule: schedule))
        expectOnlyTheNormMoves(
            ReinforceLeaveOneOut(policy: policy, rollouts: TinyTask.settings, schedule: schedule))
        expectOnlyTheNormMoves(
            ReinforcePlusPlus(policy: policy, rollouts: TinyTask.settings, schedule: schedule))
        expectOnlyTheNormMoves(
            ProximalPolicyOptimization(
                policy: policy, critic: TinyTask.critic(), rollouts: TinyTask.settings, schedule: schedule))
    }
}
