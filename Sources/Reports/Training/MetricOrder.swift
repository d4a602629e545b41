/// The order of charts, by the families of their metrics (`MetricName.family`): results, what explains them, and at the end
/// how the run went. In policy optimization, whose losses say little, rewards come first.
struct MetricOrder {
    /// Charts under one heading.
    struct Group {
        /// Their heading; empty for the first ones.
        var heading: String
        /// Their families, in order.
        var families: [String]
        /// True if they show how the run went, not what it learned.
        var isOfTheRun = false
    }

    /// True if a model learns from rewards of its own samples.
    private let isPolicyOptimization: Bool

    /// The order for the metrics of one run or several.
    init(names: some Sequence<String>) {
        isPolicyOptimization = names.contains { ["reward", "objective/scores"].contains($0) }
    }

    /// Names that count or date lines, or repeat another in a fixed ratio: they say nothing as a chart.
    static let uncharted: Set = [
        "operations_per_second", "share_of_peak", "objective/non_score_reward",
        "step", "epoch", "tokens", "num_tokens", "tokens_seen", "episode", "seconds", "elapsed", "time",
        "timestamp",
        "total_tokens", "examples", "elapsed_seconds", "wall_time",
    ]

    /// What other runs are judged by.
    private static let results = [
        ["/loss"], ["/bits/per/byte"], ["/perplexity"], ["/token/accuracy"], ["/accuracy"],
    ]

    /// What policy optimization is judged by.
    private static let policyResults = [
        ["objective/scores"], ["/reward"], ["objective/rlhf/reward"], ["/reward/std"], ["objective/kl"],
        ["/kl"], ["policy/entropy"], ["/entropy"], ["completions/length"],
    ]

    /// How a run went, by the spellings of each family.
    private static let run = [
        ["/learning/rate", "/lr"], ["/grad/norm", "/gradient/norm"], ["/tokens/per/second"],
        ["/memory/bytes"], ["/step/seconds", "/step/time"],
    ]

    /// Groups that stand before others.
    private static let firstGroups = [
        "rewards", "completions", "loss", "logps", "logits", "objective", "policy", "val",
    ]

    private var results: [[String]] { isPolicyOptimization ? Self.policyResults : Self.results }

    /// The family of a metric, by its first spelling.
    func family(of name: MetricName) -> String {
        (results + Self.run).first { $0.contains(name.family) }?[0] ?? name.family
    }

    /// True if a family has a chart in any case, even if it never changes.
    func isLeading(_ family: String) -> Bool { (results + Self.run).contains { $0[0] == family } }

    /// Families in the order of their charts, each given with one of its metrics.
    func groups(of families: [(key: String, name: MetricName)]) -> [Group] {
        let found = Set(families.map(\.key))
        let leading = results.map { $0[0] }.filter(found.contains)
        let run = Self.run.map { $0[0] }.filter(found.contains)
        let rest = families.filter { !isLeading($0.key) }
        let byGroup = Dictionary(grouping: rest, by: { group(of: $0.name) })
        // A group of one chart needs no heading of its own; it stands with what has no prefix, after the others.
        let named = byGroup.keys.filter { !$0.isEmpty && byGroup[$0]?.count ?? 0 > 1 }
        let order =
            Self.firstGroups.filter(named.contains) + named.filter { !Self.firstGroups.contains($0) }.sorted()
        var groups = [Group(heading: "", families: leading)]
        groups += order.map { name in
            Group(
                heading: MetricGlossary.heading(for: name),
                families: (byGroup[name] ?? []).map(\.key).sortedLossFirst)
        }
        let others = rest.filter { !named.contains(group(of: $0.name)) }.map(\.key)
        groups.append(Group(heading: MetricGlossary.heading(for: ""), families: others))
        groups.append(Group(heading: "The run", families: run, isOfTheRun: true))
        return groups.filter { !$0.families.isEmpty }
    }

    /// The group under whose heading a metric stands.
    private func group(of name: MetricName) -> String {
        if isPolicyOptimization, name.family == "/loss" { return "loss" }
        return MetricGlossary.group(of: name)
    }
}

extension [String] {
    /// The whole loss before its parts.
    fileprivate var sortedLossFirst: [String] { filter { $0 == "/loss" } + filter { $0 != "/loss" } }
}
