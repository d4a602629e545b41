/// The number of passes over the documents of each kind that gives the kinds the shares of the training text asked for.
///
/// With n the bytes of a kind and w its share, its documents appear T w / n times on average. T is the size
/// of all the text, or as much less as keeps every kind within ``maximumPasses``. Whole passes repeat every
/// document; of the rest of a pass a document is part if its hash says so, so the choice depends on content
/// only.
///
/// Kinds without a weight divide among themselves what the others leave of 1, by their sizes.
///
/// - SeeAlso: [Muennighoff et al. 2023](https://arxiv.org/abs/2305.16264): up to four passes are worth nearly
///   as much as new text.
struct Mixture {
    /// The most passes over a document.
    static let maximumPasses = 4.0

    /// The shares asked for, and the passes they come to, by kind.
    let weights: [String: DataCard.Weight]

    /// A mixture of kinds of the given sizes in bytes.
    init(weights asked: [DocumentKind: Double], sizes: [String: Int]) {
        let present = asked.filter { sizes[$0.key.rawValue, default: 0] > 0 }
        let others = sizes.filter { asked[DocumentKind(rawValue: $0.key)] == nil && $0.value > 0 }
        let sum = present.values.reduce(0, +)
        let rest = others.isEmpty ? 0 : max(0, 1 - sum)
        let otherBytes = others.values.reduce(0, +)
        var shares: [String: Double] = [:]
        for (kind, weight) in present { shares[kind.rawValue] = sum + rest > 0 ? weight / (sum + rest) : 0 }
        for (kind, bytes) in others {
            shares[kind] = rest / (sum + rest) * Double(bytes) / Double(otherBytes)
        }
        var total = Double(sizes.values.reduce(0, +))
        for (kind, share) in shares where share > 0 {
            total = min(total, Self.maximumPasses * Double(sizes[kind, default: 0]) / share)
        }
        weights = Dictionary(
            uniqueKeysWithValues: shares.map { kind, share in
                (
                    kind,
                    DataCard.Weight(
                        share: share, passes: total * share / Double(max(1, sizes[kind, default: 0])))
                )
            })
    }

    /// The number of passes.
    var passes: Int { Int((weights.values.map(\.passes).max() ?? 0).rounded(.up)) }

    /// True if a document is part of a pass, counted from zero.
    func includes(_ document: Document, inPass pass: Int) -> Bool {
        let left = (weights[document.kind.rawValue]?.passes ?? 0) - Double(pass)
        if left >= 1 { return true }
        // Another key than the split's, so that the two choices do not depend on each other.
        let hash = document.text.withUTF8Bytes { StableHash.hash($0, key: (0x6d69_7874_7572_65, 0)) }
        return StableHash.fraction(hash) < left
    }
}
