import Alignment
import LanguageModel
import NeuralCore

/// Supervised fine-tuning, driven by examples.
struct DemonstrationMethod: TrainingMethod {
    var tuning: SupervisedFineTuning<TrainedPolicy>

    var training: Training<TrainedPolicy> {
        get { tuning.training }
        _modify { yield &tuning.training }
    }
    var body: Transformer { tuning.model.transformer }

    mutating func step(onExamples examples: [SupervisedTokens]) -> StepReport {
        tuning.step(on: TokenBatch(supervising: examples))
    }

    /// The mean cross-entropy of what is trained in texts, nats per token, and the share of tokens that are the likeliest.
    func validation(on texts: [SupervisedTokens]) -> [String: Float] {
        let model = tuning.model.transformer
        var (loss, hits, targets) = (0.0, 0, 0)
        for begin in stride(from: 0, to: texts.count, by: Self.textsAtOnce) {
            let batch = TokenBatch(
                supervising: Array(texts[begin..<min(begin + Self.textsAtOnce, texts.count)]))
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

    private static let textsAtOnce = 16
}

/// DPO and its family, driven by pairs; the reference is asked once for each pair.
struct PreferenceMethod: TrainingMethod {
    var optimization: DirectPreferenceOptimization<TrainedPolicy>
    /// log π_ref of each target of a pair.
    private var references: [TokenizedPair: [Float]] = [:]

    init(_ optimization: DirectPreferenceOptimization<TrainedPolicy>) { self.optimization = optimization }

    var training: Training<TrainedPolicy> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }
    var body: Transformer { optimization.policy.transformer }

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

/// ORPO, CPO, SimPO and AlphaPO, driven by pairs.
struct ReferenceFreeMethod: TrainingMethod {
    var optimization: ReferenceFreeOptimization<TrainedPolicy>

    var training: Training<TrainedPolicy> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }
    var body: Transformer { optimization.policy.transformer }

    mutating func step(onExamples examples: [TokenizedPair]) -> StepReport { optimization.step(on: examples) }
}

/// KTO, driven by labelled answers.
struct LabelMethod: TrainingMethod {
    var optimization: KahnemanTverskyOptimization<TrainedPolicy>

    var training: Training<TrainedPolicy> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }
    var body: Transformer { optimization.policy.transformer }

    mutating func step(onExamples examples: [TokenizedLabel]) -> StepReport {
        optimization.step(on: LabelledBatch(examples))
    }
}

/// A reward model, driven by pairs.
struct RewardMethod: TrainingMethod {
    var modelling: RewardModelling<RewardModel>

    var training: Training<RewardModel> {
        get { modelling.training }
        _modify { yield &modelling.training }
    }
    var body: Transformer { modelling.model.body }

    mutating func step(onExamples examples: [TokenizedPair]) -> StepReport { modelling.step(on: examples) }

    /// The share of pairs whose preferred answer gets the greater reward, and the mean difference.
    func validation(on pairs: [TokenizedPair]) -> [String: Float] {
        let card = RewardCard(modelling.model.judgements(of: pairs))
        return ["eval_accuracy": Float(card.accuracy.value), "eval_margin": Float(card.meanMargin)]
    }
}
