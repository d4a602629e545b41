import Foundation
import LanguageModel
import NeuralCore

/// The place of a map's adapter in PEFT's files: under the map's name in the model's own checkpoint.
///
/// That is our name for it in most families. Others join queries, keys and values into one map, and a gate with the map that
/// it gates, so that an adapter has one A for them, and the rows of its B and of its magnitudes are theirs: map by map, or in
/// gpt_neox head by head.
struct AdapterPlace: Hashable {
    /// PEFT's name.
    let name: String
    /// The rows of a joined map that belong to the map; nil for all.
    let rows: [Int32]?
    /// The number of rows of the joined map.
    private(set) var rowCount = 0

    /// The place of the map of one of our names.
    init(_ name: String, in model: TransformerConfiguration) {
        guard let names = model.family.joinedNames else {
            (self.name, rows) = (name, nil)
            return
        }
        self.name = names.module(name)
        let (queries, pairs) = (model.heads * model.headSize, model.keyValueHeads * model.headSize)
        let inner = model.feedForwardWidth
        let isGated = model.family.isGated
        let (part, extents): (Int, [Int])
        switch name.split(separator: ".").last {
        case "q_proj": (part, extents) = (0, [queries, pairs, pairs])
        case "k_proj": (part, extents) = (1, [queries, pairs, pairs])
        case "v_proj": (part, extents) = (2, [queries, pairs, pairs])
        case "gate_proj": (part, extents) = (0, [inner, inner])
        case "up_proj" where isGated: (part, extents) = (1, [inner, inner])
        default:
            rows = nil
            return
        }
        rowCount = extents.reduce(0, +)
        if names.joinsByHeads, extents.count == 3 {
            let size = model.headSize
            rows = (0..<model.heads).flatMap { head in
                (0..<size).map { Int32((3 * head + part) * size + $0) }
            }
        } else {
            let begin = extents[..<part].reduce(0, +)
            rows = (begin..<begin + extents[part]).map { Int32($0) }
        }
    }

    /// PEFT's name of a parameter of ours that is trained whole; nil for those of maps that are kept joined or transposed.
    static func name(ofParameter name: String, in model: TransformerConfiguration) -> String? {
        guard let names = model.family.joinedNames else { return name }
        let words = name.split(separator: ".")
        guard let last = words.last else { return nil }
        let module = words.dropLast().joined(separator: ".")
        let isMap = module.hasSuffix("_proj")
        guard !isMap || !names.transposes && AdapterPlace(module, in: model).rows == nil else { return nil }
        return "\(names.module(module)).\(last)"
    }

    /// The rows of an array of PEFT's that belong to the map; all of them if it is not the joined map's.
    func part(of array: Tensor) -> Tensor {
        guard let rows, array.shape.rank > 0, array.shape[0] == rowCount else { return array }
        return array.rows(at: rows)
    }
}

extension JoinedNames {
    /// The family's name of a module that we call by this one. All families call the head `lm_head`, whatever its tensor is
    /// called in their checkpoints.
    fileprivate func module(_ name: String) -> String {
        switch name {
        case "model.embed_tokens": return "\(model).\(embedding)"
        case "model.embed_positions": return "\(model).\(positions)"
        case "model.norm": return "\(model).\(norm)"
        default: break
        }
        // model.layers.0.self_attn.q_proj
        let words = name.split(separator: ".", maxSplits: 3)
        guard words.count == 4 else { return name }
        let own: String
        switch words[3] {
        case "input_layernorm": own = attentionNorm
        case "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj": own = queryKeyValue
        case "self_attn.o_proj": own = attentionOutput
        case "post_attention_layernorm": own = feedForwardNorm
        case "mlp.gate_proj", "mlp.up_proj": own = up
        case "mlp.down_proj": own = down
        default: return name
        }
        return "\(model).\(blocks).\(words[2]).\(own)"
    }
}

extension AdaptedTransformer {
    /// The adapter as PEFT keeps it.
    ///
    /// - Parameter hasHead: True for a model with a language head; else what was learned about one is left out.
    func adapterInFile(hasHead: Bool) -> LowRankAdapter {
        let model = base.configuration
        let tables = adapter.tables.filter { hasHead || $0.isEmbedding }
        let saved = adapter.savedParameters.filter { hasHead || !$0.name.hasPrefix(LowRankMap.head) }
        return LowRankAdapter(
            adapter.configuration, maps: mapsInFile,
            tables: tables.map { $0.renamed(AdapterPlace($0.name, in: model).name) },
            savedParameters: saved.compactMap { parameter in
                AdapterPlace.name(ofParameter: parameter.name, in: model)
                    .map { SavedParameter(name: $0, value: parameter.value) }
            })
    }

    /// The adapter's maps as PEFT keeps them: in the model's order, under its names, joined where it has one map for several.
    private var mapsInFile: [LowRankMap] {
        var maps: [LowRankMap] = []
        var parts: [LowRankMap.Part] = []
        var copy = base
        let isDoRA = adapter.configuration.learnsMagnitudes
        copy.forEachLinearMap { name, map in
            let place = AdapterPlace(name, in: base.configuration)
            let own = adapter.maps.first { $0.name == name }
            guard let rows = place.rows else {
                if let own { maps.append(own.renamed(place.name)) }
                return
            }
            let norm = isDoRA ? map.weight.detached.squared().sum(along: 1).squareRoot() : nil
            parts.append(LowRankMap.Part(map: own, rows: rows, norm: norm))
            guard parts.reduce(0, { $0 + $1.rows.count }) == place.rowCount else { return }
            if let joined = LowRankMap(
                joining: parts, named: place.name, scaling: adapter.configuration.scaling)
            {
                maps.append(joined)
            }
            parts = []
        }
        return maps
    }
}

extension LowRankMap {
    /// A map that is one of those joined into another.
    fileprivate struct Part {
        /// Its adapter; nil where it has none.
        var map: LowRankMap?
        /// Its rows in the joined map.
        var rows: [Int32]
        /// ‖W‖ by rows: its magnitudes where it is not adapted; nil in LoRA.
        var norm: Tensor?
    }

    func renamed(_ name: String) -> LowRankMap {
        LowRankMap(name: name, down: down, up: up, magnitude: magnitude, alpha: alpha, frozen: frozen)
    }

    /// One map for several, of which some may not be adapted; nil if none is.
    ///
    ///     A = [A₁; A₂; A₃]    B = diag(B₁, B₂, B₃)        or, where all A are the same,    A = A₁    B = [B₁; B₂; B₃]
    ///
    /// The scale is that of the first, and those of the others are merged into their B.
    fileprivate init?(
        joining parts: [Part], named name: String, scaling: LowRankConfiguration.Scaling
    ) {
        let present = parts.compactMap(\.map)
        guard let first = present.first else { return nil }
        let isShared = present.allSatisfy {
            $0.down.shape == first.down.shape && $0.down.scalars == first.down.scalars
        }
        let rank = isShared ? first.rank : present.reduce(0) { $0 + $1.rank }
        let firstScale = scaling.factor(alpha: first.alpha, rank: first.rank)
        let rowCount = parts.reduce(0) { $0 + $1.rows.count }
        var ups = [Float](repeating: 0, count: rowCount * rank)
        var magnitudes = [Float](repeating: 0, count: rowCount)
        var column = 0
        for part in parts {
            if let magnitude = (part.map?.magnitude ?? part.norm)?.scalars {
                for (row, place) in part.rows.enumerated() { magnitudes[Int(place)] = magnitude[row] }
            }
            guard let map = part.map else { continue }
            let worth = scaling.factor(alpha: map.alpha, rank: map.rank) / firstScale
            let up = map.up.scalars
            for (row, place) in part.rows.enumerated() {
                for k in 0..<map.rank {
                    ups[Int(place) * rank + column + k] = up[row * map.rank + k] * worth
                }
            }
            if !isShared { column += map.rank }
        }
        let isDoRA = present.contains { $0.magnitude != nil }
        self.init(
            name: name, down: isShared ? first.down : concatenated(present.map(\.down)),
            up: Tensor(ups, shape: [rowCount, rank]),
            magnitude: isDoRA ? Tensor(magnitudes, shape: [rowCount]) : nil,
            alpha: scaling.alpha(first.alpha, ofRank: first.rank, atRank: rank))
    }
}
