import CKernels
import Foundation
import Testing

@Suite struct SoftmaxTests {
    static let widths = [1, 3, 8, 17, 100, 259]

    static func softmax(_ x: [Double], _ C: Int) -> [Double] {
        stride(from: 0, to: x.count, by: C).flatMap { start in
            let row = x[start..<start + C]
            let exponentials = row.map { exp($0 - row.max()!) }
            let sum = exponentials.reduce(0, +)
            return exponentials.map { $0 / sum }
        }
    }

    @Test(arguments: widths, supportedVariants)
    func softmaxMatchesReference(_ C: Int, _ variant: ProcessorVariant) {
        let R = 3
        let x = normalFloats(R * C, seed: 1, scale: 3), dy = normalFloats(R * C, seed: 2)
        variant.forced {
            let y = filled(R * C) { ck_softmax_forward($0, x, 0, R, C) }
            #expect(relativeError(y, Self.softmax(x.map(Double.init), C)) < 1e-6)
            let dx = filled(R * C) { ck_softmax_backward($0, dy, y, 0, R, C) }
            let expected = differences(at: x) { dot(Self.softmax($0, C), dy) }
            if C > 1 { #expect(relativeError(dx, expected) < 2e-6) } else { #expect(dx == [0, 0, 0]) }
        }
    }

    @Test(arguments: widths, supportedVariants)
    func logSoftmaxMatchesReference(_ C: Int, _ variant: ProcessorVariant) {
        let R = 3
        let x = normalFloats(R * C, seed: 3, scale: 3), dy = normalFloats(R * C, seed: 4)
        let reference = { (x: [Double]) in Self.softmax(x, C).map { log($0) } }
        variant.forced {
            let y = filled(R * C) { ck_log_softmax_forward($0, x, 0, R, C) }
            let dx = filled(R * C) { ck_log_softmax_backward($0, dy, y, 0, R, C) }
            guard C > 1 else {
                #expect(y == [0, 0, 0] && dx == [0, 0, 0])
                return
            }
            #expect(relativeError(y, reference(x.map(Double.init))) < 1e-6)
            #expect(relativeError(dx, differences(at: x) { dot(reference($0), dy) }) < 2e-6)
        }
    }

    @Test(arguments: supportedVariants)
    func aConstantMayBeAddedToARow(_ variant: ProcessorVariant) {
        // The difference is a power of two, so that the shifted inputs are exact.
        let x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], shifted = x.map { $0 + 1024 }
        variant.forced {
            let plain = filled(11) { ck_softmax_forward($0, x, 0, 1, 11) }
            #expect(plain == filled(11) { ck_softmax_forward($0, shifted, 0, 1, 11) })
        }
    }
}
