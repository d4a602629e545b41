public import Foundation
import JSON
public import NeuralCore

/// The counts that a checkpoint of a ``Training`` keeps beside its arrays.
private struct TrainingProgress: Codable {
    var stepsTaken: Int
    var stepsAttempted: Int
    var optimizerSteps: Int
    var outlierGuard: OutlierGuard?
    /// The files of the optimizer's states; nil where they are in the file of the parameters.
    var shards: StateShards?
}

extension Training {
    /// The prefixes of the keys of parameters and of the optimizer's arrays, and the key of the counts.
    private static var parameterPrefix: String { "parameter." }
    private static var optimizerPrefix: String { "optimizer." }
    private static var progressKey: String { "training" }

    /// Writes all that the next step depends on: parameters, the optimizer's state and the counts of steps.
    ///
    /// Numbers are written as they are, so that a run that goes on from the file has the bits of one that was never
    /// interrupted. Optimizer, schedule and other settings are not in the file: whoever reads it makes them anew.
    ///
    /// Where the optimizer's states are dealt out among processes (``/NeuralCore/WorkSharing/dealsOutStates``), all processes call it.
    /// The first writes the file, the same as a process by itself. Where the states are large, each process writes its own
    /// beside it, as `training-states-00001-of-00004.safetensors`, and none holds those of others; the checkpoint is whole when all have
    /// returned. The folder must then be one that all of them see, and have no checkpoint yet.
    public func writeCheckpoint(to url: URL) throws(FileError) { _ = try writePart(of: url) }

    /// Does what this process does of ``writeCheckpoint(to:)`` where that is called on the first process alone unless states
    /// are dealt out.
    ///
    /// - Returns: The files that it wrote.
    package func writeShare(of url: URL) throws(FileError) -> [URL] {
        sharing.shares(of: model, for: optimizer) == nil ? [] : try writePart(of: url)
    }

    private func writePart(of url: URL) throws(FileError) -> [URL] {
        guard let shares = sharing.shares(of: model, for: optimizer) else {
            try write(optimizer.state, to: url)
            return [url]
        }
        let communicator = sharing.communicator
        let names = shares.names(of: communicator.rank)
        var own = optimizer.state
        // A checkpoint may have left some that this process does not update.
        own.tensors = own.tensors.filter { names.contains(OptimizerState.parameter(ofState: $0.key)) }
        guard sharing.areLarge(own) else {
            let all = sharing.gathered(own)
            guard communicator.rank == 0 else { return [] }
            try write(all, to: url)
            return [url]
        }
        let shards = StateShards(
            count: communicator.size, identity: communicator.numberOfFirst(.random(in: 0 ... .max)))
        let shard = shards.url(communicator.rank, beside: url)
        var writer = SafetensorsWriter(metadata: shards.metadata(communicator.rank))
        add(own, to: &writer)
        try writer.write(to: shard)
        guard communicator.rank == 0 else { return [shard] }
        try write(OptimizerState(steps: own.steps), shards, to: url)
        return [shard, url]
    }

    private func write(
        _ state: OptimizerState, _ shards: StateShards? = nil, to url: URL
    ) throws(FileError) {
        let progress = TrainingProgress(
            stepsTaken: stepsTaken, stepsAttempted: stepsAttempted, optimizerSteps: state.steps,
            outlierGuard: outlierGuard, shards: shards)
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
        add(state, to: &writer)
        try writer.write(to: url)
    }

    private func add(_ state: OptimizerState, to writer: inout SafetensorsWriter) {
        for (key, tensor) in state.tensors.sorted(by: { $0.key < $1.key }) {
            writer.add(tensor, named: Self.optimizerPrefix + key)
        }
    }

    /// The counts of a checkpoint. Keys that only a later build knows are refused: they may say where the states are.
    private static func progress(in checkpoint: Checkpoint) throws(CheckpointError) -> TrainingProgress {
        var found = "no counts of steps"
        if let text = checkpoint.metadata[progressKey] {
            do {
                return try JSONValue(parsing: text).decodedWhole()
            } catch {
                found = "\(error)"
            }
        }
        throw .malformed(
            file: checkpoint.path, key: nil, found: found, expected: "a checkpoint of a training")
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote, on any number of processes.
    ///
    /// Where the optimizer's states are dealt out, a process reads those of its own parameters alone.
    ///
    /// - Throws: `CheckpointError` when a file is missing, damaged or belongs to another model or checkpoint; all is then as before.
    public mutating func readCheckpoint(from url: URL) throws(CheckpointError) {
        let checkpoint = try Checkpoint(url)
        let progress = try Self.progress(in: checkpoint)
        let own = sharing.shares(of: model, for: optimizer)?.names(of: sharing.communicator.rank)
        var state = OptimizerState(steps: progress.optimizerSteps)
        for file in [checkpoint] + (try progress.shards?.open(beside: url) ?? []) {
            for key in file.keys where key.hasPrefix(Self.optimizerPrefix) {
                let name = String(key.dropFirst(Self.optimizerPrefix.count))
                if own?.contains(OptimizerState.parameter(ofState: name)) ?? true {
                    state.tensors[name] = try file.tensor(key)
                }
            }
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
