import Alignment
import Files
import Foundation
import JSON
import LanguageModel
import NeuralCore

/// The checkpoints of a run: its state, the doctor's memory, and ``CheckpointContents``, which reveals damage.
struct RunCheckpoints {
    let folders: CheckpointFolders

    /// The steps of those that this run could not go on from.
    private(set) var unusable: Set<Int> = []

    private static let doctorFile = "doctor.json"

    init(folders: CheckpointFolders) { self.folders = folders }

    /// Whether there is none.
    var isEmpty: Bool { get throws { try folders.latest == nil } }

    /// Writes a checkpoint. Those that the run could not go on from are none of the newest that are kept, nor those whose files
    /// have other sizes than they were written with. Their bytes are compared when a run is resumed only: that is to read all
    /// of them.
    ///
    /// - Parameters:
    ///   - communicator: The processes that have a part in it, each of which calls this: the first by itself, or all of them
    ///     where the states of optimizers are dealt out.
    ///   - note: Told of each checkpoint that is set aside.
    mutating func write<Method, Batches>(
        _ state: TrainingRun<Method, Batches>.State, among communicator: any Communicator, _ doctor: Doctor,
        note: (String) -> Void
    ) throws {
        let aside = try folders.write(step: state.method.stepsDone, among: communicator, counting: isUsable) {
            folder in
            guard communicator.rank == 0 else {
                let files = try state.method.writeShare(to: folder)
                let own = try CheckpointContents(of: files.map(\.lastPathComponent), in: folder)
                _ = communicator.gathered(Array(try JSONEncoder().encode(own)))
                return
            }
            try state.writeCheckpoint(to: folder)
            try writeAtomically(
                JSONEncoder().encode(doctor), to: folder.appending(component: Self.doctorFile))
            // When the others are done.
            var contents = CheckpointContents()
            for (rank, bytes) in communicator.gathered([]).enumerated() where !bytes.isEmpty {
                let files = try CheckpointContents(bytes, file: "the files of rank \(rank)").files
                try Self.checkFirstSees(files.keys, of: rank, in: folder)
                contents.files.merge(files) { $1 }
            }
            let own = try CheckpointContents.names(in: folder).filter { contents.files[$0] == nil }
            contents.files.merge(try CheckpointContents(of: own, in: folder).files) { $1 }
            try contents.write(to: folder)
        }
        for folder in aside {
            note("a checkpoint that cannot be used is kept as \(folder.lastPathComponent)")
        }
        unusable.remove(state.method.stepsDone)
    }

    /// Whether a run could go on from a checkpoint, as far as that is known without reading it.
    private func isUsable(_ entry: CheckpointFolders.Entry) -> Bool {
        guard !unusable.contains(entry.step), let contents = try? CheckpointContents(contentsOf: entry.folder)
        else { return false }
        return (try? contents.checkSizes(entry.folder)) != nil
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
    mutating func resumed<State: Resumable>(
        among communicator: any Communicator, _ make: () throws -> State, note: (String) -> Void
    ) throws -> (State, Doctor) {
        let path = folders.url.path(percentEncoded: false)
        let entries = try folders.all.reversed()
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
                try CheckpointContents(contentsOf: entry.folder).check(entry.folder, communicator)
                try state.readCheckpoint(from: entry.folder)
                doctor = try Self.doctor(in: entry.folder)
            } catch {
                problem = "\(error)"
            }
            let problems = communicator.gathered(Array(problem.utf8))
            if let problem = problems.first(where: { !$0.isEmpty }) {
                let reason = String(decoding: problem, as: UTF8.self)
                note("\(entry.folder.lastPathComponent) cannot be used: \(reason)")
                unusable.insert(entry.step)
                continue
            }
            if entry != entries.first {
                note("going on from \(entry.folder.lastPathComponent), the one before")
            }
            return (state, doctor)
        }
        guard entries.isEmpty else {
            throw TrainingRunError.noCheckpoint(folder: path, count: entries.count)
        }
        note("no checkpoint is in \(path): the run begins at its first step")
        return (try make(), Doctor())
    }

    /// The doctor who watched the run up to a checkpoint; a new one where it has none.
    private static func doctor(in folder: URL) throws -> Doctor {
        let file = folder.appending(component: doctorFile).path(percentEncoded: false)
        guard FileStatus(file) != .missing else { return Doctor() }
        let bytes = try contents(of: URL(filePath: file))
        guard let doctor = try? JSONValue(parsing: bytes).decoded(as: Doctor.self) else {
            throw TrainingRunError.malformed(file: file, expected: "what the doctor remembers")
        }
        return doctor
    }
}
