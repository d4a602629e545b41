import Alignment
import LanguageModel
import NeuralCore

/// Supervised fine-tuning, driven by examples.
struct DemonstrationMethod: TrainingMethod {
    var tuning: SupervisedFineTuning<Transformer>

    var training: Training<Transformer> {
        get { tuning.training }
        _modify { yield &tuning.training }
    }
    var body: Transformer { tuning.model }

    mutating func step(onExamples examples: [SupervisedTokens]) -> StepReport {
        tuning.step(on: TokenBatch(supervising: examples))
    }

    /// The mean cross-entropy of what is trained in texts, nats per token, and the share of tokens that are the likeliest.
    func validation(on texts: [SupervisedTokens]) -> [String: Float] {
        var (loss, hits, targets) = (0.0, 0, 0)
        for begin in stride(from: 0, to: texts.count, by: Self.textsAtOnce) {
            let batch = TokenBatch(
                supervising: Array(texts[begin..<min(begin + Self.textsAtOnce, texts.count)]))
            let head = tuning.model.crossEntropy(on: batch)
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
    /// A pair and its number in the data.
    struct Example {
        var number: Int
        var pair: TokenizedPair
    }

    var optimization: DirectPreferenceOptimization<Transformer>
    /// log π_ref of each target of a pair, by the pair's number.
    private var references: [Int: [Float]] = [:]

    init(_ optimization: DirectPreferenceOptimization<Transformer>) { self.optimization = optimization }

    var training: Training<Transformer> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }
    var body: Transformer { optimization.policy }

    mutating func step(onExamples examples: [Example]) -> StepReport {
        var batch = PreferenceBatch(examples.map(\.pair))
        if examples.allSatisfy({ references[$0.number] != nil }) {
            batch.reference = Tensor(examples.flatMap { references[$0.number] ?? [] })
        } else {
            batch = optimization.prepared(batch)
            keepReference(of: examples, batch)
        }
        return optimization.step(on: batch)
    }

    private mutating func keepReference(of examples: [Example], _ batch: PreferenceBatch) {
        guard let reference = batch.reference?.scalars else { return }
        var begin = 0
        for example in examples {
            let count = example.pair.chosen.count + example.pair.rejected.count
            references[example.number] = Array(reference[begin..<begin + count])
            begin += count
        }
    }
}

/// ORPO, CPO, SimPO and AlphaPO, driven by pairs.
struct ReferenceFreeMethod: TrainingMethod {
    var optimization: ReferenceFreeOptimization<Transformer>

    var training: Training<Transformer> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }
    var body: Transformer { optimization.policy }

    mutating func step(onExamples examples: [TokenizedPair]) -> StepReport { optimization.step(on: examples) }
}

/// KTO, driven by labelled answers.
struct LabelMethod: TrainingMethod {
    var optimization: KahnemanTverskyOptimization<Transformer>

    var training: Training<Transformer> {
        get { optimization.training }
        _modify { yield &optimization.training }
    }
    var body: Transformer { optimization.policy }

    mutating func step(onExamples examples: [TokenizedLabel]) -> StepReport {
        optimization.step(on: LabelledBatch(examples))
    }
}
