public import Foundation
public import NeuralCore

/// Trains a transformer to predict the next token of raw text.
///
///     var pretraining = Pretraining(model, schedule: .warmupThenCosine(peak: 1e-3, warmup: 100, steps: 2_000))
///     for batch in windows.prefix(2_000) {
///         let report = pretraining.step(on: batch)
///     }
///
/// The loss is the mean cross-entropy over the batch's targets, nats per token, plus the z-loss if there is one, and the
/// losses of routers in a model with experts.
/// A value: copy it to branch, write its checkpoint and that of its windows to resume.
public struct Pretraining: TrainingMethod {
    /// Model, optimizer, schedule and step count.
    public var training: Training<Transformer>
    /// Holds the logarithm of the softmax's denominator near zero; 0 for none, 1e-4 where it is used.
    public var zLoss: Float
    /// The number of parts into which a batch is cut, to hold only one part's activations at a time, or to share them out
    /// among processes; the step is the same, to rounding.
    public var accumulation: Int {
        get { training.sharing.parts }
        set { training.sharing.parts = newValue }
    }

    /// The model as trained so far.
    public var model: Transformer { training.model }

    /// A model about to be trained.
    ///
    /// - Parameters:
    ///   - model: The model to train.
    ///   - optimizer: The optimizer; AdamW with weight decay 0.1 on matrices by default.
    ///   - schedule: The learning rate by step; nil for the recipe of the model's size.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    ///   - outlierGuard: Refuses batches whose gradient is far out of line.
    ///   - zLoss: Weight of the squared logarithm of the softmax's denominator.
    ///   - accumulation: Parts of a batch.
    public init(
        _ model: Transformer, optimizer: any Optimizer = AdamW(beta1: 0.9, beta2: 0.95, weightDecay: 0.1),
        schedule: LearningRateSchedule? = nil, maxGradientNorm: Float? = 1,
        outlierGuard: OutlierGuard? = OutlierGuard(), zLoss: Float = 0, accumulation: Int = 1
    ) {
        let recipe = TrainingRecipe(for: model.configuration)
        training = Training(
            model, optimizer: optimizer,
            schedule: schedule
                ?? .warmupThenCosine(
                    peak: recipe.learningRate, warmup: recipe.steps / 20 + 1, steps: recipe.steps, floor: 0.1),
            maxGradientNorm: maxGradientNorm, outlierGuard: outlierGuard)
        self.zLoss = zLoss
        self.accumulation = accumulation
    }

    /// Takes one step.
    ///
    /// - Returns: The outcome; the metric `mean_token_accuracy` is the share of targets that were likeliest, and `aux_loss` and
    ///   `router_z_loss` are the losses of routers that were added.
    @discardableResult
    public mutating func step(on batch: TokenBatch) -> StepReport {
        let parts = batch.split(into: accumulation)
        let total = batch.targets.reduce(0) { $0 + $1.weight }
        let zLoss = zLoss
        let step = training.step(tokens: batch.tokens.count, parts: parts.count) { model, part, figures in
            var routers = RouterFigures()
            let share = Float(parts[part].tokens.count) / Float(batch.tokens.count)
            let loss = routers.adding(to: model, share: share) { model in
                let head = model.crossEntropy(on: parts[part], zLoss: zLoss)
                figures.numbers = [Double(head.hits.count { $0 })]
                return head.total / total
            }
            figures.numbers += routers.numbers
            return loss
        }
        var (hits, routers) = (0.0, RouterFigures())
        var report = step.report
        for part in step.figures {
            hits += part.numbers[0]
            routers.add(part.numbers.dropFirst())
        }
        report.metrics = routers.metrics
        report.metrics["mean_token_accuracy"] = Float(hits) / Float(max(1, batch.targets.count))
        return report
    }
}

extension TokenWindows {
    /// Batches from documents that are encoded now and kept in memory.
    ///
    ///     for batch in TokenWindows(corpus, tokenizer, length: 256, perBatch: 16, using: random.split()).prefix(2_000) {
    ///         pretraining.step(on: batch)
    ///     }
    ///
    /// For more than memory holds there is ``CorpusTokens``.
    ///
    /// - Parameters:
    ///   - documents: The training data, such as a ``/TextCorpus/Corpus``; names of special tokens in a text are text.
    ///   - tokenizer: Encodes them.
    ///   - length: Tokens in each window, 2 or more.
    ///   - perBatch: Windows in each batch.
    ///   - fillInTheMiddle: Rearranges a share of the documents of code.
    ///   - random: Determines the order and the documents to rearrange.
    /// - Precondition: The tokenizer has a token that stands between texts; see ``BytePairTokenizer/endOfText``.
    public init(
        _ documents: some Sequence<Document>, _ tokenizer: BytePairTokenizer, length: Int, perBatch: Int,
        fillInTheMiddle: FillInTheMiddle? = nil, using random: RandomSource
    ) {
        guard let endOfText = tokenizer.endOfText else {
            misuse("a tokenizer without <|endoftext|>, <|end_of_text|> or </s> to stand between documents")
        }
        self.init(
            EncodedDocuments(documents, tokenizer), endOfText: endOfText, length: length, perBatch: perBatch,
            fillInTheMiddle: fillInTheMiddle, using: random)
    }
}

/// The tokens of documents, one after another in memory.
private struct EncodedDocuments: TokenDocuments {
    private var tokens: [Int32] = []
    private var ends: [Int] = []
    private var areCode: [Bool] = []

    init(_ documents: some Sequence<Document>, _ tokenizer: BytePairTokenizer) {
        var (texts, waiting) = ([String](), 0)
        for document in documents {
            texts.append(document.text)
            areCode.append(document.kind == .code)
            waiting += document.text.utf8.count
            // The bytes to encode at a time, on all threads.
            guard waiting >= 1 << 22 else { continue }
            append(tokenizer.encode(texts, specialTokens: .asText))
            (texts, waiting) = ([], 0)
        }
        append(tokenizer.encode(texts, specialTokens: .asText))
    }

    private mutating func append(_ encoded: [[Int32]]) {
        for document in encoded {
            tokens += document
            ends.append(tokens.count)
        }
    }

    var count: Int { ends.count }

    func tokens(at index: Int) -> [Int32] {
        Array(tokens[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }

    func isCode(at index: Int) -> Bool { areCode[index] }
}

extension TokenWindows: Resumable {
    /// Writes `position.json`, which says where the next batch begins.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try ProgressFile(in: folder, named: "position.json").write(position)
    }

    /// Goes on where ``writeCheckpoint(to:)`` was.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        position = try ProgressFile(in: folder, named: "position.json").read(
            expecting: "the place in the documents"
        ) { contains($0) }
    }
}
