import Foundation
import TestSupport
import Testing

/// What a run accepts as its folder, and as the run that it goes on with.
@Suite struct RunFolderTests {
    private func run(_ arguments: [String], in folder: URL) throws -> HoneProcess.Outcome {
        try HoneProcess(arguments, in: folder).outcome()
    }

    /// Flips a bit of a file.
    private func damage(_ path: String, in folder: URL) throws {
        let url = folder.appending(path: path)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count - 100] ^= 0x40
        try bytes.write(to: url)
    }

    @Test func aReplacedModelIsNoticedAndAMovedOneIsTheSame() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            #expect(try run(tinyTuning(to: "tuned", steps: 10), in: folder).code == 0)
            try FileManager.default.copyItem(
                at: folder.appending(component: "base"), to: folder.appending(component: "moved"))
            let moved = try run(tinyTuning(of: "./moved", to: "tuned", steps: 10) + ["--resume"], in: folder)
            #expect(moved.code == 0, "\(moved.errors)")
            try damage("moved/model.safetensors", in: folder)
            let other = try run(tinyTuning(of: "moved", to: "tuned", steps: 10) + ["--resume"], in: folder)
            #expect(other.code == 64)
            #expect(other.errors.contains("the weights of --model moved are others now"), "\(other.errors)")
        }
    }

    @Test func aReplacedReferenceOrRewardModelIsNoticed() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try FileManager.default.copyItem(
                at: folder.appending(component: "base"), to: folder.appending(component: "reference"))
            let reward = [
                "reward", "--model", "base", "--data", "pairs.jsonl", "--steps", "2", "--output", "reward",
            ]
            #expect(try run(reward, in: folder).code == 0)
            let dpo = [
                "dpo", "--model", "base", "--reference", "reference", "--data", "pairs.jsonl", "--steps", "2",
                "--output", "dpo",
            ]
            let grpo = [
                "grpo", "--model", "base", "--reward-model", "reward", "--data", "prompts.jsonl", "--batch",
                "2", "--max-tokens", "4", "--steps", "1", "--output", "grpo",
            ]
            for arguments in [dpo, grpo] {
                let first = try run(arguments, in: folder)
                #expect(first.code == 0, "\(first.errors)")
                let same = try run(arguments + ["--resume"], in: folder)
                #expect(same.code == 0, "\(same.errors)")
            }
            try damage("reference/model.safetensors", in: folder)
            try damage("reward/model.safetensors", in: folder)
            for (arguments, words) in [
                (dpo, "the weights of --reference reference are others now"),
                (grpo, "the weights of --reward-model reward are others now"),
            ] {
                let other = try run(arguments + ["--resume"], in: folder)
                #expect(other.code == 64)
                #expect(other.errors.contains(words), "\(other.errors)")
            }
        }
    }

    @Test func aRunHasItsFolderForItself() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let long = try HoneProcess(tinyPretraining(to: "base", steps: 100_000), in: folder)
            let metrics = folder.appending(path: "base/metrics.jsonl")
            while (try? Data(contentsOf: metrics))?.isEmpty ?? true, long.process.isRunning {
                Thread.sleep(forTimeInterval: 0.05)
            }
            let second = try run(tinyPretraining(to: "base", steps: 100_000) + ["--resume"], in: folder)
            kill(long.process.processIdentifier, SIGTERM)
            #expect(second.code == 74)
            #expect(second.errors.contains("another process is writing in it"), "\(second.errors)")
            #expect(try long.outcome().code == 143)
        }
    }

    @Test func aModelThatIsNoRunIsNotReplaced() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try FileManager.default.removeItem(at: folder.appending(path: "base/run.json"))
            let before = try Data(contentsOf: folder.appending(path: "base/model.safetensors"))
            for arguments in [tinyTuning(to: "base", steps: 2), tinyPretraining(to: "base", steps: 2)] {
                let outcome = try run(arguments, in: folder)
                #expect(outcome.code == 64)
                #expect(outcome.errors.contains("holds a model (config.json)"), "\(outcome.errors)")
            }
            #expect(try Data(contentsOf: folder.appending(path: "base/model.safetensors")) == before)
        }
    }

    @Test func aDamagedCheckpointFallsBackToTheOneBefore() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            #expect(try run(tinyTuning(to: "tuned", steps: 20), in: folder).code == 0)
            let model = folder.appending(path: "tuned/model.safetensors")
            let whole = try Data(contentsOf: model)
            try damage("tuned/checkpoints/step-20/training.safetensors", in: folder)
            try Data().write(to: model)
            let resumption = tinyTuning(to: "tuned", steps: 20) + ["--resume"]
            let resumed = try run(resumption, in: folder)
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(resumed.errors.contains("step-20 cannot be used"), "\(resumed.errors)")
            #expect(resumed.errors.contains("going on from step-15"))
            #expect(try Data(contentsOf: model) == whole)

            // Without checksums nothing would tell of damage.
            let sums = folder.appending(path: "tuned/checkpoints/step-20/contents.json")
            try FileManager.default.removeItem(at: sums)
            for makesFolder in [false, true] {
                if makesFolder {
                    try FileManager.default.removeItem(at: sums)
                    try FileManager.default.createDirectory(at: sums, withIntermediateDirectories: false)
                }
                let unsure = try run(resumption, in: folder)
                #expect(
                    unsure.code == 0 && unsure.errors.contains("step-20 cannot be used"), "\(unsure.errors)")
                #expect(unsure.errors.contains("is kept as unusable-step-20"), "\(unsure.errors)")
            }
            try Data(#"{"files":{},"format":2}"#.utf8).write(to: sums)
            let unlisted = try run(resumption, in: folder)
            #expect(
                unlisted.errors.contains(
                    #/step-20 cannot be used: .*no file that contents.json does not list/#),
                "\(unlisted.errors)")

            for step in ["step-15", "step-20"] {
                try damage("tuned/checkpoints/\(step)/training.safetensors", in: folder)
            }
            let hopeless = try run(resumption, in: folder)
            #expect(hopeless.code == 65)
            #expect(hopeless.errors.contains("none of 2 checkpoints"), "\(hopeless.errors)")
        }
    }

    @Test func aDamagedCheckpointIsNoneOfTheTwoThatAreKept() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            #expect(try run(tinyTuning(to: "tuned", steps: 20), in: folder).code == 0)
            let checkpoints = folder.appending(path: "tuned/checkpoints")
            // As if the run had been stopped after step 18, whose checkpoint is damaged.
            try FileManager.default.removeItem(at: checkpoints.appending(component: "step-20"))
            try FileManager.default.copyItem(
                at: checkpoints.appending(component: "step-15"),
                to: checkpoints.appending(component: "step-18"))
            try damage("tuned/checkpoints/step-18/training.safetensors", in: folder)
            let resumed = try run(tinyTuning(to: "tuned", steps: 20) + ["--resume"], in: folder)
            #expect(
                resumed.code == 0 && resumed.errors.contains("going on from step-15"), "\(resumed.errors)")
            #expect(try fileNames(in: checkpoints) == ["step-15", "step-18", "step-20"])
        }
    }

    @Test func aCheckpointOfALaterFormatIsNotUsed() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            #expect(try run(tinyTuning(to: "tuned", steps: 20), in: folder).code == 0)
            let file = folder.appending(path: "tuned/checkpoints/step-20/contents.json")
            for (key, value, found) in [("format", 99, "format 99"), ("ranks", 2, #""ranks""#)] {
                let whole = try Data(contentsOf: file)
                var contents = try #require(
                    try JSONSerialization.jsonObject(with: whole) as? [String: Any])
                contents[key] = value
                try JSONSerialization.data(withJSONObject: contents).write(to: file)
                let resumed = try run(tinyTuning(to: "tuned", steps: 20) + ["--resume"], in: folder)
                #expect(resumed.errors.contains("step-20 cannot be used: "), "\(resumed.errors)")
                #expect(resumed.errors.contains(found), "\(resumed.errors)")
                try whole.write(to: file)
            }
            // A file that is shorter than it was is found without its checksum.
            let training = file.deletingLastPathComponent().appending(component: "training.safetensors")
            try Data(contentsOf: training).dropLast(9).write(to: training)
            let cut = try run(tinyTuning(to: "tuned", steps: 20) + ["--resume"], in: folder)
            #expect(
                cut.errors.contains(
                    #/step-20 cannot be used: .*expected \d+ bytes as they were written, found \d+/#),
                "\(cut.errors)")
        }
    }

    @Test func aRunThatCannotBeReadIsNotAMissingOne() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            #expect(try run(tinyTuning(to: "tuned", steps: 5), in: folder).code == 0)
            // What cannot be read, whoever tries.
            for (path, code) in [("tuned/checkpoints", 74), ("tuned/run.json", 74)] {
                let url = folder.appending(path: path)
                try FileManager.default.removeItem(at: url)
                if path.hasSuffix("json") {
                    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
                } else {
                    try Data().write(to: url)
                }
                let outcome = try run(tinyTuning(to: "tuned", steps: 5) + ["--resume"], in: folder)
                #expect(outcome.code == Int32(code), "\(outcome.errors)")
                #expect(outcome.errors.contains("\(path): cannot be read: "), "\(outcome.errors)")
            }
        }
    }

    @Test func dryAndRefusedRunsWriteNothing() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try Data("{}\n".utf8).write(to: folder.appending(component: "bad.jsonl"))
            try Data("\n".utf8).write(to: folder.appending(component: "empty.txt"))
            let before = files(below: folder)
            let tuning = tinyTuning(to: "some/new/folder", steps: 2)
            let pretraining = tinyPretraining(to: "some/new/folder", steps: 2)
            for (arguments, code) in [
                (tuning + ["--dry-run"], 0), (pretraining + ["--dry-run"], 0), (tuning + ["--resume"], 66),
                (tuning.map { $0 == "conversations.jsonl" ? "bad.jsonl" : $0 }, 65),
                (pretraining + ["--corpus", "empty.txt"], 65),
                (pretraining + ["--depth", "900"], 64), (tuning + ["--epochs", "2"], 64),
            ] {
                let outcome = try run(arguments, in: folder)
                #expect(outcome.code == code, "\(arguments) \(outcome.errors)")
                #expect(files(below: folder) == before, "\(arguments)")
            }
        }
    }

    @Test func aDryRunOfAResumptionSaysHowFarItIs() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            #expect(try run(tinyTuning(to: "tuned", steps: 10), in: folder).code == 0)
            let dry = try run(tinyTuning(to: "tuned", steps: 10) + ["--resume", "--dry-run"], in: folder)
            #expect(dry.code == 0)
            #expect(dry.errors.contains("10 of 10 steps are done"), "\(dry.errors)")
        }
    }
}
