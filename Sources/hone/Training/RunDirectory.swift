import Alignment
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

    /// Makes sure that no run would be lost.
    func checkUnused() throws(TrainingRunError) {
        if holdsRun { throw .outputExists(path) }
    }

    /// Makes the folder itself, unless it is there.
    func make() throws(FileError) { try makeFolder(url) }

    static let doctorFile = "doctor.json"

    /// The doctor who watched the run up to a checkpoint; a new one where it has none.
    func doctor(after step: Int) throws -> Doctor {
        guard let entry = checkpoints.latest, entry.step == step else { return Doctor() }
        let file = entry.folder.appending(component: Self.doctorFile).path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: file) else { return Doctor() }
        guard let doctor = try? JSONDecoder().decode(Doctor.self, from: data) else {
            throw TrainingRunError.malformed(file: file, expected: "what the doctor remembers")
        }
        return doctor
    }

    /// Makes the folder ready for a run.
    ///
    /// - Parameters:
    ///   - command: The name of the command.
    ///   - settings: All that decides the result, by flag.
    ///   - resumes: Whether to go on with the run that is there.
    /// - Throws: ``TrainingRunError`` when there is a run and nobody asked for it, or none, or one of other settings.
    func begin(_ command: String, settings: [String: String], resumes: Bool) throws {
        if resumes {
            guard holdsRun else { throw TrainingRunError.nothingToResume(path) }
            try compare(["command": command].merging(settings) { $1 })
            return
        }
        try checkUnused()
        try make()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = try encoder.encode(["command": command].merging(settings) { $1 })
        try writeAtomically(text + Data("\n".utf8), to: description)
    }

    private func compare(_ settings: [String: String]) throws {
        let file = description.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: file),
            let found = try? JSONDecoder().decode([String: String].self, from: data)
        else { throw TrainingRunError.malformed(file: file, expected: "the settings of a run") }
        for key in Set(found.keys).union(settings.keys).sorted() where found[key] != settings[key] {
            throw TrainingRunError.otherSettings(
                folder: path, key: key, found: found[key] ?? "unset", expected: settings[key] ?? "unset")
        }
    }
}

extension FileError: CommandError {
    var outcome: Outcome { if case .missing = self { .missingInput } else { .inputOutput } }
}

extension CheckpointError: CommandError {
    var outcome: Outcome { if case .file(let error) = self { error.outcome } else { .badData } }
}
