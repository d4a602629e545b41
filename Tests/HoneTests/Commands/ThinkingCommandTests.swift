import Foundation
import TestSupport
import Testing

/// Thinking before an answer on the command line, by a model that has learned one by heart.
@Suite struct ThinkingCommandTests {
    private static let thought = "baked by Ada before dawn and sold"

    private func prepare(_ folder: URL) throws {
        try prepareTinyCorpus(in: folder)
        let record =
            #"{"messages":[{"role":"user","content":"bread"},{"role":"assistant","content":"<think>\n\#(Self.thought)\n</think>\n\nat noon"}]}"#
        try Data((record + "\n").utf8).write(to: folder.appending(component: "thoughts.jsonl"))
        for arguments in [
            [
                "pretrain", "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1",
                "--context", "192", "--batch", "4", "--steps", "1", "--output", "base",
            ],
            [
                "sft", "--model", "base", "--data", "thoughts.jsonl", "--batch", "1", "--epochs", "80",
                "--learning-rate", "0.01", "--output", "thinker",
            ],
        ] {
            let outcome = try HoneProcess(arguments, in: folder).outcome()
            try #require(outcome.code == 0, "\(outcome.errors)")
        }
    }

    private static let greedy = ["--model", "thinker", "--temperature", "0", "--max-tokens", "60"]

    @Test func chatShowsThinkingApart() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            func chat(_ more: [String] = [], _ lines: String) throws -> (output: String, errors: String) {
                let outcome = try HoneProcess(
                    ["chat"] + Self.greedy + ["--history", ""] + more, in: folder, input: Data(lines.utf8)
                ).outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
                return (outcome.output, outcome.errors)
            }
            let shown = try chat([], "bread\n/save said.jsonl\n")
            #expect(shown.output == "at noon\n", "\(shown)")
            #expect(shown.errors.contains(Self.thought))
            // What was thought stays in the conversation, as this template writes it.
            let said = try String(contentsOf: folder.appending(path: "said.jsonl"), encoding: .utf8)
            #expect(said.contains(#""<think>\n\#(Self.thought)\n</think>\n\nat noon""#), "\(said)")
            let hidden = try chat(["--thinking", "hidden"], "bread\n")
            #expect(hidden.output == "at noon\n" && !hidden.errors.contains("Ada"))
            let switched = try chat(["--thinking", "hidden"], "/thinking dimmed\nbread\n/thinking loud\n")
            #expect(switched.errors.contains("thinking is dimmed") && switched.errors.contains(Self.thought))
            #expect(switched.errors.contains("/thinking dimmed or hidden"))
            let cut = try chat(["--max-tokens", "8"], "bread\n")
            #expect(cut.errors.contains("--thinking-token-budget"), "\(cut)")
        }
    }

    @Test func aBudgetEndsThinking() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            func text(_ more: String...) throws -> String {
                let outcome = try HoneProcess(
                    ["generate", "--chat", "--prompt", "bread"] + Self.greedy + more, in: folder
                ).outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
                return outcome.output
            }
            let whole = try text()
            #expect(whole.hasPrefix("<think>\n\(Self.thought)\n</think>\n\nat noon"), "\(whole)")
            let ended = try text("--thinking-token-budget", "4")
            let thought = try #require(ended.firstRange(of: "</think>")).lowerBound
            #expect(ended[..<thought].count < 40 && whole.hasPrefix(ended[..<thought].dropLast()))
            let told = try text(
                "--thinking-token-budget", "4", "--thinking-end", " Time is over.\n</think>\n\nSo: ")
            #expect(told.contains(" Time is over.\n</think>\n\nSo: "), "\(told)")
            for (options, word) in [
                (["--thinking-token-budget", "60"], "--max-tokens 60 leaves no room"),
                (["--thinking-end", "</think>"], "it needs --thinking-token-budget"),
                (
                    [
                        "--thinking-token-budget", "50", "--thinking-end",
                        " The time is over, and bread is sold.\n</think>\n\n",
                    ],
                    "--thinking-token-budget would be ignored: its 50 tokens and the"
                ),
                (
                    ["--thinking-token-budget", "1020", "--max-tokens", "4000"],
                    "leave no room for an answer in the model's context of 1024"
                ),
                (
                    ["--thinking-token-budget", "4", "--thinking-end", "over"],
                    "expected a text with one </think>"
                ),
            ] {
                let refused = try HoneProcess(
                    ["generate", "--chat", "--prompt", "bread"] + Self.greedy + options, in: folder
                ).outcome()
                #expect(refused.code == 64 && refused.errors.contains(word), "\(refused)")
            }
        }
    }

    /// The prompt takes room too, which is known of each prompt alone.
    @Test func thinkingWithoutRoomForItsEndIsSaid() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let prompt = Array(repeating: "bread", count: 20).joined(separator: " ")
            let outcome = try HoneProcess(
                [
                    "generate", "--model", "base", "--temperature", "0", "--prompt", prompt + " <think>\n",
                    "--max-tokens", "4000", "--thinking-token-budget", "1000",
                ], in: folder
            ).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(
                outcome.errors.contains(
                    "cut within their thinking, by --max-tokens or the model's context: 1 of 1 text"),
                "\(outcome.errors)")
        }
    }

    /// Exercises that are shown, tried and judged.
    @Test func exercisesInArithmeticServeEveryStage() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            func run(_ arguments: String...) throws -> HoneProcess.Outcome {
                let outcome = try HoneProcess(arguments, in: folder).outcome()
                #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
                return outcome
            }
            let world = try run(
                "world", "--exercise", "arithmetic", "--examples", "40", "--output", "sums.jsonl")
            #expect(world.errors.contains("40 exercises"))
            _ = try run(
                "world", "--exercise", "arithmetic", "--examples", "8", "--held-out", "--output",
                "held-out.jsonl")
            _ = try run(
                "sft", "--model", "base", "--data", "sums.jsonl", "--steps", "1", "--output", "shown")
            _ = try run(
                "grpo", "--model", "shown", "--data", "sums.jsonl", "--reward", "number", "--steps", "1",
                "--batch", "2", "--group-size", "2", "--max-tokens", "4", "--output", "tried", "--dry-run")
            let judged = try run(
                "generate", "--model", "shown", "--data", "held-out.jsonl", "--reward", "number", "--json",
                "--max-tokens", "4")
            let lines = judged.output.split(separator: "\n")
            #expect(lines.count == 8 && lines.allSatisfy { $0.contains(#""reward":"#) })
        }
    }

    /// Thinking under a key of its own, which ChatML does not write.
    @Test func thinkingThatWouldNotBeLearnedIsNamed() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let record =
                #"{"messages":[{"role":"user","content":"bread"},{"role":"assistant","content":"noon","reasoning_content":"dawn"}]}"#
            try Data((record + "\n").utf8).write(to: folder.appending(component: "thoughts.jsonl"))
            let outcome = try HoneProcess(
                [
                    "sft", "--model", "base", "--data", "thoughts.jsonl", "--steps", "1", "--output", "out",
                ], in: folder
            ).outcome()
            #expect(outcome.code == 65 && outcome.errors.contains("reasoning_content"), "\(outcome)")
        }
    }
}
