import Foundation
import TestSupport
import Testing

/// `hone distill`, and records made by `hone generate`.
@Suite struct DistillCommandTests {
    private func prepare(_ folder: URL) throws {
        try prepareTinyModel(in: folder)
        try run(tinyTuning(to: "teacher", steps: 5), in: folder)
        let conversations = try String(
            contentsOf: folder.appending(component: "conversations.jsonl"), encoding: .utf8)
        let texts = conversations.split(separator: "\n").map { _ in #"{"text":"Ada is baked."}"# }
        try Data(texts.joined(separator: "\n").utf8).write(to: folder.appending(component: "texts.jsonl"))
    }

    @discardableResult
    private func run(_ arguments: [String], in folder: URL, code: Int32 = 0) throws -> HoneProcess.Outcome {
        let outcome = try HoneProcess(arguments, in: folder).outcome()
        #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
        return outcome
    }

    private func distill(_ output: String, _ more: String...) -> [String] {
        [
            "distill", "--model", "base", "--teacher", "teacher", "--data", "conversations.jsonl", "--batch",
            "4",
            "--learning-rate", "1e-3", "--max-tokens", "4", "--output", output,
        ] + more
    }

    private func metrics(_ name: String, in folder: URL) throws -> [[String: Any]] {
        try String(contentsOf: folder.appending(components: name, "metrics.jsonl"), encoding: .utf8)
            .split(separator: "\n").compactMap {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
    }

    @Test func lambdaSaysWhoseRepliesAreLearned() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            for (lambda, shares) in [("0", 0...0), ("0.5", 1...9), ("1", 10...10)] {
                try run(distill("l\(lambda)", "--steps", "10", "--lambda", lambda), in: folder)
                let steps = try metrics("l\(lambda)", in: folder)
                let own = steps.count { $0["completions/mean_length"] != nil }
                #expect(steps.count == 10 && shares.contains(own), "\(lambda): \(own)")
                #expect(steps.allSatisfy { $0["entropy"] != nil && ($0["loss"] as? Double ?? -1) > 0 })
            }
        }
    }

    @Test func aRunThatWasKilledGoesOnToTheSameWeights() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let settings = ["--steps", "30", "--checkpoint-every", "3", "--lambda", "0.7", "--beta", "1"]
            try run(distill("whole") + settings, in: folder)
            let process = try HoneProcess(distill("cut") + settings, in: folder)
            let metrics = folder.appending(path: "cut/metrics.jsonl")
            while (try? Data(contentsOf: metrics))?.isEmpty ?? true, process.process.isRunning {
                Thread.sleep(forTimeInterval: 0.02)
            }
            kill(process.process.processIdentifier, SIGKILL)
            _ = try process.outcome()
            try run(distill("cut") + settings + ["--resume"], in: folder)
            let weights = try ["whole", "cut"].map {
                try Data(contentsOf: folder.appending(components: $0, "model.safetensors"))
            }
            #expect(weights[0] == weights[1])
            let other = ["distill", "--model", "base", "--teacher", "base"] + distill("cut").dropFirst(5)
            let refused = try run(other + settings + ["--resume"], in: folder, code: 64)
            #expect(refused.errors.contains("the weights of --teacher base"), "\(refused.errors)")
        }
    }

    @Test func textsWithoutPromptsAreLearnedAsTheyAre() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let texts = [
                "distill", "--model", "base", "--teacher", "teacher", "--data", "texts.jsonl", "--steps", "2",
                "--output",
            ]
            try run(texts + ["plain"], in: folder)
            #expect(try metrics("plain", in: folder).allSatisfy { $0["completions/mean_length"] == nil })
            let refused = try run(texts + ["own", "--lambda", "0.5"], in: folder, code: 65)
            #expect(refused.errors.contains("no record has a prompt"), "\(refused.errors)")
        }
    }

    @Test func aTeacherOfOtherTokensIsRefusedWithTheWayThatRemains() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let text = try String(contentsOf: folder.appending(component: "text.txt"), encoding: .utf8)
            try Data(String(text.reversed()).utf8).write(to: folder.appending(component: "reversed.txt"))
            try run(
                [
                    "tokenizer", "train", "reversed.txt", "--vocabulary-size", "280", "--output",
                    "other.json",
                    "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>", "--special-token",
                    "<|im_end|>",
                ], in: folder)
            try FileManager.default.removeItem(at: folder.appending(path: "teacher/tokenizer.json"))
            try FileManager.default.copyItem(
                at: folder.appending(component: "other.json"),
                to: folder.appending(path: "teacher/tokenizer.json"))
            let refused = try run(distill("x", "--steps", "1"), in: folder, code: 65)
            #expect(refused.errors.contains("hone generate --records"), "\(refused.errors)")
            // The same where it knows fewer tokens.
            try run(
                [
                    "tokenizer", "train", "reversed.txt", "--vocabulary-size", "260", "--output",
                    "small.json",
                ], in: folder)
            try run(
                [
                    "pretrain", "--corpus", "reversed.txt", "--tokenizer", "small.json", "--depth", "1",
                    "--width", "32", "--head-size", "32", "--context", "64", "--batch", "1", "--steps", "1",
                    "--output", "small",
                ], in: folder)
            let small = try run(
                [
                    "distill", "--model", "base", "--teacher", "small", "--data", "conversations.jsonl",
                    "--steps", "1", "--output", "x",
                ], in: folder, code: 65)
            #expect(
                small.errors.contains("the student's tokenizer has")
                    && small.errors.contains("hone generate --records"), "\(small.errors)")
        }
    }

    @Test func theBestTextsAreRecordsToTrainOn() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let prompts = (0..<6).map {
                #"{"prompt":[{"role":"user","content":"\#($0)"}],"answer":"\#($0)"}"#
            }
            try Data(prompts.joined(separator: "\n").utf8).write(
                to: folder.appending(component: "asked.jsonl"))
            let generate = [
                "generate", "--model", "teacher", "--data", "asked.jsonl", "--samples", "4", "--max-tokens",
                "40", "--stop", "e", "--temperature", "1",
                "--seed", "1", "--records", "--output", "taught.jsonl",
            ]
            let all = try run(generate, in: folder)
            #expect(all.output.isEmpty)
            func records() throws -> [[String: Any]] {
                try String(contentsOf: folder.appending(component: "taught.jsonl"), encoding: .utf8)
                    .split(separator: "\n").compactMap {
                        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                    }
            }
            let whole = try records()
            #expect((1...24).contains(whole.count))
            let best = try run(generate + ["--reward", "number"], in: folder)
            let chosen = try records()
            #expect(chosen.count <= 6)
            for record in chosen {
                let completion = try #require(record["completion"] as? [[String: Any]])
                #expect(completion.first?["role"] as? String == "assistant")
                #expect((record["prompt"] as? [[String: Any]])?.first?["role"] as? String == "user")
                #expect(record["answer"] != nil && record["reward"] is Double, "\(record)")
            }
            #expect(chosen.count == 6 || best.errors.contains("left out"), "\(best.errors)")
            // Nothing that this model says is right.
            let none = try run(
                generate + ["--reward", "number", "--minimum-reward", "1.5"], in: folder)
            #expect(try records().isEmpty)
            #expect(none.errors.contains("6 texts left out"), "\(none.errors)")
            for (option, value) in [("--minimum-reward", ["1"]), ("--output", ["x.jsonl"])] {
                let refused = try run(
                    ["generate", "--model", "base", "--prompt", "Ada", option] + value, in: folder, code: 64)
                #expect(refused.errors.contains(option), "\(refused.errors)")
            }
        }
    }

    @Test func aRecipeChoosesTheBestAndLearnsThem() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let recipe = """
                stages:
                  - command: generate
                    model: teacher
                    data: prompts.jsonl
                    samples: 2
                    max-tokens: 40
                    seed: 1
                    temperature: 1
                    stop: ["e"]
                    reward: [number]
                    records: true
                    output: chosen.jsonl
                  - command: sft
                    model: teacher
                    data: chosen.jsonl
                    steps: 2
                    output: better
                """
            try Data(recipe.utf8).write(to: folder.appending(component: "recipe.yaml"))
            try run(["run", "recipe.yaml"], in: folder)
            let model = folder.appending(path: "better/model.safetensors").path
            #expect(FileManager.default.fileExists(atPath: model))
            let again = try run(["run", "recipe.yaml"], in: folder)
            #expect(!again.errors.contains("texts"), "\(again.errors)")

            // Nothing is kept: the stage is not done, and with another bound it is run.
            let strict = recipe.replacing("records: true", with: "records: true\n    minimum-reward: 1.5")
                .replacing("chosen.jsonl", with: "few.jsonl").replacing("better", with: "taught")
            for (text, code) in [(strict, 65), (strict.replacing("1.5", with: "0"), 0)] {
                try Data(text.utf8).write(to: folder.appending(component: "recipe.yaml"))
                let outcome = try run(["run", "recipe.yaml"], in: folder, code: Int32(code))
                #expect(outcome.errors.contains("texts"), "\(outcome.errors)")
            }
        }
    }
}
