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
public struct Muon: ParameterwiseOptimizer {
    /// The share of the momentum that is kept, from 0 to 1.
    public var momentum: Float
    /// The share of a matrix that a step removes, before it is multiplied by the learning rate.
    public var weightDecay: Float
    /// Newton–Schulz iterations.
    public var iterations: Int
    /// The precision of the products in the iteration.
    public var precision: MatrixPrecision
    /// Moves the parameters that Muon does not.
    public var adamW: AdamW
    /// The learning rate of `adamW` as a multiple of the one given.
    public var adamWScale: Float
    /// Returns whether Muon updates a parameter, by its name and shape.
    public var isMoved: @Sendable (_ name: String, _ shape: Shape) -> Bool

    /// The most elements, in all matrices together, that are orthogonalized side by side.
    package var elementsSideBySide = 1 << 23

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

    /// Takes one step of some of the parameters.
    ///
    /// The matrices of a small model are made orthogonal side by side, each on one thread: their products are too small to
    /// be shared. Those of a large one follow one another, so that one update at a time is in memory. The bits are the same.
    public mutating func update<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, where isOwn: (String) -> Bool
    ) {
        steps += 1
        adamW.beginStep()
        let isSmall = movedElements(of: model) <= elementsSideBySide
        var directions: [Tensor] = []
        model.forEachParameter(with: gradient) { name, parameter, gradient in
            guard isOwn(name) else { return }
            if isMoved(name, parameter.shape) {
                let direction = direction(of: name, gradient)
                if isSmall {
                    directions.append(direction)
                } else {
                    move(
                        &parameter,
                        along: orthogonalized(direction, iterations: iterations, precision: precision),
                        learningRate: learningRate)
                }
            } else {
                adamW.move(
                    name, &parameter, gradient, learningRate: learningRate * adamWScale,
                    adamW.rule.treatment(name, parameter.shape))
            }
        }
        guard isSmall else { return }
        orthogonalize(&directions)
        var rest = directions[...]
        model.forEachParameter { name, parameter in
            guard isOwn(name), isMoved(name, parameter.shape), let direction = rest.popFirst() else { return }
            move(&parameter, along: direction, learningRate: learningRate)
        }
    }

    private func movedElements<M: Module>(of model: M) -> Int {
        model.parameters.reduce(0) { $0 + (isMoved($1.name, $1.value.shape) ? $1.value.count : 0) }
    }

    /// Takes a gradient into its momentum; the sum that looks one step ahead.
    private mutating func direction(of name: String, _ gradient: Tensor) -> Tensor {
        let beta = momentum
        var ahead = Tensor(uninitialized: gradient.shape)
        momenta.update(name, shape: gradient.shape) { momentum in
            ahead.advance(along: gradient, with: &momentum) { out, m, g, range in
                ck_muon_momentum(out, m, g, range.lowerBound, range.upperBound, beta)
            }
        }
        return ahead
    }

    private func orthogonalize(_ directions: inout [Tensor]) {
        directions.withUnsafeMutableBufferPointer { directions in
            parallelFor(tasks: directions.count) {
                directions[$0] = orthogonalized(directions[$0], iterations: iterations, precision: precision)
            }
        }
    }

    private func move(_ parameter: inout Tensor, along update: Tensor, learningRate: Float) {
        let shape = parameter.shape
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
        // A is its own transpose, and of such a product half is computed.
        let square = matmul(a, a, transposing: .second, precision: precision)
        let b = a * -4.7750 + square * 2.0315
        x = x * 3.4445 + matmul(b, x, precision: precision)
    }
    return isTall ? x.transposed() : x
}
