import ArgumentParser
import CKernels
import CPeak
import NeuralCore

/// What the processor does in registers, and how fast it reads memory.
struct Peak: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Register-only multiply-adds, and memory read bandwidth.")

    @OptionGroup var measurement: Measurement

    func run() {
        ThreadPool.count = measurement.threads
        print("float32   \(column(Self.rate(measurement, ck_peak_float32), width: 8)) GF/s")
        print(
            "bfloat16  \(column(Self.rate(measurement, ck_peak_bfloat16), width: 8)) GF/s (0: not available)")
        print("read      \(column(Self.bandwidth(measurement), width: 8)) GB/s")
    }

    /// Billions of operations a second on all threads, at the best: what else the machine did meanwhile is no part of it.
    static func rate(_ measurement: Measurement, _ loop: @escaping (Int) -> Double) -> Double {
        let rounds = 1_000_000
        let operations = loop(1) * Double(rounds * measurement.threads)
        let times = interleaved(
            rounds: measurement.rounds,
            [{ onEveryThread(measurement.threads) { _ in _ = loop(rounds) } }])
        return operations / times[0].min()! * 1e-9
    }

    /// The best rate of the machine: that of bfloat16 where it has instructions for it.
    static func best(_ measurement: Measurement) -> Double {
        max(rate(measurement, ck_peak_float32), rate(measurement, ck_peak_bfloat16))
    }

    /// Billions of bytes a second read by all threads from more memory than any cache holds.
    static func bandwidth(_ measurement: Measurement) -> Double {
        let memory = Tensor(ones: [1 << 26])
        let share = memory.count / measurement.threads
        let times = memory.withUnsafeBuffer { elements in
            let elements = elements.baseAddress!
            return interleaved(
                rounds: measurement.rounds,
                [{ onEveryThread(measurement.threads) { _ = peak_read(elements + $0 * share, share) } }])
        }
        return Double(share * measurement.threads * 4) / median(times[0]) * 1e-9
    }
}

/// Runs `body` once on each of `count` threads.
func onEveryThread(_ count: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
        withUnsafePointer(to: body) { pointer in
            ck_parallel_for(
                count,
                { context, task in context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(task) },
                UnsafeMutableRawPointer(mutating: pointer))
        }
    }
}
