import Foundation
import TestSupport
import Testing

/// Reward models from the command line: adapters, several that judge together, best of n; raw text in fine-tuning.
@Suite struct RewardCommandTests {
    private static let words = ["bread", "Ada", "dawn", "noon", "sold", "baked"]

    /// A base model, conversations, pairs and prompts, each of a few lines.
    private func prepare(_ folder: URL) throws {
        let words = Self.words
        let text = (0..<400).map { n -> String in "\(words[n * n % 6]) is \(words[n * 7 % 5]).\n" }.joined()
        try write(text, "text.txt", folder)
        let conversations = (0..<12).map { n -> String in
            #"{"messages":[{"role":"user","content":"\#(words[n % 6])"},{"role":"assistant","content":"\#(words[(n + 1) % 6])"}]}"#
        }
        try write(conversations.joined(separator: "\n"), "conversations.jsonl", folder)
        let pairs = (0..<12).map { n -> String in
            #"{"prompt":"\#(words[n % 6]) is","chosen":" \#(words[(n + 1) % 6])","rejected":" \#(words[(n + 2) % 6]) is"}"#
        }
        try write(pairs.joined(separator: "\n"), "pairs.jsonl", folder)
        let prompts = words.map { #"{"prompt":"\#($0) is","answer":"1"}"# }
        try write(prompts.joined(separator: "\n"), "prompts.jsonl", folder)
        try run(
            "tokenizer", "train", "text.txt", "--vocabulary-size", "280", "--output", "tokenizer.json",
            "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>", "--special-token",
            "<|im_end|>", in: folder)
        try run(
            "pretrain", "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1", "--context",
            "32", "--batch", "2", "--steps", "3", "--output", "base", in: folder)
    }

    private func write(_ text: String, _ name: String, _ folder: URL) throws {
        try Data((text + "\n").utf8).write(to: folder.appending(component: name))
    }

    @discardableResult
    private func run(_ arguments: String..., in folder: URL) throws -> HoneProcess.Outcome {
        let outcome = try HoneProcess(arguments, in: folder).outcome()
        #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    private func numbers(_ outcome: HoneProcess.Outcome, _ key: String) throws -> [Double] {
        try outcome.output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require((object?[key] as? NSNumber)?.doubleValue)
        }
    }

    @Test func rewardModelsAreAdaptedAndJudgeTogether() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let common = ["--model", "base", "--data", "pairs.jsonl", "--steps", "3"]
            for (name, extra) in [("whole", []), ("adapter", ["--lora-rank", "2"])] as [(String, [String])] {
                let outcome = try HoneProcess(
                    ["reward"] + common + ["--validation", "pairs.jsonl", "--output", name] + extra,
                    in: folder
                ).outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
                let card = folder.appending(components: name, "reward-card.json").path
                #expect(FileManager.default.fileExists(atPath: card))
            }
            let isAdapter = FileManager.default.fileExists(
                atPath: folder.appending(path: "adapter/adapter_model.safetensors").path)
            #expect(isAdapter)
            try write(#"{"prompt":"Ada is","completion":" baked"}"#, "record.jsonl", folder)
            func reward(_ arguments: String...) throws -> Double {
                let outcome = try HoneProcess(
                    ["score", "record.jsonl", "--json"] + arguments, in: folder
                ).outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
                return try #require(numbers(outcome, "reward").first)
            }
            let (first, second) = (try reward("--model", "whole"), try reward("--model", "adapter"))
            let both = ["--model", "whole", "--model", "adapter"]
            #expect(abs(try reward(both[0], both[1], both[2], both[3]) - (first + second) / 2) < 1e-5)
            let least = try reward(
                both[0], both[1], both[2], both[3], "--reward-combination", "minimum")
            #expect(least == min(first, second))
            let mixed = try HoneProcess.run(
                "score", "record.jsonl", "--model", "whole", "--model", "base", in: folder)
            #expect(mixed.code == 64)

            let best = try run(
                "generate", "--model", "base", "--prompt", "Ada is", "--prompt", "noon is", "--samples", "4",
                "--max-tokens", "3", "--seed", "1", "--json", "--reward-model", "whole", in: folder)
            let all = try run(
                "generate", "--model", "base", "--prompt", "Ada is", "--prompt", "noon is", "--samples", "4",
                "--max-tokens", "3", "--seed", "1", "--json", in: folder)
            #expect(all.output.split(separator: "\n").count == 8)
            #expect(try numbers(best, "reward").count == 2)

            let policy = try run(
                "grpo", "--model", "base", "--data", "prompts.jsonl", "--output", "better", "--steps", "2",
                "--batch", "2", "--group-size", "2", "--max-tokens", "3", "--dynamic-sampling", "3",
                "--reward-model", "whole", "--reward-model", "adapter", "--json", in: folder)
            #expect(try numbers(policy, "dynamic_sampling/rounds")[0] >= 1)
        }
    }

    @Test func demonstrationsAreImitatedBesideTheRewards() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            try run(
                "reward", "--model", "base", "--data", "pairs.jsonl", "--steps", "3", "--output", "judge",
                in: folder)
            let other = #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#
            try write(other, "others.jsonl", folder)
            for command in ["grpo", "rloo", "ppo"] {
                func outcome(_ extra: String...) throws -> HoneProcess.Outcome {
                    let common = [
                        command, "--model", "base", "--data", "prompts.jsonl", "--output", command,
                        "--steps", "2", "--batch", "2", "--group-size", "2", "--max-tokens", "3",
                        "--reward-model", "judge", "--json",
                    ]
                    return try HoneProcess(common + extra, in: folder).outcome()
                }
                let trained = try outcome("--sft-data", "conversations.jsonl", "--sft-weight", "2")
                #expect(trained.code == 0, "\(trained.errors)")
                #expect(try #require(numbers(trained, "sft/loss").first) > 0)
                // A run is known by what it imitates, and how much.
                let others = try outcome("--resume", "--sft-data", "others.jsonl", "--sft-weight", "2")
                #expect(
                    others.code == 64 && others.errors.contains("the examples of --sft-data others.jsonl"),
                    "\(others.errors)")
                let less = try outcome("--resume", "--sft-data", "conversations.jsonl")
                #expect(less.code == 64 && less.errors.contains("--sft-weight 2, not 1"), "\(less.errors)")
                #expect(try outcome("--resume", "--sft-data", "nowhere.jsonl").code == 66)
                let unused = try outcome("--sft-weight", "1")
                #expect(unused.code == 64 && unused.errors.contains("it needs --sft-data"))
            }
        }
    }

    @Test func rawTextIsMixedIntoFineTuning() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let common = ["sft", "--model", "base", "--data", "conversations.jsonl", "--steps", "2"]
            let tokens = try ["alone": [], "mixed": ["--mix-in", "text.txt", "--mix-in-share", "0.5"]]
                .mapValues {
                    extra in
                    let outcome = try HoneProcess(
                        common + ["--output", "model\(extra.count)", "--json"] + extra, in: folder
                    ).outcome()
                    #expect(outcome.code == 0, "\(outcome.errors)")
                    return try #require(numbers(outcome, "tokens").first)
                }
            let (alone, mixed) = (try #require(tokens["alone"]), try #require(tokens["mixed"]))
            // As many tokens of raw text as of conversations, and at most one more in each step.
            #expect(mixed >= 2 * alone && mixed <= 2 * alone + 2)
            let refused = try HoneProcess.run(
                "sft", "--model", "base", "--data", "conversations.jsonl", "--output", "x", "--mix-in",
                "nowhere.txt", in: folder)
            #expect(refused.code == 66)
        }
    }
}
