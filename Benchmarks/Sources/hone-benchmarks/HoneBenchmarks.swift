import ArgumentParser
import CKernels
import Foundation
import NeuralCore

/// Measures Hone against the limits of the machine and against its peers, as ratios taken in one run.
@main
struct HoneBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hone-benchmarks",
        abstract: "Measure Hone against the limits of the machine and against its peers.",
        subcommands: [
            All.self, AlignmentStep.self, Attention.self, Bandwidth.self, Costs.self, Generation.self,
            Instructions.self,
            Peak.self, Products.self, Tokenization.self, TrainingStep.self,
        ])
}

/// The options that every benchmark has.
struct Measurement: ParsableArguments {
    @Option(help: "Threads to use; at first, every processor.")
    var threads = ThreadPool.count

    @Option(help: "Times each side is measured; medians are printed.")
    var rounds = 9
}

/// How the products of a step are computed.
struct Arithmetic: ParsableArguments {
    @Flag(help: "Multiply in bfloat16.")
    var bfloat16 = false

    @Option(help: "The instructions to use: plain, neon, avx2, avx512 or avx512_bf16; the richest at first.")
    var variant: String?

    func validate() throws {
        guard let variant else { return }
        let chosen = (0..<CK_VARIANT_COUNT).map { ck_variant(UInt32($0)) }.first {
            String(cString: ck_variant_name($0)) == variant
        }
        guard let chosen, ck_variant_force(chosen) else {
            throw ValidationError("--variant \(variant); this processor does not have it.")
        }
    }

    var precision: MatrixPrecision { bfloat16 ? .bfloat16 : .float32 }
    var name: String { bfloat16 ? "bf16" : "fp32" }
}

/// Seconds that each of several pieces of work takes, measured in turns so that noise meets all alike.
///
/// Each is repeated until one measurement lasts about `seconds`, and `pause` seconds of rest follow: threads of a peer may
/// watch for more work before they sleep. The ratio of two sides is the median over rounds.
func interleaved(
    rounds: Int, seconds: Double = 0.02, pause: Double = 0, _ sides: [() -> Void]
) -> [[Double]] {
    let clock = ContinuousClock()
    func time(_ side: () -> Void, _ repetitions: Int) -> Double {
        let duration = clock.measure { for _ in 0..<repetitions { side() } }
        return Double(duration.components.attoseconds) * 1e-18 + Double(duration.components.seconds)
    }
    let repetitions = sides.map { side in
        side()
        return max(1, min(1_000_000, Int(seconds / max(time(side, 1), 1e-7))))
    }
    var times = sides.map { _ in [Double]() }
    for _ in 0..<rounds {
        for (index, side) in sides.enumerated() {
            times[index].append(time(side, repetitions[index]) / Double(repetitions[index]))
            if pause > 0 { Thread.sleep(forTimeInterval: pause) }
        }
    }
    return times
}

/// The middle of the sorted values.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// A number to a fixed count of decimals, right-aligned.
func column(_ value: Double, width: Int, decimals: Int = 1) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let text =
        decimals == 0 ? String(Int(value.rounded())) : String((value * scale).rounded() / scale)
    return String(repeating: " ", count: max(0, width - text.count)) + text
}
