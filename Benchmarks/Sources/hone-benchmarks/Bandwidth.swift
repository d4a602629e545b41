import ArgumentParser
import CKernels
import NeuralCore

/// Kernels that are bound by memory, next to how fast memory can be streamed.
struct Bandwidth: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Normalization, activations, rotary embedding, cross-entropy and AdamW as shares of the bandwidth.",
        discussion: """
            Every array is larger than the caches. Bytes are those that a kernel has to read and write; a written line \
            is also read by the processor first, which counts for nobody. So the limit is that of a copy in the same \
            run, not that of reading alone.
            """)

    @OptionGroup var measurement: Measurement

    private static let (rows, channels) = (16_384, 1_024)
    /// Positions of a rotary table that takes as many numbers as there are rows.
    private static let (positions, headSize) = (256, 64)
    /// The rows of logits, and their vocabulary, that take as much memory.
    private static let (logitRows, vocabulary) = (2_048, 8_192)

    /// A kernel over a range of elements or rows, with its bytes and what they are counted over.
    private struct Kernel {
        let name: String
        let bytes: Int
        let count: Int
        let run: (Int, Int) -> Void
    }

    func run() {
        ThreadPool.count = measurement.threads
        let (rows, channels) = (Self.rows, Self.channels)
        let elements = rows * channels
        let arrays = (0..<5).map { index in
            Tensor(repeating: 0.01 * Float(index + 1), shape: [rows, channels])
        }
        let small = Tensor(ones: [4 * channels])
        let perRow = Tensor(zeros: [4 * rows])
        let pointers = arrays.map { $0.withUnsafeBuffer { UnsafeMutablePointer(mutating: $0.baseAddress!) } }
        let weights = small.withUnsafeBuffer { UnsafeMutablePointer(mutating: $0.baseAddress!) }
        let statistics = perRow.withUnsafeBuffer { UnsafeMutablePointer(mutating: $0.baseAddress!) }
        let (table, hits) = (statistics + 2 * rows, statistics + 3 * rows)
        let numbers = (0..<rows).map { Int32($0 % Self.positions) }
        let begins = Array(0...rows)
        let positions = numbers.withUnsafeBufferPointer(\.baseAddress)
        let targets = ck_head_targets(
            token: positions, target_begin: begins.withUnsafeBufferPointer(\.baseAddress))
        let (a, b, c, d, e) = (pointers[0], pointers[1], pointers[2], pointers[3], pointers[4])
        let copy = Kernel(name: "copy", bytes: 8 * elements, count: elements) { begin, end in
            (a + begin).update(from: b + begin, count: end - begin)
        }
        let kernels = [
            copy,
            Kernel(name: "RMS norm", bytes: 8 * elements, count: rows) {
                ck_rms_norm_forward(a, statistics, b, weights, $0, $1, channels, 1e-5)
            },
            Kernel(name: "add + RMS norm", bytes: 16 * elements, count: rows) {
                ck_add_rms_norm_forward(a, c, statistics, b, d, weights, $0, $1, channels, 1e-5)
            },
            Kernel(name: "RMS norm, backward", bytes: 12 * elements, count: rows) {
                // Each task has a row of its own for the gradient of the weight.
                ck_rms_norm_backward(
                    a, weights + channels * (1 + $0 * 2 / rows), b, nil, c, weights, statistics, $0, $1,
                    channels)
            },
            Kernel(name: "layer norm", bytes: 8 * elements, count: rows) {
                ck_layer_norm_forward(
                    a, statistics, statistics + rows, b, weights, weights, $0, $1, channels, 1e-5)
            },
            Kernel(name: "SwiGLU", bytes: 12 * elements, count: elements) {
                ck_swiglu_forward(a, b, c, $0, $1)
            },
            Kernel(name: "SwiGLU, backward", bytes: 20 * elements, count: elements) {
                ck_swiglu_backward(a, b, c, d, e, $0, $1)
            },
            Kernel(name: "GELU", bytes: 8 * elements, count: elements) { ck_gelu_tanh_forward(a, b, $0, $1) },
            Kernel(name: "rotary embedding", bytes: 8 * elements, count: rows) {
                ck_rotary_forward(
                    a, b, table, positions, $0, $1, channels / Self.headSize, Self.headSize,
                    Self.headSize / 2, false)
            },
            Kernel(name: "cross-entropy", bytes: 4 * elements, count: Self.logitRows) {
                ck_head_forward(
                    statistics, nil, statistics + rows, hits, b, targets, $0, $1, Self.vocabulary)
            },
            Kernel(name: "cross-entropy, backward", bytes: 8 * elements, count: Self.logitRows) {
                ck_head_backward(
                    a, hits, nil, hits, statistics, statistics + rows, targets,
                    ck_head_scale(soft_cap: 0, temperature: 1), $0, $1, Self.vocabulary)
            },
            Kernel(name: "AdamW", bytes: 28 * elements, count: elements) {
                var step = ck_adamw_step(
                    rate: 1e-9, decay: 1, beta1: 0.9, beta2: 0.95, root_correction: 1, epsilon: 1e-8)
                ck_adamw(a, b, c, d, $0, $1, &step)
            },
        ]
        let threads = measurement.threads
        let times = interleaved(
            rounds: measurement.rounds,
            kernels.map { kernel in
                {
                    onEveryThread(threads) { thread in
                        kernel.run(kernel.count * thread / threads, kernel.count * (thread + 1) / threads)
                    }
                }
            })
        print("                           GB/s  of a copy")
        let limit = Double(copy.bytes) / median(times[0]) * 1e-9
        for (kernel, times) in zip(kernels, times) {
            let rate = Double(kernel.bytes) / median(times) * 1e-9
            print(
                kernel.name.padded(to: 23), column(rate, width: 7),
                column(rate / limit, width: 10, decimals: 2))
        }
        withExtendedLifetime((arrays, small, perRow, numbers, begins)) {}
    }
}
