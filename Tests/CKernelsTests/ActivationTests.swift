import CKernels
import Foundation
import Testing

/// An activation function: its kernels and its formula.
struct Activation: Sendable, CustomTestStringConvertible {
    let name: String
    let forward: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
    let backward:
        @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
    let formula: @Sendable (Double) -> Double

    var testDescription: String { name }

    static let all = [
        Activation(
            name: "gelu", forward: { ck_gelu_forward($0, $1, $2, $3) },
            backward: { ck_gelu_backward($0, $1, $2, $3, $4) },
            formula: { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }),
        Activation(
            name: "gelu (tanh)", forward: { ck_gelu_tanh_forward($0, $1, $2, $3) },
            backward: { ck_gelu_tanh_backward($0, $1, $2, $3, $4) },
            formula: { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
        Activation(
            name: "silu", forward: { ck_silu_forward($0, $1, $2, $3) },
            backward: { ck_silu_backward($0, $1, $2, $3, $4) }, formula: { $0 / (1 + exp(-$0)) }),
        Activation(
            name: "relu", forward: { ck_relu_forward($0, $1, $2, $3) },
            backward: { ck_relu_backward($0, $1, $2, $3, $4) }, formula: { max($0, 0) }),
        Activation(
            name: "relu²", forward: { ck_relu_squared_forward($0, $1, $2, $3) },
            backward: { ck_relu_squared_backward($0, $1, $2, $3, $4) },
            formula: { max($0, 0) * max($0, 0) }),
    ]
}

@Suite struct ActivationTests {
    @Test(arguments: Activation.all, supportedVariants)
    func kernelsMatchTheFormulaAndItsSlope(_ activation: Activation, _ variant: ProcessorVariant) {
        for count in [1, 7, 16, 83] {
            let x = normalFloats(count, seed: 1, scale: 2), dy = normalFloats(count, seed: 2)
            variant.forced {
                let y = filled(count) { activation.forward($0, x, 0, count) }
                #expect(relativeError(y, x.map { activation.formula(Double($0)) }) < 4e-7)
                let dx = filled(count) { activation.backward($0, dy, x, 0, count) }
                let expected = differences(at: x) { dot($0.map(activation.formula), dy) }
                #expect(relativeError(dx, expected) < 1e-6)
            }
        }
    }

    @Test(arguments: Activation.all, supportedVariants)
    func farFromZeroNothingOverflows(_ activation: Activation, _ variant: ProcessorVariant) {
        let x: [Float] = [-1e4, -200, -120, 120, 200, 1e4], dy = [Float](repeating: 1, count: x.count)
        variant.forced {
            let y = filled(x.count) { activation.forward($0, x, 0, x.count) }
            let dx = filled(x.count) { activation.backward($0, dy, x, 0, x.count) }
            for (index, value) in x.enumerated() {
                let isSquare = activation.name == "relu²"
                #expect(y[index] == (value < 0 ? 0 : isSquare ? value * value : value))
                #expect(dx[index] == (value < 0 ? 0 : isSquare ? 2 * value : 1))
            }
        }
    }

    @Test(arguments: supportedVariants)
    func swiGLUMatchesItsFormulaAndItsSlopes(_ variant: ProcessorVariant) {
        let formula = { (gate: Double, up: Double) in gate / (1 + exp(-gate)) * up }
        for count in [1, 5, 32, 71] {
            let gate = normalFloats(count, seed: 3, scale: 2), up = normalFloats(count, seed: 4)
            let dy = normalFloats(count, seed: 5)
            variant.forced {
                let y = filled(count) { ck_swiglu_forward($0, gate, up, 0, count) }
                let expected = zip(gate, up).map { formula(Double($0), Double($1)) }
                #expect(relativeError(y, expected) < 4e-7)
                var dup = [Float](repeating: .nan, count: count)
                let dgate = filled(count) { ck_swiglu_backward($0, &dup, dy, gate, up, 0, count) }
                let gateSlope = differences(at: gate) { gate in
                    dot(zip(gate, up).map { formula($0, Double($1)) }, dy)
                }
                let upSlope = differences(at: up) { up in
                    dot(zip(gate, up).map { formula(Double($0), $1) }, dy)
                }
                #expect(relativeError(dgate, gateSlope) < 1e-6)
                #expect(relativeError(dup, upSlope) < 1e-6)
            }
        }
    }

    @Test func aRangeLeavesItsSurroundingsAlone() {
        let x = normalFloats(40, seed: 6)
        let y = filled(40, with: 7) { ck_gelu_forward($0, x, 3, 30) }
        #expect(y[..<3].allSatisfy { $0 == 7 } && y[30...].allSatisfy { $0 == 7 })
        #expect(y[3..<30].allSatisfy { $0 != 7 })
    }
}
