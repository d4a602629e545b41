import BuiltInWorld
import Foundation
import TestSupport
import Testing

/// Runs of training as processes: killed, stopped, resumed, refused.
@Suite struct TrainingRunTests {
    private func model(_ name: String, in folder: URL) throws -> Data {
        try Data(contentsOf: folder.appending(components: name, "model.safetensors"))
    }

    @Test func killedRunsGoOnToTheSameWeights() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let whole = try HoneProcess(tinyPretraining(to: "whole", steps: 60), in: folder).outcome()
            #expect(whole.code == 0, "\(whole.errors)")
            var random = SystemRandomNumberGenerator()
            var kills = 0
            var outcome: HoneProcess.Outcome
            repeat {
                let hasRun = FileManager.default.fileExists(
                    atPath: folder.appending(path: "cut/run.json").path)
                let run = try HoneProcess(
                    tinyPretraining(to: "cut", steps: 60) + (hasRun ? ["--resume"] : []), in: folder)
                if kills < 4 {
                    Thread.sleep(forTimeInterval: Double.random(in: 0.05...0.6, using: &random))
                    kill(run.process.processIdentifier, SIGKILL)
                    kills += 1
                }
                outcome = try run.outcome()
            } while outcome.code == -SIGKILL
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try model("cut", in: folder) == model("whole", in: folder))
            let lines = try String(contentsOf: folder.appending(path: "cut/metrics.jsonl"), encoding: .utf8)
                .split(separator: "\n")
            #expect(lines.count == 60)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aStoppedRunIsSavedAndGoesOn(signal: Int32) throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let run = try HoneProcess(tinyPretraining(to: "base", steps: 100_000), in: folder)
            let metrics = folder.appending(path: "base/metrics.jsonl")
            while (try? Data(contentsOf: metrics))?.isEmpty ?? true, run.process.isRunning {
                Thread.sleep(forTimeInterval: 0.05)
            }
            kill(run.process.processIdentifier, signal)
            let outcome = try run.outcome()
            #expect(outcome.code == (signal == SIGTERM ? 143 : 130))
            #expect(outcome.errors.contains("saved; the same command with --resume goes on\n"))
            let checkpoints = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: "base/checkpoints").path)
            #expect(!checkpoints.isEmpty)
        }
    }

    @Test func numbersBeyondEveryIntegerInTheMetricsAreLivedWith() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let arguments = tinyPretraining(to: "base", steps: 200)
            let run = try HoneProcess(arguments, in: folder)
            let metrics = folder.appending(path: "base/metrics.jsonl")
            while (try? Data(contentsOf: metrics))?.isEmpty ?? true, run.process.isRunning {
                Thread.sleep(forTimeInterval: 0.05)
            }
            kill(run.process.processIdentifier, SIGINT)
            #expect(try run.outcome().code == 130)
            // A count of tokens and a step that no integer holds.
            let written = try String(contentsOf: metrics, encoding: .utf8)
                .replacing(/"tokens":\d+/, with: "\"tokens\":1e300", maxReplacements: 1)
            try Data((written + "{\"step\":1e300,\"loss\":1,\"tokens\":-1e300}\n").utf8).write(to: metrics)
            let outcome = try HoneProcess(arguments + ["--resume"], in: folder).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            let steps = try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").map { line in
                (try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["step"] as? Int
            }
            #expect(steps == Array(1...200))
        }
    }

    @Test func aConstantRateRisesWhereThatIsAskedFor() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let rates = try ["0", "3"].map { warmup in
                let arguments =
                    tinyPretraining(to: warmup, steps: 4)
                    + ["--schedule", "constant", "--learning-rate", "0.003", "--warmup", warmup]
                let outcome = try HoneProcess(arguments, in: folder).outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
                return try String(
                    contentsOf: folder.appending(components: warmup, "metrics.jsonl"), encoding: .utf8
                ).split(separator: "\n").map { line in
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    return ((object?["learning_rate"] as? Double ?? 0) * 1e6).rounded()
                }
            }
            #expect(rates[0] == [3_000, 3_000, 3_000, 3_000])
            #expect(rates[1] == [1_000, 2_000, 3_000, 3_000])
        }
    }

    @Test func aTextThatWasChangedIsReadAnew() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            #expect(
                try HoneProcess(tinyPretraining(to: "a", steps: 4) + ["--dry-run"], in: folder).outcome().code
                    == 0)
            let text = folder.appending(path: "text.txt")
            let before = try String(contentsOf: text, encoding: .utf8)
            try Data(before.replacing("bread", with: "cake").utf8).write(to: text)
            for name in ["a", "b"] {
                #expect(try HoneProcess(tinyPretraining(to: name, steps: 4), in: folder).outcome().code == 0)
            }
            #expect(try model("a", in: folder) == model("b", in: folder))
        }
    }

    @Test func aRunIsNeitherReplacedNorContinuedOtherwise() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            #expect(try HoneProcess(tinyPretraining(to: "base", steps: 6), in: folder).outcome().code == 0)
            let before = try model("base", in: folder)
            let again = try HoneProcess(tinyPretraining(to: "base", steps: 6), in: folder).outcome()
            #expect(again.code == 64)
            #expect(again.errors.contains("--resume"))
            let other = try HoneProcess(tinyPretraining(to: "base", steps: 7) + ["--resume"], in: folder)
                .outcome()
            #expect(other.code == 64)
            #expect(other.errors.contains("steps 6"))
            #expect(try model("base", in: folder) == before)
        }
    }

    @Test func aRunWithoutCheckpointsSaysThatItBeginsAgain() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            #expect(try HoneProcess(tinyPretraining(to: "base", steps: 6), in: folder).outcome().code == 0)
            let before = try model("base", in: folder)
            try FileManager.default.removeItem(at: folder.appending(path: "base/checkpoints"))
            let again = try HoneProcess(tinyPretraining(to: "base", steps: 6) + ["--resume"], in: folder)
                .outcome()
            #expect(again.code == 0, "\(again.errors)")
            #expect(again.errors.contains("base/checkpoints: the run begins at its first step"))
            #expect(try model("base", in: folder) == before)
        }
    }

    @Test func damagedMetricsCostNoOthers() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            #expect(try HoneProcess(tinyPretraining(to: "base", steps: 6), in: folder).outcome().code == 0)
            let file = folder.appending(path: "base/metrics.jsonl")
            var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            lines[2].removeLast()
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
            let again = try HoneProcess(tinyPretraining(to: "base", steps: 6) + ["--resume"], in: folder)
                .outcome()
            #expect(again.code == 0, "\(again.errors)")
            #expect(again.errors.contains("metrics.jsonl: 1 damaged line left out"), "\(again.errors)")
            lines.remove(at: 2)
            #expect(
                try String(contentsOf: file, encoding: .utf8).split(separator: "\n").prefix(5) == lines[...])
        }
    }

    /// What a later hone may have written of it.
    @Test func aRunOfUnknownMembersIsNotResumed() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            #expect(try HoneProcess(tinyPretraining(to: "base", steps: 2), in: folder).outcome().code == 0)
            let file = folder.appending(path: "base/run.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("\"command\"", with: "\"clock\": 1, \"command\"").utf8).write(to: file)
            let again = try HoneProcess(tinyPretraining(to: "base", steps: 2) + ["--resume"], in: folder)
                .outcome()
            #expect(again.code == 65)
            #expect(again.errors.contains("base/run.json: expected no \"clock\""), "\(again.errors)")
        }
    }

    @Test func aDryRunSaysWhatWouldBeDoneAndDoesNothing() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let outcome = try HoneProcess(tinyPretraining(to: "base", steps: 50) + ["--dry-run"], in: folder)
                .outcome()
            #expect(outcome.code == 0)
            for word in ["parameters", "50 steps", "tokens", "memory"] {
                #expect(outcome.errors.contains(word))
            }
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "base").path))
        }
    }

    @Test func aQuickstartPrintsPathsAsTheyAreTyped() throws {
        try withTemporaryFolder { folder in
            let stopped = try HoneProcess(["quickstart", "--minutes", "0.02", "--output", "a/b"], in: folder)
            let base = folder.appending(path: "a/b/base/run.json").path
            while !FileManager.default.fileExists(atPath: base), stopped.process.isRunning {
                Thread.sleep(forTimeInterval: 0.05)
            }
            kill(stopped.process.processIdentifier, SIGINT)
            let outcome = try stopped.outcome()
            let said = outcome.errors
            #expect(
                said.contains("$ hone corpus a/b/world/website a/b/world/repositories --output a/b/corpus "))
            #expect(said.contains("$ hone tokenizer train a/b/corpus "))
            #expect(said.contains("$ hone pretrain --corpus a/b/corpus --tokenizer a/b/tokenizer.json "))
            // A quickstart goes on by itself, and has no --resume. Between two stages the signal ends it at once.
            #expect(!said.contains("--resume"), "\(said)")
            if outcome.code == 130 {
                #expect(
                    said.hasSuffix("quickstart: stopped; the same command goes on from there\n"), "\(said)")
            }
            let other = try HoneProcess.run(
                "quickstart", "--minutes", "0.02", "--seed", "2", "--output", "a/b", in: folder)
            #expect(other.code == 64)
            #expect(
                other.errors.hasPrefix("hone: a/b: holds a quickstart with another seed")
                    && !other.errors.contains("--resume"), "\(other.errors)")
        }
    }

    @Test func aStageRunAloneEqualsThatOfTheQuickstart() throws {
        try withTemporaryFolder { folder in
            let all = try HoneProcess.run("quickstart", "--minutes", "0.02", "--output", ".", in: folder)
            #expect(all.code == 0, "\(all.errors)")
            #expect(FileManager.default.fileExists(atPath: folder.appending(component: "report.html").path))
            let headings = all.errors.matches(
                of: #/\n *stage (\d+) of 11: (\w+)(, about \d+:\d\d left in all)?\n/#)
            #expect(headings.map { Int($0.1) } == Array(1...11))
            #expect(headings.allSatisfy { $0.3 != nil })
            // What it takes on this machine stands before the first stage.
            let expected = try #require(
                all.errors.firstMatch(
                    of:
                        #/quickstart: about \d+:\d\d and \d+ MB of memory on this machine, by \d+ steps measured\n/#
                ))
            #expect(expected.range.upperBound <= (try #require(headings.first)).range.lowerBound)
            #expect(
                try HoneProcess.run("quickstart", "--minutes", "0.02", "--output", ".", in: folder).errors
                    .contains("on this machine") == false)
            let lines = all.errors.split(separator: "\n").filter { $0.hasPrefix("$ hone ") }
            for stage in ["pretrain", "sft", "reward", "dpo", "ppo"] {
                let line = try #require(lines.first { $0.hasPrefix("$ hone \(stage) ") })
                var words = line.split(separator: " ").dropFirst(2).map(String.init)
                let output = try #require(words.last)
                words[words.count - 1] = "alone-\(output)"
                let alone = try HoneProcess(words, in: folder).outcome()
                #expect(alone.code == 0, "\(alone.errors)")
                #expect(try model("alone-\(output)", in: folder) == model(output, in: folder), "\(stage)")
            }
        }
    }
}
