import Foundation

extension RotaryEmbedding {
    /// A scaling of the frequencies to a longer context.
    public enum Scaling: Sendable, Hashable {
        /// Every frequency divided by `factor`.
        case linear(factor: Double)
        /// Low frequencies divided by `factor`, high ones kept, those between blended, as for Llama 3.1.
        case llama3(
            factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
            originalContextLength: Int)
        /// A greater base for texts that are longer than the model's context, and only for those: nothing here is.
        case dynamic(factor: Double)
        /// Frequencies that turn fewer than `betaSlow` times within the original context divided by `factor`, those that
        /// turn more than `betaFast` times kept, those between blended; and what is rotated multiplied by
        /// `attentionFactor`. `isRounded` tells whether the bounds are whole numbers of pairs.
        ///
        /// - SeeAlso: [Peng et al. 2023](https://arxiv.org/abs/2309.00071), section 3.
        case yarn(
            factor: Double, originalContextLength: Int, betaFast: Double = 32, betaSlow: Double = 1,
            attentionFactor: Double, isRounded: Bool = true)
        /// Each frequency divided by a short factor of its own, and what is rotated multiplied by `attentionFactor`. Texts
        /// longer than the original context, up to `contextLength`, would be rotated by the long factors; none is here.
        ///
        /// - SeeAlso: [Ding et al. 2024](https://arxiv.org/abs/2402.13753).
        case longrope(
            shortFactors: [Double], longFactors: [Double], originalContextLength: Int, contextLength: Int,
            attentionFactor: Double)
    }
}

extension RotaryEmbedding.Scaling {
    /// The factor of rotated channels.
    var magnitude: Double {
        switch self {
        case .yarn(_, _, _, _, let factor, _), .longrope(_, _, _, _, let factor): factor
        default: 1
        }
    }

    /// The attention factor of longrope where a model does not name one.
    ///
    /// - Parameter factor: The ratio of the context length to the original one.
    package static func longropeAttentionFactor(factor: Double, originalContextLength: Int) -> Double {
        factor <= 1 ? 1 : (1 + log(factor) / log(Double(originalContextLength))).squareRoot()
    }

    /// The frequencies of all pairs, in order.
    func applied(to frequencies: [Double], base: Double) -> [Double] {
        switch self {
        case .linear(let factor):
            return frequencies.map { $0 / factor }
        case .llama3(let factor, let low, let high, let original):
            return frequencies.map { frequency in
                // The number of turns of this pair within the original context.
                let turns = Double(original) * frequency / (2 * .pi)
                if turns < low { return frequency / factor }
                if turns > high { return frequency }
                let blend = (turns - low) / (high - low)
                return (1 - blend) * frequency / factor + blend * frequency
            }
        case .dynamic:
            return frequencies
        case .longrope(let factors, _, _, _, _):
            guard factors.count == frequencies.count else {
                misuse("\(factors.count) factors for \(frequencies.count) rotary frequencies")
            }
            return zip(frequencies, factors).map { $0 / $1 }
        case .yarn(let factor, let original, let fast, let slow, _, let isRounded):
            let channels = Double(2 * frequencies.count)
            // The pair that makes this number of turns within the original context.
            func pair(turning turns: Double) -> Double {
                channels * log(Double(original) / (turns * 2 * .pi)) / (2 * log(base))
            }
            let (first, last) = (pair(turning: fast), pair(turning: slow))
            let low = max(isRounded ? first.rounded(.down) : first, 0)
            var high = min(isRounded ? last.rounded(.up) : last, channels - 1)
            if low == high { high += 0.001 }
            return frequencies.enumerated().map { index, frequency in
                let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
                return ramp * frequency / factor + (1 - ramp) * frequency
            }
        }
    }
}
