import Alignment
import LanguageModel
import NeuralCore

/// Supervised fine-tuning, driven by examples, with raw text mixed in where there is some.
struct DemonstrationMethod: TrainingMethod {
    var tuning: SupervisedFineTuning<TrainedPolicy>
    /// Raw text in every step; nil for none.
    var mixture: MixedTexts?

    var training: Training<TrainedPolicy> {
        get { tuning.training }
        _modify { yield &tuning.training }
    }

    var tokenFactor: Double { mixture?.tokenFactor ?? 1 }

    mutating func step(onExamples examples: [SupervisedTokens]) -> StepReport {
        let batch = TokenBatch(supervising: examples)
        let step = tuning.training.stepsAttempted
        return tuning.step(on: mixture?.mixed(into: batch, seed: tuning.seed, step: step) ?? batch)
    }

    /// The mean cross-entropy of what is trained in texts, nats per token, and the share of tokens that are the likeliest.
    func validation(on texts: [SupervisedTokens]) -> [String: Float] {
        let model = tuning.model.transformer
        let textsAtOnce = 16
        var (loss, hits, targets) = (0.0, 0, 0)
        for begin in stride(from: 0, to: texts.count, by: textsAtOnce) {
            let batch = TokenBatch(
                supervising: Array(texts[begin..<min(begin + textsAtOnce, texts.count)]))
            let head = model.crossEntropy(on: batch)
            loss += Double(head.total.item())
            hits += head.hits.count { $0 }
            targets += batch.targets.count
        }
        return [
            "eval_loss": Float(loss / Double(max(1, targets))),
            "eval_mean_token_accuracy": Float(hits) / Float(max(1, targets)),
        ]
    }
}

extension PreferenceOptimization: TrainingMethod where Policy == TrainedPolicy {
    mutating func step(onExamples examples: [Objective.Example]) -> StepReport { step(on: examples) }

    /// The means of a validation's metrics, as TRL names them: `eval_loss`, `eval_rewards/accuracies`,
    /// `eval_rewards/margins`, `eval_rewards/chosen`, `eval_rewards/rejected`. Rewards of wanted and of unwanted answers are
    /// means over those of their kind.
    func validation(on examples: [Objective.Example]) -> [String: Float] {
        guard examples.count >= objective.fewestExamples else { return [:] }
        var (sums, weights): ([String: Float], [String: Float]) = ([:], [:])
        let count = max(1, examples.count / examplesAtOnce)
        for number in 0..<count {
            // Sizes differ by one at most, so that none is a batch of one.
            let batch = Array(
                examples[number * examples.count / count..<(number + 1) * examples.count / count])
            guard !batch.isEmpty else { continue }
            for (key, value) in metrics(on: batch) where key == "loss" || key.hasPrefix("rewards/") {
                let share: Int
                switch key {
                case "rewards/chosen": share = batch.count { $0.isChosen.contains(true) }
                case "rewards/rejected": share = batch.count { $0.isChosen.contains(false) }
                default: share = batch.count
                }
                sums[key, default: 0] += Float(share) * value
                weights[key, default: 0] += Float(share)
            }
        }
        var means = sums.filter { (weights[$0.key] ?? 0) > 0 }
        for key in means.keys { means[key]? /= weights[key] ?? 1 }
        if let chosen = means["rewards/chosen"], let rejected = means["rewards/rejected"] {
            means["rewards/margins"] = chosen - rejected
        }
        return Dictionary(uniqueKeysWithValues: means.map { ("eval_" + $0.key, $0.value) })
    }
}

private let examplesAtOnce = 16

extension RewardModeling: TrainingMethod where Parameters == TrainedRewardModel {
    var body: Transformer { model.rewardModel.body }

    mutating func step(onExamples examples: [TokenizedPair]) -> StepReport { step(on: examples) }

    /// The share of pairs whose preferred answer gets the greater reward, and the mean difference.
    func validation(on pairs: [TokenizedPair]) -> [String: Float] {
        let card = RewardCard(model.rewardModel.judgments(of: pairs))
        return ["eval_accuracy": Float(card.accuracy.value), "eval_margin": Float(card.meanMargin)]
    }
}
