/// A metric's name taken apart: `eval_rewards/chosen` is the validation's `chosen` among the `rewards`.
struct MetricName: Hashable {
    /// The name as it stands in the file.
    let whole: String
    /// The part before the first slash; empty without one.
    let group: String
    /// The name without the group and without what marks it as the validation's.
    let leaf: String
    /// True if it was measured on held-out data.
    let isValidation: Bool
    /// The key shared by all metrics that belong in one chart.
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

/// Explanations of the field's metrics, by the names that training programs give them.
struct MetricGlossary {
    /// The explanation of a metric.
    struct Entry {
        /// The chart's title.
        var title: String
        /// The unit.
        var unit = ""
        /// Its meaning, in a sentence.
        var note = ""
        /// The range of the axis.
        var limits: ClosedRange<Double>?
        /// The range that the axis covers at least: what matters is seen against it, what does not stays small.
        var least: ClosedRange<Double>?
    }

    /// The group of a metric: as a rule what stands before its slash.
    static func group(of name: MetricName) -> String { groups[name.family] ?? name.group }

    /// Metrics that belong with another group than their name says.
    private static let groups = [
        "val/num/eos/tokens": "completions", "val/contain/eos/token": "completions", "val/ratio": "policy",
        "val/ratio/var": "policy",
    ]

    /// The entry of a family of metrics (`MetricName.family`); by their common words where it is not known.
    static func entry(for names: [MetricName], family: String) -> Entry {
        if let entry = entries[family] { return entry }
        let isOne = Set(names.map(\.leaf)).count == 1
        let words = isOne ? names[0].leaf.words : String(family.dropFirst(names[0].group.count)).words
        return Entry(title: words.prefix(1).uppercased() + words.dropFirst())
    }

    /// A heading for a group of metrics.
    static func heading(for group: String) -> String {
        headings[group] ?? group.prefix(1).uppercased() + group.dropFirst().replacing("_", with: " ")
    }

    private static let headings = [
        "": "Further measures", "logps": "Log-probabilities", "logits": "Logits", "rewards": "Rewards",
        "objective": "Objective", "policy": "Updates of the policy", "val": "Updates of the value",
        "loss": "Losses",
        "completions": "Completions",
        "clip_ratio": "Clipping",
    ]

    private static let entries: [String: Entry] = [
        "/loss": Entry(title: "Loss"),
        "/ema/loss": Entry(title: "Loss of the averaged model"),
        "/bits/per/byte": Entry(
            title: "Bits per byte", note: "Comparable between tokenizers; less is better."),
        "/perplexity": Entry(title: "Perplexity"),
        "/learning/rate": Entry(title: "Learning rate", least: 0...0),
        "/grad/norm": Entry(
            title: "Gradient norm", note: "Before clipping. Lone peaks are normal, a steady rise is not.",
            least: 0...0),
        "/tokens/per/second": Entry(title: "Speed", unit: "tokens per second", least: 0...0),
        "/memory/bytes": Entry(title: "Memory", unit: "MiB", least: 0...0),
        "/step/seconds": Entry(title: "Time for a step", unit: "seconds", least: 0...0),
        "/token/accuracy": Entry(
            title: "Token accuracy", unit: "share",
            note: "How often the most probable token is the right one.",
            limits: 0...1),
        "/accuracy": Entry(title: "Accuracy", unit: "share", limits: 0...1),
        "/entropy": Entry(
            title: "Entropy", unit: "nats per token",
            note: "How open the model's choice is; at 0 it has none left.", least: 0...0),
        "/kl": Entry(
            title: "Divergence from the reference", unit: "nats",
            note: "How far the model has moved from where it began.", least: 0...0.01),
        "/margin": Entry(
            title: "Margin", note: "Reward of the chosen answer minus that of the rejected one."),
        "rewards": Entry(title: "Reward", note: "The two should part, the chosen above the rejected."),
        "rewards/accuracies": Entry(
            title: "Pairs in order", unit: "share",
            note: "How often the chosen answer has the higher reward; chance is a half.",
            limits: 0...1),
        "rewards/margins": Entry(
            title: "Margin", note: "Reward of the chosen answer minus that of the rejected one."),
        "logps": Entry(
            title: "Log-probability of answers", unit: "nats",
            note:
                "If both fall together, the model forgets good answers too: fewer steps or a greater beta help."
        ),
        "logits": Entry(title: "Mean logit"),
        "objective/kl": Entry(
            title: "Divergence from the reference", unit: "nats",
            note: "What the policy paid for its reward.",
            least: 0...0.1),
        "objective/entropy": Entry(title: "Entropy of an answer", unit: "nats per answer", least: 0...0),
        "objective/scores": Entry(title: "Score of the reward model"),
        "objective/rlhf/reward": Entry(
            title: "Reward after the penalty", note: "Score minus the price of the divergence."),
        "objective/kl/coef": Entry(title: "Price of the divergence", unit: "reward per nat"),
        "completions/clipped/ratio": Entry(
            title: "Answers cut off", unit: "share", note: "They reached the longest length that is allowed.",
            least: 0...0.2),
        "completions/terminated/length": Entry(
            title: "Length of answers that ended", unit: "tokens", least: 0...0),
        "val/gradient/norm": Entry(title: "Gradient norm of the value", least: 0...0),
        "val/num/eos/tokens": Entry(title: "Answers that ended", unit: "in a batch", least: 0...0),
        "val/contain/eos/token": Entry(title: "Answers that ended", unit: "share", limits: 0...1),
        "val/ratio/var": Entry(title: "Spread of the probability ratio", least: 0...0.01),
        "policy/approxkl": Entry(title: "Change in one update", unit: "nats", least: 0...0.01),
        "policy/clipfrac": Entry(
            title: "Clipped ratios", unit: "share", note: "Much above 0.3, updates are too large.",
            least: 0...0.3),
        "policy/entropy": Entry(
            title: "Entropy", unit: "nats per token",
            note: "How open the policy's choice is; at 0 it has none left.", least: 0...0),
        "loss/policy": Entry(title: "Policy's loss", least: -0.01...0.01),
        "loss/value": Entry(title: "Value's loss", least: 0...0),
        "val/clipfrac": Entry(title: "Clipped values", unit: "share", least: 0...0.3),
        "val/ratio": Entry(
            title: "Probability ratio", note: "New over old policy; close to 1.", least: 0.9...1.1),
        "completions/length": Entry(title: "Length of answers", unit: "tokens", least: 0...0),
        "/reward": Entry(title: "Reward"),
        "/reward/std": Entry(
            title: "Spread of rewards", note: "Where it is 0 there is nothing to learn.", least: 0...0),
        "clip/ratio": Entry(title: "Clipped ratios", unit: "share", least: 0...0.3),
    ]
}
