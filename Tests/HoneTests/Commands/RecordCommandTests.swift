import Foundation
import TestSupport
import Testing

/// What the commands that train on records say of them, and the template around plain prompts.
@Suite struct RecordCommandTests {
    private static let words = ["bread", "Ada", "dawn", "noon", "sold", "baked"]

    private func write(_ lines: [String], _ name: String, _ folder: URL) throws {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(component: name))
    }

    @discardableResult
    private func run(_ arguments: String..., in folder: URL) throws -> HoneProcess.Outcome {
        let outcome = try HoneProcess(arguments, in: folder).outcome()
        #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    /// A base model, a chat model made of it, and records of plain text.
    private func prepare(_ folder: URL) throws {
        let words = Self.words
        let text = (0..<400).map { n -> String in "\(words[n * n % 6]) is \(words[n * 7 % 5]).\n" }.joined()
        try write([text], "text.txt", folder)
        try write(
            (0..<12).map { n -> String in
                #"{"messages":[{"role":"user","content":"\#(words[n % 6])"},{"role":"assistant","content":"\#(words[(n + 1) % 6])"}]}"#
            }, "conversations.jsonl", folder)
        let pairs = (0..<6).map { n -> String in
            #""prompt":"\#(words[n])","chosen":"\#(words[(n + 1) % 6])","rejected":"\#(words[(n + 2) % 6]) is""#
        }
        try write(pairs.map { "{\($0)}" }, "pairs.jsonl", folder)
        try write(pairs.map { "{\($0),\"margin\":3}" }, "margins.jsonl", folder)
        try write(words.map { #"{"prompt":"\#($0)","answer":"1"}"# }, "prompts.jsonl", folder)
        try write(
            [
                #"{"prompt":"Ada","completion":"sold","label":true}"#,
                #"{"prompt":"Ada","completion":"noon","label":2}"#,
                #"{"prompt":"Ada","completion":"dawn","label":0}"#,
            ], "labels.jsonl", folder)
        try run(
            "tokenizer", "train", "text.txt", "--vocabulary-size", "280", "--output", "tokenizer.json",
            "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>", "--special-token",
            "<|im_end|>", in: folder)
        try run(
            "pretrain", "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1", "--context",
            "64", "--batch", "2", "--steps", "3", "--output", "base", in: folder)
        try run(
            "sft", "--model", "base", "--data", "conversations.jsonl", "--steps", "2", "--output", "chat",
            in: folder)
    }

    private func lastMetric(_ key: String, of run: String, in folder: URL) throws -> Double {
        let lines = try String(
            contentsOf: folder.appending(components: run, "metrics.jsonl"), encoding: .utf8)
        let last = try #require(lines.split(separator: "\n").last)
        let object = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        return try #require((object?[key] as? NSNumber)?.doubleValue)
    }

    @Test func recordsAreReadAsTheCommandsSay() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let plain = "6 records have a prompt of plain text"
            func train(_ command: String, _ model: String, _ data: String, _ extra: String...) throws
                -> String
            {
                let name = "run-\(UUID().uuidString)"
                let outcome = try HoneProcess(
                    [command, "--model", model, "--data", data, "--steps", "1", "--output", name] + extra,
                    in: folder
                ).outcome()
                #expect(outcome.code == 0, "\(command): \(outcome.errors)")
                return outcome.errors
            }
            // A chat model says that it reads outside of its template; a base model has none.
            #expect(try train("dpo", "chat", "pairs.jsonl").contains("pairs.jsonl: " + plain))
            #expect(try !train("dpo", "chat", "pairs.jsonl", "--chat").contains(plain))
            #expect(try !train("dpo", "base", "pairs.jsonl").contains(plain))
            let rollouts = ["--reward", "number", "--max-tokens", "2", "--batch", "2", "--group-size", "2"]
            let grpo = try HoneProcess(
                ["grpo", "--model", "chat", "--data", "prompts.jsonl", "--steps", "1", "--output", "grpo"]
                    + rollouts,
                in: folder
            ).outcome()
            #expect(grpo.errors.contains("prompts.jsonl: " + plain), "\(grpo.errors)")
            let templated = try HoneProcess(
                [
                    "grpo", "--model", "chat", "--data", "prompts.jsonl", "--steps", "1", "--output",
                    "grpo-chat", "--chat",
                ]
                    + rollouts, in: folder
            ).outcome()
            #expect(!templated.errors.contains(plain))
            // What a reward misses in a record is named.
            try write(
                [#"{"prompt":"Ada","answer":"1"}"#, #"{"prompt":"Ada","answer":"noon"}"#], "some.jsonl",
                folder)
            let some = try HoneProcess(
                ["grpo", "--model", "base", "--data", "some.jsonl", "--steps", "1", "--output", "some"]
                    + rollouts, in: folder
            ).outcome()
            #expect(
                some.errors.contains(
                    "line 2: answers to it cannot be judged: --reward number needs a number in \"answer\""),
                "\(some.errors)")

            // A name that is misspelled is no key that is missing, whatever else judges the record.
            try write(
                [
                    #"{"prompt":"Ada","answer":"1","instruction_id_list":["punctuation:no_coma"],"kwargs":[{}]}"#,
                    #"{"prompt":"Ada","answer":"1","instruction_id_list":["punctuation:no_comma"],"kwargs":[{}]}"#,
                ], "misspelled.jsonl", folder)
            let misspelled = try HoneProcess(
                [
                    "grpo", "--model", "base", "--data", "misspelled.jsonl", "--steps", "1", "--output",
                    "misspelled",
                ]
                    + rollouts + ["--reward", "instructions"], in: folder
            ).outcome()
            #expect(
                misspelled.errors.contains(
                    "line 1: answers to it cannot be judged: --reward instructions: 'instruction' is 'punctuation:no_coma', which is not known"
                ), "\(misspelled.errors)")

            // The kind of a file is that of its first record, and --chat is shown before it is trained on.
            let shown = try run("inspect", "--model", "chat", "--data", "pairs.jsonl", "--chat", in: folder)
            #expect(
                shown.output.contains("<|im_start|>user\nbread<|im_end|>\n<|im_start|>assistant\n")
                    && shown.output.contains("Ada<|im_end|>"), "\(shown.output)")
            let wrong = try run(
                "inspect", "--model", "chat", "--data", "pairs.jsonl", "--as", "demonstrations", in: folder)
            #expect(wrong.errors.contains("are those of preferences, expected demonstrations"))

            // Margins move the reward model, and nothing else.
            let dpo = try train("dpo", "base", "margins.jsonl")
            #expect(dpo.contains("6 records have a margin, which only reward models are trained with"))
            for data in ["pairs", "margins"] {
                let outcome = try run(
                    "reward", "--model", "base", "--data", "\(data).jsonl", "--steps", "1", "--output",
                    "reward-\(data)",
                    in: folder)
                #expect(!outcome.errors.contains("margin, which"))
            }
            // At the beginning all rewards are near 0, and the loss is −log σ(−margin).
            #expect(abs(try lastMetric("loss", of: "reward-pairs", in: folder) - log(2)) < 0.1)
            #expect(abs(try lastMetric("loss", of: "reward-margins", in: folder) - log(1 + exp(3))) < 0.2)

            // A label that is none is a bad record.
            let kto = try train("kto", "base", "labels.jsonl", "--batch", "2")
            #expect(kto.contains("labels.jsonl: 2 records of 3, 1 left out"), "\(kto)")
            #expect(kto.contains("line 2: 'label' is 2, expected true, false, 1 or 0"))

            // Answers that the context cuts are counted.
            let sft = try train("sft", "chat", "conversations.jsonl", "--context", "20")
            #expect(sft.contains("cut at the context of 20 tokens"), "\(sft)")
        }
    }
}
