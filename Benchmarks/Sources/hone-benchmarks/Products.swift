import ArgumentParser
import CKernels
import CPeak
import NeuralCore

/// Matrix products at the shapes of language models, against OpenBLAS and the peak of the machine in the same run.
struct Products: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Matrix products at the shapes of language models, against OpenBLAS and the peak.")

    @OptionGroup var measurement: Measurement

    @Flag(help: "Also the three shapes of a vocabulary of 32,768.")
    var large = false

    @Flag(help: "The shapes of a model of width 128 instead.")
    var small = false

    /// M, N, K and which operands are stored transposed.
    struct Case {
        var name: String
        var (rows, columns, contracted): (Int, Int, Int)
        var transposing: TransposedOperands

        init(_ name: String, _ rows: Int, _ columns: Int, _ contracted: Int) {
            (self.name, self.rows, self.columns, self.contracted) = (name, rows, columns, contracted)
            switch name {
            case "dW": transposing = .first
            case "dX", "square": transposing = []
            default: transposing = .second
            }
        }
    }

    static let cases = [
        Case("square", 512, 512, 512), Case("square", 1024, 1024, 1024), Case("square", 2048, 2048, 2048),
        Case("forward", 2048, 1152, 384), Case("forward", 2048, 1024, 384), Case("forward", 2048, 384, 1024),
        Case("forward", 2048, 1536, 384), Case("dX", 2048, 384, 1152), Case("dW", 1152, 384, 2048),
        Case("forward", 2048, 3072, 768), Case("dX", 2048, 768, 3072), Case("dW", 3072, 768, 2048),
        Case("forward", 2048, 8192, 384), Case("forward", 256, 3072, 768), Case("decode", 8, 3072, 768),
        Case("decode", 1, 3072, 768), Case("attention", 256, 256, 64),
    ]
    static let largeCases = [
        Case("forward", 2048, 32768, 768), Case("dX", 2048, 768, 32768), Case("dW", 32768, 768, 2048),
    ]

    static let smallCases = [
        Case("forward", 2048, 128, 128), Case("forward", 2048, 384, 128), Case("forward", 2048, 128, 384),
        Case("dX", 2048, 128, 128), Case("dX", 2048, 128, 384), Case("dX", 2048, 384, 128),
        Case("dW", 128, 128, 2048), Case("dW", 384, 128, 2048), Case("dW", 128, 384, 2048),
        Case("forward", 1024, 2048, 128), Case("dX", 1024, 128, 2048), Case("dW", 2048, 128, 1024),
    ]

    func run() {
        ThreadPool.count = measurement.threads
        let peak = Peak.rate(measurement, ck_peak_float32)
        let pairPeak = Peak.rate(measurement, ck_peak_bfloat16)
        print("peak: float32 \(column(peak, width: 1)) GF/s, bfloat16 \(column(pairPeak, width: 1)) GF/s")
        print("                                float32  of OpenBLAS  of peak  bfloat16  of peak  rounding")
        for item in small ? Self.smallCases : Self.cases + (large ? Self.largeCases : []) {
            measure(item, peak: peak, pairPeak: pairPeak)
        }
    }

    private func measure(_ item: Case, peak: Double, pairPeak: Double) {
        var random = RandomSource(seed: 1)
        let a = Tensor(of: [item.rows, item.contracted], from: .uniform(in: -1..<1), using: &random)
            .seen(transposed: item.transposing.contains(.first))
        let b = Tensor(of: [item.contracted, item.columns], from: .uniform(in: -1..<1), using: &random)
            .seen(transposed: item.transposing.contains(.second))
        let halves = BFloat16Product(a, b, item)
        var output = Tensor(zeros: [item.rows, item.columns])
        let times = output.withUnsafeMutableBuffer { output in
            let out = output.baseAddress!
            return a.withUnsafeBuffer { left in
                b.withUnsafeBuffer { right in
                    let (left, right) = (left.baseAddress!, right.baseAddress!)
                    return interleaved(
                        rounds: measurement.rounds, pause: 0.1,
                        [
                            { _ = matmul(a, b, transposing: item.transposing) },
                            {
                                raw_openblas(
                                    out, left, right, item.rows, item.columns, item.contracted,
                                    item.transposing.contains(.first), item.transposing.contains(.second),
                                    Int32(measurement.threads))
                            },
                            { halves.compute(in: out) },
                            { _ = matmul(a, b, transposing: item.transposing, precision: .bfloat16) },
                        ])
                }
            }
        }
        let operations = 2e-9 * Double(item.rows) * Double(item.columns) * Double(item.contracted)
        let (own, pairs, rounding) = (
            operations / median(times[0]), operations / median(times[2]), operations / median(times[3])
        )
        let name = "\(item.name) \(item.rows)×\(item.columns)×\(item.contracted)"
        print(
            name + String(repeating: " ", count: max(0, 30 - name.count)),
            column(own, width: 8),
            column(median(zip(times[1], times[0]).map(/)), width: 12, decimals: 2),
            column(own / peak, width: 8, decimals: 2),
            column(pairs, width: 9),
            column(pairs / (pairPeak > 0 ? pairPeak : peak), width: 8, decimals: 2),
            column(rounding, width: 9))
    }
}

/// A product of operands that are stored in bfloat16, as PyTorch's are; `matmul` rounds those of float32 as it packs them.
private final class BFloat16Product {
    private let left, right: UnsafeMutablePointer<UInt16>
    private let workspace: UnsafeMutableRawPointer
    private var product = ck_product()

    init(_ a: Tensor, _ b: Tensor, _ item: Products.Case) {
        (left, right) = (a.roundedToBFloat16(), b.roundedToBFloat16())
        product.a = ck_operand(
            elements: left, stride: a.shape[1], storage: CK_STORED_BFLOAT16,
            is_transposed: item.transposing.contains(.first))
        product.b = ck_operand(
            elements: right, stride: b.shape[1], storage: CK_STORED_BFLOAT16,
            is_transposed: item.transposing.contains(.second))
        (product.M, product.N, product.K) = (item.rows, item.columns, item.contracted)
        product.c_stride = item.columns
        product.precision = CK_PRECISION_BFLOAT16
        workspace = .allocate(byteCount: ck_matmul_workspace(&product), alignment: 64)
    }

    deinit {
        left.deallocate()
        right.deallocate()
        workspace.deallocate()
    }

    func compute(in output: UnsafeMutablePointer<Float>) {
        product.c = output
        ck_matmul(&product, workspace)
    }
}

extension Tensor {
    /// The same elements under the transposed shape: speed does not ask which element is which.
    fileprivate func seen(transposed: Bool) -> Tensor {
        transposed ? reshaped(to: [shape[1], shape[0]]) : self
    }

    fileprivate func roundedToBFloat16() -> UnsafeMutablePointer<UInt16> {
        let halves = UnsafeMutablePointer<UInt16>.allocate(capacity: count)
        withUnsafeBuffer { ck_bfloat16_from_float32(halves, $0.baseAddress, 0, count) }
        return halves
    }
}
