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
    /// How much of a decaying parameter is lost in each step, times the learning rate.
    public var weightDecay: Float
    /// How each parameter is treated.
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
