import Foundation
package import LanguageModel
import NeuralCore

extension AdaptedTransformer {
    /// One adapter on the base that does what another adapter does on this one, merged.
    ///
    ///     W′ = g₁ ⊙ (W + s₁ · B₁ · A₁)        W″ = g₂ ⊙ (W′ + s₂ · B₂ · A₂)
    ///        W″ = g₁g₂ ⊙ (W + s₁ · [B₁, (s₂ / s₁g₁) · B₂] · [A₁; A₂])
    ///
    /// The gains g are ones in LoRA and m / ‖…‖ in DoRA, so that the result is an adapter of either kind again, whose
    /// rank is the sum of the two. What is learned about tables and whole parameters is kept.
    ///
    /// - Parameters:
    ///   - second: An adapter of ``merged``, without tables and whole parameters of its own.
    ///   - directory: Where this adapter was read from, for messages.
    /// - Throws: `ModelDirectoryError` where this adapter has a gain of zero, behind which nothing can be added.
    package func folding(
        _ second: LowRankAdapter, at directory: ModelDirectory
    ) throws(ModelDirectoryError) -> AdaptedTransformer {
        guard second.tables.isEmpty, second.savedParameters.isEmpty else {
            throw .unsupported(
                file: directory.url.path(percentEncoded: false), key: "adapter",
                found: "an adapter of it that has modules_to_save, or is for tables",
                supported: "one that is for linear maps alone")
        }
        try checkFoldable(at: directory)
        let (inner, outer) = (transformer, merged.applying(second).transformer)
        let learnsMagnitudes =
            adapter.configuration.learnsMagnitudes || second.configuration.learnsMagnitudes
        var (firstMaps, secondMaps) = (maps(of: inner), maps(of: outer))
        var maps: [LowRankMap] = []
        let scaling = adapter.configuration.scaling
        var copy = base
        copy.forEachLinearMap { name, map in
            let branches = [firstMaps.removeValue(forKey: name), secondMaps.removeValue(forKey: name)]
            guard let joined = LowRankBranch(folding: branches.map { $0?.branch }) else { return }
            let weight = map.weight.detached
            let rank = joined.down.shape[0]
            var folded = LowRankMap(
                name: name, down: joined.down, up: joined.up,
                alpha: joined.scale / scaling.factor(alpha: 1, rank: rank))
            if learnsMagnitudes {
                let norms = folded.norms(
                    of: weight, scale: joined.scale, squaredNorm: weight.squared().sum(along: 1))
                folded.magnitude = joined.gain.map { $0 * norms } ?? norms
            }
            maps.append(folded)
        }
        var configuration = second.configuration
        configuration.rank = maps.first?.rank ?? configuration.rank
        configuration.alpha = maps.first?.alpha ?? configuration.alpha
        configuration.scaling = scaling
        configuration.learnsMagnitudes = learnsMagnitudes
        var tables = adapter.tables
        if learnsMagnitudes, !adapter.configuration.learnsMagnitudes {
            for index in tables.indices { tables[index].magnitude = base.norms(of: tables[index], scaling) }
        }
        return base.applying(
            LowRankAdapter(
                configuration.covering(maps.map(\.name)), maps: maps, tables: tables,
                savedParameters: adapter.savedParameters))
    }

    /// Refuses an adapter that another cannot be folded into.
    ///
    /// - Parameter directory: The folder it was read from, for messages.
    package func checkFoldable(at directory: ModelDirectory) throws(ModelDirectoryError) {
        for map in adapter.maps where map.magnitude?.scalars.contains(0) ?? false {
            throw .unsupported(
                file: directory.url.path(percentEncoded: false), key: "\(map.name).lora_magnitude_vector",
                found: "zero at some output", supported: "magnitudes other than zero under another adapter")
        }
    }

    private func maps(of model: Transformer) -> [String: Linear] {
        var maps: [String: Linear] = [:]
        var model = model
        model.forEachLinearMap { name, map in if map.branch != nil { maps[name] = map } }
        return maps
    }
}

extension LowRankBranch {
    /// One branch that does what a branch and then another on the sum do; nil where there is neither.
    fileprivate init?(folding branches: [LowRankBranch?]) {
        guard let first = branches[0], let second = branches[1] else {
            guard let only = branches[0] ?? branches[1] else { return nil }
            self = only
            return
        }
        var up = second.up * (second.scale / first.scale)
        if let gain = first.gain { up = up / gain.reshaped(to: [gain.count, 1]) }
        self.init(
            down: concatenated([first.down, second.down]),
            up: concatenated([first.up.transposed(), up.transposed()]).transposed(), scale: first.scale)
        gain = first.gain.map { gain in second.gain.map { gain * $0 } ?? gain } ?? second.gain
    }
}
