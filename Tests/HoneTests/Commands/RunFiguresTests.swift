import Foundation
import TestSupport
import Testing

/// What a run says of itself at its end.
@Suite struct RunFiguresTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func aResumedRunCountsAllOfItsTokens() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let whole = try HoneProcess(tinyTuning(to: "a", steps: 20) + ["--json"], in: folder).outcome()
            #expect(whole.code == 0, "\(whole.errors)")
            // What a run leaves that was stopped after its fifteenth step.
            try FileManager.default.removeItem(at: folder.appending(path: "a/checkpoints/step-20"))
            let resumed = try HoneProcess(
                tinyTuning(to: "a", steps: 20) + ["--json", "--resume"], in: folder
            ).outcome()
            #expect(resumed.code == 0, "\(resumed.errors)")
            let tokens = try object(whole.output)["tokens"] as? Int
            #expect(try object(resumed.output)["tokens"] as? Int == tokens)
            let report = try String(contentsOf: folder.appending(path: "a/report.html"), encoding: .utf8)
            let count = try #require(tokens)
            let inThrees = "\(count / 1_000),\(String(count % 1_000 + 1_000).dropFirst())"
            #expect(report.contains(inThrees), "\(inThrees)")
            let seconds = try String(contentsOf: folder.appending(path: "a/metrics.jsonl"), encoding: .utf8)
                .split(separator: "\n").map { try object(String($0))["seconds"] as? Double ?? -1 }
            #expect(seconds == seconds.sorted() && seconds.count == 20)
        }
    }

    @Test func precisionAndProcessorStandBesideFigures() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try Data("the bread is baked\n".utf8).write(to: folder.appending(component: "held.txt"))
            let tuned = try HoneProcess(tinyTuning(to: "a", steps: 2) + ["--json"], in: folder).outcome()
            let processor = try #require(try object(tuned.output)["processor"] as? String)
            #expect(try object(tuned.output)["precision"] as? String == "bfloat16")
            #expect(tuned.errors.contains("products in bfloat16 on \(processor)"))
            let report = try String(contentsOf: folder.appending(path: "a/report.html"), encoding: .utf8)
            #expect(report.contains("bfloat16 on \(processor)"))
            let evaluation = try HoneProcess.run(
                "evaluate", "--model", "base", "--text", "held.txt", "--json", in: folder)
            #expect(try object(evaluation.output)["precision"] as? String == "float32")
            #expect(try object(evaluation.output)["processor"] as? String == processor)
            let table = try HoneProcess.run("evaluate", "--model", "base", "--text", "held.txt", in: folder)
            #expect(table.output.contains("products in float32 on \(processor)"))
        }
    }

    @Test func aSuiteWhosePromptsLeaveNoRoomIsRefusedByTheirLine() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let prompt = String(repeating: "the bread is baked ", count: 1_000)
            try Data((#"{"kind":"helpfulness","prompt":"\#(prompt)"}"# + "\n").utf8).write(
                to: folder.appending(component: "suite.jsonl"))
            let outcome = try HoneProcess.run(
                "evaluate", "--model", "base", "--suite", "suite.jsonl", in: folder)
            #expect(outcome.code == 65)
            #expect(
                outcome.errors.contains(
                    #/suite, line 1: the prompt has \d+ tokens, expected fewer than the model's context of \d+/#
                ),
                "\(outcome.errors)")
        }
    }

    @Test func theLastValidationIsPrinted() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let outcome = try HoneProcess(
                tinyTuning(to: "a", steps: 2) + ["--validation", "conversations.jsonl"], in: folder
            ).outcome()
            #expect(outcome.errors.contains(#/sft: validation: loss \d+\.\d{4}, mean token accuracy 0\./#))
        }
    }

    @Test func aRunOfWhichNoStepWasTakenFails() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let model = folder.appending(path: "base/model.safetensors")
            var bytes = try Data(contentsOf: model)
            // The last array ends in NaN.
            for place in bytes.count - 64..<bytes.count { bytes[place] = 0xFF }
            try bytes.write(to: model)
            let outcome = try HoneProcess(tinyTuning(to: "a", steps: 3), in: folder).outcome()
            #expect(outcome.code == 65)
            #expect(outcome.errors.contains("no step was taken"), "\(outcome.errors)")
            #expect(outcome.errors.contains("not finite (3 times)"))
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "a/config.json").path))
        }
    }

    @Test func stepsThatWereNotTakenAreCountedAtTheEnd() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let wild = tinyTuning(to: "a", steps: 4) + ["--learning-rate", "1e30", "--schedule", "constant"]
            let outcome = try HoneProcess(wild, in: folder).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(
                outcome.errors.contains(
                    "sft: 3 of 4 steps were not taken: the gradient was not finite (3 times)")
            )
            let resumed = try HoneProcess(wild + ["--resume", "--json"], in: folder).outcome()
            #expect(try object(resumed.output)["steps_skipped"] as? Int == 3)
        }
    }
}
