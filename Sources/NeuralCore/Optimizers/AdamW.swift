import CKernels
import Foundation

/// Adam with decoupled weight decay.
///
///     m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²
///     θ ← (1 − ηλ)θ − η · m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)
///
/// - SeeAlso: [Loshchilov & Hutter 2019](https://arxiv.org/abs/1711.05101), Algorithm 2. Departure: λ is multiplied by
///   the learning rate, as in PyTorch.
public struct AdamW: ParameterwiseOptimizer {
    /// Decay of the running mean of gradients, from 0 to 1.
    public var beta1: Float
    /// Decay of the running mean of squared gradients, from 0 to 1.
    public var beta2: Float
    /// Added to the root, above 0.
    public var epsilon: Float
    /// The share of a decaying parameter that a step removes, before it is multiplied by the learning rate.
    public var weightDecay: Float
    /// The learning rate and weight decay of each parameter, relative to the optimizer's.
    public var rule: ParameterRule

    private var steps = 0
    private var firstMoments = ParameterStates("first_moment")
    private var secondMoments = ParameterStates("second_moment")

    /// An optimizer that has made no step.
    public init(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0,
        rule: ParameterRule = .matricesDecay
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.rule = rule
    }

    /// Takes one step of some of the parameters.
    public mutating func update<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, where isOwn: (String) -> Bool
    ) {
        steps += 1
        model.forEachParameter(with: gradient) { name, parameter, gradient in
            guard isOwn(name) else { return }
            let treatment = rule.treatment(name, parameter.shape)
            move(name, &parameter, gradient, learningRate: learningRate, treatment)
        }
    }

    /// Moves one parameter; for optimizers that leave some of theirs to this one.
    mutating func move(
        _ name: String, _ parameter: inout Tensor, _ gradient: Tensor, learningRate: Float,
        _ treatment: ParameterTreatment
    ) {
        let rate = learningRate * treatment.learningRateScale
        let count = Double(steps)
        let step = ck_adamw_step(
            rate: Float(Double(rate) / (1 - pow(Double(beta1), count))),
            decay: 1 - rate * weightDecay * treatment.weightDecayScale, beta1: beta1, beta2: beta2,
            root_correction: Float(1 / (1 - pow(Double(beta2), count)).squareRoot()), epsilon: epsilon)
        let shape = parameter.shape
        firstMoments.update(name, shape: shape) { first in
            secondMoments.update(name, shape: shape) { second in
                withUnsafePointer(to: step) { step in
                    parameter.advance(along: gradient, with: &first, &second) { p, m, v, g, range in
                        ck_adamw(p, m, v, g, range.lowerBound, range.upperBound, step)
                    }
                }
            }
        }
    }

    /// Counts a step that `move` is called in.
    mutating func beginStep() { steps += 1 }

    /// The step count and both moments.
    public var state: OptimizerState {
        get {
            OptimizerState(
                steps: steps, tensors: firstMoments.stored.merging(secondMoments.stored) { first, _ in first }
            )
        }
        set {
            steps = newValue.steps
            firstMoments.stored = newValue.tensors
            secondMoments.stored = newValue.tensors
        }
    }
}
