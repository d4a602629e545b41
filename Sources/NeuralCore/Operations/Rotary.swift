internal import CKernels
import Foundation

/// Rotates pairs of channels by an angle that grows with the position, so that products of queries and keys depend on
/// their distance.
///
///     θᵢ = base^(−2i / headSize)        (x, y) ↦ (x cos pθᵢ − y sin pθᵢ, y cos pθᵢ + x sin pθᵢ)
///
/// - SeeAlso: [Su et al. 2021](https://arxiv.org/abs/2104.09864), Eq. 34.
public struct RotaryEmbedding: Sendable, Hashable {
    /// The channels of a head that are rotated as a pair.
    public enum Pairing: Sendable, Hashable {
        /// Channel i and channel i + headSize/2, as in Hugging Face checkpoints.
        case halves
        /// Channel 2i and channel 2i + 1, as in the original.
        case adjacent
    }

    /// Channels of a head.
    public let headSize: Int
    /// The channels that are rotated as a pair.
    public let pairing: Pairing
    /// Radians for each step of position, for each pair of the first channels; the others are not rotated.
    public let frequencies: [Float]
    /// The factor of rotated channels, applied in addition to the rotation.
    public let magnitude: Double
    let table: RotaryTable

    /// Rotations for heads of `headSize` channels.
    ///
    /// - Parameters:
    ///   - headSize: Channels of a head.
    ///   - rotatedChannels: The first channels of each head that are rotated, an even number; nil for all.
    ///   - base: The base of the frequencies.
    ///   - scaling: The scaling of frequencies to a longer context.
    ///   - pairing: The channels that are rotated as a pair.
    public init(
        headSize: Int, rotatedChannels: Int? = nil, base: Double = 10_000, scaling: Scaling? = nil,
        pairing: Pairing = .halves
    ) {
        let channels = rotatedChannels ?? headSize
        guard channels % 2 == 0, channels > 0, channels <= headSize else {
            misuse(
                "rotation of \(channels) channels of heads of \(headSize); pairs need an even number of them")
        }
        self.headSize = headSize
        self.pairing = pairing
        let plain = (0..<channels / 2).map { pow(base, -2 * Double($0) / Double(channels)) }
        frequencies = (scaling?.applied(to: plain, base: base) ?? plain).map(Float.init)
        magnitude = scaling?.magnitude ?? 1
        table = RotaryTable(frequencies: frequencies, magnitude: magnitude)
    }

    /// Equal when they rotate alike.
    public static func == (a: RotaryEmbedding, b: RotaryEmbedding) -> Bool {
        a.headSize == b.headSize && a.pairing == b.pairing && a.frequencies == b.frequencies
            && a.magnitude == b.magnitude
    }

    /// Hashes what equality compares, as far as it differs in practice.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(pairing)
        hasher.combine(frequencies)
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
        let pairs = rotary.frequencies.count
        let adjacent = rotary.pairing == .adjacent
        let output = Tensor(uninitialized: shape)
        withExtendedLifetime((self, table, output)) {
            parallelRows(rows, channels: channels) {
                ck_rotary_forward(
                    output.storage.pointer, storage.pointer, table.storage.pointer, positions, $0.lowerBound,
                    $0.upperBound, heads, size, pairs, adjacent)
            }
        }
        return recorded(output, from: [self]) { cotangent in
            var gradient = cotangent
            withExtendedLifetime(table) {
                gradient.replaceElements { new, old in
                    parallelRows(rows, channels: heads * size) {
                        ck_rotary_backward(
                            new, old, table.storage.pointer, positions, $0.lowerBound, $0.upperBound, heads,
                            size, pairs, adjacent)
                    }
                }
            }
            return [gradient]
        }
    }
}
