import LanguageModel
import NeuralCore

extension PreferenceOptimization {
    /// The means of the loss and of a step's metrics over examples, from which nothing is learned: each over the examples,
    /// the completions or the tokens that it is a mean of.
    ///
    /// The loss is that of the examples in parts of some sixteen, as of batches: a loss that compares examples with each
    /// other depends on which stand together. Processes that share out the steps share out the parts.
    public func validation(on examples: [Objective.Example]) -> [String: Float] {
        guard examples.count >= objective.fewestExamples else { return [:] }
        let parts = examples.evenParts
        let found = training.sharing.shared(parts.count) { number in
            var figures = PartFigures()
            figures.named = metrics(on: parts[number])
            return figures
        }
        var means = MeansOverParts()
        for (part, found) in zip(parts, found) {
            means.add(found.named, of: PartSize(part, learnsPrompts: objective.learnsPrompts))
        }
        return means.means
    }
}

/// Metrics of parts as those of the whole.
struct MeansOverParts {
    private var (sums, weights): ([String: Double], [String: Double]) = ([:], [:])

    /// Takes in the metrics of a part.
    mutating func add(_ metrics: [String: Float], of size: PartSize) {
        for (key, value) in metrics {
            let weight = Double(size.count(behind: key))
            sums[key, default: 0] += weight * Double(value)
            weights[key, default: 0] += weight
        }
    }

    /// The means over all parts.
    var means: [String: Float] {
        var means: [String: Float] = [:]
        for (key, weight) in weights where weight > 0 { means[key] = Float((sums[key] ?? 0) / weight) }
        if let chosen = means["rewards/chosen"], let rejected = means["rewards/rejected"] {
            means["rewards/margins"] = chosen - rejected
        }
        return means
    }
}

/// Counts of each kind in a part of some examples: metrics are means over one kind or another.
struct PartSize {
    private var examples = 0
    private var completions = (chosen: 0, rejected: 0)
    private var tokens = (chosen: 0, rejected: 0)
    private var predicted = 0

    /// - Parameter learnsPrompts: True where the loss is also about the tokens of prompts.
    init(_ part: [some PreferenceExample], learnsPrompts: Bool) {
        examples = part.count
        for example in part {
            let group = example.group
            for (completion, isChosen) in zip(group.completions, example.isChosen) {
                if isChosen {
                    completions.chosen += 1
                    tokens.chosen += completion.count
                } else {
                    completions.rejected += 1
                    tokens.rejected += completion.count
                }
            }
            if learnsPrompts { predicted += group.prompt.count - 1 }
        }
        predicted += tokens.chosen
    }

    /// The number of things that a metric is a mean of.
    func count(behind metric: String) -> Int {
        switch metric {
        case "rewards/chosen", "logps/chosen": completions.chosen
        case "rewards/rejected", "logps/rejected": completions.rejected
        case "logits/chosen", "mean_token_accuracy": tokens.chosen
        case "logits/rejected": tokens.rejected
        case "entropy": tokens.chosen + tokens.rejected
        case "nll_loss": predicted
        default: examples
        }
    }
}
