import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Event files: their bytes are TensorBoard's, and no step stands in them twice.
@Suite struct TensorBoardTests {
    @Test func bytesAreThoseOfTensorBoardsOwnWriter() throws {
        let expected = try Data(
            contentsOf: TestFiles.fixtures().appending(path: "Tracking/events.bin"))
        let values: [TensorBoardValue] = [
            .scalar("train/loss", 0.75), .scalar("eval/loss", 0), .scalar("train/grad_norm", .infinity),
            .histogram("train/rewards", [-1.5, 0.25, 0.25, 2, 0.5, -0.125, .nan]),
            .histogram("train/same", [2, 2]), .text("completions", "    bread – Brot\n"),
        ]
        let written =
            TensorBoardEvent.record(.version, step: 0, time: 1.5)
            + TensorBoardEvent.record(.sessionStart, step: 8, time: 2.5)
            + TensorBoardEvent.record(.values(values), step: 300, time: 3.5)
        #expect(Data(written) == expected)
    }

    private func report(_ step: Int) -> StepReport {
        StepReport(
            step: step, loss: Float(step), learningRate: 1, gradientNorm: 1, tokens: 1,
            metrics: ["entropy": 0.5], distributions: ["rewards": [1, 2], "none": []])
    }

    /// Takes a time that does not go on, as that of two sessions within a second.
    private func writer(_ folder: URL, after step: Int) throws -> TensorBoardWriter {
        try TensorBoardWriter(in: folder, after: step) { 1_700_000_000 }
    }

    @Test func stepsAfterTheCheckpointAreCutOffAndANewFileTellsSo() throws {
        try withTemporaryFolder { folder in
            let first = try writer(folder, after: 0)
            #expect(first.isNew)
            for step in 1...5 { try first.write(report(step)) }
            let file = folder.appending(component: try #require(TensorBoardWriter.files(in: folder).first))
            let whole = try Data(contentsOf: file)
            let record = (whole.count - TensorBoardEvent.record(.version, step: 0, time: 1).count) / 5
            // The last record has no end.
            try whole.dropLast(3).write(to: file)
            let second = try writer(folder, after: 3)
            #expect(!second.isNew)
            #expect(try Data(contentsOf: file) == whole.dropLast(2 * record))
            try second.write(report(4))
            let names = TensorBoardWriter.files(in: folder)
            #expect(names == ["events.out.tfevents.1700000000.hone", "events.out.tfevents.1700000001.hone"])
            let started =
                TensorBoardEvent.record(.version, step: 0, time: 1_700_000_000)
                + TensorBoardEvent.record(.sessionStart, step: 4, time: 1_700_000_000)
            #expect(
                try Data(contentsOf: folder.appending(component: names[1]))
                    == Data(started) + whole[(whole.count - 2 * record)..<(whole.count - record)])
            // A run that goes on from before the second session leaves nothing of that.
            _ = try writer(folder, after: 2)
            #expect(
                try Data(contentsOf: folder.appending(component: names[1]))
                    == Data(TensorBoardEvent.record(.version, step: 0, time: 1_700_000_000)))
            #expect(try Data(contentsOf: file) == whole.dropLast(3 * record))
        }
    }

    @Test func filesOfOtherProgramsStayAsTheyAre() throws {
        try withTemporaryFolder { folder in
            let other = folder.appending(component: "events.out.tfevents.1.host.2.0")
            try Data("not ours".utf8).write(to: other)
            _ = try writer(folder, after: 0)
            #expect(try Data(contentsOf: other) == Data("not ours".utf8))
            #expect(TensorBoardWriter.files(in: folder).count == 2)
        }
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(component: "file")
            try Data().write(to: file)
            let error = #expect(throws: FileError.self) { try TensorBoardWriter(in: file) }
            #expect("\(error.map { "\($0)" } ?? "")".contains("file"))
        }
    }
}
