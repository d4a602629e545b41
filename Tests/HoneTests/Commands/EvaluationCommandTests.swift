import Foundation
import TestSupport
import Testing

/// Evaluations on the way, what is kept and ended by them, and averages: exact through every interruption.
@Suite struct EvaluationCommandTests {
    private func lines(_ name: String, in folder: URL) throws -> [[String: Any]] {
        try String(contentsOf: folder.appending(components: name, "metrics.jsonl"), encoding: .utf8)
            .split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
    }

    private func weights(_ path: String, in folder: URL) throws -> Data {
        try Data(contentsOf: folder.appending(path: path).appending(component: "model.safetensors"))
    }

    /// Figures of evaluations by step.
    private func evaluations(_ name: String, in folder: URL) throws -> [Int: [String: Double]] {
        var found: [Int: [String: Double]] = [:]
        for line in try lines(name, in: folder) {
            let figures = line.filter { $0.key.hasPrefix("eval_") }.compactMapValues { $0 as? Double }
            if !figures.isEmpty, let step = line["step"] as? Int { found[step] = figures }
        }
        return found
    }

    @Test(arguments: [
        ("sft", "conversations.jsonl", "loss"), ("dpo", "pairs.jsonl", "rewards/accuracies"),
        ("kto", "labels.jsonl", "loss"), ("reward", "pairs.jsonl", "margin"),
    ])
    func killedRunsKeepTheSameBestAndEndAtTheSameStep(method: String, data: String, figure: String) throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            func arguments(_ output: String) -> [String] {
                [
                    method, "--model", "base", "--data", data, "--batch", "4", "--steps", "600",
                    "--learning-rate", "3e-3", "--checkpoint-every", "7", "--validation-share", "0.25",
                    "--evaluate-every", "5", "--keep-best", figure, "--patience", "12", "--ema", "0.9",
                    "--output", output,
                ]
            }
            let whole = try HoneProcess(arguments("whole"), in: folder).outcome()
            #expect(whole.code == 0, "\(whole.errors)")
            var kills = 0
            var outcome: HoneProcess.Outcome
            repeat {
                let hasRun = FileManager.default.fileExists(
                    atPath: folder.appending(path: "cut/run.json").path)
                let run = try HoneProcess(arguments("cut") + (hasRun ? ["--resume"] : []), in: folder)
                if kills < 4 {
                    Thread.sleep(forTimeInterval: Double.random(in: 0.05...0.5))
                    kill(run.process.processIdentifier, SIGKILL)
                    kills += 1
                }
                outcome = try run.outcome()
            } while outcome.code == -SIGKILL
            #expect(outcome.code == 0, "\(outcome.errors)")
            for path in ["", "/best", "/ema"] {
                #expect(
                    try weights("cut\(path)", in: folder) == weights("whole\(path)", in: folder), "\(path)")
            }
            let found = try evaluations("whole", in: folder)
            #expect(try evaluations("cut", in: folder) == found)
            #expect(try lines("cut", in: folder).count == lines("whole", in: folder).count)
            // The best evaluation by what was logged is the one that was kept.
            let key = "eval_\(figure)"
            let sign: Double = figure == "loss" ? -1 : 1
            let best = try #require(
                found.max { (sign * ($0.value[key] ?? 0), $1.key) < (sign * ($1.value[key] ?? 0), $0.key) })
            let note = try Data(contentsOf: folder.appending(path: "cut/best/evaluation.json"))
            let kept = try #require(try JSONSerialization.jsonObject(with: note) as? [String: Any])
            #expect(kept["step"] as? Int == best.key)
            #expect(kept[key] as? Double == best.value[key])
            #expect(found.values.allSatisfy { $0["eval_ema_\(figure)"] != nil })
            // It ended after twelve evaluations without a better one, unless all steps were done.
            let last = try #require(found.keys.max())
            #expect(last == min(600, best.key + 5 * 12))
            #expect(whole.errors.contains("at step \(best.key)"), "\(whole.errors)")
        }
    }

    @Test func evaluationChangesNoWeights() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let more = [
                [], ["--validation", "conversations.jsonl", "--evaluate-every", "1", "--keep-best", "loss"],
                ["--ema", "0.5"],
            ]
            let models = try more.enumerated().map { index, more in
                let outcome = try HoneProcess(tinyTuning(to: "\(index)", steps: 6) + more, in: folder)
                    .outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
                return try weights("\(index)", in: folder)
            }
            #expect(models[1] == models[0] && models[2] == models[0])
            #expect(try evaluations("1", in: folder).keys.sorted() == Array(1...6))
        }
    }

    @Test func pretrainingAveragesAndKeepsItsBest() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let outcome = try HoneProcess(
                tinyPretraining(to: "base", steps: 8) + ["--ema", "0.5"], in: folder
            ).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try weights("base/ema", in: folder) != weights("base", in: folder))
            let model = try HoneProcess.run(
                "generate", "--model", "base/ema", "--prompt", "the", "--max-tokens", "2", in: folder)
            #expect(model.code == 0, "\(model.errors)")
            let none = try HoneProcess(
                tinyPretraining(to: "other", steps: 8) + ["--keep-best", "loss"], in: folder
            ).outcome()
            #expect(none.code == 65)
            #expect(none.errors.contains("nothing to evaluate on"), "\(none.errors)")
        }
    }

    @Test func whatCannotBeEvaluatedIsRefused() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let cases: [([String], Int32, String)] = [
                (["--keep-best", "loss"], 64, "--keep-best would be ignored: it needs --validation or"),
                (["--evaluate-every", "2"], 64, "--evaluate-every would be ignored"),
                (["--patience", "0", "--validation-share", "0.5"], 64, "--patience is 0"),
                (["--keep-best", "entropy", "--validation-share", "0.5"], 64, "entropy"),
                (
                    ["--keep-best", "accuracy", "--validation-share", "0.5"], 64,
                    "--keep-best accuracy: the evaluations here have no such figure; they have loss, mean_token_accuracy"
                ),
                (
                    ["--keep-best", "eval_loss", "--validation-share", "0.5"], 64,
                    "they have loss, mean_token_accuracy, without the eval_ of metrics.jsonl"
                ),
                (
                    ["--validation-share", "1"], 64,
                    "--validation-share is 1.0; it must be greater than 0 and less than 1"
                ),
                (
                    ["--validation-share", "0"], 64,
                    "--validation-share is 0.0; it must be greater than 0 and less than 1"
                ),
                (
                    ["--validation-share", "0.5", "--validation", "conversations.jsonl"], 64,
                    "--validation-share would be ignored"
                ),
                (["--ema", "1"], 64, "--ema is 1.0"),
            ]
            for (more, code, message) in cases {
                let outcome = try HoneProcess(tinyTuning(to: "out", steps: 2) + more, in: folder).outcome()
                #expect(outcome.code == code, "\(more): \(outcome.errors)")
                #expect(outcome.errors.contains(message), "\(more): \(outcome.errors)")
                #expect(
                    !FileManager.default.fileExists(atPath: folder.appending(path: "out").path), "\(more)")
            }
            try Data(#"{"prompt":"Ada is","chosen":" dawn","rejected":" noon"}"#.utf8)
                .write(to: folder.appending(component: "one.jsonl"))
            let nothing = try HoneProcess.run(
                "dpo", "--model", "base", "--data", "one.jsonl", "--validation-share", "0.5", "--steps", "1",
                "--output", "out", in: folder)
            #expect(nothing.code == 65)
            #expect(nothing.errors.contains("--validation-share 0.5 holds out 1"), "\(nothing.errors)")
            let begun = ["--validation-share", "0.5", "--evaluate-every", "1", "--patience", "9"]
            #expect(
                try HoneProcess(tinyTuning(to: "out", steps: 2) + begun, in: folder).outcome().code == 0)
            for (option, value) in [
                ("--evaluate-every", "2"), ("--patience", "8"), ("--validation-share", "0.3"),
            ] {
                var changed = begun
                changed[try #require(changed.firstIndex(of: option)) + 1] = value
                let outcome = try HoneProcess(
                    tinyTuning(to: "out", steps: 2) + changed + ["--resume"], in: folder
                ).outcome()
                #expect(outcome.code == 64)
                #expect(outcome.errors.contains(option), "\(outcome.errors)")
            }
        }
    }
}
