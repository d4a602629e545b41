import CKernels

/// Momentum whose update is made orthogonal, for the matrices inside a network; AdamW for everything else.
///
///     m ← m + (1 − μ)(g − m)        u = orthogonal part of g + μ(m − g)
///     θ ← (1 − ηλ)θ − η √max(1, rows / columns) · u
///
/// Embeddings, the language head, scales and biases go to AdamW, with its own learning rate: `adamWScale` times the
/// one given.
///
/// - SeeAlso: [Jordan et al. 2024](https://kellerjordan.github.io/posts/muon/). Departures: none in the update; the
///   iteration runs in the chosen precision.
public struct Muon: Optimizer {
    /// How much of the momentum is kept, from 0 to 1.
    public var momentum: Float
    /// How much of a matrix is lost in each step, times the learning rate.
    public var weightDecay: Float
    /// Newton–Schulz iterations.
    public var iterations: Int
    /// How the products of the iteration are computed.
    public var precision: MatrixPrecision
    /// Moves the parameters that Muon does not.
    public var adamW: AdamW
    /// The learning rate of `adamW` as a multiple of the one given.
    public var adamWScale: Float
    /// Which parameters Muon moves.
    public var isMoved: @Sendable (_ name: String, _ shape: Shape) -> Bool

    private var steps = 0
    private var momenta = ParameterStates("momentum")

    /// An optimizer that has made no step.
    ///
    /// Each argument sets the property of its name. By default Muon moves matrices, except embeddings and heads.
    public init(
        momentum: Float = 0.95, weightDecay: Float = 0, iterations: Int = 5,
        precision: MatrixPrecision = .float32,
        adamW: AdamW = AdamW(beta1: 0.9, beta2: 0.95), adamWScale: Float = 0.05,
        isMoved: @escaping @Sendable (_ name: String, _ shape: Shape) -> Bool = Muon.isInnerMatrix
    ) {
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.iterations = iterations
        self.precision = precision
        self.adamW = adamW
        self.adamWScale = adamWScale
        self.isMoved = isMoved
    }

    /// Whether a parameter is a matrix and its name is not that of an embedding or a head.
    @Sendable public static func isInnerMatrix(name: String, shape: Shape) -> Bool {
        shape.rank == 2 && !name.contains("embed") && !name.contains("head") && !name.contains("score")
    }

    /// Takes one step.
    public mutating func update<M: Module>(_ model: inout M, along gradient: Gradient<M>, learningRate: Float)
    {
        steps += 1
        adamW.beginStep()
        model.forEachParameter(with: gradient) { name, parameter, gradient in
            if isMoved(name, parameter.shape) {
                move(name, &parameter, gradient, learningRate: learningRate)
            } else {
                adamW.move(
                    name, &parameter, gradient, learningRate: learningRate * adamWScale,
                    adamW.rule.treatment(name, parameter.shape))
            }
        }
    }

    private mutating func move(
        _ name: String, _ parameter: inout Tensor, _ gradient: Tensor, learningRate: Float
    ) {
        let shape = parameter.shape
        let beta = momentum
        var ahead = Tensor(uninitialized: shape)
        momenta.update(name, shape: shape) { momentum in
            ahead.advance(along: gradient, with: &momentum) { out, m, g, range in
                ck_muon_momentum(out, m, g, range.lowerBound, range.upperBound, beta)
            }
        }
        let update = orthogonalized(ahead, iterations: iterations, precision: precision)
        let rate = -learningRate * max(1, Float(shape[0]) / Float(shape[1])).squareRoot()
        let decay = 1 - learningRate * weightDecay
        parameter.withUnsafeMutableBuffer { parameter in
            update.withUnsafeBuffer { update in
                guard let p = parameter.baseAddress, let u = update.baseAddress else { return }
                parallelElements(parameter.count) {
                    ck_decay_add(p, u, $0.lowerBound, $0.upperBound, rate, decay)
                }
            }
        }
    }

    /// The step count, the momentum of the matrices, and AdamW's state of the rest.
    public var state: OptimizerState {
        get {
            OptimizerState(
                steps: steps, tensors: momenta.stored.merging(adamW.state.tensors) { first, _ in first })
        }
        set {
            steps = newValue.steps
            momenta.stored = newValue.tensors
            adamW.state = newValue
        }
    }
}

/// Roughly the nearest matrix with orthonormal rows or columns: singular values go to about one, from 0.7 to 1.2.
///
///     X ← G / ‖G‖        X ← aX + (bA + cA²)X,   A = XXᵀ,   (a, b, c) = (3.4445, −4.7750, 2.0315)
///
/// - SeeAlso: [Jordan et al. 2024](https://kellerjordan.github.io/posts/muon/), the quintic Newton–Schulz iteration.
func orthogonalized(_ gradient: Tensor, iterations: Int, precision: MatrixPrecision) -> Tensor {
    let isTall = gradient.shape[0] > gradient.shape[1]
    var x = isTall ? gradient.transposed() : gradient
    x = x / ((x * x).sum().item().squareRoot() + 1e-7)
    for _ in 0..<iterations {
        let a = matmul(x, x, transposing: .second, precision: precision)
        let b = a * -4.7750 + matmul(a, a, precision: precision) * 2.0315
        x = x * 3.4445 + matmul(b, x, precision: precision)
    }
    return isTall ? x.transposed() : x
}
