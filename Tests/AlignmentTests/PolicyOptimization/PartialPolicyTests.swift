import Alignment
import LanguageModel
import NeuralCore
import Testing

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
