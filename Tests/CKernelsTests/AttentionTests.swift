import CKernels
import Foundation
import Testing

@Suite struct AttentionTests {
    static let small: [AttentionCase] = [
        AttentionCase(segments: [(7, nil)], headSize: 3),
        AttentionCase(segments: [(4, nil), (3, 0), (2, 1), (5, 0), (3, nil)], heads: 2, headSize: 5),
        AttentionCase(
            segments: [(5, nil), (6, 0), (4, 1), (3, 1)], heads: 4, keyValueHeads: 2, headSize: 4, window: 4),
        AttentionCase(
            segments: [(6, nil), (0, nil), (5, nil), (0, 2), (7, 3)], heads: 3, headSize: 2, softCap: 1.5),
    ]

    /// Sizes around those of tiles, panels and blocks.
    static let large: [AttentionCase] = [
        AttentionCase(segments: [(1, nil), (2, nil), (47, nil), (49, nil)], heads: 2, headSize: 64),
        AttentionCase(segments: [(300, nil)], headSize: 32),
        AttentionCase(segments: [(130, nil)], heads: 2, keyValueHeads: 1, headSize: 128),
        AttentionCase(
            segments: [(70, nil), (60, 0), (11, 1), (1, 1), (95, 0), (33, nil)], heads: 2, headSize: 80),
        AttentionCase(
            segments: [(60, nil), (40, 0), (50, 1), (3, 0), (70, 0), (20, nil)], heads: 6, keyValueHeads: 2,
            headSize: 16, window: 25),
        AttentionCase(
            segments: [(100, nil), (40, 0), (50, 1), (60, 0)], heads: 3, keyValueHeads: 1, headSize: 20,
            window: 70,
            softCap: 2),
        AttentionCase(
            segments: Array(repeating: (5, nil), count: 40), heads: 2, keyValueHeads: 2, headSize: 1),
    ]

    @Test(arguments: small)
    func theReferencesGradientIsThatOfItsDifferences(_ problem: AttentionCase) {
        let qkv = normalFloats(problem.rowCount * problem.stride, seed: 1)
        let cotangent = normalFloats(problem.outputCount, seed: 2)
        let gradient = problem.reference(qkv.map(Double.init), cotangent: cotangent.map(Double.init)).gradient
        let expected = differences(at: qkv) { dot(problem.reference($0).output, cotangent) }
        #expect(relativeError(gradient.map(Float.init), expected) < 1e-6)
    }

    @Test(arguments: small + large, supportedVariants)
    func kernelsMatchTheReference(_ problem: AttentionCase, _ variant: ProcessorVariant) {
        let qkv = normalFloats(problem.rowCount * problem.stride, seed: 3)
        let cotangent = normalFloats(problem.outputCount, seed: 4)
        let expected = problem.reference(qkv.map(Double.init), cotangent: cotangent.map(Double.init))
        variant.forced {
            let forward = problem.forward(qkv)
            #expect(relativeError(forward.output, expected.output) < 2e-6)
            #expect(relativeError(forward.logSums, expected.logSums) < 2e-6)
            let gradient = problem.backward(qkv, cotangent: cotangent, forward: forward)
            #expect(relativeError(gradient, expected.gradient) < 3e-6)
        }
    }

    @Test(arguments: large, supportedVariants)
    func workMayBeCutAnywhere(_ problem: AttentionCase, _ variant: ProcessorVariant) {
        let qkv = normalFloats(problem.rowCount * problem.stride, seed: 5)
        let cotangent = normalFloats(problem.outputCount, seed: 6)
        variant.forced {
            let whole = problem.forward(qkv), cut = problem.forward(qkv, rowsPerCall: 37)
            #expect(relativeError(cut.output, whole.output.map(Double.init)) < 2e-6)
            #expect(relativeError(cut.logSums, whole.logSums.map(Double.init)) < 2e-6)
            let gradient = problem.backward(qkv, cotangent: cotangent, forward: whole)
            for parts in [2, 3] {
                let sum = problem.backward(qkv, cotangent: cotangent, forward: whole, parts: parts)
                #expect(relativeError(sum, gradient.map(Double.init)) < 2e-6)
            }
        }
    }

    @Test(arguments: supportedVariants)
    func branchesAreWhatTheyWouldBeAlone(_ variant: ProcessorVariant) {
        let forest = AttentionCase(segments: [(40, nil), (30, 0), (20, 1), (50, 0)], heads: 2, headSize: 32)
        let sequence = AttentionCase(segments: [(90, nil)], heads: 2, headSize: 32)
        let qkv = normalFloats(forest.rowCount * forest.stride, seed: 7)
        variant.forced {
            let together = forest.forward(qkv)
            let path = Array(qkv[..<(90 * forest.stride)])
            let alone = sequence.forward(path)
            #expect(
                relativeError(Array(together.output[..<alone.output.count]), alone.output.map(Double.init))
                    < 2e-6)
        }
    }

    /// Keys stored as they are and in sixteen bits, and rows computed one by one, so that few lanes see a span.
    @Test(arguments: small + large.prefix(6), supportedVariants)
    func decodingEqualsOneFullPass(_ problem: AttentionCase, _ variant: ProcessorVariant) {
        var qkv = normalFloats(problem.rowCount * problem.stride, seed: 9)
        for index in qkv.indices {
            // Keys and values that sixteen bits hold exactly.
            qkv[index] = Float(bitPattern: qkv[index].bitPattern & 0xffff_0000)
        }
        let expected = problem.reference(qkv.map(Double.init))
        variant.forced {
            let decoded = problem.forward(qkv, rowsPerCall: 1)
            #expect(relativeError(decoded.output, expected.output) < 2e-6)
            #expect(relativeError(decoded.logSums, expected.logSums) < 2e-6)
            for rowsPerCall in [1, 3, 100] {
                let narrow = problem.forwardWithBFloat16Keys(qkv, rowsPerCall: rowsPerCall)
                #expect(relativeError(narrow, expected.output) < 2e-6)
            }
        }
    }

    @Test(arguments: supportedVariants)
    func aRowThatSeesNothingIsZero(_ variant: ProcessorVariant) {
        let problem = AttentionCase(segments: [(5, nil)], headSize: 8)
        let qkv = normalFloats(5 * problem.stride, seed: 8)
        variant.forced {
            problem.withProblem(qkv) { q, attention in
                attention.span_count = 0
                let output = filled(40) { output in
                    let logSums = filled(5) { logSums in
                        withWorkspace(ck_attention_forward_workspace(&attention)) {
                            ck_attention_forward(output, logSums, q, &attention, 0, 0, 5, $0)
                        }
                    }
                    #expect(logSums.allSatisfy { $0 == -.infinity })
                }
                #expect(output.allSatisfy { $0 == 0 })
            }
        }
    }
}
