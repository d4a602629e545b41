/// Moves a model along a gradient, in place.
///
///     var optimizer = AdamW()
///     optimizer.update(&model, along: gradient, learningRate: 1e-3)
///
/// An optimizer is a value and holds its state by parameter name. It belongs to one model: the first update makes the
/// state, later ones find it. The update writes every parameter in place and copies none, unless another value
/// still shares the model's tensors; that one keeps the old numbers.
public protocol Optimizer: Sendable {
    /// Takes one step.
    ///
    /// - Parameters:
    ///   - model: What to move.
    ///   - gradient: The gradient at `model`.
    ///   - learningRate: The size of the step, before any scaling by the optimizer's rule.
    /// - Precondition: The model has the same parameters at every call.
    mutating func update<M: Module>(_ model: inout M, along gradient: Gradient<M>, learningRate: Float)

    /// What a checkpoint must keep for the next update to be the same.
    var state: OptimizerState { get set }
}

/// The state of an optimizer, as a checkpoint keeps it.
public struct OptimizerState: Sendable {
    /// Updates made so far.
    public var steps: Int
    /// State tensors by `kind.parameter`, such as `first_moment.model.norm.weight`.
    public var tensors: [String: Tensor]

    /// A state from its parts.
    public init(steps: Int = 0, tensors: [String: Tensor] = [:]) {
        self.steps = steps
        self.tensors = tensors
    }
}

/// How a rule treats one parameter.
public struct ParameterTreatment: Sendable, Hashable {
    /// Multiplies the learning rate.
    public var learningRateScale: Float
    /// Multiplies the optimizer's weight decay.
    public var weightDecayScale: Float

    /// A treatment by its two factors.
    public init(learningRateScale: Float = 1, weightDecayScale: Float = 1) {
        self.learningRateScale = learningRateScale
        self.weightDecayScale = weightDecayScale
    }
}

/// Parameter groups, by rule: a function from name and shape to treatment.
///
///     let rule = ParameterRule { name, shape in
///         .init(learningRateScale: name.hasPrefix("score.") ? 10 : 1, weightDecayScale: shape.rank > 1 ? 1 : 0)
///     }
public struct ParameterRule: Sendable {
    /// The treatment of one parameter.
    public let treatment: @Sendable (_ name: String, _ shape: Shape) -> ParameterTreatment

    /// A rule from a function.
    public init(_ treatment: @escaping @Sendable (_ name: String, _ shape: Shape) -> ParameterTreatment) {
        self.treatment = treatment
    }

    /// Weights of linear maps and embeddings decay; biases and scales do not.
    public static let matricesDecay = ParameterRule { _, shape in
        .init(weightDecayScale: shape.rank >= 2 ? 1 : 0)
    }

    /// Every parameter is treated the same.
    public static let uniform = ParameterRule { _, _ in .init() }
}
