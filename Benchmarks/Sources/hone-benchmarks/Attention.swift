import ArgumentParser
import CKernels
import NeuralCore

/// Attention, forward and backward, over sequences of several lengths, against the peak of the machine in the same run.
struct Attention: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Causal attention, forward and backward, over 4,096 rows.")

    @OptionGroup var measurement: Measurement

    @Option(help: "Query heads.")
    var heads = 6

    @Option(help: "Key-value heads.")
    var keyValueHeads = 6

    @Option(help: "Channels of a head.")
    var headSize = 64

    func run() {
        ThreadPool.count = measurement.threads
        let peak = Peak.rate(measurement, ck_peak_float32)
        print("peak: float32 \(column(peak, width: 1)) GF/s")
        print("length  forward, ms  both passes, ms  GF/s  of peak")
        for length in [256, 1024, 4096] { measure(length, peak: peak) }
    }

    private func measure(_ length: Int, peak: Double) {
        var random = RandomSource(seed: 1)
        let rows = 4096
        let forest = Forest(sequenceLengths: Array(repeating: length, count: rows / length))
        func operand(_ heads: Int) -> Tensor {
            Tensor(of: [rows, heads * headSize], from: .normal(), using: &random)
        }
        let operands = AttentionOperands(
            query: operand(heads), key: operand(keyValueHeads), value: operand(keyValueHeads))
        func attend(_ x: AttentionOperands) -> Tensor {
            attention(
                query: x.query, key: x.key, value: x.value, over: forest, heads: heads,
                keyValueHeads: keyValueHeads)
        }
        let times = interleaved(
            rounds: measurement.rounds,
            [{ _ = attend(operands) }, { _ = valueWithGradient(at: operands) { attend($0).sum() } }])
        // Each of the pairs of rows that see each other costs two products forward and five backward.
        let pairs = Double(rows * (length + 1) / 2 * heads)
        let rate = 14e-9 * pairs * Double(headSize) / median(times[1])
        print(
            column(Double(length), width: 6, decimals: 0), column(median(times[0]) * 1e3, width: 12),
            column(median(times[1]) * 1e3, width: 16), column(rate, width: 5),
            column(rate / peak, width: 8, decimals: 2))
    }
}
