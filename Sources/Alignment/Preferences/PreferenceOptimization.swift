public import Foundation
public import LanguageModel
public import NeuralCore

/// Trains a policy on judged completions, without a reward model. DPO, KTO, BCO and the methods without a reference are
/// this method with an objective each.
///
///     var dpo = DirectPreferenceOptimization(policy: model, beta: 0.1)
///     for batch in batches { dpo.step(on: batch) }
///
/// The reference costs nothing until the policy moves, because a model is a value. Its log-probabilities are computed
/// once for each example and remembered. The settings of the objective are read and set as the method's own
/// (`dpo.beta`).
@dynamicMemberLookup
public struct PreferenceOptimization<Policy: TransformerParameters, Objective: PreferenceObjective>:
    ExampleMethod
{
    /// Policy, optimizer, schedule and step count.
    public var training: Training<Policy>
    /// The loss and its settings.
    public var objective: Objective
    /// The model that the policy is held to; nil where the objective needs none.
    public var reference: Transformer? {
        didSet { memory = ReferenceMemory(limit: memory.limit) }
    }
    /// Moves the reference toward the policy; nil leaves it alone.
    public var referenceUpdate: ReferenceUpdate?
    /// Log-probabilities of examples under the reference.
    package private(set) var memory: ReferenceMemory

    /// The policy as trained so far.
    public var policy: Policy { training.model }

    /// Most tokens whose log-probabilities under the reference are remembered, 4 bytes each; 0 for none.
    ///
    /// Examples beyond that are read by the reference at every step, as are all while ``referenceUpdate`` moves it.
    public var rememberedTokens: Int {
        get { memory.limit }
        set { memory = ReferenceMemory(limit: newValue) }
    }

    /// A policy about to be trained.
    ///
    /// - Parameters:
    ///   - policy: The model or adapter to train.
    ///   - reference: The model to hold it to; nil for the policy as it is now, where the objective needs one.
    ///   - objective: The loss and its settings.
    ///   - optimizer: Moves the policy.
    ///   - schedule: The learning rate by step.
    ///   - maxGradientNorm: The gradient is scaled down to this norm.
    public init(
        policy: Policy, reference: Transformer? = nil, objective: Objective,
        optimizer: any Optimizer = AdamW(),
        schedule: LearningRateSchedule = .constant(Objective.usualLearningRate),
        maxGradientNorm: Float? = 1
    ) {
        training = Training(
            policy, optimizer: optimizer, schedule: schedule, maxGradientNorm: maxGradientNorm)
        self.reference = Objective.usesReference ? reference ?? policy.transformer : nil
        self.objective = objective
        memory = ReferenceMemory(limit: Objective.remembersReference ? ReferenceMemory.usualLimit : 0)
    }

    /// A setting of the objective.
    public subscript<Value>(dynamicMember setting: WritableKeyPath<Objective, Value>) -> Value {
        get { objective[keyPath: setting] }
        set { objective[keyPath: setting] = newValue }
    }

    /// A figure of the objective.
    public subscript<Value>(dynamicMember figure: KeyPath<Objective, Value>) -> Value {
        objective[keyPath: figure]
    }

    /// Takes one step.
    ///
    /// - Precondition: There are as many examples as the objective compares: KTO needs 2.
    /// - Returns: A report with TRL's metrics: `rewards/…`, `logps/…`, those that the objective adds, and `aux_loss` where
    ///   routers have one.
    @discardableResult
    public mutating func step(on examples: [Objective.Example]) -> StepReport {
        let batches = batches(of: examples)
        if remembers { for batch in batches { memory.keep(batch) } }
        let objective = objective
        let tokens = batches.reduce(0) { $0 + $1.completions.tokens.tokens.count }
        let step = training.step(tokens: tokens, parts: batches.count) { model, part, figures in
            var (objective, routers) = (objective, RouterFigures())
            let share =
                batches.count == 1 ? 1 : Float(batches[part].examples.count) / Float(examples.count)
            let loss = routers.adding(to: model.transformer, share: share) {
                let loss = objective.loss(of: $0, on: batches[part], metrics: &figures.named)
                return share == 1 ? loss : loss * share
            }
            figures.numbers = routers.numbers + objective.observed
            return loss
        }
        var (report, routers, means) = (step.report, RouterFigures(), MeansOverParts())
        for (batch, figures) in zip(batches, step.figures) {
            routers.add(figures.numbers.prefix(RouterFigures.numberCount))
            means.add(figures.named, of: PartSize(batch.examples, learnsPrompts: objective.learnsPrompts))
            if report.refusal == nil {
                self.objective.observe(Array(figures.numbers.dropFirst(RouterFigures.numberCount)))
            }
        }
        report.metrics = batches.count == 1 ? step.figures[0].named : means.means
        report.metrics.merge(routers.metrics) { own, _ in own }
        moveReference()
        return report
    }

    /// Loss and metrics of examples under the policy as it is, from which nothing is learned.
    ///
    /// - Precondition: That of a step.
    /// - Returns: `loss` and the metrics of a step.
    public func metrics(on examples: [Objective.Example]) -> [String: Float] {
        let batch = batch(of: examples)
        var (objective, metrics) = (objective, [String: Float]())
        let loss = objective.loss(of: policy.transformer, on: batch, metrics: &metrics)
        metrics["loss"] = loss.item()
        return metrics
    }

    /// The parts of a step laid out, with what the reference says of them; it reads each part on one process.
    private func batches(of examples: [Objective.Example]) -> [PreferenceBatch<Objective.Example>] {
        let sharing = training.sharing
        let parts = examples.evenParts(sharing.parts, ofAtLeast: objective.fewestExamples) { $0.tokenCount }
            .map { Array(examples[$0]) }
        guard sharing.isShared else { return parts.map(batch) }
        let found = sharing.shared(parts.count) { part in
            let batch = batch(of: parts[part])
            return PartFigures((batch.reference?.scalars ?? []) + [batch.anchor])
        }
        return zip(parts, found).map { part, found in
            var batch = PreferenceBatch(part, promptTargets: objective.learnsPrompts)
            let values = found.floats
            if reference != nil { batch.reference = Tensor(Array(values.dropLast())) }
            batch.anchor = values[values.count - 1]
            return batch
        }
    }

    /// Examples laid out, with what the reference says of them.
    private func batch(of examples: [Objective.Example]) -> PreferenceBatch<Objective.Example> {
        guard examples.count >= objective.fewestExamples else {
            misuse("a step on \(examples.count) examples; it compares \(objective.fewestExamples) or more")
        }
        var batch = PreferenceBatch(examples, promptTargets: objective.learnsPrompts)
        guard let reference else { return batch }
        batch.reference =
            (remembers ? memory.recall(batch) : nil) ?? batch.completions.logProbabilities(under: reference)
        batch.anchor = objective.anchor(of: examples, policy: policy.transformer, reference: reference)
        return batch
    }

    private var remembers: Bool { reference != nil && referenceUpdate == nil && rememberedTokens > 0 }

    private mutating func moveReference() {
        guard var moved = reference?.merged, let update = referenceUpdate,
            training.stepsTaken % update.interval == 0
        else { return }
        let targets = policy.transformer.merged.parameters
        var position = 0
        moved.forEachParameter { _, parameter in
            parameter = targets[position].value * update.mixture + parameter * (1 - update.mixture)
            position += 1
        }
        reference = moved
    }
}

extension PreferenceOptimization {
    private static func referenceFile(in folder: URL) -> URL {
        folder.appending(component: "reference.safetensors")
    }

    /// Writes `training.safetensors`, `reference.safetensors` where the reference moves, `remembered.safetensors` where
    /// its log-probabilities are remembered, and what the objective keeps.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try training.writeCheckpoint(toFolder: folder)
        try objective.writeCheckpoint(to: folder)
        if remembers { try memory.writeCheckpoint(to: folder) }
        guard let reference, referenceUpdate != nil else { return }
        var writer = SafetensorsWriter()
        writer.add(parametersOf: reference.merged)
        try writer.write(to: Self.referenceFile(in: folder))
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote. When something is wrong with it, all is as before.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        var (objective, memory, reference) = (objective, memory, reference?.merged)
        try objective.readCheckpoint(from: folder)
        if remembers { try memory.readCheckpoint(from: folder) }
        if referenceUpdate != nil, var moved = reference {
            try Checkpoint(Self.referenceFile(in: folder)).loadParameters(into: &moved)
            reference = moved
        }
        try training.readCheckpoint(fromFolder: folder)
        self.objective = objective
        if referenceUpdate != nil { self.reference = reference }
        self.memory = memory
    }
}

/// A reference that follows the policy: reference ← mixture · policy + (1 − mixture) · reference.
///
/// - SeeAlso: TR-DPO, [Gorbatovski et al. 2024](https://arxiv.org/abs/2404.09656), Eq. 5 and 6.
public struct ReferenceUpdate: Sendable, Hashable {
    /// The share of the policy, above 0; 1 replaces the reference.
    public var mixture: Float
    /// Steps between updates.
    public var interval: Int

    /// An update every `interval` steps.
    public init(mixture: Float = 0.6, interval: Int = 512) {
        self.mixture = mixture
        self.interval = interval
    }
}

/// A loss over judged completions, with its settings: all in which one preference method differs from another.
///
/// It holds no model, so that none is copied when the policy moves. A step may be computed in several parts, each by a copy of
/// the objective: what compares examples with each other compares those of a part.
public protocol PreferenceObjective: Resumable, Sendable {
    /// The examples that it learns from.
    associatedtype Example: PreferenceExample

    /// The learning rate, unless its user chooses another.
    static var usualLearningRate: Float { get }
    /// True where the policy is compared with a reference.
    static var usesReference: Bool { get }
    /// False where the reference has to run at every step, whatever is remembered of it.
    static var remembersReference: Bool { get }
    /// True where the loss is also about the tokens of the prompts.
    var learnsPrompts: Bool { get }
    /// The fewest examples that a step compares.
    var fewestExamples: Int { get }

    /// Measures what is constant in a step; see ``PreferenceBatch/anchor``.
    func anchor(of examples: [Example], policy: Transformer, reference: Transformer) -> Float

    /// The loss of a model on a batch, a scalar; the figures of the step go to `metrics`, under TRL's names. Differentiable.
    mutating func loss(
        of model: Transformer, on batch: PreferenceBatch<Example>, metrics: inout [String: Float]
    ) -> Tensor

    /// What the computation of the last loss saw that later steps depend on.
    var observed: [Double] { get }

    /// Takes in what a part of a step saw, part by part in order, when the step was taken.
    mutating func observe(_ numbers: [Double])
}

extension PreferenceObjective {
    /// 1e-6.
    public static var usualLearningRate: Float { 1e-6 }
    /// True: most compare with a reference.
    public static var usesReference: Bool { true }
    /// True: most need the reference once for each example.
    public static var remembersReference: Bool { true }
    /// False: most are about completions alone.
    public var learnsPrompts: Bool { false }
    /// One.
    public var fewestExamples: Int { 1 }
    /// Zero: most measure nothing.
    public func anchor(of examples: [Example], policy: Transformer, reference: Transformer) -> Float { 0 }
    /// Nothing: most depend on no step before.
    public var observed: [Double] { [] }
    /// Nothing.
    public mutating func observe(_ numbers: [Double]) {}
    /// Nothing: most depend on no step before.
    public func writeCheckpoint(to folder: URL) throws(FileError) {}
    /// Nothing.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {}
}
