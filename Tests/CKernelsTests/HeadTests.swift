import CKernels
import Foundation
import Testing

/// A way of turning logits into scores.
struct HeadScale: Sendable, CustomTestStringConvertible {
    let softCap: Double
    let temperature: Double

    var testDescription: String { "cap \(softCap), temperature \(temperature)" }
    var value: ck_head_scale { ck_head_scale(soft_cap: Float(softCap), temperature: Float(temperature)) }

    static let all = [
        HeadScale(softCap: 0, temperature: 1), HeadScale(softCap: 0, temperature: 0.7),
        HeadScale(softCap: 5, temperature: 1), HeadScale(softCap: 3, temperature: 1.6),
    ]

    func score(_ logit: Double) -> Double {
        (softCap > 0 ? softCap * tanh(logit / softCap) : logit) / temperature
    }
}

@Suite struct HeadTests {
    let R = 4
    /// The targets of each row: none, one, two of which one twice, and one.
    let tokens: [Int32] = [1, 0, 1, 1, 2], begins = [0, 0, 1, 4, 5]

    struct Output: Equatable {
        var logSum: [Float], entropy: [Float], targetScore: [Float], hit: [Float]
    }

    func withTargets<R>(_ body: (ck_head_targets) -> R) -> R {
        tokens.withUnsafeBufferPointer { tokens in
            begins.withUnsafeBufferPointer {
                body(ck_head_targets(token: tokens.baseAddress, target_begin: $0.baseAddress))
            }
        }
    }

    func forward(_ scores: inout [Float], _ V: Int, _ scale: ck_head_scale) -> Output {
        var output = Output(
            logSum: Array(repeating: .nan, count: R), entropy: Array(repeating: .nan, count: R),
            targetScore: Array(repeating: .nan, count: 5), hit: Array(repeating: .nan, count: 5))
        ck_head_scores(&scores, scale, 0, R, V)
        withTargets {
            ck_head_forward(
                &output.logSum, &output.entropy, &output.targetScore, &output.hit, scores, $0, 0, R, V)
        }
        return output
    }

    static func logProbabilities(_ row: ArraySlice<Double>, _ scale: HeadScale) -> [Double] {
        let scores = row.map(scale.score)
        let greatest = scores.max() ?? 0
        let logSum = greatest + log(scores.reduce(0) { $0 + exp($1 - greatest) })
        return scores.map { $0 - logSum }
    }

    @Test(arguments: HeadScale.all, supportedVariants)
    func statisticsAndGradientMatchReference(_ scale: HeadScale, _ variant: ProcessorVariant) {
        for V in [3, 19, 64, 101] {
            let logits = normalFloats(R * V, seed: UInt64(V), scale: 3)
            let dtarget = normalFloats(5, seed: 2), dentropy = normalFloats(R, seed: 3)
            let objective = { (logits: [Double]) -> Double in
                (0..<R).reduce(0.0) { sum, row in
                    let logP = Self.logProbabilities(logits[row * V..<(row + 1) * V], scale)
                    let entropy = -logP.reduce(0) { $0 + exp($1) * $1 }
                    return (begins[row]..<begins[row + 1]).reduce(sum + Double(dentropy[row]) * entropy) {
                        $0 + Double(dtarget[$1]) * logP[Int(tokens[$1])]
                    }
                }
            }
            var scores = logits
            let output = variant.forced { forward(&scores, V, scale.value) }
            for row in 0..<R {
                let exact = logits[row * V..<(row + 1) * V].map(Double.init)
                let logP = Self.logProbabilities(exact[...], scale)
                let entropy = -logP.reduce(0) { $0 + exp($1) * $1 }
                #expect(abs(Double(output.entropy[row]) - entropy) < 2e-6)
                for target in begins[row]..<begins[row + 1] {
                    let token = Int(tokens[target])
                    #expect(
                        abs(Double(output.targetScore[target] - output.logSum[row]) - logP[token]) < 3e-6)
                    #expect(output.hit[target] == (logP[token] == logP.max() ? 1 : 0))
                }
            }

            let dsum = (0..<R).map { row in
                -dtarget[begins[row]..<begins[row + 1]].reduce(0, +) - dentropy[row] * output.entropy[row]
            }
            let dproduct = dentropy.map { -$0 }
            variant.forced {
                withTargets {
                    ck_head_backward(
                        &scores, dsum, dproduct, dtarget, output.logSum, output.targetScore, $0, scale.value,
                        0, R, V)
                }
            }
            #expect(relativeError(scores, differences(at: logits, of: objective)) < 5e-6)
        }
    }

    /// β KL(q ‖ m) + (1 − β) KL(p ‖ m) with m = (1 − β) p + β q, of logarithms; the KL divergences at the ends.
    static func divergence(_ logP: [Double], _ logQ: [Double], beta: Double) -> Double {
        func kl(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        }
        if beta == 0 { return kl(logQ, logP) }
        if beta == 1 { return kl(logP, logQ) }
        let logM = zip(logP, logQ).map { log((1 - beta) * exp($0) + beta * exp($1)) }
        return beta * kl(logQ, logM) + (1 - beta) * kl(logP, logM)
    }

    @Test(arguments: HeadScale.all, supportedVariants)
    func divergenceAndGradientMatchReference(_ scale: HeadScale, _ variant: ProcessorVariant) {
        for (V, beta) in [(3, 0.0), (19, 0.3), (32, 0.5), (35, 1.0), (17, 0.99), (35, 0.0)] {
            let logits = normalFloats(R * V, seed: UInt64(V), scale: 3)
            let teacher = normalFloats(R * V, seed: 7, scale: 3), weight: [Float] = [0.5, 0, 2, -1]
            let plain = HeadScale.all[0]
            let of = { (logits: [Double], row: Int) -> Double in
                Self.divergence(
                    Self.logProbabilities(logits[row * V..<(row + 1) * V], scale),
                    Self.logProbabilities(teacher[row * V..<(row + 1) * V].map(Double.init)[...], plain),
                    beta: beta)
            }
            var (scores, others) = (logits, teacher)
            var (found, alone) = ([Float](repeating: .nan, count: R), [Float](repeating: .nan, count: R))
            variant.forced {
                let logSum = forward(&scores, V, scale.value).logSum
                let teacherLogSum = forward(&others, V, plain.value).logSum
                var kept = scores
                ck_head_divergence(
                    &kept, &alone, others, nil, logSum, teacherLogSum, Float(beta), scale.value, 0, R, V)
                #expect(kept == scores)
                ck_head_divergence(
                    &scores, &found, others, weight, logSum, teacherLogSum, Float(beta), scale.value, 0, R, V)
            }
            #expect(alone == found)
            let exact = logits.map(Double.init)
            for row in 0..<R { #expect(abs(Double(found[row]) - of(exact, row)) < 2e-5, "beta \(beta)") }
            let objective = { (logits: [Double]) -> Double in
                (0..<R).reduce(0.0) { $0 + Double(weight[$1]) * of(logits, $1) }
            }
            // Log-probabilities go down to −30, where a Float is rounded to 2e-6, and are weighed by up to two.
            #expect(relativeError(scores, differences(at: logits, of: objective)) < 3e-5, "beta \(beta)")
        }
    }

    @Test(arguments: [0, 0.5, 1] as [Float], supportedVariants)
    func divergenceOfFarDistributionsIsFinite(_ beta: Float, _ variant: ProcessorVariant) {
        var student: [Float] = [200, 0, -200]
        let teacher: [Float] = [-200, 0, 200]
        var found: [Float] = [.nan]
        variant.forced {
            ck_head_divergence(
                &student, &found, teacher, [1], [200], [200], beta, HeadScale.all[0].value, 0, 1, 3)
        }
        // Neither gives the other's choice a chance: 400 nats, or the entropy of a coin.
        #expect(abs(found[0] - (beta == 0.5 ? log(2) : 400)) < 1e-4)
        #expect(student.allSatisfy { $0.isFinite })
    }

    @Test(arguments: supportedVariants)
    func onlyTheFirstOfEqualScoresIsAHit(_ variant: ProcessorVariant) {
        var scores = [Float](repeating: 2, count: R * 3)
        let output = variant.forced { forward(&scores, 3, HeadScale.all[0].value) }
        #expect(output.hit == [0, 1, 0, 0, 0])
        #expect(output.entropy.allSatisfy { abs($0 - log(3)) < 1e-6 })
    }

    @Test(arguments: supportedVariants)
    func largeLogitsDoNotOverflow(_ variant: ProcessorVariant) {
        var scores: [Float] = [1e4, -1e4, 0, 3e38, -3e38, 0, -3e38, -3e38, -3e38, 1e-30, 0, 1e30]
        let output = variant.forced { forward(&scores, 3, HeadScale.all[0].value) }
        #expect(output.logSum[0] == 1e4 && output.logSum[1] == 3e38 && output.logSum[3] == 1e30)
        #expect(output.entropy[0] == 0 && output.entropy[1] == 0 && output.entropy[3] == 0)
    }
}
