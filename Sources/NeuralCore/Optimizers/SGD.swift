import CKernels

/// Stochastic gradient descent with momentum.
///
///     g ← g + λθ        m ← μm + g        θ ← θ − η · (g + μm with Nesterov, else m)
///
/// - SeeAlso: [Sutskever et al. 2013](https://proceedings.mlr.press/v28/sutskever13.html). Departures: the learning rate
///   multiplies the momentum too and weight decay enters the gradient, both as in PyTorch.
public struct SGD: Optimizer {
    /// How much of the last direction is kept, from 0 to 1.
    public var momentum: Float
    /// Whether the gradient is taken ahead of the momentum.
    public var isNesterov: Bool
    /// What is added to the gradient, times the parameter.
    public var weightDecay: Float
    /// How each parameter is treated.
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
