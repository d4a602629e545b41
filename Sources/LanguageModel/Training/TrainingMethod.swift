public import Foundation
public import NeuralCore

/// A method of training: model, optimizer and schedule, a step on what it learns from, and a checkpoint of all that the
/// next step depends on.
///
///     func train(_ method: inout some TrainingMethod, on batches: …) {
///         for batch in batches { print(method.step(on: batch).loss) }
///     }
///
/// A run is then one function for every method. It goes on after an interruption where method and batches were kept, both
/// of them ``Resumable``.
public protocol TrainingMethod: Resumable, Sendable {
    /// The parameters that move.
    associatedtype Parameters: Module
    /// The data of one step.
    associatedtype Batch

    /// Model, optimizer, schedule and step count.
    var training: Training<Parameters> { get set }
    /// Steps attempted so far, those that were refused among them.
    var stepsDone: Int { get }

    /// Takes one step.
    @discardableResult
    mutating func step(on batch: Batch) -> StepReport

    /// Does what another process than the first has to do of a checkpoint, while the first calls ``Resumable/writeCheckpoint(to:)``: where the
    /// states of optimizers are dealt out (``/NeuralCore/WorkSharing/dealsOutStates``), they go to the first or, where they are large,
    /// to a file of their own.
    ///
    /// - Returns: The files that it wrote.
    func writeShare(to folder: URL) throws(FileError) -> [URL]
}

extension TrainingMethod {
    /// The attempts of ``training``.
    public var stepsDone: Int { training.stepsAttempted }

    /// Does it for ``training``.
    public func writeShare(to folder: URL) throws(FileError) -> [URL] {
        try training.writeShare(toFolder: folder)
    }

    /// Writes `training.safetensors`, with the files of ``Training/writeCheckpoint(to:)``.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try training.writeCheckpoint(toFolder: folder)
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        try training.readCheckpoint(fromFolder: folder)
    }
}

extension RandomSource {
    /// The source of all that is drawn in one step of a run.
    ///
    /// It depends on nothing that came before, so a run that goes on from a checkpoint draws what it would
    /// have drawn.
    public init(seed: UInt64, step: Int) {
        var stream = RandomSource(key: seed, stream: UInt64(bitPattern: Int64(step)) &+ 1)
        self = stream.split()
    }
}
