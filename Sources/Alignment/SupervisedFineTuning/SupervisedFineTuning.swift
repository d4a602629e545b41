import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a model to imitate demonstrations: supervised fine-tuning.
///
///     var tuning = SupervisedFineTuning(base, schedule: .warmupThenLinear(peak: 2e-5, warmup: 20, steps: 1_000))
///     for batch in examples.batches(ofTokens: 4_096, using: random.split()) { tuning.step(on: batch) }
///
/// The loss is the mean over the targets of the whole batch, each by its weight, however many parts it is computed
/// in, so that accumulation changes nothing.
public struct SupervisedFineTuning<Policy: TransformerParameters>: ExampleMethod {
    /// Texts with what is learned of them.
    public typealias Batch = [SupervisedTokens]
    /// A text with what is learned of it.
    public typealias Example = SupervisedTokens

    /// Model, optimizer, schedule and step count.
    public var training: Training<Policy>
    /// The loss to minimize.
    public var loss: SupervisedLoss
    /// The number of parts a batch is cut into, to hold only one part's activations at a time, or to share them out among
    /// processes.
    public var accumulation: Int {
        get { training.sharing.parts }
        set { training.sharing.parts = newValue }
    }
    /// The greatest noise on a batch's embeddings, times the root of how many numbers a sequence has: α of NEFTune; 0
    /// for none, 5 where it is used ([Jain et al. 2023](https://arxiv.org/abs/2310.05914)).
    public var embeddingNoise: Float = 0
    /// Raw text in every step, against forgetting; nil for none.
    public var mixture: TextMixture?
    /// Decides noise, dropout and what is mixed in, with the number of the step, so that a resumed run goes on with the same.
    public var seed: UInt64 = 0

    /// The model as trained so far.
    public var model: Policy { training.model }

    /// A model about to be trained.
    public init(
        _ model: Policy, loss: SupervisedLoss = .crossEntropy, optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(2e-5), maxGradientNorm: Float? = 1, accumulation: Int = 1
    ) {
        training = Training(model, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.loss = loss
        self.accumulation = accumulation
    }

    /// Takes one step, on the batch with the ``mixture``'s text.
    ///
    /// - Returns: A report with TRL's metrics: `entropy`, the mean over trained tokens of the entropy of the
    ///   distribution each was predicted from, nats, `mean_token_accuracy`, and `aux_loss` where routers have one.
    @discardableResult
    public mutating func step(on batch: TokenBatch) -> StepReport {
        let random = RandomSource(seed: seed, step: training.stepsAttempted)
        let batch = mixture?.mixed(into: batch, using: random) ?? batch
        let parts = batch.split(into: accumulation)
        let total = batch.targets.reduce(0) { $0 + $1.weight }
        let (loss, randomness) = (loss, randomness)
        let step = training.step(tokens: batch.tokens.count, parts: parts.count) {
            parameters, part, figures in
            let model = randomness.transformer(of: parameters, part: part)
            let share = Float(parts[part].tokens.count) / Float(batch.tokens.count)
            var routers = RouterFigures()
            let value = routers.adding(to: model, share: share) { model in
                switch loss {
                case .crossEntropy:
                    let head = model.crossEntropy(on: parts[part], wantsEntropies: true)
                    figures.numbers = [
                        Double(head.hits.count { $0 }), head.entropies.reduce(0) { $0 + Double($1) },
                    ]
                    return head.total / total
                case .dynamic:
                    let predictions = model.predictions(on: parts[part])
                    figures.numbers = [
                        Double(predictions.hits.count { $0 }),
                        predictions.entropies.scalars.reduce(0) { $0 + Double($1) },
                    ]
                    let logs = predictions.logProbabilities
                    let weights = Tensor(parts[part].targets.map { -$0.weight / total })
                    return (logs * logs.detached.exp() * weights).sum()
                }
            }
            figures.numbers += routers.numbers
            return value
        }
        var (hits, entropy, routers) = (0.0, 0.0, RouterFigures())
        var report = step.report
        for part in step.figures {
            hits += part.numbers[0]
            entropy += part.numbers[1]
            routers.add(part.numbers.dropFirst(2))
        }
        guard !batch.targets.isEmpty else { return report }
        report.metrics = routers.metrics
        report.metrics["mean_token_accuracy"] = Float(hits) / Float(batch.targets.count)
        report.metrics["entropy"] = Float(entropy / Double(batch.targets.count))
        return report
    }

    /// Takes one step on texts with their masks.
    @discardableResult
    public mutating func step(on texts: [SupervisedTokens]) -> StepReport {
        step(on: TokenBatch(supervising: texts))
    }

    /// The mean of the loss over all trained tokens of texts, nats, as `loss`, and the metrics of a step over the same tokens:
    /// `entropy` and `mean_token_accuracy`. Processes that share out the steps share out the texts.
    public func validation(on texts: [SupervisedTokens]) -> [String: Float] {
        let model = model.transformer
        let parts = texts.measuredParts
        let found = training.sharing.shared(parts.count) { number in
            let batch = TokenBatch(supervising: parts[number])
            let (sum, entropies, hits): (Double, [Float], [Bool])
            switch loss {
            case .crossEntropy:
                let head = model.crossEntropy(on: batch, wantsEntropies: true)
                (sum, entropies, hits) = (Double(head.total.item()), head.entropies, head.hits)
            case .dynamic:
                let predictions = model.predictions(on: batch)
                sum = -predictions.logProbabilities.scalars.reduce(0) { $0 + Double($1 * exp($1)) }
                (entropies, hits) = (predictions.entropies.scalars, predictions.hits)
            }
            let entropy = entropies.reduce(0) { $0 + Double($1) }
            return PartFigures([sum, entropy, Double(hits.count { $0 }), Double(batch.targets.count)])
        }
        func total(_ place: Int) -> Double { found.reduce(0) { $0 + $1.numbers[place] } }
        let count = max(1, total(3))
        return [
            "loss": Float(total(0) / count), "entropy": Float(total(1) / count),
            "mean_token_accuracy": Float(total(2) / count),
        ]
    }

    private var randomness: StepRandomness {
        StepRandomness(seed: seed, step: training.stepsAttempted + 1, embeddingNoise: embeddingNoise)
    }
}

/// Noise and dropout of a step; it holds no model, so that none is copied when one moves.
private struct StepRandomness {
    let seed: UInt64
    let step: Int
    let embeddingNoise: Float

    /// The transformer to differentiate through, with its own noise and dropout for each part of a batch.
    func transformer(of parameters: some TransformerParameters, part: Int) -> Transformer {
        var random = RandomSource(key: seed, stream: UInt64(step) << 24 | UInt64(part))
        var model = parameters.transformer(droppingWith: random.split())
        if embeddingNoise > 0 {
            model.embeddingNoise = EmbeddingNoise(magnitude: embeddingNoise, random: random)
        }
        return model
    }
}

/// A loss of supervised fine-tuning, for a target of probability p.
public enum SupervisedLoss: Sendable, Hashable {
    /// −log p.
    case crossEntropy
    /// −p̄ log p with p̄ held constant: targets the model finds absurd count less
    /// ([Wu et al. 2025](https://arxiv.org/abs/2508.05629), Eq. 9).
    case dynamic
}

extension TokenBatch {
    /// Texts side by side, each a root of its own, with targets where they are trained.
    ///
    /// - Parameter texts: Tokens with their mask; the first token of a text is never predicted.
    public init(supervising texts: [SupervisedTokens]) {
        var targets: [TokenTarget] = []
        var sequenceOfTarget: [Int32] = []
        var begin = 0
        for (index, text) in texts.enumerated() {
            for place in text.ids.indices.dropFirst() where text.isTrained[place] {
                targets.append(TokenTarget(row: Int32(begin + place - 1), token: text.ids[place]))
                sequenceOfTarget.append(Int32(index))
            }
            begin += text.count
        }
        self.init(
            tokens: texts.flatMap(\.ids), forest: Forest(sequenceLengths: texts.map(\.count)),
            targets: targets,
            sequenceOfTarget: sequenceOfTarget, sequences: texts.count)
    }
}

extension TokenBatch {
    /// This batch with another mixed in, such as windows of raw text that keep a model from forgetting what it was
    /// pre-trained on.
    ///
    ///     L = (1 − share) · L(this) + share · L(other)
    ///
    /// for the mean losses of both by weight.
    ///
    /// - Parameters:
    ///   - other: The batch to mix in; without targets it changes nothing.
    ///   - share: Its share of the loss, in 0..<1.
    /// - SeeAlso: The pre-training mix of [Ouyang et al. 2022](https://arxiv.org/abs/2203.02155), section 3.5, there in
    ///   reinforcement learning.
    public func mixing(_ other: TokenBatch, share: Float) -> TokenBatch {
        guard 0..<1 ~= share else { misuse("a share of \(share); it lies in 0..<1") }
        guard share > 0, other.totalWeight > 0, totalWeight > 0 else { return self }
        let worth = share / (1 - share) * totalWeight / other.totalWeight
        let (rows, segments) = (Int32(tokens.count), forest.segments.count)
        return TokenBatch(
            tokens: tokens + other.tokens,
            forest: Forest(
                forest.segments
                    + other.forest.segments.map {
                        .init(length: $0.length, parent: $0.parent.map { $0 + segments })
                    }),
            targets: targets
                + other.targets.map {
                    TokenTarget(row: $0.row + rows, token: $0.token, weight: $0.weight * worth)
                },
            sequenceOfTarget: sequenceOfTarget + other.sequenceOfTarget.map { $0 + Int32(sequences) },
            sequences: sequences + other.sequences)
    }
}
