import Foundation
import TestSupport
import Testing

/// What a model's text looks like is the same for every command.
@Suite struct TextFormatCommandTests {
    /// A base model of a few steps, whose tokenizer has the given special tokens.
    private func prepare(_ special: [String], in folder: URL) throws {
        let words = ["bread", "Ada", "dawn", "noon", "sold", "baked"]
        let text = (0..<400).map { n -> String in "\(words[n * n % 6]) is \(words[n * 7 % 5]).\n" }.joined()
        try write(text, "text.txt", folder)
        try write(#"{"prompt":"Ada is","completion":" baked"}"#, "plain.jsonl", folder)
        try write(#"{"prompt":"Ada is","answer":"1"}"#, "prompts.jsonl", folder)
        let turns = #"[{"role":"user","content":"Ada"},{"role":"assistant","content":"noon"}]"#
        try write(#"{"messages":\#(turns)}"#, "messages.jsonl", folder)
        try write(#"{"prompt":[{"role":"user","content":"Ada"}],"answer":"1"}"#, "asked.jsonl", folder)
        try run(
            ["tokenizer", "train", "text.txt", "--vocabulary-size", "280", "--output", "tokenizer.json"]
                + special.flatMap { ["--special-token", $0] }, in: folder)
        try run(
            [
                "pretrain", "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1",
                "--context", "32", "--batch", "2", "--steps", "3", "--output", "base",
            ], in: folder)
    }

    private func write(_ text: String, _ name: String, _ folder: URL) throws {
        try Data((text + "\n").utf8).write(to: folder.appending(path: name))
    }

    @discardableResult
    private func run(
        _ arguments: [String], in folder: URL, code: Int32 = 0
    ) throws -> HoneProcess.Outcome {
        let outcome = try HoneProcess(arguments, in: folder).outcome()
        #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
        return outcome
    }

    private func object(_ outcome: HoneProcess.Outcome) throws -> [String: Any] {
        let line = outcome.output.split(separator: "\n").first.map { Data($0.utf8) } ?? Data()
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    }

    @Test func aTokenizerWithoutMarksForTurnsLearnsPlainText() throws {
        try withTemporaryFolder { folder in
            try prepare(["<|endoftext|>"], in: folder)
            try run(
                ["sft", "--model", "base", "--data", "plain.jsonl", "--steps", "2", "--output", "sft"],
                in: folder)
            let shown = try object(
                run(["inspect", "--model", "base", "--data", "plain.jsonl", "--json"], in: folder))
            let end = try #require((shown["ids"] as? [Int])?.last)
            // Answers end with the same token; how many did is in the metrics.
            try run(
                [
                    "grpo", "--model", "sft", "--data", "prompts.jsonl", "--reward", "number", "--steps", "1",
                    "--group-size", "2", "--batch", "1", "--max-tokens", "4", "--beta", "0.1", "--output",
                    "grpo",
                ], in: folder)
            let generation = try JSONSerialization.jsonObject(
                with: Data(contentsOf: folder.appending(path: "grpo/generation_config.json")))
            #expect((generation as? [String: Any])?["eos_token_id"] as? Int == end)
            let refused = try run(
                ["sft", "--model", "base", "--data", "messages.jsonl", "--steps", "1", "--output", "chat"],
                in: folder, code: 65)
            #expect(refused.errors.contains("no chat template"))
        }
    }

    @Test func aVariableOfTheTemplateIsGivenForAllPrompts() throws {
        try withTemporaryFolder { folder in
            try prepare(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], in: folder)
            try write(
                "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
                    + "{% if add_generation_prompt %}<|im_start|>{% if enable_thinking is false %}no "
                    + "{% endif %}{{ style }}{% endif %}", "base/chat_template.jinja", folder)
            let generate = ["generate", "--model", "base", "--max-tokens", "1", "--json"]
            func variables(_ values: String...) -> [String] {
                values.flatMap { ["--template-variable", $0] }
            }
            for (values, end) in [
                ([], ""), (variables("enable_thinking=false"), "no "),
                (variables("enable_thinking=False", "style=a=b"), "no a=b"),
                (variables("enable_thinking=true", "style=3"), "3"), (variables("style=\"x\""), "x"),
            ] {
                let said = try object(run(generate + ["--chat", "--prompt", "Ada"] + values, in: folder))
                #expect(said["prompt"] as? String == "<|im_start|>Ada<|im_end|><|im_start|>" + end)
            }
            // What a record says goes before.
            try write(
                #"{"prompt":[{"role":"user","content":"Ada"}],"chat_template_kwargs":{"style":"b"}}"#,
                "kwargs.jsonl", folder)
            let own = try object(
                run(generate + ["--data", "kwargs.jsonl"] + variables("style=a"), in: folder))
            #expect(own["prompt"] as? String == "<|im_start|>Ada<|im_end|><|im_start|>b")
            // Other commands that write a conversation in the template read it with the same variables.
            let inspect = ["inspect", "--model", "base", "--data", "messages.jsonl", "--json"]
            let trained = try [inspect, inspect + ["--tokenizer", "tokenizer.json"]].map {
                try #require(object(run($0, in: folder))["ids"] as? [Int])
            }
            try write(
                "{{ style }}{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
                    + "{% if add_generation_prompt %}<|im_start|>{% endif %}", "styled.jinja", folder)
            let styled = try object(
                run(inspect + ["--template", "styled.jinja"] + variables("style=noon"), in: folder))
            let plain = try object(run(inspect + ["--template", "styled.jinja"], in: folder))
            #expect(plain["ids"] as? [Int] == trained[0] && trained[0] == trained[1])
            let ids = try #require(styled["ids"] as? [Int])
            #expect(ids.count > trained[0].count && Array(ids.suffix(trained[0].count)) == trained[0])
            try write(#"{"kind":"knowledge","prompt":"Ada","answers":["Ada"]}"#, "fact.jsonl", folder)
            let evaluate = ["evaluate", "--model", "base", "--max-tokens", "2", "--suite", "fact.jsonl"]
            try run(evaluate + variables("style=1"), in: folder)
            for arguments in [
                evaluate + variables("thinking=1"),
                ["evaluate", "--model", "base", "--text", "text.txt"] + variables("style=1"),
                inspect + variables("thinking=1"),
                inspect + ["--tokenizer", "tokenizer.json"] + variables("thinking=1"),
                generate + ["--chat", "--prompt", "Ada"] + variables("content=1"),
                generate + ["--chat", "--prompt", "Ada"] + variables("thinking=1"),
                generate + ["--prompt", "Ada"] + variables("style=1"),
                generate + ["--data", "prompts.jsonl"] + variables("style=1"),
                ["chat", "--model", "base"] + variables("style"),
                ["sft", "--model", "base", "--data", "messages.jsonl", "--output", "out", "--steps", "1"]
                    + variables("thinking=1"),
            ] {
                let refused = try run(arguments, in: folder, code: 64)
                #expect(refused.errors.contains("--template-variable"), "\(refused.errors)")
            }
            try run(
                ["sft", "--model", "base", "--data", "messages.jsonl", "--output", "out", "--steps", "1"]
                    + variables("enable_thinking=true"), in: folder)
            let description = try String(
                contentsOf: folder.appending(path: "out/run.json"), encoding: .utf8)
            #expect(description.contains("\"enable_thinking=true\""))
        }
    }

    @Test func everyCommandSaysWhatIsWrongWithATemplate() throws {
        try withTemporaryFolder { folder in
            try prepare(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], in: folder)
            try write("{% if %}", "base/chat_template.jinja", folder)
            let reason = try run(["chat", "--model", "base"], in: folder, code: 65).errors
            #expect(!reason.contains("no chat template"))
            let training = ["--steps", "1", "--output", "out"]
            for arguments in [
                ["generate", "--model", "base", "--data", "asked.jsonl"],
                ["generate", "--model", "base", "--chat", "--prompt", "Ada"],
                ["inspect", "--model", "base", "--data", "messages.jsonl"],
                ["sft", "--model", "base", "--data", "messages.jsonl"] + training,
                ["grpo", "--model", "base", "--data", "asked.jsonl", "--reward", "number"] + training,
            ] {
                #expect(try run(arguments, in: folder, code: 65).errors == reason, "\(arguments)")
            }
            // Plain text needs no template.
            try run(["generate", "--model", "base", "--prompt", "Ada", "--max-tokens", "2"], in: folder)
        }
    }

    @Test func aNamedTemplateKnowsTheTokensOfTheModel() throws {
        try withTemporaryFolder { folder in
            try prepare(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], in: folder)
            try write(#"{"bos_token":"<|im_start|>"}"#, "base/special_tokens_map.json", folder)
            try write("{{ bos_token }}|{{ eos_token }}", "names.jinja", folder)
            let outcome = try run(
                [
                    "generate", "--model", "base", "--chat", "--template", "names.jinja", "--prompt", "Ada",
                    "--max-tokens", "1", "--json",
                ], in: folder)
            #expect(try object(outcome)["prompt"] as? String == "<|im_start|>|<|endoftext|>")
        }
    }

    @Test func whatBeginsATextIsTrainedGeneratedAndScored() throws {
        try withTemporaryFolder { folder in
            try prepare(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], in: folder)
            let file = folder.appending(path: "base/tokenizer.json")
            var tokenizer = try #require(
                JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            tokenizer["post_processor"] =
                try JSONSerialization.jsonObject(
                    with: Data(
                        #"""
                        {"type": "TemplateProcessing", "pair": [],
                         "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                         "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]}}}
                        """#.utf8))
            try JSONSerialization.data(withJSONObject: tokenizer).write(to: file)
            let shown = try object(
                run(["inspect", "--model", "base", "--data", "plain.jsonl", "--json"], in: folder))
            let ids = try #require(shown["ids"] as? [Int])
            let begin = try #require(ids.first)
            #expect(begin == 1)
            // The card's margin of the only pair is what its two answers are given: the ids are the same.
            try write(
                #"{"prompt":"Ada is","chosen":" baked","rejected":" sold"}"#, "pairs.jsonl", folder)
            try run(
                [
                    "reward", "--model", "base", "--data", "pairs.jsonl", "--validation", "pairs.jsonl",
                    "--steps", "1", "--precision", "float32", "--output", "reward",
                ], in: folder)
            let card = try JSONSerialization.jsonObject(
                with: Data(contentsOf: folder.appending(path: "reward/reward-card.json")))
            try write(
                #"{"prompt":"Ada is","completion":" baked"}"# + "\n"
                    + #"{"prompt":"Ada is","completion":" sold"}"#, "answers.jsonl", folder)
            let scores = try run(["score", "--model", "reward", "answers.jsonl", "--json"], in: folder)
            let rewards = try scores.output.split(separator: "\n").map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require((object?["reward"] as? NSNumber)?.doubleValue)
            }
            let margin = rewards[0] - rewards[1]
            let said = numbers(in: card)
            #expect(said.contains { abs($0 - margin) < 1e-4 }, "\(margin) is not among \(said)")
        }
    }

    /// All numbers of a JSON value.
    private func numbers(in value: Any) -> [Double] {
        if let number = value as? NSNumber { return [number.doubleValue] }
        if let list = value as? [Any] { return list.flatMap(numbers) }
        return (value as? [String: Any])?.values.flatMap(numbers) ?? []
    }
}
