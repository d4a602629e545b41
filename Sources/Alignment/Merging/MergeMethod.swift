import Foundation
import NeuralCore

/// A method of merging the parameters of several models of one shape.
///
/// The names are mergekit's. All arithmetic is in 32-bit floats, as mergekit's is with `dtype: float32`.
public enum MergeMethod: String, Sendable, Hashable, CaseIterable {
    /// The weighted mean of the models: a "soup".
    ///
    /// - SeeAlso: [Wortsman et al. 2022](https://arxiv.org/abs/2203.05482); of reward models,
    ///   [Ramé et al. 2024](https://arxiv.org/abs/2401.12187).
    case linear
    /// The point a share `t` of the way along the arc from the base to one other model, matrix by matrix.
    ///
    /// - SeeAlso: [Shoemake 1985](https://doi.org/10.1145/325165.325242). Departure, mergekit's: the coefficients are
    ///   those of the directions, and are applied to the matrices as they are.
    case slerp
    /// The base plus the weighted differences of the others from it.
    ///
    /// - SeeAlso: [Ilharco et al. 2023](https://arxiv.org/abs/2212.04089).
    case taskArithmetic = "task_arithmetic"
    /// Task arithmetic with only the largest differences, and of these only those of the sign that weighs more.
    ///
    /// - SeeAlso: [Yadav et al. 2023](https://arxiv.org/abs/2306.01708).
    case ties
    /// Task arithmetic with differences dropped at random and the rest scaled up.
    ///
    /// - SeeAlso: [Yu et al. 2024](https://arxiv.org/abs/2311.03099). Departure, mergekit's: what is kept is scaled so that
    ///   the sum of magnitudes stays, and not by one over the density.
    case dareLinear = "dare_linear"
    /// ``dareLinear`` with the election of signs of ``ties``.
    case dareTies = "dare_ties"

    /// True if the method measures differences from a base.
    public var needsBase: Bool { self != .linear }

    /// The parameters of a method for one tensor, under mergekit's names.
    struct Settings: Hashable {
        /// The share of each model; that of the base counts for ``linear`` only.
        var weight: [Float]
        /// The share of each model's differences that is kept, 0 to 1.
        var density: [Float]
        /// True if the result is divided by the sum of the weights that went into it.
        var normalize: Bool
        /// True if the differences that are kept are scaled to the magnitude of all.
        var rescale: Bool
        /// The factor of the sum of all differences.
        var lambda: Float
        /// The place between the base (0) and the other model (1) that ``slerp`` takes.
        var t: Float
    }

    /// One tensor of the merged model.
    ///
    /// - Parameters:
    ///   - tensors: That tensor of each model, all of one shape.
    ///   - base: Which of the models is the base; ``linear`` needs none.
    ///   - random: Which differences are dropped, by the methods that drop at random.
    func merge(_ tensors: [Tensor], base: Int?, _ settings: Settings, using random: RandomSource) -> Tensor {
        switch (self, base) {
        case (.linear, _): Self.mean(tensors, settings)
        case (.slerp, let base?):
            Self.slerp(from: tensors[base], to: tensors[1 - base], t: settings.t)
        case (_, let base?): differences(tensors, base, settings, random)
        case (_, nil): misuse("\(rawValue) needs a base")
        }
    }
}

// MARK: - Means and arcs

extension MergeMethod {
    private static func mean(_ tensors: [Tensor], _ settings: Settings) -> Tensor {
        var sum = Tensor(zeros: tensors[0].shape)
        for (tensor, weight) in zip(tensors, settings.weight) { sum = sum + tensor * weight }
        return settings.normalize ? sum / settings.weight.reduce(0, +) : sum
    }

    /// Directions closer than this to one line are taken as one line, on which the way is straight.
    private static let straight = 0.9995

    private static func slerp(from a: Tensor, to b: Tensor, t: Float) -> Tensor {
        let length = { (tensor: Tensor) -> Double in
            let length = product(tensor, tensor).squareRoot()
            return length > 1e-8 ? length : 1
        }
        let cosine = min(max(product(a, b) / (length(a) * length(b)), -1), 1)
        if abs(cosine) > straight { return a * (1 - t) + b * t }
        let (angle, t) = (acos(cosine), Double(t))
        return a * Float(sin((1 - t) * angle) / sin(angle)) + b * Float(sin(t * angle) / sin(angle))
    }

    /// The sum of the products of elements, in double precision.
    private static func product(_ a: Tensor, _ b: Tensor) -> Double {
        a.withUnsafeBuffer { a in
            b.withUnsafeBuffer { b in
                var sum = 0.0
                for index in a.indices { sum += Double(a[index]) * Double(b[index]) }
                return sum
            }
        }
    }
}

// MARK: - Differences from a base

extension MergeMethod {
    private var electsSigns: Bool { self == .ties || self == .dareTies }

    private func differences(
        _ tensors: [Tensor], _ base: Int, _ settings: Settings, _ random: RandomSource
    ) -> Tensor {
        var random = random
        var weights: [Float] = []
        var differences: [Tensor] = []
        for (index, tensor) in tensors.enumerated() where index != base {
            let difference = tensor - tensors[base]
            let kept = thinned(
                difference, to: settings.density[index], rescaled: settings.rescale, using: random.split())
            weights.append(settings.weight[index])
            differences.append(kept * settings.weight[index])
        }
        guard !differences.isEmpty else { return tensors[base] }
        var sum =
            electsSigns
            ? Self.elected(differences, weights, normalized: settings.normalize)
            : Self.sum(differences, weights, normalized: settings.normalize)
        if settings.lambda != 1 { sum = sum * settings.lambda }
        return tensors[base] + sum
    }

    private static func sum(_ differences: [Tensor], _ weights: [Float], normalized: Bool) -> Tensor {
        let sum = differences.dropFirst().reduce(differences[0], +)
        let divisor = weights.reduce(0, +)
        return normalized && abs(divisor) >= 1e-8 ? sum / divisor : sum
    }

    /// The sum, element by element, of the differences whose sign is that of the sum of all.
    private static func elected(_ differences: [Tensor], _ weights: [Float], normalized: Bool) -> Tensor {
        let elements = differences.map(\.scalars)
        var result = Tensor(zeros: differences[0].shape)
        result.withUnsafeMutableBuffer { result in
            for index in result.indices {
                var total: Float = 0
                for model in elements { total += model[index] }
                var (sum, divisor): (Float, Float) = (0, 0)
                for (model, weight) in zip(elements, weights)
                where total >= 0 ? model[index] > 0 : model[index] < 0 {
                    sum += model[index]
                    divisor += weight
                }
                result[index] = normalized && divisor != 0 ? sum / divisor : sum
            }
        }
        return result
    }

    /// A tensor with a share of its elements kept and zero elsewhere: the largest for ``ties``, any for the two that
    /// drop at random, and all for task arithmetic.
    private func thinned(
        _ tensor: Tensor, to density: Float, rescaled: Bool, using random: RandomSource
    ) -> Tensor {
        guard self != .taskArithmetic, density < 1, tensor.count > 0 else { return tensor }
        guard density > 0 else { return Tensor(zeros: tensor.shape) }
        var random = random
        var thin = tensor
        thin.withUnsafeMutableBuffer { elements in
            if self == .ties {
                Self.keepLargest(max(1, Int(Double(density) * Double(elements.count))), of: elements)
            } else {
                let draws = random.numbers(elements.count, from: .uniform())
                for index in elements.indices where draws[index] >= density { elements[index] = 0 }
            }
        }
        return rescaled ? Self.rescaled(thin, toMagnitudeOf: tensor) : thin
    }

    /// Clears all but the `count` elements of the greatest magnitude; of equal ones the first stay.
    private static func keepLargest(_ count: Int, of elements: UnsafeMutableBufferPointer<Float>) {
        let threshold = elements.map(\.magnitude).sorted(by: >)[count - 1]
        var room = count - elements.count { $0.magnitude > threshold }
        for index in elements.indices where !(elements[index].magnitude > threshold) {
            if elements[index].magnitude == threshold, room > 0 {
                room -= 1
            } else {
                elements[index] = 0
            }
        }
    }

    private static func rescaled(_ thin: Tensor, toMagnitudeOf whole: Tensor) -> Tensor {
        let magnitude = { (tensor: Tensor) in
            tensor.withUnsafeBuffer { $0.reduce(0.0) { $0 + Double($1.magnitude) } }
        }
        let (before, after) = (magnitude(whole), magnitude(thin))
        return before < 1e-7 || after < 1e-7 ? thin : thin * Float(before / after)
    }
}
