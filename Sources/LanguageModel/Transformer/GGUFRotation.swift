import Foundation
import NeuralCore

/// Scaled rotation as a GGUF file stores it: one divisor of all frequencies in a key, or a tensor with the divisor of each,
/// of which phi3 has two, for texts within the original context and beyond it.
enum GGUFRotation {
    /// The tensors of divisors of a model, by name.
    static func tensors(of model: TransformerConfiguration) -> [(name: String, factors: [Float])] {
        switch model.rotaryScaling {
        case .llama3?:
            let factors = factors(
                of: model.rotaryScaling!, headSize: model.headSize, base: model.rotaryBase ?? 10_000)
            return [(GGUFNames.frequencyFactors, factors)]
        case .longrope(let short, let long, _, _, _)?:
            return [
                (GGUFNames.longFactors, long.map(Float.init)),
                (GGUFNames.shortFactors, short.map(Float.init)),
            ]
        default: return []
        }
    }

    /// The factor of rotated channels that llama.cpp multiplies by in yarn, besides that of the file: the one of Peng et al.
    /// 2023, Eq. 22.
    static func yarnAttentionFactor(_ factor: Double) -> Double { 0.1 * log(factor) + 1 }

    /// Returns the divisor of each frequency.
    static func factors(
        of scaling: RotaryEmbedding.Scaling, headSize: Int, base: Double
    ) -> [Float] {
        let plain = RotaryEmbedding(headSize: headSize, base: base).frequencies
        let scaled = RotaryEmbedding(headSize: headSize, base: base, scaling: scaling).frequencies
        return zip(plain, scaled).map { $0 / $1 }
    }

    /// The scaling of Llama 3.1 that gives these factors, or nil.
    ///
    /// Bounds and context share a scale that the factors do not determine. If the original context is known, two factors
    /// between the bounds determine the rest; if not, the bounds are taken to be Llama's own, 1 and 4, and a factor
    /// determines the context. The result is returned only if it gives the same factors.
    ///
    /// - Parameter original: The original context length of the model, if the file has it.
    static func scaling(
        factors: [Float], headSize: Int, base: Double, original: Int?
    ) -> RotaryEmbedding.Scaling? {
        guard let last = factors.last, factors.allSatisfy({ $0.isFinite && $0 >= 1 }) else { return nil }
        let factor = Double(last)
        guard factor > 1 else { return nil }
        let frequencies = (0..<headSize / 2).map { pow(base, -2 * Double($0) / Double(headSize)) }
        // A blend of b keeps b of the frequency: 1 / factor = (1 − b) / greatest + b.
        let blends = zip(frequencies, factors).compactMap {
            frequency, own -> (turns: Double, blend: Double)? in
            let blend = (1 / Double(own) - 1 / factor) / (1 - 1 / factor)
            return blend > 1e-3 && blend < 1 - 1e-3 ? (frequency / (2 * .pi), blend) : nil
        }
        var candidates: [RotaryEmbedding.Scaling] = []
        func add(_ low: Double, _ high: Double, _ original: Double) {
            guard low > 0, high > low, (1...0x1p24).contains(original) else { return }
            candidates.append(
                .llama3(
                    factor: factor, lowFrequencyFactor: low, highFrequencyFactor: high,
                    originalContextLength: Int(original.rounded())))
        }
        if let original {
            add(1, 4, Double(original))
            if let first = blends.first, let last = blends.last, first.turns > last.turns {
                let slope = (first.blend - last.blend) / (first.turns - last.turns)
                let (start, width) = (first.blend - slope * first.turns, Double(original) / slope)
                func rounded(_ bound: Double) -> Double { (bound * 64).rounded() / 64 }
                add(rounded(-start * width), rounded((1 - start) * width), Double(original))
            }
        }
        for blend in blends { add(1, 4, (1 + 3 * blend.blend) / blend.turns) }
        // With none between the bounds, any context will do that keeps the factors apart.
        let kept = zip(frequencies, factors).filter { $1 == 1 }.map(\.0).min()
        if let kept { add(1, 4, (8 * Double.pi / kept).rounded(.up)) }
        return candidates.first { candidate in
            let own = Self.factors(of: candidate, headSize: headSize, base: base)
            return zip(own, factors).allSatisfy { abs($0 - $1) <= 1e-4 * $1 }
        }
    }
}
