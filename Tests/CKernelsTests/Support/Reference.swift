import Foundation

/// Numbers from about the standard normal distribution, the same for the same seed.
func normalFloats(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (Double((z ^ (z >> 31)) >> 11) + 0.5) / 9_007_199_254_740_992
    }
    return (0..<count).map { _ in scale * Float(sqrt(-2 * log(uniform())) * cos(2 * .pi * uniform())) }
}

/// The greatest difference, in units of the greatest expected magnitude.
func relativeError(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let scale = expected.lazy.map(abs).max() ?? 0
    let difference = zip(values, expected).reduce(0.0) { worst, pair in
        let difference = abs(Double(pair.0) - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
    return difference / max(scale, .leastNormalMagnitude)
}

/// The gradient of `function` by central differences of step `step`.
func differences(
    at point: [Float], step: Double = 1e-5, of function: ([Double]) -> Double
) -> [Double] {
    var x = point.map(Double.init)
    return x.indices.map { index in
        let middle = x[index]
        defer { x[index] = middle }
        x[index] = middle + step
        let above = function(x)
        x[index] = middle - step
        return (above - function(x)) / (2 * step)
    }
}

/// Σ aᵢ bᵢ
func dot(_ a: [Double], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * Double($1.1) } }

/// What was passed to `body` after it filled it.
func filled(_ count: Int, with value: Float = .nan, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float]
{
    Array(unsafeUninitializedCapacity: count) { buffer, initialized in
        buffer.initialize(repeating: value)
        body(buffer.baseAddress!)
        initialized = count
    }
}
