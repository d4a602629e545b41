internal import CKernels
import Foundation

/// Rotates pairs of channels by an angle that grows with the position, so that products of queries and keys depend on
/// their distance.
///
///     θᵢ = base^(−2i / headSize)        (x, y) ↦ (x cos pθᵢ − y sin pθᵢ, y cos pθᵢ + x sin pθᵢ)
///
/// - SeeAlso: [Su et al. 2021](https://arxiv.org/abs/2104.09864), Eq. 34.
public struct RotaryEmbedding: Sendable, Hashable {
    /// How frequencies are stretched to a longer context.
    public enum Scaling: Sendable, Hashable {
        /// Every frequency divided by `factor`.
        case linear(factor: Double)
        /// Low frequencies divided by `factor`, high ones kept, those between blended, as for Llama 3.1.
        case llama3(
            factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
            originalContextLength: Int)
    }

    /// Which channels of a head make a pair.
    public enum Pairing: Sendable, Hashable {
        /// Channel i and channel i + headSize/2, as in Hugging Face checkpoints.
        case halves
        /// Channel 2i and channel 2i + 1, as in the original.
        case adjacent
    }

    /// Channels of a head; even.
    public let headSize: Int
    /// Which channels make a pair.
    public let pairing: Pairing
    /// Radians for each step of position, for each pair, `[headSize / 2]`.
    public let frequencies: [Float]
    let table: RotaryTable

    /// Rotations for heads of `headSize` channels.
    public init(headSize: Int, base: Double = 10_000, scaling: Scaling? = nil, pairing: Pairing = .halves) {
        guard headSize % 2 == 0, headSize > 0 else {
            misuse("rotary heads of \(headSize) channels; pairs need an even number")
        }
        self.headSize = headSize
        self.pairing = pairing
        frequencies = (0..<headSize / 2).map { pair in
            let frequency = pow(base, -2 * Double(pair) / Double(headSize))
            return Float(scaling?.applied(to: frequency) ?? frequency)
        }
        table = RotaryTable(frequencies: frequencies)
    }

    /// Equal when they rotate alike.
    public static func == (a: RotaryEmbedding, b: RotaryEmbedding) -> Bool {
        a.headSize == b.headSize && a.pairing == b.pairing && a.frequencies == b.frequencies
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(pairing)
        hasher.combine(frequencies)
    }
}

extension RotaryEmbedding.Scaling {
    fileprivate func applied(to frequency: Double) -> Double {
        switch self {
        case .linear(let factor):
            return frequency / factor
        case .llama3(let factor, let low, let high, let original):
            // How many times this pair turns within the original context.
            let turns = Double(original) * frequency / (2 * .pi)
            if turns < low { return frequency / factor }
            if turns > high { return frequency }
            let blend = (turns - low) / (high - low)
            return (1 - blend) * frequency / factor + blend * frequency
        }
    }
}

extension Tensor {
    /// Every head of every row rotated by the angles of its position. Differentiable.
    ///
    /// - Parameters:
    ///   - rotary: The frequencies.
    ///   - positions: One for each row, zero or more.
    /// - Precondition: The rows are whole heads.
    public func rotated(by rotary: RotaryEmbedding, at positions: [Int32]) -> Tensor {
        guard positions.count == rows, channels % rotary.headSize == 0 else {
            misuse(
                "rotation of a tensor of shape \(shape) in heads of \(rotary.headSize) at \(positions.count) positions"
            )
        }
        guard positions.allSatisfy({ $0 >= 0 }) else {
            misuse("rotation at position \(positions.min() ?? 0); positions are zero or more")
        }
        let table = rotary.table.rows(Int(positions.max() ?? 0) + 1)
        let (rows, heads, size) = (rows, channels / rotary.headSize, rotary.headSize)
        let adjacent = rotary.pairing == .adjacent
        let output = Tensor(uninitialized: shape)
        withExtendedLifetime((self, table, output)) {
            parallelRows(rows, channels: channels) {
                ck_rotary_forward(
                    output.storage.pointer, storage.pointer, table.storage.pointer, positions, $0.lowerBound,
                    $0.upperBound, heads, size, adjacent)
            }
        }
        return recorded(output, from: [self]) { cotangent in
            var gradient = cotangent
            withExtendedLifetime(table) {
                gradient.replaceElements { new, old in
                    parallelRows(rows, channels: heads * size) {
                        ck_rotary_backward(
                            new, old, table.storage.pointer, positions, $0.lowerBound, $0.upperBound, heads,
                            size, adjacent)
                    }
                }
            }
            return [gradient]
        }
    }
}
