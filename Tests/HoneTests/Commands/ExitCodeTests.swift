import Foundation
import TestSupport
import Testing

/// How the command ends, and that it says why.
@Suite struct ExitCodeTests {
    @Test func withoutArgumentsItShowsItsCommands() throws {
        try withTemporaryFolder { folder in
            let outcome = try HoneProcess.run(in: folder)
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("quickstart"))
        }
    }

    @Test(arguments: [
        (["pretrain", "--no-such-flag"], 64), (["sft", "--model", "m", "--data", "d"], 64),
        (["sft", "--model", "missing", "--data", "missing.jsonl", "--output", "o"], 66),
        (["score", "--model", "missing", "missing.jsonl"], 66), (["quickstart", "--minutes", "0"], 64),
    ])
    func mistakesHaveTheirCodes(arguments: [String], code: Int) throws {
        try withTemporaryFolder { folder in
            let outcome = try HoneProcess(arguments, in: folder).outcome()
            #expect(outcome.code == Int32(code), "\(outcome.errors)")
            #expect(!outcome.errors.isEmpty)
        }
    }

    @Test(arguments: [
        ["generate", "--model", "models/mine", "--prompt", "a"], ["chat", "--model", "models/mine"],
        ["sft", "--model", "models/mine", "--data", "text.txt", "--steps", "1", "--output", "o"],
        ["merge", "models/mine", "models/other", "--output", "o"],
        ["evaluate", "--model", "models/mine", "--text", "text.txt"],
        [
            "distill", "--model", "models/mine", "--teacher", "models/mine", "--data", "text.txt", "--steps",
            "1", "--output", "o",
        ],
        ["export", "models/mine", "--gguf", "o.gguf"],
    ])
    func aMissingModelIsAMissingFolder(arguments: [String]) throws {
        try withTemporaryFolder { folder in
            try Data("a".utf8).write(to: folder.appending(component: "text.txt"))
            let outcome = try HoneProcess(arguments, in: folder).outcome()
            #expect(outcome.code == 66)
            #expect(
                outcome.errors.contains(
                    "models/mine: there is no such folder; expected one with config.json, model.safetensors and tokenizer.json"
                ),
                "\(outcome.errors)")
        }
    }

    @Test(arguments: [
        (
            ["quickstart", "--output", "file/inside"],
            "/file: cannot be written: it is a file, expected a folder"
        ),
        (tinyPretraining(to: "file/inside", steps: 2), "file is a file, expected a folder"),
        (
            ["corpus", "text.txt", "--output", "file/inside"],
            "file/.inside.partial: cannot be written: Not a directory"
        ),
        (
            ["tokenizer", "train", "text.txt", "--vocabulary-size", "300", "--output", "file/inside"],
            "Not a directory"
        ),
    ])
    func anUnwritableFolderIsNamed(arguments: [String], reason: String) throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            try Data().write(to: folder.appending(component: "file"))
            let outcome = try HoneProcess(arguments, in: folder).outcome()
            #expect(outcome.code == 74)
            #expect(outcome.errors.contains("cannot be written: "), "\(outcome.errors)")
            #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        }
    }

    @Test func whatIsFoundAndExpectedOfAModelIsSaidOnce() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let generate = ["generate", "--model", "base", "--prompt", "Ada", "--max-tokens", "1"]
            let unlike = try HoneProcess(
                [
                    "ppo", "--model", "base", "--reward-model", "base", "--data", "prompts.jsonl", "--output",
                    "o",
                ], in: folder
            ).outcome()
            #expect(
                unlike.errors.contains("base: found a language model, expected a model for sequence"),
                "\(unlike.errors)")
            for (name, message) in [
                ("generation_config.json", "base/generation_config.json: cannot be read as JSON: "),
                ("config.json", "base/config.json: found the end in line 1, expected "),
            ] {
                try Data("{".utf8).write(to: folder.appending(path: "base/\(name)"))
                let outcome = try HoneProcess(generate, in: folder).outcome()
                #expect(outcome.code == 65 || outcome.code == 74, "\(outcome.errors)")
                #expect(outcome.errors.contains(message), "\(outcome.errors)")
                #expect(outcome.errors.ranges(of: name).count == 1, "\(outcome.errors)")
            }
        }
    }
}
