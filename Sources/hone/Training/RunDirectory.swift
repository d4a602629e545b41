import Foundation
import LanguageModel
import NeuralCore

/// The folder of a run: its model, and the files to resume, repeat and inspect it.
///
///     config.json, model.safetensors, tokenizer.json, …   the model, when the run is done
///     best/                                               the model of the best evaluation, if it is kept
///     ema/                                                the average of the weights, if there is one
///     run.json                                            the command, its options and its inputs
///     metrics.jsonl                                       a line for each step
///     checkpoints/step-500/                               to go on from
struct RunDirectory {
    let url: URL

    var checkpoints: CheckpointFolders { CheckpointFolders(in: url.appending(component: "checkpoints")) }
    var best: URL { url.appending(component: "best") }
    var average: URL { url.appending(component: "ema") }
    var metrics: URL { url.appending(component: "metrics.jsonl") }
    private var description: URL { url.appending(component: "run.json") }
    private var path: String { url.path(percentEncoded: false) }

    private var holdsRun: Bool {
        FileManager.default.fileExists(atPath: description.path(percentEncoded: false))
    }

    /// The run that is there; nil for none that can be read.
    var recorded: RunDescription? { try? RunDescription(contentsOf: description) }

    /// Makes sure that it can be a folder, and that nothing would be lost: no run that is not to be resumed, and no model
    /// that is not a run's.
    ///
    /// - Parameter resumes: Whether to resume the existing run.
    func check(resumes: Bool) throws {
        if resumes {
            guard holdsRun else { throw TrainingRunError.nothingToResume(path) }
        } else if holdsRun {
            throw TrainingRunError.outputExists(path)
        } else if let file = fileOfAModel {
            throw TrainingRunError.outputHoldsModel(folder: path, file: file)
        }
        try checkFolder(url)
    }

    /// The name of a file that a model has and a run would replace.
    private var fileOfAModel: String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let parts = [".safetensors", ".safetensors.index.json", ".bin", ".bin.index.json"]
        return names.sorted().first { name in
            ["config.json", "adapter_config.json"].contains(name) || parts.contains { name.hasSuffix($0) }
        }
    }

    /// Calls `body` while no other process may write here. Where it throws before anything was written, the folder is
    /// gone again if it was not there.
    func locked<Result>(_ body: () throws -> Result) throws -> Result {
        var made: [String] = []
        var missing = url.standardizedFileURL
        while !FileManager.default.fileExists(atPath: missing.path(percentEncoded: false)) {
            made.append(missing.path(percentEncoded: false))
            missing.deleteLastPathComponent()
        }
        do {
            try makeFolder(url)
            let lock = try FolderLock(url)
            defer { lock.release() }
            return try body()
        } catch {
            // Folders with something in them stay.
            for folder in made { rmdir(folder) }
            throw error
        }
    }

    /// Makes the folder ready for a run, or makes sure that the run there is the same.
    ///
    /// - Parameters:
    ///   - resumes: Whether to resume the existing run.
    ///   - typed: The options that were typed, of which a difference is spoken of first.
    /// - Returns: The contents of the run's folder.
    /// - Throws: ``TrainingRunError`` when there is a run and nobody asked for it, or none, or one of other settings.
    @discardableResult
    func begin(_ run: RunDescription, resumes: Bool, typed: Set<String>) throws -> RunDescription {
        try check(resumes: resumes)
        if resumes { return try compare(run, typed: typed) }
        try writeAtomically(run.data, to: description)
        return run
    }

    /// Compares a run with the one that is there.
    ///
    /// - Parameter typed: The options that were typed, of which a difference is spoken of first.
    /// - Returns: The contents of the run's folder.
    @discardableResult
    func compare(_ run: RunDescription, typed: Set<String>) throws -> RunDescription {
        let found: RunDescription
        do {
            found = try RunDescription(contentsOf: description)
        } catch let error as RunDescription.Malformed {
            throw TrainingRunError.malformed(
                file: description.path(percentEncoded: false), expected: error.expected)
        }
        switch found.difference(from: run, typed: typed) {
        case .option(let name, let found, let expected):
            throw TrainingRunError.otherSettings(folder: path, key: name, found: found, expected: expected)
        case .contents(let input, let found, let expected):
            throw TrainingRunError.otherContents(
                folder: path, input: input, found: found, expected: expected)
        case nil: return found
        }
    }
}

extension FileError: CommandError {
    var outcome: Outcome { if case .missing = self { .missingInput } else { .inputOutput } }
}

extension CheckpointError: CommandError {
    var outcome: Outcome { if case .file(let error) = self { error.outcome } else { .badData } }
}
