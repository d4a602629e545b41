import Foundation
import LanguageModel
import NeuralCore

/// The folder of a run: the model it makes, and what it takes to go on, to repeat it and to look back.
///
///     config.json, model.safetensors, tokenizer.json, …   the model, when the run is done
///     run.json                                            the command and its settings
///     metrics.jsonl                                       a line for each step
///     checkpoints/step-500/                               to go on from
struct RunDirectory {
    let url: URL

    var checkpoints: CheckpointFolders { CheckpointFolders(in: url.appending(component: "checkpoints")) }
    var metrics: URL { url.appending(component: "metrics.jsonl") }
    private var description: URL { url.appending(component: "run.json") }
    private var path: String { url.path(percentEncoded: false) }

    private var holdsRun: Bool {
        FileManager.default.fileExists(atPath: description.path(percentEncoded: false))
    }

    /// Makes sure that nothing would be lost: no run where none is to go on, and no model that is not a run's.
    ///
    /// - Parameter resumes: Whether to go on with the run that is there.
    func check(resumes: Bool) throws(TrainingRunError) {
        if resumes {
            guard holdsRun else { throw .nothingToResume(path) }
        } else if holdsRun {
            throw .outputExists(path)
        } else if let file = fileOfAModel {
            throw .outputHoldsModel(folder: path, file: file)
        }
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
    ///   - command: The name of the command.
    ///   - settings: All that decides the result, by flag.
    ///   - notes: What else the reader of `run.json` may want to know; it is not compared.
    ///   - resumes: Whether to go on with the run that is there.
    /// - Returns: The notes of the run.
    /// - Throws: ``TrainingRunError`` when there is a run and nobody asked for it, or none, or one of other settings.
    @discardableResult
    func begin(
        _ command: String, settings: [String: String], notes: [String: String], resumes: Bool
    ) throws -> [String: String] {
        try check(resumes: resumes)
        if resumes { return try compare(["command": command].merging(settings) { $1 }) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let named = notes.map { (Self.notePrefix + $0.key, $0.value) }
        let text = try encoder.encode(
            ["command": command].merging(settings) { $1 }.merging(named) { $1 })
        try writeAtomically(text + Data("\n".utf8), to: description)
        return notes
    }

    /// How the names of notes begin.
    private static let notePrefix = "note_"

    /// Compares settings with those of the run that is there.
    ///
    /// - Returns: The notes of that run.
    @discardableResult
    func compare(_ settings: [String: String]) throws -> [String: String] {
        guard let found = RunDescription.settings(in: description) else {
            throw TrainingRunError.malformed(
                file: description.path(percentEncoded: false), expected: "the settings of a run")
        }
        let notes = found.filter { $0.key.hasPrefix(Self.notePrefix) }
        let compared = Set(found.keys).subtracting(notes.keys).union(settings.keys)
        for key in compared.sorted() where found[key] != settings[key] {
            throw TrainingRunError.otherSettings(
                folder: path, key: key, found: found[key] ?? "unset", expected: settings[key] ?? "unset")
        }
        return Dictionary(
            uniqueKeysWithValues: notes.map { (String($0.key.dropFirst(Self.notePrefix.count)), $0.value) })
    }
}

extension FileError: CommandError {
    var outcome: Outcome { if case .missing = self { .missingInput } else { .inputOutput } }
}

extension CheckpointError: CommandError {
    var outcome: Outcome { if case .file(let error) = self { error.outcome } else { .badData } }
}
