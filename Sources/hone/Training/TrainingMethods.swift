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

extension ReferenceFreeOptimization: TrainingMethod where Policy == TrainedPolicy {
    mutating func step(onExamples examples: [TokenizedPair]) -> StepReport { step(on: examples) }
}

extension KahnemanTverskyOptimization: TrainingMethod where Policy == TrainedPolicy {
    mutating func step(onExamples examples: [TokenizedLabel]) -> StepReport {
        step(on: LabelledBatch(examples))
    }
}

extension RewardModelling: TrainingMethod where Parameters == TrainedRewardModel {
    var body: Transformer { model.rewardModel.body }

    mutating func step(onExamples examples: [TokenizedPair]) -> StepReport { step(on: examples) }

    /// The share of pairs whose preferred answer gets the greater reward, and the mean difference.
    func validation(on pairs: [TokenizedPair]) -> [String: Float] {
        let card = RewardCard(model.rewardModel.judgements(of: pairs))
        return ["eval_accuracy": Float(card.accuracy.value), "eval_margin": Float(card.meanMargin)]
    }
}

/// DPO and its family with a memory: the reference is asked once for each pair.
struct RememberingPreferenceOptimization: TrainingMethod {
    private var optimization: DirectPreferenceOptimization<TrainedPolicy>
    /// log π_ref of each target of a pair.
    private var references: [TokenizedPair: [Float]] = [:]

    init(_ optimization: DirectPreferenceOptimization<TrainedPolicy>) { self.optimization = optimization }

    var training: Training<TrainedPolicy> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }

    mutating func step(onExamples examples: [TokenizedPair]) -> StepReport {
        var batch = PreferenceBatch(examples)
        if examples.allSatisfy({ references[$0] != nil }) {
            batch.reference = Tensor(examples.flatMap { references[$0] ?? [] })
        } else {
            batch = optimization.prepared(batch)
            keepReference(of: examples, batch)
        }
        return optimization.step(on: batch)
    }

    private mutating func keepReference(of pairs: [TokenizedPair], _ batch: PreferenceBatch) {
        guard let reference = batch.reference?.scalars else { return }
        var begin = 0
        for pair in pairs {
            let count = pair.chosen.count + pair.rejected.count
            references[pair] = Array(reference[begin..<begin + count])
            begin += count
        }
    }
}
