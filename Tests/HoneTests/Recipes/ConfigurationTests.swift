import Foundation
import TestSupport
import Testing

/// `--config`: the options of a command in a file.
@Suite struct ConfigurationTests {
    private func write(_ text: String, to name: String = "c.yaml", in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(component: name))
    }

    private func object(_ path: String, in folder: URL) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(path: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func aFileGivesTheBytesThatItsFlagsGive() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let flags = [
                "sft", "--model", "base", "--data", "conversations.jsonl", "prompts and more.jsonl",
                "--batch", "4", "--steps", "6", "--learning-rate", "1e-3", "--lora-rank", "2", "--no-shuffle",
                "--seed", "\(UInt64.max)", "--lora-dropout", "0.1", "--validation", "conversations.jsonl",
            ]
            try FileManager.default.copyItem(
                at: folder.appending(component: "conversations.jsonl"),
                to: folder.appending(component: "prompts and more.jsonl"))
            try write(
                """
                # Keys may be written with underscores, as in run.json.
                command: sft
                model: base
                data:
                  - &first conversations.jsonl
                  - prompts and more.jsonl
                batch: 4
                steps: 6
                learning_rate: 1e-3
                lora-rank: 2
                no-shuffle: true
                merge: false
                seed: \(UInt64.max)
                lora-dropout: 0.1
                validation: *first
                epochs: ~
                """, in: folder)
            let typed = try HoneProcess(flags + ["--output", "flags"], in: folder).outcome()
            #expect(typed.code == 0, "\(typed.errors)")
            let read = try HoneProcess.run("sft", "--config", "c.yaml", "--output", "file", in: folder)
            #expect(read.code == 0, "\(read.errors)")
            let weights = "adapter_model.safetensors"
            #expect(
                try Data(contentsOf: folder.appending(components: "flags", weights))
                    == Data(contentsOf: folder.appending(components: "file", weights)))
            var (a, b) = (try object("flags/run.json", in: folder), try object("file/run.json", in: folder))
            var (own, other) = (
                try #require(a["options"] as? [String: Any]), try #require(b["options"] as? [String: Any])
            )
            #expect(own["seed"] as? String == "\(UInt64.max)")
            (own["output"], other["output"], a["options"], b["options"]) = (nil, nil, own, other)
            a["options"] = own
            b["options"] = other
            #expect(NSDictionary(dictionary: a) == NSDictionary(dictionary: b))
        }
    }

    @Test func theCommandLineWins() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try write(
                """
                model: nowhere
                data: [nowhere.jsonl, nothing.jsonl]
                steps: 10k
                batch: 4
                """, in: folder)
            let outcome = try HoneProcess.run(
                "sft", "--steps=2", "--config=c.yaml", "--model", "base", "--data", "conversations.jsonl",
                "--output", "out", in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let options = try #require(try object("out/run.json", in: folder)["options"] as? [String: Any])
            #expect(options["data"] as? [String] == ["conversations.jsonl"])
            #expect(options["steps"] as? Int == 2)
            #expect(options["batch"] as? Int == 4)
            // Arguments are replaced as a whole, and a flag by its opposite.
            try write("sources: [nowhere, nothing]\ndedupe: true\noutput: corpus\n", in: folder)
            let corpus = try HoneProcess.run(
                "corpus", "text.txt", "--config", "c.yaml", "--no-dedupe", "--minimum-quality", "off",
                in: folder)
            #expect(corpus.code == 0, "\(corpus.errors)")
            let card = try object("corpus/data-card.json", in: folder)
            #expect((card["sources"] as? [Any])?.count == 1)
            try write("sources: text.txt\ndedupe: false\nminimum-quality: off\noutput: again\n", in: folder)
            let again = try HoneProcess.run("corpus", "--config", "c.yaml", in: folder)
            #expect(again.code == 0, "\(again.errors)")
            let train = "train-00001.jsonl.gz"
            let names = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(component: "again").path)
            let name = names.contains(train) ? train : try #require(names.first { $0.hasPrefix("train") })
            #expect(
                try Data(contentsOf: folder.appending(components: "corpus", name))
                    == Data(contentsOf: folder.appending(components: "again", name)))
        }
    }

    @Test func wordsOfAnyFormReachTheCommand() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            try write(
                """
                corpus: [text.txt]
                vocabulary-size: 300
                special-token: ["<a b>", -x, --, 'true', "a*b", "1e3"]
                output: "own tokenizer.json"
                """, in: folder)
            let outcome = try HoneProcess.run("tokenizer", "train", "--config", "c.yaml", in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let tokens = try #require(
                try object("own tokenizer.json", in: folder)["added_tokens"] as? [[String: Any]])
            #expect(
                tokens.compactMap { $0["content"] as? String } == [
                    "<a b>", "-x", "--", "true", "a*b", "1e3",
                ])
        }
    }

    @Test(arguments: [
        ["stpes: 3", "line 1: found the key stpes, expected an option of hone sft; did you mean steps?"],
        ["model: a\nmax_steps: 3", "line 2: found the key max_steps", "did you mean steps?"],
        ["lr: 3", "did you mean learning-rate or lora-rank?"],
        ["zzz: 3", "found the key zzz, expected an option of hone sft, as its --help lists them"],
        ["config: c.yaml", "found the key config"],
        ["\nsteps: 10k", "line 2: The value '10k' is invalid for '--steps <n>'"],
        ["schedule: liner", "line 1: The value 'liner' is invalid for '--schedule", "'linear'"],
        ["learning-rate: -1", "line 1: --learning-rate is -1"],
        ["model: [a, b]", "line 1: found a list for model, expected one value"],
        ["model: {a: b}", "line 1: found a mapping for model, expected text or a number"],
        ["data: [[a]]", "found a list for data, expected text or a number"],
        ["data:\n- a\n-", "line 3: found null in the list of data, expected text or a number"],
        ["no-shuffle: yes", "found \"yes\" for no-shuffle, expected true or false"],
        ["no-shuffle: 1", "found \"1\" for no-shuffle, expected true or false"],
        ["steps: 1\nbatch: 2\nsteps: 2", "line 1: found steps twice, expected each key once"],
        ["batch-tokens: 1\nbatch_tokens: 2", "line 2: found batch_tokens beside batch-tokens of line 1"],
        ["command: dpo", "line 1: found the command \"dpo\", expected sft"],
        ["stages: []", "hone run c.yaml runs stages"],
        ["", "found nothing, expected a document"],
        ["- sft", "line 1: found a list, expected options of hone sft"],
        ["sft", "found \"sft\", expected options of hone sft"],
        ["a: *b", "line 1: found the alias *b, expected one whose anchor is in the file"],
        ["<<: {a: b}", "found the key <<"],
        ["a: b\n---\na: c", "line 2: found another document"],
        ["a: [", "c.yaml: line"],
        ["? [a]\n: b", "line 1: found a key that is no text"],
    ])
    func whatIsWrongIsNamed(given: [String]) throws {
        try withTemporaryFolder { folder in
            try write(given[0], in: folder)
            let outcome = try HoneProcess(
                ["sft", "--config", "c.yaml", "--output", "out"]
                    + (given[0].contains("model") ? [] : ["--model", "a"])
                    + (given[0].contains("data") ? [] : ["--data", "b"]), in: folder
            ).outcome(within: 10)
            #expect(outcome.code == 65, "\(outcome.errors)")
            #expect(outcome.errors.hasPrefix("hone: c.yaml: "), "\(outcome.errors)")
            for words in given.dropFirst() { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
            #expect(outcome.output.isEmpty)
        }
    }

    @Test func hostileFilesAreRefusedAtOnce() throws {
        let bomb =
            "a0: &a0 [\(Array(repeating: "x", count: 10).joined(separator: ","))]\n"
            + (1..<12).map { level in
                "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ","))]\n"
            }.joined()
        let files: [(String, Data, String)] = [
            ("values", Data(bomb.utf8), "more than 100,000 values"),
            // As a key it is looked at by whoever looks for keys that stand twice.
            ("keys", Data((bomb + "? *a11\n: x\n? *a10\n: y\n").utf8), "more than 100,000 values"),
            ("circle", Data("a: &a [*a]".utf8), "values in more than 100 others"),
            ("lists", Data(("a: " + String(repeating: "[", count: 400_000)).utf8), "nesting level"),
            ("stairs", Data(String(repeating: "- ", count: 300_000).utf8), "nesting level"),
            ("large", Data(repeating: 0x20, count: 1 << 21), "more than 1 MiB"),
            ("latin", Data([0x61, 0x3A, 0x20, 0xE9]), "bytes that are no UTF-8"),
            ("wide", Data([0xFF, 0xFE, 0x61, 0x00]), "bytes that are no UTF-8"),
            ("zero", Data([0x61, 0x3A, 0x20, 0x00]), "U+0"),
        ]
        try withTemporaryFolder { folder in
            for (name, data, words) in files {
                try data.write(to: folder.appending(component: name))
                let outcome = try HoneProcess(["score", "--config", name], in: folder).outcome(within: 10)
                #expect(outcome.code == 65, "\(name): \(outcome.errors)")
                #expect(outcome.errors.contains(words), "\(name): \(outcome.errors)")
                #expect(outcome.errors.count < 400)
            }
            for (path, code) in [("nowhere.yaml", 66), (".", 74), ("/dev/zero", 65)] as [(String, Int32)] {
                let outcome = try HoneProcess(["score", "--config", path], in: folder).outcome(within: 10)
                #expect(outcome.code == code, "\(outcome.errors)")
            }
        }
    }

    @Test(
        arguments: [
            (["sft", "--stpes", "3"], "hone sft has no option --stpes; did you mean --steps?"),
            (
                ["sft", "--model", "a", "--lr=3"],
                "hone sft has no option --lr; did you mean --learning-rate or --lora-rank?"
            ),
            (["stf"], "hone has no command stf; did you mean sft?"),
            (["tokenizer", "tran", "a"], "hone tokenizer has no command tran; did you mean train?"),
            (["sft", "--config", "a", "--config", "b"], "--config: found a, b, expected one file"),
            (["sft", "--config"], "Missing value for '--config <file>'"),
            (["sft", "--model", "a", "--data", "b", "--output", "c", "--steps", "0"], "--steps is 0"),
        ] as [([String], String)])
    func aMistypedWordIsNamedWithTheNearestOne(words: [String], message: String) throws {
        try withTemporaryFolder { folder in
            let outcome = try HoneProcess(words, in: folder).outcome()
            #expect(outcome.code == 64)
            #expect(outcome.errors.contains(message), "\(outcome.errors)")
        }
    }
}
