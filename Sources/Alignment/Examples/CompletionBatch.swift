public import LanguageModel
public import NeuralCore

/// Prompts with any number of completions each, laid out so that every prompt is computed once.
///
/// A prompt is a root of the forest and its completions are its children: they see the prompt and not each other. The
/// last row of the prompt predicts the first token of every completion, so only completions have targets, and the
/// last token of a completion, from which nothing is predicted, needs no row.
public struct CompletionBatch: Sendable {
    /// A prompt and what may follow it, as token ids.
    public struct Group: Sendable, Hashable {
        /// At least one token.
        public var prompt: [Int32]
        /// Each with at least one token, the end of the turn included.
        public var completions: [[Int32]]
        /// For each completion the tokens that are targets, where not all are: an empty list, or one flag a token, the first
        /// and the last true. Empty where all tokens of all completions are.
        public var targets: [[Bool]]

        /// A prompt with its completions.
        public init(prompt: [Int32], completions: [[Int32]], targets: [[Bool]] = []) {
            self.prompt = prompt
            self.completions = completions
            self.targets = targets
        }
    }

    /// Tokens, forest and targets; sequence number i is completion number i, counted through all groups.
    public let tokens: TokenBatch
    /// Targets in each completion, `[completions]`; all of its tokens, unless its group says otherwise.
    public let lengths: [Int]
    /// True for targets that are tokens of completions, not of prompts, `[targets]`.
    let isCompletionTarget: [Bool]

    /// Lays out groups one after another.
    ///
    /// - Parameters:
    ///   - groups: What to lay out.
    ///   - keepsLastRow: True if the last token of each completion gets a row too, for a model that reads there.
    ///   - promptTargets: True if the tokens of a prompt are targets as well, in the sequence of its first completion.
    /// - Precondition: No prompt and no completion is empty, and the targets are flags of the completions.
    public init(_ groups: [Group], keepsLastRow: Bool = false, promptTargets: Bool = false) {
        var ids: [Int32] = []
        var segments: [Forest.Segment] = []
        var targets: [TokenTarget] = []
        var sequences: [Int32] = []
        var lengths: [Int] = []
        var isCompletionTarget: [Bool] = []
        for group in groups {
            guard !group.prompt.isEmpty, group.completions.allSatisfy({ !$0.isEmpty }), group.hasTargets
            else {
                misuse(
                    "a group has a prompt of \(group.prompt.count) tokens and completions of \(group.completions.map(\.count)), with targets of \(group.targets.map(\.count))"
                )
            }
            let (root, promptEnd) = (segments.count, ids.count + group.prompt.count)
            segments.append(.init(length: group.prompt.count))
            if promptTargets {
                for (offset, token) in group.prompt.dropFirst().enumerated() {
                    targets.append(TokenTarget(row: Int32(ids.count + offset), token: token))
                    sequences.append(Int32(lengths.count))
                    isCompletionTarget.append(false)
                }
            }
            ids += group.prompt
            for (number, completion) in group.completions.enumerated() {
                let isTarget = group.targets.isEmpty ? [] : group.targets[number]
                let kept = keepsLastRow ? completion : completion.dropLast()
                for (place, token) in completion.enumerated() where isTarget.isEmpty || isTarget[place] {
                    let row = place == 0 ? promptEnd - 1 : ids.count + place - 1
                    targets.append(TokenTarget(row: Int32(row), token: token))
                    sequences.append(Int32(lengths.count))
                    isCompletionTarget.append(true)
                }
                segments.append(.init(length: kept.count, parent: root))
                ids += kept
                lengths.append(isTarget.isEmpty ? completion.count : isTarget.count(where: \.self))
            }
        }
        tokens = TokenBatch(
            tokens: ids, forest: Forest(segments), targets: targets, sequenceOfTarget: sequences,
            sequences: lengths.count)
        self.lengths = lengths
        self.isCompletionTarget = isCompletionTarget
    }

    /// The number of completions.
    public var count: Int { lengths.count }

    /// The lengths as numbers to divide by, `[completions]`.
    var lengthTensor: Tensor { Tensor(lengths.map(Float.init)) }

    /// Sums of values by target over each completion, `[completions]`. Differentiable.
    func sums(of values: Tensor) -> Tensor { values.summed(into: count, at: tokens.sequenceOfTarget) }
}

extension CompletionBatch.Group {
    /// True if the flags of targets are those of the completions.
    fileprivate var hasTargets: Bool {
        targets.isEmpty
            || targets.count == completions.count
                && zip(targets, completions).allSatisfy {
                    $0.isEmpty || $0.count == $1.count && $0.first == true && $0.last == true
                }
    }
}

/// A model's log-probabilities and logits on the completions of a batch.
struct CompletionScores {
    /// Of each target, `[targets]`; differentiable.
    let predictions: TokenPredictions
    /// The mean over the vocabulary of the logits each target was predicted from, `[targets]`; a constant.
    let meanLogits: Tensor
    /// log Σ p² of each target's distribution, `[targets]`; a constant, nil unless asked for.
    let logCollisions: Tensor?

    /// Runs a model over a batch.
    ///
    /// - Parameter wantsCollisions: True if log Σ p² is needed; it takes the language head a second time.
    init(
        _ model: Transformer, on batch: CompletionBatch, temperature: Float = 1, wantsCollisions: Bool = false
    ) {
        let hidden = model(batch.tokens.tokens, over: batch.tokens.forest)
        let targets = batch.tokens.targets
        let head = model.head
        predictions = tokenPredictions(
            hidden, weight: head, targets: targets,
            options: model.headOptions(temperature: temperature))
        // The mean logit is the product with the mean row of the head; a cap is left out.
        let meanRow = head.detached.mean(along: 0).reshaped(to: [1, head.channels])
        let means = linear(hidden.detached, weight: meanRow).rows(at: targets.map(\.row))
        meanLogits = means.reshaped(to: [targets.count]) / model.configuration.logitDivisor
        // With p' ∝ p², log p' = 2 log p − log Σ p².
        logCollisions =
            wantsCollisions
            ? predictions.logProbabilities.detached * 2
                - tokenPredictions(
                    hidden.detached, weight: head.detached, targets: targets,
                    options: model.headOptions(temperature: temperature / 2)
                ).logProbabilities : nil
    }

    /// The logarithm of each target's probability, `[targets]`.
    var logProbabilities: Tensor { predictions.logProbabilities }
}

extension CompletionBatch {
    /// The log-probability of every target under a model, `[targets]`; a constant.
    ///
    /// Computed once for a frozen reference, and kept with the batch.
    public func logProbabilities(under model: Transformer) -> Tensor {
        model.predictions(on: tokens).logProbabilities.detached
    }
}
