import Foundation
import TestSupport
import Testing

/// An option that would be ignored, or honored in part, is refused, and the message names it.
@Suite struct IgnoredOptionTests {
    private static let suites = [
        "fact": #"{"kind":"knowledge","prompt":"bread","answers":["Ada"]}"#,
        "help": #"{"kind":"helpfulness","prompt":"bread"}"#,
        "limits": #"{"kind":"limits","prompt":"bread","action":"bake"}"#,
    ]
    private static let manifest =
        #"{"assistant":"Ada","can":[],"cannot":[{"name":"sell","description":"sell bread","verbs":[["sell","sold"]]}]}"#

    private func prepare(_ folder: URL) throws {
        try prepareTinyModel(in: folder)
        for (name, line) in Self.suites {
            try Data(line.utf8).write(to: folder.appending(component: "\(name).jsonl"))
        }
        try Data(Self.manifest.utf8).write(to: folder.appending(component: "manifest.json"))
        try Data(#"{"query":"Ada","choices":[" is"," at"],"gold":0}"#.utf8)
            .write(to: folder.appending(component: "task.jsonl"))
    }

    @Test func whatWouldBeIgnoredIsRefused() throws {
        let tokenizer = ["tokenizer", "encode", "text.txt", "--pattern", "qwen2", "--tokenizer"]
        let generate = ["generate", "--model", "base", "--max-tokens", "2"]
        let evaluate = ["evaluate", "--model", "base"]
        let two = ["--model", "base", "--reward-model", "base"]
        try withTemporaryFolder { folder in
            try prepare(folder)
            for (option, arguments) in [
                ("--pattern", tokenizer + ["tokenizer.json"]), ("--pattern", tokenizer + ["base"]),
                ("--top-k", generate + ["--prompt", "Ada", "--temperature", "0", "--top-k", "4"]),
                ("--top-p", generate + ["--prompt", "Ada", "--temperature", "0", "--top-p", "0.9"]),
                ("--min-p", generate + ["--prompt", "Ada", "--temperature", "0", "--min-p", "0.1"]),
                ("--reward-model", generate + ["--prompt", "Ada", "--reward-model", "base"]),
                ("--template", generate + ["--data", "prompts.jsonl", "--template", "chatml"]),
                (
                    "--base",
                    [
                        "inspect", "--model", "base", "--base", "base", "--tokenizer", "tokenizer.json",
                        "--data", "conversations.jsonl",
                    ]
                ),
                ("--reward-model", evaluate + ["--suite", "help.jsonl", "--reward-model", "base"]),
                ("--reward-model", evaluate + ["--suite", "fact.jsonl"] + two),
                ("--manifest", evaluate + ["--suite", "fact.jsonl", "--manifest", "manifest.json"]),
                ("--manifest", evaluate + ["--suite", "limits.jsonl"]),
                ("--goal", ["serve", "base", "--goal", "3"]),
                ("--prompts", ["serve", "base", "--prompts", "prompts.jsonl"]),
                ("--context", evaluate + ["--suite", "fact.jsonl", "--context", "32"]),
                (
                    "--no-kl-bias-correction",
                    [
                        "grpo", "--model", "base", "--data", "prompts.jsonl", "--reward", "number",
                        "--output",
                        "out", "--no-kl-bias-correction",
                    ]
                ),
            ] {
                let outcome = try HoneProcess(arguments, in: folder).outcome()
                #expect(outcome.code == 64, "\(arguments): \(outcome.errors)")
                #expect(outcome.errors.contains(option), "\(arguments): \(outcome.errors)")
            }
            let unknown = try HoneProcess(
                evaluate + ["--suite", "limits.jsonl", "--manifest", "manifest.json"], in: folder
            ).outcome()
            #expect(unknown.code == 65)
            #expect(unknown.errors.contains("no action 'bake'"), "\(unknown.errors)")
        }
    }

    @Test func aContextThatIsLongerThanTheModelsIsRefused() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let training = ["--output", "out", "--steps", "1", "--data"]
            for arguments in [
                ["sft"] + training + ["conversations.jsonl"], ["dpo"] + training + ["pairs.jsonl"],
                ["reward"] + training + ["pairs.jsonl"], ["orpo"] + training + ["pairs.jsonl"],
                ["cpo"] + training + ["pairs.jsonl"], ["kto"] + training + ["labels.jsonl"],
                ["pretrain", "--corpus", "text.txt", "--output", "out", "--steps", "1"],
                ["score", "labels.jsonl"], ["classify", "labels.jsonl", "--labels", "good,bad"],
                ["evaluate", "--text", "text.txt"], ["evaluate", "--task", "task.jsonl"],
            ] {
                let outcome = try HoneProcess(
                    arguments + ["--model", "base", "--context", "1025"], in: folder
                ).outcome()
                #expect(outcome.code == 65, "\(arguments): \(outcome.errors)")
                #expect(
                    outcome.errors.contains(
                        "base: texts have up to 1025 tokens, and the model is meant for 1024"),
                    "\(arguments): \(outcome.errors)")
            }
            #expect(!FileManager.default.fileExists(atPath: folder.appending(component: "out").path))
        }
    }

    @Test func thePrecisionOfSuitesIsTheOneAskedForAndStandsBesideTheFigures() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            for precision in ["float32", "bfloat16"] {
                let arguments = [
                    "evaluate", "--model", "base", "--suite", "fact.jsonl", "--max-tokens", "2",
                    "--precision",
                    precision,
                ]
                let table = try HoneProcess(arguments, in: folder).outcome()
                #expect(table.output.contains("products in \(precision) on "), "\(table.output)")
                let json = try HoneProcess(arguments + ["--json"], in: folder).outcome().output
                let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
                #expect(object?["precision"] as? String == precision)
                #expect((object?["processor"] as? String)?.isEmpty == false)
                #expect((object?["models"] as? [Any])?.count == 1)
                #expect(object?["weights"] as? String == "float32")
            }
            let rounded = [
                "evaluate", "--model", "base", "--suite", "fact.jsonl", "--max-tokens", "2", "--weights",
                "int4",
            ]
            let table = try HoneProcess(rounded, in: folder).outcome()
            #expect(table.output.contains(", weights in int4"), "\(table.output)")
            let json = try HoneProcess(rounded + ["--json"], in: folder).outcome().output
            #expect(json.contains("\"weights\":\"int4\""), "\(json)")
        }
    }
}
