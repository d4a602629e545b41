import Foundation
import TestSupport
import Testing

/// `--tensorboard`: event files of every method, whole up to the last step, no step twice.
@Suite struct TensorBoardCommandTests {
    /// The records of all event files, in TensorBoard's order, that end.
    private func records(in folder: URL) throws -> [Data] {
        var records: [Data] = []
        for name in try fileNames(in: folder) {
            var rest = try Data(contentsOf: folder.appending(component: name))[...]
            while rest.count >= 16 {
                let length = Int(rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
                guard rest.count >= length + 16 else { break }
                records.append(rest.dropFirst(12).prefix(length))
                rest = rest.dropFirst(length + 16)
            }
        }
        return records
    }

    /// The steps of records with values: field 2 stands after the time, before the values.
    private func steps(in folder: URL) throws -> [Int] {
        try records(in: folder).compactMap { record in
            var (step, shift, rest) = (0, 0, record.dropFirst(9))
            guard rest.popFirst() == 16 else { return nil }
            while let byte = rest.popFirst() {
                step |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return rest.first == 42 ? step : nil
        }
    }

    private func contains(_ text: String, _ folder: URL) throws -> Bool {
        try records(in: folder).contains { $0.range(of: Data(text.utf8)) != nil }
    }

    @Test func aKilledRunHasEveryStepOnceAndSharesTheFolderWithNoOther() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let arguments = tinyPretraining(to: "base", steps: 60) + ["--tensorboard", "events"]
            let events = folder.appending(component: "events")
            let run = try HoneProcess(arguments, in: folder)
            while (try? steps(in: events))?.last ?? 0 < 12, run.process.isRunning {
                Thread.sleep(forTimeInterval: 0.01)
            }
            kill(run.process.processIdentifier, SIGKILL)
            let killed = try run.outcome()
            let lines = try String(contentsOf: folder.appending(path: "base/metrics.jsonl"), encoding: .utf8)
                .split(separator: "\n").count
            if killed.code == -SIGKILL { #expect((lines - 1...lines).contains(try steps(in: events).count)) }
            let resumed = try HoneProcess(arguments + ["--resume"], in: folder).outcome()
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(try steps(in: events) == Array(1...60))
            for tag in [
                "train/loss", "train/grad_norm", "train/learning_rate", "sample", "args",
            ] {
                #expect(try contains(tag, events), "\(tag)")
            }
            let other = try HoneProcess(
                tinyPretraining(to: "other", steps: 3) + ["--tensorboard", "events"], in: folder
            ).outcome()
            #expect(other.code == 64)
            #expect(other.errors.contains("events: holds event files of another run"), "\(other.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(component: "other").path))
            // Nor when it goes on.
            let third = tinyPretraining(to: "third", steps: 3)
            #expect(try HoneProcess(third, in: folder).outcome().code == 0)
            let taking = try HoneProcess(third + ["--resume", "--tensorboard", "events"], in: folder)
                .outcome()
            #expect(taking.code == 64)
            #expect(taking.errors.contains("events: holds event files of another run"), "\(taking.errors)")
            #expect(try steps(in: events) == Array(1...60))
            // One that is told of from a later step on may go on as well.
            for _ in 0..<2 {
                let told = try HoneProcess(third + ["--resume", "--tensorboard", "its"], in: folder).outcome()
                #expect(told.code == 0, "\(told.errors)")
            }
        }
    }

    @Test func aFileInPlaceOfItsFolderIsNoticedBeforeAnythingIsRead() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            for (arguments, place) in [
                (tinyPretraining(to: "base", steps: 1), "text.txt"),
                // A model and records that are not there would be noticed next.
                (tinyTuning(to: "tuned", steps: 1), "text.txt/events"),
            ] {
                let outcome = try HoneProcess(arguments + ["--tensorboard", place], in: folder).outcome()
                #expect(outcome.code == 74)
                #expect(outcome.errors.contains("\(place): cannot be written: "), "\(outcome.errors)")
                #expect(outcome.errors.hasSuffix(" is a file, expected a folder\n"))
                #expect(outcome.errors.split(separator: "\n").count == 1)
            }
            #expect(files(below: folder) == ["text.txt", "tokenizer.json"])
        }
    }

    @Test(arguments: [
        (
            "sft", "conversations.jsonl", ["--validation", "conversations.jsonl"],
            ["eval/loss", "completions"]
        ),
        (
            "reward", "pairs.jsonl", ["--validation", "pairs.jsonl"],
            ["eval/accuracy", "train/rewards/chosen"]
        ),
        (
            "dpo", "pairs.jsonl", ["--validation", "pairs.jsonl"],
            ["train/rewards/accuracies", "eval/rewards/margins", "completions"]
        ),
        (
            "ppo", "prompts.jsonl",
            ["--reward", "number", "--max-tokens", "4", "--batch", "2"],
            ["train/reward", "train/rewards", "train/completions/mean_length", "completions"]
        ),
    ])
    func everyMethodSaysWhatTRLDoes(method: String, data: String, more: [String], tags: [String]) throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let outcome = try HoneProcess(
                [
                    method, "--model", "base", "--data", data, "--steps", "2", "--output", "out",
                    "--tensorboard", "events",
                ] + more, in: folder
            ).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            let events = folder.appending(component: "events")
            #expect(try steps(in: events) == [1, 2])
            for tag in tags + ["train/loss"] {
                // A tag is the first field of a value, with its length before it.
                let field = "\n" + String(UnicodeScalar(UInt8(tag.utf8.count))) + tag
                #expect(try contains(field, events), "\(method): \(tag)")
            }
        }
    }
}
