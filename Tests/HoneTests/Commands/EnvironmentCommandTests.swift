import Foundation
import TestSupport
import Testing

/// Models that act in built-in environments.
@Suite struct EnvironmentCommandTests {
    private func run(_ arguments: [String], in folder: URL) throws -> HoneProcess.Outcome {
        try HoneProcess(arguments, in: folder).outcome()
    }

    @Test(arguments: ["calculator", "store", "folder", "post-office", "town", "town:3"])
    func episodesAreShown(_ name: String) throws {
        try withTemporaryFolder { folder in
            let world = ["world", "--environment", name, "--episodes", "20", "--output"]
            for output in ["a.jsonl", "b.jsonl"] {
                let outcome = try run(world + [output], in: folder)
                #expect(outcome.code == 0 && outcome.errors.contains("20 episodes"), "\(outcome.errors)")
            }
            let text = try String(contentsOf: folder.appending(path: "a.jsonl"), encoding: .utf8)
            #expect(text == (try String(contentsOf: folder.appending(path: "b.jsonl"), encoding: .utf8)))
            #expect(text.split(separator: "\n").count == 20 && text.contains("\"tool_calls\""))
            #expect(try run(world + ["a.jsonl"], in: folder).code != 0)
        }
    }

    @Test(arguments: [
        (["grpo", "--environment", "store"], "--environment needs --steps"),
        (["grpo", "--environment", "nowhere", "--steps", "1"], "'nowhere' is invalid"),
        (["grpo", "--environment", "town:x", "--steps", "1"], "'town:x' is invalid"),
        (["grpo", "--environment", "town:x", "--steps", "1"], "- town:SEED"),
        (["grpo", "--steps", "1"], "Name prompts, with --data, or an --environment."),
        (["ppo", "--environment", "store", "--data", "x", "--steps", "1"], "--data would be ignored"),
        (
            ["rloo", "--environment", "store", "--reward", "fact", "--steps", "1"],
            "--reward would be ignored"
        ),
        (["grpo", "--data", "x", "--reward", "fact", "--max-turns", "3"], "--max-turns would be ignored"),
        (["world", "--episodes", "3"], "--episodes would be ignored"),
        (["world", "--environment", "store", "--minutes", "3"], "--minutes would be ignored"),
        (["world", "--exercise", "arithmetic", "--minutes", "3"], "--minutes would be ignored"),
        (["world", "--exercise", "arithmetic", "--environment", "store"], "--exercise would be ignored"),
        (["world", "--examples", "3"], "--examples would be ignored"),
        (["world", "--environment", "store", "--held-out"], "--held-out would be ignored"),
    ])
    func whatMakesNoSenseIsRefused(_ arguments: [String], _ message: String) throws {
        try withTemporaryFolder { folder in
            let model = arguments[0] == "world" ? [] : ["--model", "base"]
            let outcome = try run(arguments + model + ["--output", "out"], in: folder)
            #expect(outcome.code == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test func aModelActsAndIsMeasured() throws {
        try withTemporaryFolder { folder in
            func succeed(_ arguments: String...) throws -> HoneProcess.Outcome {
                let outcome = try run(arguments, in: folder)
                try #require(outcome.code == 0, "\(arguments): \(outcome.errors)")
                return outcome
            }
            _ = try succeed(
                "world", "--environment", "post-office", "--episodes", "60", "--output", "shown.jsonl")
            try FileManager.default.copyItem(
                at: folder.appending(path: "shown.jsonl"), to: folder.appending(path: "shown.txt"))
            _ = try succeed(
                "tokenizer", "train", "shown.txt", "--vocabulary-size", "500", "--output", "tokenizer.json",
                "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>", "--special-token",
                "<|im_end|>", "--special-token", "<tool_call>", "--special-token", "</tool_call>")
            _ = try succeed(
                "pretrain", "--corpus", "shown.txt", "--tokenizer", "tokenizer.json", "--depth", "1",
                "--context", "512", "--batch", "1", "--steps", "1", "--output", "base")
            _ = try succeed(
                "sft", "--model", "base", "--data", "shown.jsonl", "--steps", "60", "--optimizer", "muon",
                "--learning-rate", "0.02", "--output", "shown")
            for method in ["grpo", "rloo", "ppo"] {
                _ = try succeed(
                    method, "--model", "shown", "--environment", "post-office", "--steps", "2", "--batch",
                    "4", "--group-size", "4", "--max-tokens", "100", "--max-turns", "3", "--learning-rate",
                    "1e-4", "--output", method)
                let lines = try String(
                    contentsOf: folder.appending(path: "\(method)/metrics.jsonl"), encoding: .utf8)
                for key in ["tools/call_frequency", "tools/failure_frequency", "episodes/success"] {
                    #expect(lines.split(separator: "\n").allSatisfy { $0.contains("\"\(key)\"") }, "\(key)")
                }
            }
            let report = try succeed(
                "evaluate", "--model", "shown", "--model", "grpo", "--environment", "post-office",
                "--episodes",
                "20", "--max-tokens", "100")
            for name in ["success ↑", "claims_without_call ↓", "honest_after_failure ↑", "turns ↓"] {
                #expect(report.output.contains(name), "\(report.output)")
            }
        }
    }
}
