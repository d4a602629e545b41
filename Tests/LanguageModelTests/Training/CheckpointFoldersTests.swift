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
                        seen.append(checkpoints.latest?.step)
                        try Self.write(rank, in: folder)
                        seen.append(checkpoints.latest?.step)
                    }
                }
                communicator.barrier()
                return seen + [checkpoints.latest?.step]
            }
            #expect(seen == [[1, 1, 2], [1, 1, 2], [1, 1, 2]])
            for entry in checkpoints.all { #expect(try fileNames(in: entry.folder) == ["0", "1", "2"]) }
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
            #expect(try fileNames(in: url) == ["step-1"])
            // What ranks leave that are killed.
            let remains = url.appending(component: ".step-2.partial")
            try FileManager.default.createDirectory(at: remains, withIntermediateDirectories: true)
            try Self.write(1, in: remains)
            #expect(checkpoints.latest?.step == 1)
            _ = try onRanks(2) { communicator in
                try checkpoints.write(step: 2, among: communicator) { folder in
                    if communicator.rank == 0 { try Self.write(0, in: folder) }
                }
            }
            #expect(try fileNames(in: url.appending(component: "step-2")) == ["0"])
            #expect(try fileNames(in: url) == ["step-1", "step-2"])
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
