import Files
public import Foundation
import JSON
public import NeuralCore

/// A value that keeps in a checkpoint all that its next step depends on, so that a run that was stopped goes on with the
/// bits of one that was not. Settings are not among it: whoever reads a checkpoint makes the value anew first.
public protocol Resumable {
    /// Writes files into a folder that exists.
    func writeCheckpoint(to folder: URL) throws(FileError)

    /// Takes over what ``writeCheckpoint(to:)`` wrote. When something is wrong with it, all is as before.
    mutating func readCheckpoint(from folder: URL) throws(CheckpointError)
}

extension Training {
    private static func file(in folder: URL) -> URL { folder.appending(component: "training.safetensors") }

    /// Writes `training.safetensors` into a folder.
    package func writeCheckpoint(toFolder folder: URL) throws(FileError) {
        try writeCheckpoint(to: Self.file(in: folder))
    }

    /// Does what this process has to do of `training.safetensors` where another writes it.
    package func writeShare(toFolder folder: URL) throws(FileError) -> [URL] {
        try writeShare(of: Self.file(in: folder))
    }

    /// Reads `training.safetensors` of a folder.
    package mutating func readCheckpoint(fromFolder folder: URL) throws(CheckpointError) {
        try readCheckpoint(from: Self.file(in: folder))
    }
}

extension ExponentialMovingAverage: Resumable {
    private static func file(in folder: URL) -> URL { folder.appending(component: "average.safetensors") }
    private static var countKey: String { "models_averaged" }

    /// Writes `average.safetensors`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        var writer = SafetensorsWriter(metadata: [Self.countKey: String(count)])
        writer.add(parametersOf: model)
        try writer.write(to: Self.file(in: folder))
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let checkpoint = try Checkpoint(Self.file(in: folder))
        guard let count = checkpoint.metadata[Self.countKey].flatMap({ Int($0) }), count >= 0 else {
            throw .malformed(
                file: checkpoint.path, key: nil, found: "no count of models",
                expected: "an average of models")
        }
        try checkpoint.loadParameters(into: &model)
        self.count = count
    }
}

/// The file of a checkpoint for everything but models and optimizers: counts, means, a place in the data.
package struct ProgressFile {
    private let url: URL

    /// The file of a checkpoint.
    package init(in folder: URL, named name: String = "progress.json") {
        url = folder.appending(component: name)
    }

    /// Writes it.
    package func write(_ progress: some Encodable) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(progress) else {
            throw .unwritable(file: url.path(percentEncoded: false), reason: "a number of it is not finite")
        }
        try writeAtomically(data, to: url)
    }

    /// Reads it. A key that is not known is refused: the state of a later build is not that of this one.
    ///
    /// - Parameters:
    ///   - expected: The contents, for the error's message.
    ///   - isCredible: False for numbers that no run comes to: a file may say anything.
    /// - Throws: `CheckpointError`, which tells a file that is not there from one that cannot be read.
    package func read<Progress: Decodable>(
        _: Progress.Type = Progress.self, expecting expected: String, where isCredible: (Progress) -> Bool
    ) throws(CheckpointError) -> Progress {
        let path = url.path(percentEncoded: false)
        let bytes: [UInt8]
        do throws(FileError) { bytes = try contents(of: url) } catch { throw .file(error) }
        let progress: Progress
        do {
            progress = try JSONValue(parsing: bytes).decodedWhole()
        } catch {
            throw .malformed(file: path, key: nil, found: "\(error)", expected: expected)
        }
        guard isCredible(progress) else {
            throw .malformed(
                file: path, key: nil, found: "numbers that no run comes to", expected: expected)
        }
        return progress
    }
}
