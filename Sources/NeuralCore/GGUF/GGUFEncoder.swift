import CKernels
import Foundation

/// Numbers on the way to one block.
///
/// - SeeAlso: `ggml-quants.c` of llama.cpp. Departures: none in `f16`, `bf16`, `q8_0` and `q4_0`. In `q4_k` the scale and
///   the minimum of 32 numbers are found by the same weighted least squares, without weights from an importance matrix.
struct GGUFEncoder {
    let numbers: UnsafePointer<Float>
    let out: UnsafeMutableRawPointer

    private func store(_ byte: Int, at offset: Int) {
        out.storeBytes(of: UInt8(truncatingIfNeeded: byte), toByteOffset: offset, as: UInt8.self)
    }

    /// Stores a 16-bit float, and gives it back as it was rounded.
    @discardableResult
    private func storeHalf(_ number: Float, at offset: Int) -> Float {
        var half: UInt16 = 0
        ck_float16_from_float32(&half, [number], 0, 1)
        out.storeBytes(of: half, toByteOffset: offset, as: UInt16.self)
        return GGUFBlocks.halves[Int(half)]
    }

    func encode(_ type: GGUFType) {
        switch type {
        case .float32: out.storeBytes(of: numbers[0], as: Float.self)
        case .float16: storeHalf(numbers[0], at: 0)
        case .bfloat16:
            var half: UInt16 = 0
            ck_bfloat16_from_float32(&half, numbers, 0, 1)
            out.storeBytes(of: half, as: UInt16.self)
        case .q80: encode80()
        case .q40: encode40()
        case .q4K: encode4K()
        default: misuse("numbers cannot be stored as \(type.rawValue), which is only read")
        }
    }

    /// Zero also for scales so small that they have none.
    private static func inverse(of scale: Float) -> Float { (1 / scale).isFinite ? 1 / scale : 0 }

    private func encode80() {
        let greatest = (0..<32).reduce(Float(0)) { max($0, abs(numbers[$1])) }
        let scale = greatest / 127
        let inverse = Self.inverse(of: scale)
        storeHalf(scale, at: 0)
        for index in 0..<32 { store(Int((numbers[index] * inverse).rounded()), at: 2 + index) }
    }

    private func encode40() {
        let extreme = (0..<32).reduce(Float(0)) { abs(numbers[$1]) > abs($0) ? numbers[$1] : $0 }
        let scale = extreme / -8
        let inverse = Self.inverse(of: scale)
        storeHalf(scale, at: 0)
        func level(_ index: Int) -> Int { min(15, Int(numbers[index] * inverse + 8.5)) }
        for index in 0..<16 { store(level(index) | level(index + 16) << 4, at: 2 + index) }
    }

    private func encode4K() {
        let fits = (0..<8).map { AffineFit(numbers + $0 * 32) }
        let scale = storeHalf(fits.reduce(0) { max($0, $1.scale) } / 63, at: 0)
        let minimum = storeHalf(fits.reduce(0) { max($0, $1.offset) } / 63, at: 2)
        func sixBits(_ value: Float, _ unit: Float) -> Int {
            unit == 0 ? 0 : min(63, max(0, Int((value / unit).rounded())))
        }
        let steps = fits.map { sixBits($0.scale, scale) }
        let bases = fits.map { sixBits($0.offset, minimum) }
        for group in 0..<4 {
            store(steps[group] | (steps[group + 4] >> 4) << 6, at: 4 + group)
            store(bases[group] | (bases[group + 4] >> 4) << 6, at: 8 + group)
            store(steps[group + 4] & 15 | (bases[group + 4] & 15) << 4, at: 12 + group)
        }
        func level(_ group: Int, _ index: Int) -> Int {
            let step = scale * Float(steps[group])
            guard step > 0 else { return 0 }
            let number = numbers[group * 32 + index] + minimum * Float(bases[group])
            return Int(min(15, max(0, (number / step).rounded(.toNearestOrEven))))
        }
        for pair in 0..<4 {
            for index in 0..<32 {
                store(level(2 * pair, index) | level(2 * pair + 1, index) << 4, at: 16 + pair * 32 + index)
            }
        }
    }
}

/// The best `scale · level − offset` of 32 numbers, for levels from 0 to 15 and an offset that is not negative.
///
/// Levels are tried for scales around the one that spans the numbers; for each, scale and offset follow by least
/// squares, in which larger numbers weigh more.
private struct AffineFit {
    private(set) var scale: Float = 0
    private(set) var offset: Float = 0

    init(_ numbers: UnsafePointer<Float>) {
        let indices = 0..<32
        let low = indices.reduce(Float(0)) { min($0, numbers[$1]) }
        let high = indices.reduce(numbers[0]) { max($0, numbers[$1]) }
        offset = -low
        guard high > low else { return }
        let root = (indices.reduce(Float(0)) { $0 + numbers[$1] * numbers[$1] } / 32).squareRoot()
        let weights = indices.map { root + abs(numbers[$0]) }
        let levels = stride(from: Float(14), through: 16.01, by: 0.1)
        var least = Float.infinity
        for span in [15] + Array(levels) {
            let inverse = span / (high - low)
            var (sum, sumL, sumLL, sumX, sumXL) = (Float(0), Float(0), Float(0), Float(0), Float(0))
            func level(_ index: Int) -> Float {
                min(15, max(0, (inverse * (numbers[index] - low)).rounded(.toNearestOrEven)))
            }
            for index in indices {
                let (weight, level) = (weights[index], level(index))
                sum += weight
                sumL += weight * level
                sumLL += weight * level * level
                sumX += weight * numbers[index]
                sumXL += weight * level * numbers[index]
            }
            let determinant = sum * sumLL - sumL * sumL
            guard determinant > 0 else { continue }
            var scale = (sum * sumXL - sumX * sumL) / determinant
            var base = (sumLL * sumX - sumL * sumXL) / determinant
            if base > 0 { (scale, base) = (sumXL / sumLL, 0) }
            let error = indices.reduce(Float(0)) { error, index in
                let difference = scale * level(index) + base - numbers[index]
                return error + weights[index] * difference * difference
            }
            if error < least { (least, self.scale, offset) = (error, scale, -base) }
        }
    }
}
