import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

@Suite struct CheckpointFoldersTests {
    private struct Refusal: Error {}

    private static func write(_ rank: Int, in folder: URL) throws {
        try Data("\(rank)".utf8).write(to: folder.appending(component: "\(rank)"))
    }

    @Test func aCheckpointOfSeveralRanksCountsWhenAllAreDone() throws {
        try withTemporaryFolder { url in
            let checkpoints = CheckpointFolders(in: url)
            let seen = try onRanks(3) { communicator in
                let rank = communicator.rank
                try checkpoints.write(step: 1, among: communicator) { try Self.write(rank, in: $0) }
                communicator.barrier()
                var seen: [Int?] = []
                try checkpoints.write(step: 2, among: communicator) { folder in
                    // One after another, so that the last sees the checkpoint with its own file only missing.
                    for turn in 0..<3 {
                        communicator.barrier()
                        guard turn == rank else { continue }
                        seen.append(try checkpoints.latest?.step)
                        try Self.write(rank, in: folder)
                        seen.append(try checkpoints.latest?.step)
                    }
                }
                communicator.barrier()
                return try seen + [checkpoints.latest?.step]
            }
            #expect(seen == [[1, 1, 2], [1, 1, 2], [1, 1, 2]])
            for entry in try checkpoints.all { #expect(try fileNames(in: entry.folder) == ["0", "1", "2"]) }
            #expect(try fileNames(in: url) == ["step-1", "step-2"])
        }
    }

    @Test func theLastCheckpointStandsWhereTheNextIsNotWhole() throws {
        try withTemporaryFolder { url in
            let checkpoints = CheckpointFolders(in: url)
            try checkpoints.write(step: 1) { try Self.write(0, in: $0) }
            _ = try onRanks(2) { communicator in
                #expect(throws: Refusal.self) {
                    try checkpoints.write(step: 2, among: communicator) { folder in
                        try Self.write(communicator.rank, in: folder)
                        communicator.barrier()
                        throw Refusal()
                    }
                }
            }
            // What ranks leave that fail or are killed.
            let remains = url.appending(component: ".step-2.partial")
            #expect(try fileNames(in: remains) == ["0", "1"])
            #expect(try fileNames(in: url) == [".step-2.partial", "step-1"])
            #expect(try checkpoints.latest?.step == 1)
            _ = try onRanks(2) { communicator in
                try checkpoints.write(step: 2, among: communicator) { folder in
                    if communicator.rank == 0 { try Self.write(0, in: folder) }
                }
            }
            #expect(try fileNames(in: url.appending(component: "step-2")) == ["0"])
            #expect(try fileNames(in: url) == ["step-1", "step-2"])
        }
    }

    @Test func whatCannotBeUsedIsNoneOfThoseKept() throws {
        try withTemporaryFolder { url throws in
            let checkpoints = CheckpointFolders(in: url)
            var unusable: Set<Int> = [2, 4]
            func names(after step: Int) throws -> [String] {
                try checkpoints.write(step: step, counting: { !unusable.contains($0.step) }) {
                    try Self.write(0, in: $0)
                }
                return try fileNames(in: url)
            }
            #expect(try names(after: 1) == ["step-1"])
            #expect(try names(after: 2) == ["step-1", "step-2"])
            #expect(try names(after: 3) == ["step-1", "step-2", "step-3"])
            #expect(try names(after: 4) == ["step-3", "step-4"])
            unusable = [3, 4]
            #expect(try names(after: 5) == ["step-3", "step-4", "step-5"])
            #expect(try names(after: 6) == ["step-5", "step-6"])
        }
    }

    @Test func whatCannotBeUsedIsSetAsideWhereItsPlaceIsWanted() throws {
        try withTemporaryFolder { url throws in
            let checkpoints = CheckpointFolders(in: url)
            for step in 1...3 { try checkpoints.write(step: step) { try Self.write(0, in: $0) } }
            func replaced() throws -> [String] {
                try checkpoints.write(step: 2, counting: { _ in false }) { try Self.write(1, in: $0) }
                    .map(\.lastPathComponent)
            }
            #expect(try replaced() == ["unusable-step-2", "unusable-step-3"])
            #expect(try fileNames(in: url) == ["step-2", "unusable-step-2", "unusable-step-3"])
            #expect(try checkpoints.all.map(\.step) == [2])
            #expect(try replaced() == ["unusable-step-2-2"])
            #expect(try fileNames(in: url.appending(component: "unusable-step-2")) == ["0"])
            #expect(try fileNames(in: url.appending(component: "unusable-step-2-2")) == ["1"])
        }
    }

    /// As a run leaves it that is killed while one checkpoint takes the place of another.
    @Test func whatWasAboutToBeReplacedIsPutBack() throws {
        try withTemporaryFolder { url throws in
            let checkpoints = CheckpointFolders(in: url)
            try checkpoints.write(step: 1) { try Self.write(0, in: $0) }
            try FileManager.default.moveItem(
                at: url.appending(component: "step-1"), to: url.appending(component: ".step-1.replaced"))
            try checkpoints.write(step: 2) { try Self.write(0, in: $0) }
            #expect(try checkpoints.all.map(\.step) == [1, 2])
            try checkpoints.write(step: 2) { try Self.write(1, in: $0) }
            #expect(try fileNames(in: url.appending(component: "step-2")) == ["1"])
        }
    }

    @Test func checkpointsThatCannotBeListedAreNotNone() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "checkpoints")
            let checkpoints = CheckpointFolders(in: url)
            #expect(try checkpoints.latest == nil)
            try Data().write(to: url)
            let path = url.path(percentEncoded: false)
            #expect(
                throws: FileError.unreadable(file: path, reason: "the checkpoints in it cannot be listed")
            ) { try checkpoints.latest }
        }
    }

    /// So that a rank whose file was in order does not say that there is no folder for it.
    @Test func aFolderStaysWhileOtherRanksWriteToIt() throws {
        try withTemporaryFolder { url in
            let checkpoints = CheckpointFolders(in: url)
            let failures = try onRanks(2) { communicator in
                var failure: String?
                do {
                    try checkpoints.write(step: 1, among: communicator) { folder in
                        if communicator.rank == 0 { throw Refusal() }
                        communicator.barrier()
                        do { try Self.write(1, in: folder) } catch { failure = "\(error)" }
                    }
                } catch is Refusal {
                    // Rank 1 writes when all is over for this one, and then waits for it.
                    communicator.barrier()
                    communicator.barrier()
                }
                return failure
            }
            #expect(failures == [nil, nil])
            #expect(try checkpoints.latest == nil)
            try checkpoints.write(step: 2) { try Self.write(0, in: $0) }
            #expect(try fileNames(in: url) == ["step-2"])
        }
    }

    @Test func aRankThatDoesNotSeeTheFolderIsNamedByAll() throws {
        let folders = (0..<2).map { _ in TemporaryFolder() }
        defer { withExtendedLifetime(folders) {} }
        let urls = folders.map(\.url)
        let errors = try onRanks(3) { communicator in
            let checkpoints = CheckpointFolders(in: urls[communicator.rank / 2])
            do {
                try checkpoints.write(step: 5, among: communicator) { _ in }
                return "none"
            } catch {
                return "\(error)"
            }
        }
        for (error, url) in zip(errors, [urls[0], urls[0], urls[1]]) {
            let path = url.appending(component: ".step-5.partial").path(percentEncoded: false)
            #expect(
                error == "\(path): cannot be read: rank 0 made this folder and rank 2 does not see it; "
                    + "all ranks need one file system")
        }
        #expect(try fileNames(in: urls[0]).isEmpty)
    }
}
