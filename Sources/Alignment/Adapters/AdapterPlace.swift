import Foundation
import LanguageModel
import NeuralCore

/// The place of a map's adapter in PEFT's files: under the map's name in the model's own checkpoint.
///
/// That is our name for it in the llama families. In gpt2 queries, keys and values are one map, so that an adapter has one
/// A for the three of them, and the rows of its B and of its magnitudes are theirs one after another.
struct AdapterPlace: Hashable {
    /// PEFT's name.
    let name: String
    /// The third of the rows that belongs to the map; nil for all.
    let third: Int?

    /// Refuses families that join maps of which parts cannot be said in PEFT's files.
    static func requireFiles(
        of family: TransformerConfiguration.Family, in directory: ModelDirectory
    ) throws(ModelDirectoryError) {
        guard hasFiles(of: family) else {
            throw .unsupported(
                file: directory.url.path(percentEncoded: false), key: "target_modules",
                found: "maps of the \(family.rawValue) family, which are joined in its files",
                supported: "the model that the adapter is merged into")
        }
    }

    /// Returns whether adapters of a family can be read and written.
    static func hasFiles(of family: TransformerConfiguration.Family) -> Bool {
        family == .gpt2 || !family.joinsMaps
    }

    /// The place of the map of one of our names.
    init(_ name: String, in family: TransformerConfiguration.Family) {
        let words = name.split(separator: ".")
        if family == .gpt2, let table = Self.gpt2Modules[name] {
            (self.name, third) = (table, nil)
            return
        }
        guard family == .gpt2, words.count == 5, let (own, third) = Self.gpt2["\(words[3]).\(words[4])"]
        else {
            (self.name, self.third) = (name, nil)
            return
        }
        (self.name, self.third) = ("transformer.h.\(words[2]).\(own)", third)
    }

    private static let gpt2: [String: (name: String, third: Int?)] = [
        "self_attn.q_proj": ("attn.c_attn", 0), "self_attn.k_proj": ("attn.c_attn", 1),
        "self_attn.v_proj": ("attn.c_attn", 2), "self_attn.o_proj": ("attn.c_proj", nil),
        "mlp.up_proj": ("mlp.c_fc", nil), "mlp.down_proj": ("mlp.c_proj", nil),
    ]

    /// PEFT's name of a parameter of ours that is trained whole; nil for those that gpt2 keeps joined or transposed.
    static func name(ofParameter name: String, in family: TransformerConfiguration.Family) -> String? {
        guard family == .gpt2 else { return name }
        var words = name.split(separator: ".").map(String.init)
        guard let last = words.popLast() else { return nil }
        let module = words.joined(separator: ".")
        if let own = gpt2Modules[module] { return "\(own).\(last)" }
        guard words.count == 4, let own = gpt2Norms[words[3]] else { return nil }
        return "transformer.h.\(words[2]).\(own).\(last)"
    }

    private static let gpt2Norms = ["input_layernorm": "ln_1", "post_attention_layernorm": "ln_2"]
    private static let gpt2Modules = [
        "model.embed_tokens": "transformer.wte", "model.embed_positions": "transformer.wpe",
        "model.norm": "transformer.ln_f", "lm_head": "lm_head",
    ]

    /// The rows of an array of PEFT's that belong to the map.
    func part(of array: Tensor) -> Tensor {
        guard let third, array.shape.rank > 0 else { return array }
        let rows = array.shape[0] / 3
        return array[third * rows..<(third + 1) * rows]
    }
}

extension AdaptedTransformer {
    /// The adapter as PEFT keeps it.
    ///
    /// - Parameter hasHead: True for a model with a language head; else what was learned about one is left out.
    func adapterInFile(hasHead: Bool) -> LowRankAdapter {
        let family = base.configuration.family
        let tables = adapter.tables.filter { hasHead || $0.isEmbedding }
        let saved = adapter.savedParameters.filter { hasHead || !$0.name.hasPrefix(LowRankMap.head) }
        return LowRankAdapter(
            adapter.configuration, maps: mapsInFile,
            tables: tables.map { $0.renamed(AdapterPlace($0.name, in: family).name) },
            savedParameters: saved.compactMap { parameter in
                AdapterPlace.name(ofParameter: parameter.name, in: family)
                    .map { SavedParameter(name: $0, value: parameter.value) }
            })
    }

    /// The adapter's maps as PEFT keeps them: in the model's order, under its names, joined where it has one map for three.
    private var mapsInFile: [LowRankMap] {
        let family = base.configuration.family
        var maps: [LowRankMap] = []
        var thirds: [LowRankMap?] = [nil, nil, nil]
        var copy = base
        var norms: [Tensor] = []
        copy.forEachLinearMap { name, map in
            let place = AdapterPlace(name, in: family)
            let own = adapter.maps.first { $0.name == name }
            guard let third = place.third else {
                if let own { maps.append(own.renamed(place.name)) }
                return
            }
            thirds[third] = own
            norms.append(map.weight.detached.squared().sum(along: 1).squareRoot())
            guard third == 2 else { return }
            if let joined = LowRankMap(
                joining: thirds, named: place.name, scaling: adapter.configuration.scaling, norms: norms)
            {
                maps.append(joined)
            }
            (thirds, norms) = ([nil, nil, nil], [])
        }
        return maps
    }
}

extension LowRankMap {
    func renamed(_ name: String) -> LowRankMap {
        LowRankMap(name: name, down: down, up: up, magnitude: magnitude, alpha: alpha, frozen: frozen)
    }

    /// One map for three of equal extents, of which some may not be adapted; nil if none is.
    ///
    ///     A = [A₁; A₂; A₃]    B = diag(B₁, B₂, B₃)        or, where all A are the same,    A = A₁    B = [B₁; B₂; B₃]
    ///
    /// The scale is that of the first, and those of the others are merged into their B.
    ///
    /// - Parameter norms: ‖W‖ of each by rows: the magnitudes of those that are not adapted.
    fileprivate init?(
        joining thirds: [LowRankMap?], named name: String, scaling: LowRankConfiguration.Scaling,
        norms: [Tensor]
    ) {
        let present = thirds.compactMap(\.self)
        guard let first = present.first else { return nil }
        let isShared = present.allSatisfy {
            $0.down.shape == first.down.shape && $0.down.scalars == first.down.scalars
        }
        let rank = isShared ? first.rank : present.reduce(0) { $0 + $1.rank }
        let firstScale = scaling.factor(alpha: first.alpha, rank: first.rank)
        var (ups, column): ([Float], Int) = ([], 0)
        for third in thirds {
            guard let third else {
                ups += [Float](repeating: 0, count: first.up.rows * rank)
                continue
            }
            let worth = scaling.factor(alpha: third.alpha, rank: third.rank) / firstScale
            let up = third.up.scalars
            for row in 0..<third.up.rows {
                var wide = [Float](repeating: 0, count: rank)
                for k in 0..<third.rank { wide[column + k] = up[row * third.rank + k] * worth }
                ups += wide
            }
            if !isShared { column += third.rank }
        }
        let isDoRA = present.contains { $0.magnitude != nil }
        self.init(
            name: name, down: isShared ? first.down : concatenated(present.map(\.down)),
            up: Tensor(ups, shape: [thirds.count * first.up.rows, rank]),
            magnitude: isDoRA ? concatenated(zip(thirds, norms).map { $0?.magnitude ?? $1 }) : nil,
            alpha: scaling.alpha(first.alpha, ofRank: first.rank, atRank: rank))
    }
}
