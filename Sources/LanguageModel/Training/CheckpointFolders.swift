public import Foundation
public import NeuralCore

/// The checkpoints of a run: one folder a step, the newest few of them, each whole or not there.
///
///     let checkpoints = CheckpointFolders(in: run.appending(component: "checkpoints"))
///     try checkpoints.write(step: 500) { folder in try training.writeCheckpoint(to: folder.appending(component: "a")) }
///     if let latest = try checkpoints.latest { … }
///
/// A folder is filled under another name and gets its own in one step; older ones are removed after that. So a run
/// that is killed at any moment finds its last good checkpoint (or the one before, while one of the same step takes its place:
/// the next writing puts that back). Those of later steps, which are there where a run went on
/// from an earlier one, are removed too. Unusable checkpoints do not count toward those kept: one is removed when it is older
/// than all that count, and set aside as `unusable-step-N` when one of its step or of an earlier one is written, since another
/// build may be able to use it.
public struct CheckpointFolders: Sendable {
    /// A checkpoint that is whole.
    public struct Entry: Sendable, Hashable {
        /// The step after which it was written.
        public var step: Int
        /// Its folder.
        public var folder: URL
    }

    /// The folder that holds the checkpoints.
    public let url: URL
    /// The number of checkpoints kept.
    public let kept: Int

    /// The checkpoints in a folder, which need not be there yet.
    ///
    /// - Parameters:
    ///   - url: The folder.
    ///   - kept: The number of checkpoints kept, at least 1.
    public init(in url: URL, keeping kept: Int = 2) {
        self.url = url
        self.kept = max(1, kept)
    }

    private static let prefix = "step-"
    private static let partial = ".partial"
    private static let replaced = ".replaced"
    private static let unusable = "unusable-"

    /// Those that are whole, oldest first; none where there is no folder.
    ///
    /// - Throws: `FileError` where they cannot be listed: a run that takes that for none would begin anew.
    public var all: [Entry] {
        get throws(FileError) {
            let path = url.path(percentEncoded: false)
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: path)
            } catch {
                if FileStatus(path) == .missing, !FileStatus.isLink(path) { return [] }
                throw .unreadable(file: path, reason: "the checkpoints in it cannot be listed")
            }
            return names.compactMap { name in
                guard name.hasPrefix(Self.prefix), let step = Int(name.dropFirst(Self.prefix.count)) else {
                    return nil
                }
                return Entry(step: step, folder: url.appending(component: name))
            }.sorted { $0.step < $1.step }
        }
    }

    /// The newest; nil if there is none.
    ///
    /// - Throws: `FileError` where they cannot be listed.
    public var latest: Entry? { get throws(FileError) { try all.last } }

    /// Writes a checkpoint.
    ///
    /// - Parameters:
    ///   - step: The step after which it is written; an older checkpoint of the same step is replaced.
    ///   - communicator: The processes that write it together, each of which calls this; one by itself unless given.
    ///     The first makes the folder and gives it its name, when all are done.
    ///   - isUsable: False of an earlier checkpoint that a run could not go on from, so that none is removed for it. It is
    ///     called by the first process, at each writing.
    ///   - body: Fills the folder that it is given.
    /// - Returns: Those that were set aside, under the names that they have now: a run could not go on from them, and their place
    ///   was wanted.
    /// - Throws: The error that `body` throws, and `FileError` if the folder cannot be made or a process does not see it; earlier
    ///   checkpoints stay.
    @discardableResult
    public func write(
        step: Int, among communicator: any Communicator = SingleProcess(),
        counting isUsable: (Entry) -> Bool = { _ in true }, _ body: (URL) throws -> Void
    ) throws -> [URL] {
        let partial = url.appending(component: ".\(Self.prefix)\(step)\(Self.partial)")
        if communicator.rank == 0 {
            try makeFolder(url)
            try removeRemains()
            try makeFolder(partial)
        }
        do throws(FileError) {
            try checkAllSee(partial, communicator)
        } catch {
            if communicator.rank == 0 { try? FileManager.default.removeItem(at: partial) }
            throw error
        }
        do {
            try body(partial)
        } catch {
            // Others may be writing still, and would take a folder that is gone for an error of theirs. The next checkpoint
            // removes what is left.
            if communicator.size == 1 { try? FileManager.default.removeItem(at: partial) }
            throw error
        }
        communicator.barrier()
        return communicator.rank == 0 ? try complete(partial, step: step, counting: isUsable) : []
    }

    /// Makes sure that the processes have one file system. All of them throw where one does not see the folder.
    private func checkAllSee(_ folder: URL, _ communicator: any Communicator) throws(FileError) {
        guard communicator.size > 1 else { return }
        communicator.barrier()
        let path = folder.path(percentEncoded: false)
        let found = communicator.gathered([FileStatus(path) == .folder ? 1 : 0])
        guard let rank = found.firstIndex(of: [0]) else { return }
        throw .unreadable(
            file: path,
            reason: "rank 0 made this folder and rank \(rank) does not see it; all ranks need one file system"
        )
    }

    /// Gives a folder that is whole its name, and removes what it replaces, or sets it aside.
    private func complete(
        _ partial: URL, step: Int, counting isUsable: (Entry) -> Bool
    ) throws(FileError) -> [URL] {
        let name = Self.prefix + String(step)
        let folder = url.appending(component: name)
        let replaced = url.appending(component: ".\(name)\(Self.replaced)")
        let files = FileManager.default
        var aside: [URL] = []
        do {
            for entry in try all where entry.step >= step && !isUsable(entry) {
                aside.append(try setAside(entry))
            }
            if FileStatus(folder.path(percentEncoded: false)) != .missing {
                try files.moveItem(at: folder, to: replaced)
            }
            try files.moveItem(at: partial, to: folder)
        } catch {
            throw FileError.unwritable(
                file: folder.path(percentEncoded: false), reason: error.localizedDescription)
        }
        // The checkpoint is there; what cannot be removed now is removed after the next one.
        try? files.removeItem(at: replaced)
        let others = (try? all) ?? []
        for entry in others where entry.step > step { try? files.removeItem(at: entry.folder) }
        let usable = others.filter { $0.step == step || $0.step < step && isUsable($0) }.suffix(kept)
        guard usable.count == kept, let oldest = usable.first else { return aside }
        for entry in others where entry.step < oldest.step { try? files.removeItem(at: entry.folder) }
        return aside
    }

    /// Gives a checkpoint a name by which no run finds it, and that nothing has: what stood aside before is not lost either.
    private func setAside(_ entry: Entry) throws -> URL {
        let name = Self.unusable + entry.folder.lastPathComponent
        var place = url.appending(component: name)
        var number = 1
        while FileStatus(place.path(percentEncoded: false)) != .missing {
            number += 1
            place = url.appending(component: "\(name)-\(number)")
        }
        try FileManager.default.moveItem(at: entry.folder, to: place)
        return place
    }

    /// Removes the incomplete files of a killed run, and puts back what it was about to replace.
    private func removeRemains() throws(FileError) {
        let files = FileManager.default
        let path = url.path(percentEncoded: false)
        do {
            for name in try files.contentsOfDirectory(atPath: path) where name.hasPrefix(".") {
                let remains = url.appending(component: name)
                if name.hasSuffix(Self.replaced) {
                    let folder = url.appending(
                        component: String(name.dropFirst().dropLast(Self.replaced.count)))
                    if FileStatus(folder.path(percentEncoded: false)) == .missing {
                        try files.moveItem(at: remains, to: folder)
                    } else {
                        try files.removeItem(at: remains)
                    }
                } else if name.hasSuffix(Self.partial) {
                    try files.removeItem(at: remains)
                }
            }
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }
}
