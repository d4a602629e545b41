public import Foundation
public import LanguageModel
public import NeuralCore

/// A loss over judged completions, with its settings: all in which one preference method differs from another.
///
/// It holds no model, so that none is copied when the policy moves.
public protocol PreferenceObjective: Resumable, Sendable {
    /// The examples that it learns from.
    associatedtype Example: PreferenceExample

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
}

extension PreferenceObjective {
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
    public func writeCheckpoint(to folder: URL) throws(FileError) {}
    /// Nothing.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {}
}
