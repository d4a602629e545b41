public import Foundation
import JSON
public import NeuralCore

/// What a checkpoint of a ``Training`` says beside its arrays.
private struct TrainingProgress: Codable {
    var stepsTaken: Int
    var stepsAttempted: Int
    var optimizerSteps: Int
    var outlierGuard: OutlierGuard?
}

extension Training {
    /// Where the file keeps a parameter, and how the arrays of the optimizer begin.
    private static var parameterPrefix: String { "parameter." }
    private static var optimizerPrefix: String { "optimizer." }
    private static var progressKey: String { "training" }

    /// Writes all that the next step depends on: parameters, the optimizer's state and the counts of steps.
    ///
    /// Numbers are written as they are, so that a run that goes on from the file has the bits of one that was never
    /// interrupted. Optimizer, schedule and other settings are not in the file: whoever reads it makes them anew.
    public func writeCheckpoint(to url: URL) throws(FileError) {
        let state = optimizer.state
        let progress = TrainingProgress(
            stepsTaken: stepsTaken, stepsAttempted: stepsAttempted, optimizerSteps: state.steps,
            outlierGuard: outlierGuard)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let text = try? encoder.encode(progress) else {
            throw .unwritable(
                file: url.path(percentEncoded: false), reason: "the outlier guard is not finite")
        }
        var writer = SafetensorsWriter(metadata: [Self.progressKey: String(decoding: text, as: UTF8.self)])
        writer.add(
            parametersOf: model,
            layout: ParameterLayout { .init(key: Self.parameterPrefix + $0) })
        for (key, tensor) in state.tensors.sorted(by: { $0.key < $1.key }) {
            writer.add(tensor, named: Self.optimizerPrefix + key)
        }
        try writer.write(to: url)
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote.
    ///
    /// - Throws: `CheckpointError` when the file is damaged or belongs to another model; all is then as before.
    public mutating func readCheckpoint(from url: URL) throws(CheckpointError) {
        let checkpoint = try Checkpoint(url)
        guard let text = checkpoint.metadata[Self.progressKey],
            let progress = try? JSONValue(parsing: text).decoded(as: TrainingProgress.self)
        else {
            throw .malformed(
                file: checkpoint.path, key: nil, found: "no counts of steps",
                expected: "a checkpoint of a training")
        }
        var state = OptimizerState(steps: progress.optimizerSteps)
        for key in checkpoint.keys where key.hasPrefix(Self.optimizerPrefix) {
            state.tensors[String(key.dropFirst(Self.optimizerPrefix.count))] = try checkpoint.tensor(key)
        }
        try checkpoint.loadParameters(
            into: &model,
            layout: ParameterLayout(
                ignoring: { $0.hasPrefix(Self.optimizerPrefix) },
                { .init(key: Self.parameterPrefix + $0) }))
        optimizer.state = state
        stepsTaken = progress.stepsTaken
        stepsAttempted = progress.stepsAttempted
        outlierGuard = progress.outlierGuard
    }
}
