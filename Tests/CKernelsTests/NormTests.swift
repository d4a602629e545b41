import CKernels
import Foundation
import Testing

@Suite struct NormTests {
    static let widths = [1, 3, 16, 29, 64, 130]
    let R = 5
    let epsilon: Float = 1e-5

    static func rmsNorm(_ x: [Double], _ weight: [Double], _ epsilon: Double) -> [Double] {
        let C = weight.count
        return stride(from: 0, to: x.count, by: C).flatMap { start in
            let row = x[start..<start + C]
            let mean = row.reduce(0) { $0 + $1 * $1 } / Double(C)
            return zip(row, weight).map { $0 / (mean + epsilon).squareRoot() * $1 }
        }
    }

    static func layerNorm(_ x: [Double], _ weight: [Double], _ bias: [Double], _ epsilon: Double) -> [Double]
    {
        let C = weight.count
        return stride(from: 0, to: x.count, by: C).flatMap { start in
            let row = x[start..<start + C]
            let mean = row.reduce(0, +) / Double(C)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(C)
            return (0..<C).map {
                (row[start + $0] - mean) / (variance + epsilon).squareRoot() * weight[$0] + bias[$0]
            }
        }
    }

    @Test(arguments: widths, supportedVariants)
    func rmsNormMatchesReference(_ C: Int, _ variant: ProcessorVariant) {
        let x = normalFloats(R * C, seed: 1), weight = normalFloats(C, seed: 2),
            dy = normalFloats(R * C, seed: 3)
        let w = weight.map(Double.init), e = Double(epsilon)
        variant.forced {
            var rrms = [Float](repeating: .nan, count: R)
            let y = filled(R * C) { ck_rms_norm_forward($0, &rrms, x, weight, 0, R, C, epsilon) }
            #expect(relativeError(y, Self.rmsNorm(x.map(Double.init), w, e)) < 1e-6)

            var dweight = [Float](repeating: 0, count: C)
            let dx = filled(R * C) { ck_rms_norm_backward($0, &dweight, dy, nil, x, weight, rrms, 0, R, C) }
            let expectedX = differences(at: x) { dot(Self.rmsNorm($0, w, e), dy) }
            let expectedWeight = differences(at: weight) { dot(Self.rmsNorm(x.map(Double.init), $0, e), dy) }
            // With one channel the output is the sign of the input: its gradient is all cancellation.
            if C > 1 { #expect(relativeError(dx, expectedX) < 3e-6) }
            #expect(relativeError(dweight, expectedWeight) < 3e-6)
        }
    }

    @Test(arguments: widths, supportedVariants)
    func layerNormMatchesReference(_ C: Int, _ variant: ProcessorVariant) {
        let x = normalFloats(R * C, seed: 4), weight = normalFloats(C, seed: 5),
            bias = normalFloats(C, seed: 6)
        let dy = normalFloats(R * C, seed: 7)
        let (w, b, e) = (weight.map(Double.init), bias.map(Double.init), Double(epsilon))
        variant.forced {
            var mean = [Float](repeating: .nan, count: R), rstd = mean
            let y = filled(R * C) {
                ck_layer_norm_forward($0, &mean, &rstd, x, weight, bias, 0, R, C, epsilon)
            }
            #expect(relativeError(y, Self.layerNorm(x.map(Double.init), w, b, e)) < 2e-6)

            var dweight = [Float](repeating: 0, count: C), dbias = dweight
            let dx = filled(R * C) {
                ck_layer_norm_backward($0, &dweight, &dbias, dy, nil, x, weight, mean, rstd, 0, R, C)
            }
            let exact = x.map(Double.init)
            let expectedX = differences(at: x) { dot(Self.layerNorm($0, w, b, e), dy) }
            let expectedWeight = differences(at: weight) { dot(Self.layerNorm(exact, $0, b, e), dy) }
            let expectedBias = differences(at: bias) { dot(Self.layerNorm(exact, w, $0, e), dy) }
            if C > 1 {
                #expect(relativeError(dx, expectedX) < 5e-6)
                #expect(relativeError(dweight, expectedWeight) < 5e-6)
            }
            #expect(relativeError(dbias, expectedBias) < 2e-6)
        }
    }

    @Test(arguments: [3, 40], supportedVariants)
    func addingFirstIsTheSameAsNormalizingTheSum(_ C: Int, _ variant: ProcessorVariant) {
        let a = normalFloats(R * C, seed: 8), b = normalFloats(R * C, seed: 9)
        let weight = normalFloats(C, seed: 10), bias = normalFloats(C, seed: 11)
        let sum = zip(a, b).map(+)
        variant.forced {
            var added = [Float](repeating: .nan, count: R * C)
            var scale = [Float](repeating: .nan, count: R), mean = scale, again = scale
            let y = filled(R * C) {
                ck_add_rms_norm_forward(&added, $0, &scale, a, b, weight, 0, R, C, epsilon)
            }
            #expect(added == sum)
            #expect(y == filled(R * C) { ck_rms_norm_forward($0, &again, sum, weight, 0, R, C, epsilon) })
            #expect(scale == again)

            let z = filled(R * C) {
                ck_add_layer_norm_forward(&added, $0, &mean, &scale, a, b, weight, bias, 0, R, C, epsilon)
            }
            #expect(added == sum)
            let plain = filled(R * C) {
                ck_layer_norm_forward($0, &mean, &again, sum, weight, bias, 0, R, C, epsilon)
            }
            #expect(z == plain && scale == again)
        }
    }

    @Test(arguments: [3, 40], supportedVariants)
    func theGradientOfTheSumIsAddedToThatOfTheNormalized(_ C: Int, _ variant: ProcessorVariant) {
        let x = normalFloats(R * C, seed: 12), weight = normalFloats(C, seed: 13),
            bias = normalFloats(C, seed: 14)
        let dy = normalFloats(R * C, seed: 15), dsum = normalFloats(R * C, seed: 16)
        variant.forced {
            var scale = [Float](repeating: .nan, count: R), mean = scale
            _ = filled(R * C) { ck_rms_norm_forward($0, &scale, x, weight, 0, R, C, epsilon) }
            let plain = filled(R * C) { ck_rms_norm_backward($0, nil, dy, nil, x, weight, scale, 0, R, C) }
            let both = filled(R * C) { ck_rms_norm_backward($0, nil, dy, dsum, x, weight, scale, 0, R, C) }
            #expect(both == zip(plain, dsum).map(+))

            _ = filled(R * C) { ck_layer_norm_forward($0, &mean, &scale, x, weight, bias, 0, R, C, epsilon) }
            let centered = filled(R * C) {
                ck_layer_norm_backward($0, nil, nil, dy, nil, x, weight, mean, scale, 0, R, C)
            }
            let centeredBoth = filled(R * C) {
                ck_layer_norm_backward($0, nil, nil, dy, dsum, x, weight, mean, scale, 0, R, C)
            }
            #expect(centeredBoth == zip(centered, dsum).map(+))
        }
    }
}
