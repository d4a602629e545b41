internal import CKernels
import Synchronization

/// Cosines and sines of a rotary embedding's angles, for as many positions as were ever asked for.
///
/// A row holds the cosines of a position, then its sines, times a magnitude. A table is a function of the frequencies alone, so keeping it
/// changes no result; it is computed once, not in every layer of every step.
final class RotaryTable: Sendable {
    private let frequencies: [Float]
    private let rows = Mutex<Tensor>(Tensor(zeros: [0, 0]))

    private let magnitude: Double

    init(frequencies: [Float], magnitude: Double) {
        self.frequencies = frequencies
        self.magnitude = magnitude
    }

    /// The table of at least `count` positions.
    func rows(_ count: Int) -> Tensor {
        rows.withLock { rows in
            let known = rows.shape[0]
            guard count > known else { return rows }
            // Doubling bounds the number of extensions for a sequence that grows by one token at a time.
            let (wanted, channels) = (max(count, 2 * known, 64), 2 * frequencies.count)
            let grown = Tensor(uninitialized: [wanted, channels])
            grown.storage.pointer.update(from: rows.storage.pointer, count: known * channels)
            withExtendedLifetime((rows, grown)) {
                parallelRanges(of: wanted - known, each: 64) {
                    ck_rotary_table(
                        grown.storage.pointer, frequencies, known + $0.lowerBound, known + $0.upperBound,
                        frequencies.count, magnitude)
                }
            }
            rows = grown
            return grown
        }
    }
}
