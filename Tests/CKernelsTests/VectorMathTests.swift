import CKernels
import Foundation
import Testing

/// An elementary function, its kernel, and the error that ck_vector.h promises.
struct ElementaryFunction: Sendable, CustomTestStringConvertible {
    let name: String
    let kernel: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
    let reference: @Sendable (Double) -> Double
    let largestError: Double
    /// What lies below this may be zero.
    var least: Double = 0

    var testDescription: String { name }

    static let all = [
        ElementaryFunction(
            name: "exp", kernel: { ck_exp_forward($0, $1, $2, $3) }, reference: { exp($0) }, largestError: 1),
        ElementaryFunction(
            name: "log", kernel: { ck_log_forward($0, $1, $2, $3) }, reference: { log($0) }, largestError: 1),
        ElementaryFunction(
            name: "tanh", kernel: { ck_tanh_forward($0, $1, $2, $3) }, reference: { tanh($0) },
            largestError: 1.5),
        ElementaryFunction(
            name: "erf", kernel: { ck_erf_forward($0, $1, $2, $3) }, reference: { erf($0) },
            largestError: 1.5),
        ElementaryFunction(
            name: "sigmoid", kernel: { ck_sigmoid_forward($0, $1, $2, $3) },
            reference: { $0 >= 0 ? 1 / (1 + exp(-$0)) : exp($0) / (1 + exp($0)) }, largestError: 2.5,
            least: 0x1p-127),
        ElementaryFunction(
            name: "logSigmoid", kernel: { ck_log_sigmoid_forward($0, $1, $2, $3) },
            reference: { min($0, 0) - log1p(exp(-abs($0))) }, largestError: 2.5),
    ]
}

@Suite struct VectorMathTests {
    /// Every 40,009th float of both signs, so that exponents and leading digits of all kinds occur, and the edges.
    static let inputs: [Float] =
        stride(from: UInt64(0), to: 1 << 32, by: 40_009).map { Float(bitPattern: UInt32($0)) }
        + [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        + [88.72283, 88.72284, -87.33654, -103.97207, -103.97208, 1, -1, 0.9, 0.625, 4]

    @Test(arguments: ElementaryFunction.all, supportedVariants)
    func functionStaysWithinItsStatedError(_ function: ElementaryFunction, _ variant: ProcessorVariant) {
        let inputs = Self.inputs
        var outputs = [Float](repeating: 0, count: inputs.count)
        variant.forced { function.kernel(&outputs, inputs, 0, inputs.count) }
        var worst = (error: 0.0, input: Float(0))
        for (x, y) in zip(inputs, outputs) {
            let expected = function.reference(Double(x))
            let rounded = Float(expected)
            guard rounded.isFinite else {
                #expect(rounded.isNaN ? y.isNaN : y == rounded, "\(x)")
                continue
            }
            if expected == 0 { #expect(y == 0 && y.sign == expected.sign, "\(x)") }
            if y == 0, expected < function.least { continue }
            let error = abs(Double(y) - expected) / Double(rounded.ulp)
            if error > worst.error || error.isNaN { worst = (error, x) }
        }
        #expect(worst.error <= function.largestError, "at \(worst.input)")
    }
}
