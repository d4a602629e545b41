import Foundation
import TestSupport
import Testing

/// Models, tokenizers and adapters that are brought together: what does not fit is refused before work begins, with both
/// figures, and an adapter of an adapter loads.
@Suite struct FittingTests {
    private static let words = ["bread", "Ada", "dawn", "noon", "sold", "baked"]

    /// A base model, two tokenizers, and data of a few lines.
    private func prepare(_ folder: URL) throws {
        let words = Self.words
        let text = (0..<400).map { n -> String in "\(words[n * n % 6]) is \(words[n * 7 % 5]).\n" }.joined()
        try write(text, "text.txt", folder)
        try write(String(text.reversed()), "reversed.txt", folder)
        let pairs = (0..<12).map { n -> String in
            #"{"prompt":"\#(words[n % 6]) is","chosen":" \#(words[(n + 1) % 6])","rejected":" \#(words[(n + 2) % 6]) is"}"#
        }
        try write(pairs.joined(separator: "\n"), "pairs.jsonl", folder)
        try write(
            words.map { #"{"prompt":"\#($0) is","completion":" baked","label":true,"answer":"1"}"# }
                .joined(separator: "\n"), "labels.jsonl", folder)
        try write(
            words.map { #"{"prompt":"\#($0) is","completion":" baked"}"# }.joined(separator: "\n"),
            "answers.jsonl", folder)
        for (name, text, size) in [
            ("tokenizer", "text", "280"), ("larger", "text", "290"), ("other", "reversed", "280"),
        ] {
            try run(
                [
                    "tokenizer", "train", "\(text).txt", "--vocabulary-size", size, "--output",
                    "\(name).json", "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>",
                    "--special-token", "<|im_end|>",
                ], in: folder)
        }
        try run(
            [
                "pretrain", "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1",
                "--context", "32", "--batch", "2", "--steps", "3", "--output", "base",
            ], in: folder)
        for name in ["larger", "other"] {
            try FileManager.default.copyItem(
                at: folder.appending(component: "base"), to: folder.appending(component: name))
            let file = folder.appending(components: name, "tokenizer.json")
            try FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(at: folder.appending(component: "\(name).json"), to: file)
        }
    }

    private func write(_ text: String, _ name: String, _ folder: URL) throws {
        try Data((text + "\n").utf8).write(to: folder.appending(component: name))
    }

    private func remove(_ path: String, in folder: URL) throws {
        try FileManager.default.removeItem(at: folder.appending(path: path))
    }

    @discardableResult
    private func run(_ arguments: [String], in folder: URL, code: Int32 = 0) throws -> HoneProcess.Outcome {
        let outcome = try HoneProcess(arguments, in: folder).outcome()
        #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
        return outcome
    }

    @Test func whatDoesNotFitIsRefusedWithBothFigures() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            func expectMisfit(_ arguments: [String], _ figures: String...) throws {
                let outcome = try run(arguments, in: folder, code: 65)
                for figure in figures { #expect(outcome.errors.contains(figure), "\(outcome.errors)") }
            }
            // The text has merges for no more than 281 tokens.
            let data = ["--data", "labels.jsonl", "--steps", "1", "--output", "x"]
            let pairs = ["--data", "pairs.jsonl", "--steps", "1", "--output", "x"]
            try expectMisfit(["sft", "--model", "larger"] + data, "281", "280")
            try expectMisfit(["kto", "--model", "larger"] + data, "281", "280")
            try expectMisfit(["dpo", "--model", "larger"] + pairs, "281", "280")
            try expectMisfit(["orpo", "--model", "larger"] + pairs, "281", "280")
            try expectMisfit(["reward", "--model", "larger"] + pairs, "281", "280")
            try expectMisfit(["grpo", "--reward", "number", "--model", "larger"] + data, "281", "280")
            try expectMisfit(["score", "--model", "larger", "labels.jsonl"], "281", "280")
            try expectMisfit(["generate", "--model", "larger", "--prompt", "Ada"], "281", "280")
            let pretraining = ["pretrain", "--corpus", "text.txt", "--steps", "1", "--output", "x"]
            try expectMisfit(
                pretraining + ["--model", "base", "--tokenizer", "larger.json", "--context", "8"], "281",
                "280")
            try expectMisfit(
                pretraining + ["--model", "base", "--tokenizer", "other.json", "--context", "8"],
                "texts are encoded")
            try FileManager.default.createDirectory(
                at: folder.appending(component: "gpt2"), withIntermediateDirectories: true)
            try write(
                #"{"model_type":"gpt2","vocab_size":280,"n_embd":8,"n_layer":1,"n_head":1,"n_positions":16}"#,
                "gpt2/config.json", folder)
            try expectMisfit(
                pretraining + ["--model", "gpt2", "--tokenizer", "tokenizer.json", "--context", "24"], "24",
                "16")
            try expectMisfit(["dpo", "--model", "base", "--reference", "other"] + pairs, "texts are encoded")
            try run(["reward", "--model", "other"] + pairs + ["--output", "judge"], in: folder)
            for command in ["ppo", "grpo"] {
                try expectMisfit(
                    [command, "--model", "base", "--reward-model", "judge", "--max-tokens", "2"] + data,
                    "texts are encoded")
            }
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "x/run.json").path))
        }
    }

    @Test func anAdapterOfAnAdapterLoads() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let lora = [
                "--lora-rank", "2", "--learning-rate", "0.05", "--data", "answers.jsonl", "--steps", "3",
            ]
            try run(["sft", "--model", "base", "--output", "first"] + lora, in: folder)
            try run(["sft", "--model", "first", "--output", "second", "--dora"] + lora, in: folder)
            try run(
                ["sft", "--model", "first", "--output", "merged", "--dora", "--merge"] + lora, in: folder)
            let file = try String(
                contentsOf: folder.appending(path: "second/adapter_config.json"), encoding: .utf8)
            #expect(file.contains("base\""), "\(file)")
            func score(_ arguments: String...) throws -> Double {
                let outcome = try run(["score", "answers.jsonl", "--json"] + arguments, in: folder)
                let line = try #require(outcome.output.split(separator: "\n").first)
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require((object?["log_probability"] as? NSNumber)?.doubleValue)
            }
            let second = try score("--model", "second")
            #expect(abs(second - (try score("--model", "merged"))) < 1e-4)
            #expect(abs(second - (try score("--model", "first"))) > 1e-4)

            // Pre-training moves whole models.
            let refused = try run(
                ["pretrain", "--model", "first", "--corpus", "answers.jsonl", "--output", "z"], in: folder,
                code: 64)
            #expect(refused.errors.contains("first: holds an adapter"), "\(refused.errors)")

            // PEFT writes no tokenizer: that of the base serves.
            for name in ["tokenizer.json", "tokenizer_config.json"] {
                try remove("second/\(name)", in: folder)
            }
            #expect(try score("--model", "second") == second)
            try run(["generate", "--model", "second", "--prompt", "Ada", "--max-tokens", "2"], in: folder)

            // A name of the Hub is no folder: it is asked for.
            let hub = file.replacing(/("base_model_name_or_path": ").*"/) { match in "\(match.1)Hub/name\"" }
            try write(hub, "second/adapter_config.json", folder)
            let lost = try run(["score", "answers.jsonl", "--model", "second"], in: folder, code: 66)
            #expect(lost.errors.contains("--base DIR") && lost.errors.contains("name"), "\(lost.errors)")
            #expect(try score("--model", "second", "--base", "base") == second)
            try run(["sft", "--model", "second", "--base", "base", "--output", "third"] + lora, in: folder)
            #expect(try score("--model", "third") != second)
            try run(["score", "answers.jsonl", "--model", "base", "--base", "base"], in: folder, code: 64)
        }
    }

    @Test(
        arguments: [
            ["--lora-dropout", "0.1"], ["--lora-dropout", "0"], ["--lora-alpha", "4"],
            ["--lora-targets", "q_proj"], ["--dora"], ["--merge"], ["--lora-rank", "0"],
            ["--lora-rank", "-1"], ["--lora-rank", "9223372036854775807"],
            ["--lora-rank", "4", "--lora-alpha", "0"], ["--lora-rank", "4", "--lora-alpha=-1"],
            ["--lora-rank", "4", "--lora-alpha", "nan"], ["--lora-rank", "4", "--lora-alpha", "inf"],
            ["--lora-rank", "4", "--lora-dropout", "1"], ["--lora-rank", "4", "--lora-dropout=-0.1"],
            ["--lora-rank", "4", "--lora-dropout", "nan"],
        ])
    func optionsOfAdaptersAreChecked(_ options: [String]) throws {
        try withTemporaryFolder { folder in
            for command in ["sft", "dpo"] {
                let outcome = try HoneProcess(
                    [command, "--model", "m", "--data", "d.jsonl", "--output", "o"] + options, in: folder
                ).outcome()
                #expect(outcome.code == 64, "\(outcome.errors)")
                #expect(outcome.errors.contains("--lora-"))
            }
        }
    }
}
