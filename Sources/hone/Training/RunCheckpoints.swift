import Alignment
import Foundation
import JSON
import LanguageModel
import NeuralCore

/// The checkpoints of a run: its state, the doctor's memory, and checksums that reveal damage.
struct RunCheckpoints {
    let folders: CheckpointFolders

    private static let doctorFile = "doctor.json"
    /// Holds the fingerprint of each of the other files.
    private static let contentsFile = "contents.json"

    /// Whether there is none.
    var isEmpty: Bool { folders.latest == nil }

    /// Writes a checkpoint.
    func write(_ state: some Resumable, step: Int, _ doctor: Doctor) throws {
        try folders.write(step: step) { folder in
            try state.writeCheckpoint(to: folder)
            try writeAtomically(
                JSONEncoder().encode(doctor), to: folder.appending(component: Self.doctorFile))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try writeAtomically(
                encoder.encode(Self.fingerprints(in: folder)),
                to: folder.appending(component: Self.contentsFile))
        }
    }

    /// Returns the state of the newest undamaged checkpoint, or an initial one if there was no checkpoint.
    ///
    /// - Parameters:
    ///   - make: Makes the state at the first step.
    ///   - note: Told of each checkpoint that is passed over.
    /// - Throws: ``TrainingRunError`` when there are checkpoints and all are damaged.
    func resumed<State: Resumable>(
        _ make: () throws -> State, note: (String) -> Void
    ) throws -> (State, Doctor) {
        let entries = folders.all.reversed()
        for entry in entries {
            // A partly read state is of no use.
            var state = try make()
            do {
                try Self.checkContents(of: entry.folder)
                try state.readCheckpoint(from: entry.folder)
                let doctor = try Self.doctor(in: entry.folder)
                if entry != folders.latest {
                    note("going on from \(entry.folder.lastPathComponent), the one before")
                }
                return (state, doctor)
            } catch {
                note("\(entry.folder.lastPathComponent) cannot be used: \(error)")
            }
        }
        guard entries.isEmpty else {
            throw TrainingRunError.noCheckpoint(
                folder: folders.url.path(percentEncoded: false), count: entries.count)
        }
        return (try make(), Doctor())
    }

    /// The doctor who watched the run up to a checkpoint; a new one where it has none.
    private static func doctor(in folder: URL) throws -> Doctor {
        let file = folder.appending(component: doctorFile).path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: file) else { return Doctor() }
        guard let doctor = try? JSONValue(parsing: Array(data)).decoded(as: Doctor.self) else {
            throw TrainingRunError.malformed(file: file, expected: "what the doctor remembers")
        }
        return doctor
    }

    /// Compares the files of a checkpoint with their checksums; a checkpoint without checksums is accepted.
    private static func checkContents(of folder: URL) throws {
        let list = folder.appending(component: contentsFile)
        guard let data = FileManager.default.contents(atPath: list.path(percentEncoded: false)) else {
            return
        }
        guard let expected = try? JSONValue(parsing: Array(data)).decoded(as: [String: String].self) else {
            throw TrainingRunError.malformed(
                file: list.path(percentEncoded: false), expected: "the fingerprints of files")
        }
        let found = try fingerprints(in: folder)
        for name in expected.keys.sorted() where found[name] != expected[name] {
            let file = folder.appending(component: name).path(percentEncoded: false)
            guard found[name] != nil else { throw FileError.missing(file: file) }
            throw TrainingRunError.malformed(file: file, expected: "the bytes that were written")
        }
    }

    /// The fingerprint of each file of a checkpoint, by its path below the folder.
    private static func fingerprints(in folder: URL) throws -> [String: String] {
        let path = folder.path(percentEncoded: false)
        var fingerprints: [String: String] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init()
        where name != contentsFile {
            let url = folder.appending(path: name)
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            var fingerprint = Fingerprint()
            try Data(contentsOf: url, options: .alwaysMapped).withUnsafeBytes { fingerprint.add(bulk: $0) }
            fingerprints[name] = fingerprint.text
        }
        return fingerprints
    }
}
