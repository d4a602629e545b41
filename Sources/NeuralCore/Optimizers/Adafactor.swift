import CKernels
import Foundation

/// Adaptive steps with a second moment of one number per row and column instead of one per element.
///
///     V̂ = r cᵀ / mean(r)        u = g / √V̂        α = max(ε₂, rms(θ)) · min(η, 1/√t)
///     θ ← (1 − ηλ)θ − α u / max(1, rms(u) / d)
///
/// - SeeAlso: [Shazeer & Stern 2018](https://arxiv.org/abs/1804.04235), Algorithms 4 and 5. Departures are those of
///   PyTorch: the share of the new square is t^`decayExponent`, without bias correction, and ε₁ is a floor under the
///   estimate.
public struct Adafactor: Optimizer {
    /// The share of the newest square is t to this power; −0.8 in the paper.
    public var decayExponent: Float
    /// The floor under the estimate's root, ε₁.
    public var epsilon: Float
    /// The smallest scale a parameter is taken to have, ε₂.
    public var minimumScale: Float
    /// The root-mean-square beyond which an update is scaled down, d.
    public var clipping: Float
    /// The share of a decaying parameter that a step removes, before it is multiplied by the learning rate.
    public var weightDecay: Float
    /// The learning rate and weight decay of each parameter, relative to the optimizer's.
    public var rule: ParameterRule

    private var steps = 0
    private var rowMeans = ParameterStates("row_mean")
    private var columnMeans = ParameterStates("column_mean")
    private var squares = ParameterStates("square_mean")

    /// An optimizer that has made no step.
    public init(
        decayExponent: Float = -0.8, epsilon: Float = .ulpOfOne, minimumScale: Float = 1e-3,
        clipping: Float = 1,
        weightDecay: Float = 0, rule: ParameterRule = .matricesDecay
    ) {
        self.decayExponent = decayExponent
        self.epsilon = epsilon
        self.minimumScale = minimumScale
        self.clipping = clipping
        self.weightDecay = weightDecay
        self.rule = rule
    }

    /// Takes one step.
    public mutating func update<M: Module>(_ model: inout M, along gradient: Gradient<M>, learningRate: Float)
    {
        steps += 1
        let share = pow(Float(steps), decayExponent)
        model.forEachParameter(with: gradient) { name, parameter, gradient in
            guard parameter.count > 0 else { return }
            let treatment = rule.treatment(name, parameter.shape)
            let rate = learningRate * treatment.learningRateScale
            let (update, squares) = update(of: name, gradient, share: share)
            let count = Double(parameter.count)
            let size = max(minimumScale, Float((parameter.sumOfSquares() / count).squareRoot()))
            let alpha = size * min(rate, 1 / Float(steps).squareRoot())
            let excess = max(1, Float((squares / count).squareRoot()) / clipping)
            let decay = 1 - rate * weightDecay * treatment.weightDecayScale
            parameter.withUnsafeMutableBuffer { parameter in
                update.withUnsafeBuffer { update in
                    guard let p = parameter.baseAddress, let u = update.baseAddress else { return }
                    parallelElements(parameter.count) {
                        ck_decay_add(p, u, $0.lowerBound, $0.upperBound, -alpha / excess, decay)
                    }
                }
            }
        }
    }

    /// The scaled gradient of one parameter and the sum of its squares.
    private mutating func update(of name: String, _ gradient: Tensor, share: Float) -> (Tensor, Double) {
        let result = Tensor(uninitialized: gradient.shape)
        let (u, g) = (result.storage.pointer, gradient.storage.pointer)
        let floor = epsilon * epsilon
        var total = 0.0
        guard gradient.shape.rank >= 2 else {
            squares.update(name, shape: gradient.shape) { squares in
                squares.withUnsafeMutableBuffer { v in
                    total = ck_adafactor_vector(u, v.baseAddress, g, 0, gradient.count, share, floor)
                }
            }
            return (result, total)
        }
        let (rows, columns) = (gradient.rows, gradient.channels)
        rowMeans.update(name, shape: [rows]) { rowMeans in
            columnMeans.update(name, shape: [columns]) { columnMeans in
                rowMeans.withUnsafeMutableBuffer { r in
                    columnMeans.withUnsafeMutableBuffer { c in
                        guard let r = r.baseAddress, let c = c.baseAddress else { return }
                        parallelRows(rows, channels: columns) {
                            ck_adafactor_rows(r, g, $0.lowerBound, $0.upperBound, columns, share)
                        }
                        parallelRanges(of: columns, each: 256) {
                            ck_adafactor_columns(c, g, $0.lowerBound, $0.upperBound, rows, columns, share)
                        }
                        let mean = max(Float(ck_sum(r, 0, rows) / Double(rows)), epsilon)
                        total = sumInChunks(of: rows, each: max(1, (1 << 15) / columns)) {
                            ck_adafactor_scale(u, g, r, c, $0.lowerBound, $0.upperBound, columns, mean, floor)
                        }
                    }
                }
            }
        }
        withExtendedLifetime((result, gradient)) {}
        return (result, total)
    }

    /// The step count and the means of squares.
    public var state: OptimizerState {
        get {
            let tensors = [rowMeans, columnMeans, squares].reduce(into: [:]) {
                $0.merge($1.stored) { first, _ in first }
            }
            return OptimizerState(steps: steps, tensors: tensors)
        }
        set {
            steps = newValue.steps
            rowMeans.stored = newValue.tensors
            columnMeans.stored = newValue.tensors
            squares.stored = newValue.tensors
        }
    }
}
