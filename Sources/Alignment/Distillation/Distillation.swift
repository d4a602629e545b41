public import LanguageModel
public import NeuralCore

/// Trains a student to predict as a teacher does, on texts that are given and on replies of its own: generalized knowledge
/// distillation.
///
///     var distillation = Distillation(student, teacher: teacher, rollouts: RolloutSettings(stopTokens: [end]))
///     for batch in examples.batches(of: 16, using: random.split()) { distillation.step(on: batch) }
///
/// In a share of the steps, ``lambda``, the student replies to the prompts of the batch, and learns from the teacher's
/// distributions along its own replies; in the others along those that are given. The loss is the mean over trained tokens
/// of the divergence between the two distributions over the whole vocabulary, nats.
///
/// - SeeAlso: GKD, [Agarwal et al. 2023](https://arxiv.org/abs/2306.13649), Algorithm 1. Departures: whether a step is
///   on-policy is drawn for the whole step, and the temperature divides the logits in the loss as well as in sampling, both
///   as in TRL.
public struct Distillation<Student: TransformerParameters>: ExampleMethod {
    /// Texts with what is learned of them.
    public typealias Batch = [SupervisedTokens]
    /// A text with what is learned of it.
    public typealias Example = SupervisedTokens

    /// Student, optimizer, schedule and step count.
    public var training: Training<Student>
    /// The model that is learned from; it does not move.
    public let teacher: Transformer
    /// The divergence, in 0...1: KL(teacher ‖ student) at 0, Jensen–Shannon at 0.5, KL(student ‖ teacher) at 1.
    public var beta: Float
    /// The share of the steps in which the student's own replies are learned from, in 0...1.
    public var lambda: Float
    /// Settings of the sampling; the temperature is that of the loss too.
    public var rollouts: RolloutSettings
    /// About how many tokens go through the models at once; memory grows with it, the result does not change.
    public var rowsAtOnce = 8192
    /// Decides with the number of the step which steps are on-policy, and what is sampled in them.
    public var seed: UInt64 = 0

    /// The student as trained so far.
    public var model: Student { training.model }

    /// A student about to be trained.
    ///
    /// - Parameters:
    ///   - student: The model or adapter to train.
    ///   - teacher: The model to learn from, of the same tokens.
    ///   - rollouts: Settings of the sampling.
    ///   - beta: The divergence, in 0...1.
    ///   - lambda: The share of on-policy steps, in 0...1.
    ///   - optimizer: Moves the student.
    ///   - schedule: The learning rate by step.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    /// - Precondition: Teacher and student have as many tokens.
    public init(
        _ student: Student, teacher: Transformer, rollouts: RolloutSettings, beta: Float = 0.5,
        lambda: Float = 0.5, optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(2e-5), maxGradientNorm: Float? = 1
    ) {
        let sizes = [teacher, student.transformer].map(\.configuration.vocabularySize)
        guard 0...1 ~= beta, 0...1 ~= lambda, sizes[0] == sizes[1] else {
            misuse(
                "distillation with beta \(beta) and lambda \(lambda), both in 0...1, from a teacher of "
                    + "\(sizes[0]) tokens to a student of \(sizes[1]), which are equal")
        }
        training = Training(
            student, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.teacher = teacher
        self.rollouts = rollouts
        self.beta = beta
        self.lambda = lambda
    }

    /// Takes one step, on the texts or on replies of the student to their prompts.
    ///
    /// - Returns: A report with TRL's metrics: `entropy`, the mean over trained tokens of the entropy of the student's
    ///   distribution, nats, `mean_token_accuracy`, and `completions/…` of an on-policy step.
    @discardableResult
    public mutating func step(on texts: [SupervisedTokens]) -> StepReport {
        step(on: texts) { () throws(Never) in }
    }

    /// Takes one step, on the texts or on replies of the student to their prompts.
    ///
    /// - Parameters:
    ///   - texts: Texts with the replies that are trained.
    ///   - token: Called before each token of all replies; what it throws ends the step, and nothing has moved.
    @discardableResult
    public mutating func step<E: Error>(
        on texts: [SupervisedTokens], beforeEachToken token: () throws(E) -> Void
    ) throws(E) -> StepReport {
        var random = RandomSource(seed: seed, step: training.stepsAttempted)
        guard random.uniform() < lambda else {
            return learn(from: Self.parts(of: texts, rowsAtOnce, atLeast: training.sharing.parts))
        }
        let (prompts, model) = (texts.map { $0.lastPrompt }, model.transformer)
        let experience = try training.sharing.experience(of: prompts, using: random) {
            prompts, random throws(E) in
            try rollouts.rollout(of: prompts, by: model, using: random, beforeEachToken: token)
                .scored(by: [])
        }
        return step(on: experience.rollout)
    }

    /// Takes one step on replies from anywhere.
    @discardableResult
    public mutating func step(on rollout: Rollout) -> StepReport {
        let parts = rollout.parts(rowsAtOnce: rowsAtOnce, atLeast: training.sharing.parts)
        return learn(from: parts.map(\.batch.tokens))
            .adding(rollout.lengthMetrics)
    }

    /// The mean of the divergence over all trained tokens of texts, nats, and the metrics of a step over the same tokens.
    /// Processes that share out the steps share out the texts.
    public func validation(on texts: [SupervisedTokens]) -> [String: Float] {
        let model = model.transformer
        let parts = Self.parts(of: texts, rowsAtOnce)
        let found = training.sharing.shared(parts.count) { number in
            let divergence = model.divergence(
                from: teacher, on: parts[number], beta: beta, temperature: rollouts.temperature)
            var figures = Figures()
            figures.add(divergence)
            return PartFigures(figures.numbers + [divergence.divergences.reduce(0) { $0 + Double($1) }])
        }
        var (figures, sum) = (Figures(), 0.0)
        for part in found {
            figures.add(part.numbers.prefix(Figures.numberCount))
            sum += part.numbers[Figures.numberCount]
        }
        return figures.metrics.merging(["loss": Float(sum / Double(max(1, figures.tokens)))]) { $1 }
    }

    private mutating func learn(from parts: [TokenBatch]) -> StepReport {
        let tokens = parts.reduce(0) { $0 + $1.tokens.count }
        let total = parts.reduce(0) { $0 + $1.totalWeight }
        guard total > 0 else { return training.nothingLearned(tokens: tokens) }
        let (teacher, beta, temperature) = (teacher, beta, rollouts.temperature)
        let step = training.step(tokens: tokens, parts: parts.count) { parameters, part, found in
            let share = Float(parts[part].tokens.count) / Float(tokens)
            var (figures, routers) = (Figures(), RouterFigures())
            let loss = routers.adding(to: parameters.transformer, share: share) { model in
                let divergence = model.divergence(
                    from: teacher, on: parts[part], beta: beta, temperature: temperature)
                figures.add(divergence)
                return divergence.total / total
            }
            found.numbers = routers.numbers + figures.numbers
            return loss
        }
        var (report, figures, routers) = (step.report, Figures(), RouterFigures())
        for part in step.figures {
            routers.add(part.numbers.prefix(RouterFigures.numberCount))
            figures.add(part.numbers.suffix(Figures.numberCount))
        }
        report.metrics = routers.metrics
        return report.adding(figures.metrics)
    }

    /// Texts laid out in parts of about `rows` tokens, at least one text each; in `least` parts or a multiple where that is
    /// more than one.
    private static func parts(of texts: [SupervisedTokens], _ rows: Int, atLeast least: Int = 1)
        -> [TokenBatch]
    {
        if least > 1 {
            let count = partCount(
                ofRows: texts.reduce(0) { $0 + $1.count }, rowsAtOnce: rows, atLeast: least)
            return texts.evenParts(count) { $0.count }.map { TokenBatch(supervising: Array(texts[$0])) }
        }
        var parts: [[SupervisedTokens]] = []
        var count = Int.max
        for text in texts {
            if count > rows - min(rows, text.count) {
                parts.append([])
                count = 0
            }
            parts[parts.count - 1].append(text)
            count += text.count
        }
        return parts.map { TokenBatch(supervising: $0) }
    }

    /// Sums over the trained tokens of a step.
    private struct Figures {
        private(set) var tokens = 0
        private var (entropy, hits) = (0.0, 0)

        mutating func add(_ divergence: LanguageHeadDivergence) {
            tokens += divergence.entropies.count
            entropy += divergence.entropies.reduce(0) { $0 + Double($1) }
            hits += divergence.hits.count { $0 }
        }

        /// The sums, to go from one process to another.
        var numbers: [Double] { [Double(tokens), entropy, Double(hits)] }
        static var numberCount: Int { 3 }

        /// Adds those of another part, by its ``numbers``.
        mutating func add(_ numbers: some Collection<Double>) {
            let numbers = Array(numbers)
            tokens += Int(numbers[0])
            entropy += numbers[1]
            hits += Int(numbers[2])
        }

        var metrics: [String: Float] {
            let count = Double(max(1, tokens))
            return ["entropy": Float(entropy / count), "mean_token_accuracy": Float(Double(hits) / count)]
        }
    }
}

extension SupervisedTokens {
    /// The tokens before the last run of trained ones: what the last answer answers; empty for a text that is learned whole.
    public var lastPrompt: [Int32] {
        guard let last = isTrained.lastIndex(of: true),
            let before = isTrained[..<last].lastIndex(of: false)
        else { return [] }
        return Array(ids[...before])
    }
}
