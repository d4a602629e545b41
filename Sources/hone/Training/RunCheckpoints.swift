import Alignment
import Files
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
    ///
    /// - Parameter communicator: The processes that have a part in it, each of which calls this: the first by itself, or all of them
    ///   where the states of optimizers are dealt out.
    func write<Method, Batches>(
        _ state: TrainingRun<Method, Batches>.State, among communicator: any Communicator, _ doctor: Doctor
    ) throws {
        try folders.write(step: state.method.stepsDone, among: communicator) { folder in
            guard communicator.rank == 0 else {
                let files = try state.method.writeShare(to: folder)
                let own = try Self.fingerprints(of: files.map(\.lastPathComponent), in: folder)
                _ = communicator.gathered(Array(try JSONEncoder().encode(own)))
                return
            }
            try state.writeCheckpoint(to: folder)
            try writeAtomically(
                JSONEncoder().encode(doctor), to: folder.appending(component: Self.doctorFile))
            // When the others are done.
            var contents: [String: String] = [:]
            for (rank, bytes) in communicator.gathered([]).enumerated() where !bytes.isEmpty {
                let files = try JSONValue(parsing: bytes).decoded(as: [String: String].self)
                try Self.checkFirstSees(files.keys, of: rank, in: folder)
                contents.merge(files) { $1 }
            }
            let own = try Self.names(in: folder).filter { contents[$0] == nil }
            contents.merge(try Self.fingerprints(of: own, in: folder)) { $1 }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try writeAtomically(
                encoder.encode(contents), to: folder.appending(component: Self.contentsFile))
        }
    }

    /// Makes sure that the first process sees files that another wrote.
    private static func checkFirstSees(
        _ names: some Collection<String>, of rank: Int, in folder: URL
    ) throws(FileError) {
        for name in names.sorted() {
            let path = folder.appending(component: name).path(percentEncoded: false)
            guard !FileManager.default.fileExists(atPath: path) else { continue }
            throw .unreadable(
                file: path,
                reason: "rank \(rank) wrote it and rank 0 does not see it; all ranks need one file system")
        }
    }

    /// Returns the state of the newest undamaged checkpoint, or an initial one if there was no checkpoint.
    ///
    /// - Parameters:
    ///   - communicator: The processes of the run, each of which calls this: one that cannot use a checkpoint has all pass it over.
    ///   - make: Makes the state at the first step.
    ///   - note: Told of each checkpoint that is passed over.
    /// - Throws: ``TrainingRunError`` when there are checkpoints and all are damaged, ``RankError`` when not all processes see the same.
    func resumed<State: Resumable>(
        among communicator: any Communicator, _ make: () throws -> State, note: (String) -> Void
    ) throws -> (State, Doctor) {
        let path = folders.url.path(percentEncoded: false)
        if FileStatus(path) == .folder, (try? FileManager.default.contentsOfDirectory(atPath: path)) == nil {
            throw FileError.unreadable(file: path, reason: "the checkpoints in it cannot be listed")
        }
        let entries = folders.all.reversed()
        let seen = entries.map { String($0.step) }.joined(separator: ", ")
        if let other = communicator.firstDifference(seen.isEmpty ? "none" : seen) {
            throw RankError(
                other.rank,
                "sees checkpoints of other steps in \(path) (\(other.found)) than rank 0 "
                    + "(\(other.expected)), and it must be one folder")
        }
        for entry in entries {
            // A partly read state is of no use.
            var state = try make()
            var (doctor, problem) = (Doctor(), "")
            do {
                try Self.checkContents(of: entry.folder, communicator)
                try state.readCheckpoint(from: entry.folder)
                doctor = try Self.doctor(in: entry.folder)
            } catch {
                problem = "\(error)"
            }
            let problems = communicator.gathered(Array(problem.utf8))
            if let problem = problems.first(where: { !$0.isEmpty }) {
                let reason = String(decoding: problem, as: UTF8.self)
                note("\(entry.folder.lastPathComponent) cannot be used: \(reason)")
                continue
            }
            if entry != folders.latest {
                note("going on from \(entry.folder.lastPathComponent), the one before")
            }
            return (state, doctor)
        }
        guard entries.isEmpty else {
            throw TrainingRunError.noCheckpoint(folder: path, count: entries.count)
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

    /// Compares this process's share of the files of a checkpoint with their checksums; a checkpoint without checksums is accepted.
    private static func checkContents(of folder: URL, _ communicator: any Communicator) throws {
        let list = folder.appending(component: contentsFile).path(percentEncoded: false)
        guard FileStatus(list) != .missing else { return }
        guard let data = FileManager.default.contents(atPath: list) else {
            throw FileError.unreadable(file: list, reason: "it is not a file that may be read")
        }
        guard let expected = try? JSONValue(parsing: Array(data)).decoded(as: [String: String].self) else {
            throw TrainingRunError.malformed(file: list, expected: "the fingerprints of files")
        }
        let names = expected.keys.sorted()
        for number in WorkSharing(among: communicator).own(of: names.count) {
            let file = folder.appending(path: names[number]).path(percentEncoded: false)
            guard FileManager.default.fileExists(atPath: file) else { throw FileError.missing(file: file) }
            let found = try fingerprints(of: [names[number]], in: folder)
            guard found[names[number]] == expected[names[number]] else {
                throw TrainingRunError.malformed(file: file, expected: "the bytes that were written")
            }
        }
    }

    /// The paths of the files of a checkpoint below its folder, but for the list of them.
    private static func names(in folder: URL) throws -> [String] {
        let path = folder.path(percentEncoded: false)
        var names: [String] = []
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init()
        where name != contentsFile {
            let values = try folder.appending(path: name).resourceValues(forKeys: [.isRegularFileKey])
            if values.isRegularFile == true { names.append(name) }
        }
        return names
    }

    /// The fingerprints of files of a checkpoint, by their paths below its folder.
    private static func fingerprints(of names: [String], in folder: URL) throws -> [String: String] {
        var fingerprints: [String: String] = [:]
        for name in names {
            let file = folder.appending(path: name)
            var fingerprint = Fingerprint()
            do {
                let data = try Data(contentsOf: file, options: .alwaysMapped)
                data.withUnsafeBytes { fingerprint.add(bulk: $0) }
            } catch {
                throw FileError.unreadable(
                    file: file.path(percentEncoded: false), reason: error.localizedDescription)
            }
            fingerprints[name] = fingerprint.text
        }
        return fingerprints
    }
}
