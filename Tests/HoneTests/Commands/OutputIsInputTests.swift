import Foundation
import TestSupport
import Testing

/// No command replaces what it reads.
@Suite struct OutputIsInputTests {
    private func write(_ text: String, _ path: String, in folder: URL) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Expects that a command refuses `output` and leaves it as it is.
    private func expectRefusal(
        _ arguments: [String], option: String = "--output", _ output: String, of input: String,
        in folder: URL
    ) throws {
        let file = folder.appending(path: output)
        let before = try? Data(contentsOf: file)
        let outcome = try HoneProcess(arguments + [option, output], in: folder).outcome()
        #expect(outcome.code == 64, "\(arguments): \(outcome.errors)")
        #expect(
            outcome.errors == "hone: \(option) \(output): would replace \(input), which this command reads\n",
            "\(arguments): \(outcome.errors)")
        #expect((try? Data(contentsOf: file)) == before, "\(arguments)")
    }

    @Test func recordsDoNotReplaceThePrompts() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let files = FileManager.default
            let prompts = folder.appending(component: "prompts.jsonl")
            try files.createSymbolicLink(
                at: folder.appending(component: "soft.jsonl"), withDestinationURL: prompts)
            try files.linkItem(at: prompts, to: folder.appending(component: "hard.jsonl"))
            try write(#"{"prompt":"Ada is"}"#, "set/train.jsonl", in: folder)
            let generate = ["generate", "--model", "base", "--max-tokens", "2", "--records", "--data"]
            for output in ["prompts.jsonl", "./base/../prompts.jsonl", "soft.jsonl", "hard.jsonl"] {
                try expectRefusal(generate + ["prompts.jsonl"], output, of: "prompts.jsonl", in: folder)
            }
            for data in ["set", "set:train"] {
                try expectRefusal(
                    generate + [data], "set/train.jsonl", of: "set/train.jsonl", in: folder)
            }
            try expectRefusal(
                generate + ["prompts.jsonl"], "base/config.json", of: "base/config.json", in: folder)
            // Beside what is read, and in place of what is not, a file may be written, and written again.
            for output in ["set/more.jsonl", "labels.jsonl", "base/texts.jsonl", "base/texts.jsonl"] {
                let outcome = try HoneProcess(generate + ["set", "--output", output], in: folder)
                    .outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
            }
        }
    }

    @Test func otherFilesDoNotReplaceWhatTheyAreMadeOf() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try write("Ada bakes bread at dawn.\n", "texts/a.txt", in: folder)
            let training = ["tokenizer", "train", "--vocabulary-size", "258"]
            try expectRefusal(training + ["text.txt"], "./text.txt", of: "text.txt", in: folder)
            try expectRefusal(training + ["texts"], "texts/a.txt", of: "a file of texts", in: folder)

            let classify = ["classify", "--model", "base", "--labels", "good,bad", "labels.jsonl"]
            try expectRefusal(classify, option: "--report", "labels.jsonl", of: "labels.jsonl", in: folder)

            let export = ["export", "base", "--gguf", "base/base.gguf"]
            for _ in 0..<2 {
                let outcome = try HoneProcess(export, in: folder).outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
            }
            try expectRefusal(
                ["export", "base/base.gguf"], option: "--gguf", "base/base.gguf", of: "base/base.gguf",
                in: folder)

            let corpus = ["corpus", "--validation-share", "0"]
            let made = try HoneProcess(corpus + ["texts", "--output", "made"], in: folder).outcome()
            #expect(made.code == 0, "\(made.errors)")
            for source in ["made", "made/data-card.json"] {
                try expectRefusal(corpus + [source, "--replace"], "made", of: source, in: folder)
            }
            #expect(files(below: folder).contains("made/data-card.json"))
        }
    }

    @Test func aReportReplacesOnlyAPage() throws {
        try withTemporaryFolder { folder in
            try write(#"{"prompt":"Ada is"}"#, "prompts.jsonl", in: folder)
            try write(#"{"models":[]}"#, "evaluation.json", in: folder)
            try expectRefusal(
                ["compare", "a", "b", "--evaluation", "evaluation.json"], "evaluation.json",
                of: "evaluation.json", in: folder)
            let outcome = try HoneProcess.run(
                "compare", "a", "b", "--output", "prompts.jsonl", in: folder)
            #expect(outcome.code == 64)
            #expect(
                outcome.errors
                    == "hone: --output prompts.jsonl: is there already, and no report; choose another file\n")
        }
    }
}
