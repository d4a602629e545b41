import CKernels

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
    ///   - model: The model to update.
    ///   - gradient: The gradient at `model`.
    ///   - learningRate: The size of the step, before any scaling by the optimizer's rule.
    /// - Precondition: The model has the same parameters at every call.
    mutating func update<M: Module>(_ model: inout M, along gradient: Gradient<M>, learningRate: Float)

    /// Takes one step of some of the parameters, by their names; the others stay, and no state of theirs is made.
    ///
    /// It may be asked for where ``updatesParametersApart`` is true; an optimizer that does not have it updates all.
    mutating func update<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, of names: Set<String>)

    /// True where each parameter moves by its own gradient and state alone.
    var updatesParametersApart: Bool { get }

    /// The state that a checkpoint must keep for the next update to be the same.
    var state: OptimizerState { get set }
}

extension Optimizer {
    /// False: it is for the optimizer to say.
    public var updatesParametersApart: Bool { false }

    /// Updates all parameters.
    public mutating func update<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, of names: Set<String>
    ) {
        update(&model, along: gradient, learningRate: learningRate)
    }
}

/// An optimizer that moves each parameter by its own gradient and state alone, so that it can move some of them.
public protocol ParameterwiseOptimizer: Optimizer {
    /// Takes one step of the parameters whose names `isOwn` is true of; the others stay, and no state of theirs is made.
    mutating func update<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, where isOwn: (String) -> Bool)
}

extension ParameterwiseOptimizer {
    /// True.
    public var updatesParametersApart: Bool { true }

    /// Takes one step.
    public mutating func update<M: Module>(_ model: inout M, along gradient: Gradient<M>, learningRate: Float)
    {
        update(&model, along: gradient, learningRate: learningRate) { _ in true }
    }

    /// Takes one step of some of the parameters.
    public mutating func update<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, of names: Set<String>
    ) {
        update(&model, along: gradient, learningRate: learningRate) { names.contains($0) }
    }
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

    /// The name of the parameter that a state tensor belongs to.
    package static func parameter(ofState key: String) -> String {
        String(key.drop { $0 != "." }.dropFirst())
    }
}

/// The learning rate and weight decay of one parameter, relative to the optimizer's.
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

extension Gradient {
    /// The Euclidean norm over all parameters.
    public var norm: Float {
        Float(parameters.reduce(0) { $0 + $1.value.sumOfSquares() }.squareRoot())
    }

    /// Scales the gradient down to `limit` if its norm is greater.
    ///
    /// - Returns: The norm before.
    /// - SeeAlso: [Pascanu et al. 2013](https://arxiv.org/abs/1211.5063), Algorithm 1. Departure: none; PyTorch adds
    ///   1e-6 to the norm it divides by.
    @discardableResult
    public mutating func clip(toNorm limit: Float) -> Float {
        let norm = norm
        if norm > limit { scale(by: limit / norm) }
        return norm
    }

    /// Multiplies every component.
    public mutating func scale(by factor: Float) {
        forEachParameter { _, gradient in
            gradient.withUnsafeMutableBuffer { elements in
                guard let pointer = elements.baseAddress else { return }
                parallelElements(elements.count) {
                    ck_scale(pointer, pointer, $0.lowerBound, $0.upperBound, factor)
                }
            }
        }
    }
}
