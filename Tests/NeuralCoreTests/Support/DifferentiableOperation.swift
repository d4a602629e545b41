import NeuralCore
import Testing

/// An operation and the same function in plain Double arithmetic, to be compared with its differences.
struct DifferentiableOperation: Sendable, CustomTestStringConvertible {
    let name: String
    /// The shapes of the inputs.
    let shapes: [Shape]
    /// Turns standard normal numbers into inputs of the operation's domain.
    var domain: @Sendable (Float) -> Float = { $0 }
    let apply: @Sendable ([Tensor]) -> Tensor
    let reference: @Sendable ([[Double]]) -> [Double]

    var testDescription: String { name }

    /// The greatest error of the value, and of each gradient, in units of the greatest expected magnitude.
    func errors(seed: UInt64) -> (value: Double, gradients: [Double]) {
        var random = RandomSource(seed: seed)
        let inputs = Inputs(
            tensors: shapes.map { shape in
                let numbers = Tensor(of: shape, from: .normal(), using: &random)
                return Tensor(numbers.scalars.map(domain), shape: shape)
            })
        let output = apply(inputs.tensors)
        let weights = Tensor(of: output.shape, from: .normal(), using: &random)
        let (_, gradient) = valueWithGradient(at: inputs) { total(product(apply($0.tensors), weights)) }

        let point = inputs.tensors.map { $0.scalars.map(Double.init) }
        let projection = { (values: [[Double]]) in
            zip(reference(values), weights.scalars).reduce(0.0) { $0 + $1.0 * Double($1.1) }
        }
        let gradients = point.indices.map { index in
            relativeError(
                gradient.tensors[index].scalars, differences(at: point, input: index, of: projection))
        }
        return (relativeError(output.scalars, reference(point)), gradients)
    }
}

/// Tensors to differentiate at.
struct Inputs: Module {
    var tensors: [Tensor]

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        for index in tensors.indices { visitor.visit(&tensors[index], named: String(index)) }
    }
}

/// The gradient with respect to one input by central differences.
private func differences(
    at point: [[Double]], input: Int, of function: ([[Double]]) -> Double
) -> [Double] {
    let step = 1e-5
    var x = point
    return x[input].indices.map { index in
        let middle = x[input][index]
        defer { x[input][index] = middle }
        x[input][index] = middle + step
        let above = function(x)
        x[input][index] = middle - step
        return (above - function(x)) / (2 * step)
    }
}

/// The greatest difference, in units of the greatest expected magnitude (or of one, where that is smaller).
func relativeError(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let scale = max(1, expected.lazy.map(abs).max() ?? 0)
    return zip(values, expected).reduce(0.0) { worst, pair in
        let difference = abs(Double(pair.0) - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference / scale)
    }
}
