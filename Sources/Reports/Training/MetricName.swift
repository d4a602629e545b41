/// A metric's name taken apart: `eval_rewards/chosen` is the validation's `chosen` among the `rewards`.
struct MetricName: Hashable {
    /// The name as it stands in the file.
    let whole: String
    /// What stands before the first slash; empty without one.
    let group: String
    /// The name without the group and without what marks it as the validation's.
    let leaf: String
    /// Whether it was measured on held-out data.
    let isValidation: Bool
    /// What is the same for all metrics that belong in one chart.
    let family: String
    /// The words that tell it from its family.
    let variant: String

    /// Words that tell lines of one chart from each other.
    private static let variants: Set = [
        "chosen", "rejected", "mean", "min", "max", "avg", "low", "high", "median", "real", "generated",
    ]

    init(_ name: String) {
        whole = name
        let marks = ["validation_", "eval_", "val_", "valid_"]
        let mark = marks.first { name.hasPrefix($0) && name.count > $0.count }
        isValidation = mark != nil
        var base = name.dropFirst(mark?.count ?? 0)
        if !isValidation, let mark = ["train_", "training_"].first(where: { name.hasPrefix($0) }) {
            base = name.dropFirst(mark.count)
        }
        let slash = base.firstIndex(of: "/")
        group = slash.map { String(base[..<$0]) } ?? ""
        leaf = String(slash.map { base[base.index(after: $0)...] } ?? base)
        let words = leaf.split { "_/".contains($0) }.map(String.init)
        variant = words.filter(Self.variants.contains).joined(separator: " ")
        family = ([group] + words.filter { !Self.variants.contains($0) }).joined(separator: "/")
    }

    /// The name of its line in a chart that holds `others` too.
    func label(among others: [MetricName]) -> String {
        let part = isValidation ? "validation" : "training"
        let hasBothParts = Set(others.map(\.isValidation)).count > 1
        let hasVariants = Set(others.map(\.variant)).count > 1
        switch (hasVariants, hasBothParts) {
        case (true, true): return "\(variant.isEmpty ? leaf : variant), \(part)"
        case (true, false): return variant.isEmpty ? leaf : variant
        case (false, true): return part
        case (false, false): return leaf.words
        }
    }
}

extension String {
    /// The name of a metric in words.
    var words: String { split { "_/".contains($0) }.joined(separator: " ") }
}
