import CKernels

/// The sign of an interpolated momentum, found by symbolic search.
///
///     θ ← (1 − ηλ)θ − η · sign(β₁m + (1 − β₁)g)        m ← β₂m + (1 − β₂)g
///
/// Learning rates are three to ten times smaller than AdamW's, and weight decay as many times greater.
///
/// - SeeAlso: [Chen et al. 2023](https://arxiv.org/abs/2302.06675), Algorithm 2. Departures: none.
public struct Lion: Optimizer {
    /// Weight of the momentum in the direction, from 0 to 1.
    public var beta1: Float
    /// Decay of the momentum, from 0 to 1.
    public var beta2: Float
    /// The share of a decaying parameter that a step removes, before it is multiplied by the learning rate.
    public var weightDecay: Float
    /// The learning rate and weight decay of each parameter, relative to the optimizer's.
    public var rule: ParameterRule

    private var momenta = MomentumStates("momentum")

    /// An optimizer that has made no step.
    public init(
        beta1: Float = 0.9, beta2: Float = 0.99, weightDecay: Float = 0, rule: ParameterRule = .matricesDecay
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.weightDecay = weightDecay
        self.rule = rule
    }

    /// Takes one step.
    public mutating func update<M: Module>(_ model: inout M, along gradient: Gradient<M>, learningRate: Float)
    {
        let (beta1, beta2, weightDecay) = (beta1, beta2, weightDecay)
        momenta.step(&model, along: gradient, learningRate: learningRate, rule: rule) { rate, decayScale in
            let decay = 1 - rate * weightDecay * decayScale
            return { p, m, g, range in
                ck_lion(p, m, g, range.lowerBound, range.upperBound, rate, decay, beta1, beta2)
            }
        }
    }

    /// The step count and the momentum.
    public var state: OptimizerState {
        get { momenta.state }
        set { momenta.state = newValue }
    }
}

/// Stochastic gradient descent with momentum.
///
///     g ← g + λθ        m ← μm + g        θ ← θ − η · (g + μm with Nesterov, else m)
///
/// - SeeAlso: [Sutskever et al. 2013](https://proceedings.mlr.press/v28/sutskever13.html). Departures: the learning rate
///   multiplies the momentum too and weight decay enters the gradient, both as in PyTorch.
public struct SGD: Optimizer {
    /// The share of the previous direction that is kept, from 0 to 1.
    public var momentum: Float
    /// Whether to use Nesterov momentum.
    public var isNesterov: Bool
    /// The multiple of the parameter that is added to the gradient.
    public var weightDecay: Float
    /// The learning rate and weight decay of each parameter, relative to the optimizer's.
    public var rule: ParameterRule

    private var velocities = MomentumStates("velocity")

    /// An optimizer that has made no step.
    public init(
        momentum: Float = 0, isNesterov: Bool = false, weightDecay: Float = 0,
        rule: ParameterRule = .matricesDecay
    ) {
        self.momentum = momentum
        self.isNesterov = isNesterov
        self.weightDecay = weightDecay
        self.rule = rule
    }

    /// Takes one step.
    public mutating func update<M: Module>(_ model: inout M, along gradient: Gradient<M>, learningRate: Float)
    {
        let (momentum, weightDecay, nesterov) = (momentum, weightDecay, Int32(isNesterov ? 1 : 0))
        velocities.step(&model, along: gradient, learningRate: learningRate, rule: rule) { rate, decayScale in
            let decay = weightDecay * decayScale
            return { p, m, g, range in
                ck_sgd(p, m, g, range.lowerBound, range.upperBound, rate, momentum, decay, nesterov)
            }
        }
    }

    /// The step count and the momentum.
    public var state: OptimizerState {
        get { velocities.state }
        set { velocities.state = newValue }
    }
}

/// The memory of an optimizer that keeps one tensor for every parameter: Lion's and SGD's.
struct MomentumStates: Sendable {
    private var steps = 0
    private var tensors: ParameterStates

    init(_ kind: String) { tensors = ParameterStates(kind) }

    /// Changes a parameter and its momentum along its gradient, range by range.
    typealias Kernel = (Tensor.Elements, Tensor.Elements, UnsafePointer<Float>, Range<Int>) -> Void

    /// Takes one step.
    ///
    /// - Parameter kernel: Makes the kernel for a parameter, given its learning rate and the scale of its weight decay.
    mutating func step<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, rule: ParameterRule,
        _ kernel: (_ rate: Float, _ decayScale: Float) -> Kernel
    ) {
        steps += 1
        model.forEachParameter(with: gradient) { name, parameter, gradient in
            let treatment = rule.treatment(name, parameter.shape)
            let kernel = kernel(learningRate * treatment.learningRateScale, treatment.weightDecayScale)
            tensors.update(name, shape: parameter.shape) { momentum in
                parameter.advance(along: gradient, with: &momentum, kernel)
            }
        }
    }

    /// The step count and the momentum.
    var state: OptimizerState {
        get { OptimizerState(steps: steps, tensors: tensors.stored) }
        set {
            steps = newValue.steps
            tensors.stored = newValue.tensors
        }
    }
}
