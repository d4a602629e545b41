import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// What a quickstart will take on this machine, measured before its first stage on tokens that mean nothing: time by some
/// steps of its base model, memory by the stage that takes the most, policy optimization.
struct QuickstartRehearsal {
    /// Seconds that the pre-training will take.
    let pretrainingSeconds: Double
    /// The greatest amount of memory held, bytes.
    let peakMemory: Int
    /// How many steps were measured.
    let steps: Int

    private static let most = 12
    private static let longest = 2.0

    /// Takes the steps, until some seconds are over.
    ///
    /// - Parameter isInterrupted: Whether the user wants to stop.
    init(_ plan: QuickstartPlan, isInterrupted: () -> Bool) {
        var random = RandomSource(seed: 0)
        var model = Transformer(
            TransformerConfiguration(
                vocabularySize: plan.vocabularySize, width: plan.width, depth: plan.depth,
                heads: plan.width / plan.headSize, headSize: plan.headSize,
                contextLength: max(plan.context, 1024)), using: &random)
        model.precision = TrainingOptions.usualPrecision.precision
        var pretraining = Pretraining(model, optimizer: Muon(adamWScale: 0.2), schedule: .constant(0.02))
        let windows = (0..<plan.windowsPerStep).map { _ in
            (0...plan.context).map { _ in Int32(random.integer(in: 0..<plan.vocabularySize)) }
        }
        let batch = TokenBatch(predicting: windows)
        // The first step makes the optimizer's state and the buffers.
        pretraining.step(on: batch)
        let begin = ContinuousClock.now
        var (steps, seconds) = (0, 0.0)
        repeat {
            pretraining.step(on: batch)
            steps += 1
            seconds = (ContinuousClock.now - begin).seconds
        } while steps < Self.most && seconds < Self.longest && !isInterrupted()
        pretrainingSeconds = seconds / Double(steps) * Double(plan.pretrainingSteps)
        if !isInterrupted() { Self.optimizePolicy(pretraining.model, plan, using: &random) }
        peakMemory = ProcessMemory.peak
        BufferPool.shared.releaseUnused()
        self.steps = steps
    }

    /// Takes a step of policy optimization on answers that do not end.
    private static func optimizePolicy(
        _ model: Transformer, _ plan: QuickstartPlan, using random: inout RandomSource
    ) {
        var ppo = ProximalPolicyOptimization(
            policy: model, critic: RewardModel(model, using: &random),
            rollouts: RolloutSettings(
                groupSize: 1, maxTokens: QuickstartStages.policyTokens, stopTokens: []),
            plan: UpdatePlan(epochs: 2), optimizer: Muon(adamWScale: 0.2))
        let prompts = (0..<QuickstartStages.policyPrompts).map { _ in
            (0..<QuickstartStages.policyTokens).map { _ in Int32(random.integer(in: 0..<plan.vocabularySize))
            }
        }
        let rollout = ppo.rollout(of: prompts, using: random.split())
        let rewards = rollout.completions.indices.map { Float($0 % 2) }
        ppo.step(on: Experience(rollout, rewards: rewards))
    }
}
