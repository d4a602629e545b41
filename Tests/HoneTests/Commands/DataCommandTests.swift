import Foundation
import TestSupport
import Testing

/// Records from tables and folders are those of JSON Lines, to the bit of what is trained on them.
@Suite struct DataCommandTests {
    private static let tables = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../TablesTests/Fixtures").standardized

    private func copy(_ name: String, to path: String, in folder: URL) throws {
        let target = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Self.tables.appending(component: name), to: target)
    }

    private func write(_ text: String, _ path: String, in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(path: path))
    }

    @discardableResult
    private func run(_ arguments: [String], in folder: URL) throws -> HoneProcess.Outcome {
        let outcome = try HoneProcess(arguments, in: folder).outcome()
        #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    private func weights(_ model: String, in folder: URL) throws -> Data {
        try Data(contentsOf: folder.appending(path: "\(model)/model.safetensors"))
    }

    @Test func trainingKnowsNoFormats() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            for name in ["chats.jsonl", "chats.parquet", "chats.arrow"] {
                try copy(name, to: name, in: folder)
            }
            try copy("chats.parquet", to: "hub/data/train-00000-of-00001.parquet", in: folder)
            try copy("chats.jsonl", to: "hub/data/other.jsonl", in: folder)
            try copy("chats.arrow", to: "saved/validation/data-00000-of-00001.arrow", in: folder)
            let sft = ["sft", "--model", "base", "--steps", "4", "--batch", "2"]
            try run(sft + ["--data", "chats.jsonl", "--output", "a"], in: folder)
            for (index, data) in ["chats.parquet", "chats.arrow", "hub", "saved:validation"].enumerated() {
                let output = "b\(index)"
                try run(sft + ["--data", data, "--validation", "saved", "--output", output], in: folder)
                #expect(try weights(output, in: folder) == weights("a", in: folder), "\(data)")
            }
            // The same records in another format are the same run.
            let longer = ["sft", "--model", "base", "--batch", "2", "--data"]
            try run(longer + ["chats.arrow", "--steps", "6", "--output", "c"], in: folder)
            try run(longer + ["chats.parquet", "--steps", "6", "--output", "c", "--resume"], in: folder)
        }
    }

    /// A database begins with these bytes, whatever is in it.
    @Test(arguments: [
        ["inspect", "--data"], ["generate", "--data"], ["score"],
        ["grpo", "--reward", "number", "--output", "x", "--data"],
    ])
    func aFileOfChoicesIsNoRecordsAndTheCommandThatPrintsThemIsNamed(words: [String]) throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try write("SQLite format 3\0" + String(repeating: "\0", count: 100), "choices.sqlite", in: folder)
            let outcome = try HoneProcess(words + ["choices.sqlite", "--model", "base"], in: folder).outcome()
            #expect(outcome.code == 65)
            #expect(
                outcome.errors.contains(
                    "choices.sqlite: a database of SQLite, as hone serve --feedback writes it, expected records; "
                        + "print them with hone feedback export choices.sqlite --as preferences"),
                "\(outcome.errors)")
        }
    }

    @Test func columnsAreReadUnderOtherNames() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let csv = "question,best,worst\r\nbread,\" is, sold\",noon\r\nAda,dawn,\"so\nld\"\r\nx,y\r\n"
            try write(csv, "pairs.csv", in: folder)
            try write(
                #"{"question":"bread","best":" is, sold","worst":"noon"}"# + "\n"
                    + #"{"question":"Ada","best":"dawn","worst":"so\nld"}"# + "\n", "pairs-of.jsonl",
                in: folder)
            let map = ["--map", "prompt=question,chosen=best,rejected=worst", "--steps", "2"]
            let dpo = ["dpo", "--model", "base", "--batch", "2"]
            let outcome = try run(dpo + map + ["--data", "pairs.csv", "--output", "a"], in: folder)
            #expect(outcome.errors.contains("line 5: a row of 2 fields, expected 3, as the header has"))
            try run(dpo + map + ["--data", "pairs-of.jsonl", "--output", "b"], in: folder)
            #expect(try weights("a", in: folder) == weights("b", in: folder))

            let strict = try HoneProcess(
                dpo + map + ["--data", "pairs.csv", "--strict", "--output", "c"], in: folder
            ).outcome()
            #expect(strict.code == 65)
            #expect(strict.errors.contains("pairs.csv:5: a row of 2 fields"))
            let usage = try HoneProcess(
                dpo + ["--data", "pairs.csv", "--map", "prompt", "--output", "d"], in: folder
            )
            .outcome()
            #expect(usage.code == 64)

            let kto = "prompt,completion,label\nbread, is sold,True\nAda, at noon,0\ndawn, is,maybe\n"
            try write(kto, "labels.csv", in: folder)
            let labels = try run(
                ["inspect", "--model", "base", "--data", "labels.csv", "--as", "labels"], in: folder)
            #expect(labels.errors.contains("2 records"))
            #expect(labels.errors.contains("line 4: 'label' is \"maybe\""))
        }
    }

    @Test func splitsAreThoseOfTheReadme() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try copy("chats.parquet", to: "hub/en/one.parquet", in: folder)
            try copy("chats.arrow", to: "hub/en/two.arrow", in: folder)
            try copy("flat-none-v1.parquet", to: "hub/de/one.parquet", in: folder)
            let readme = """
                ---
                license: mit
                configs:
                - config_name: en
                  data_files:
                  - split: train
                    path: "en/*.parquet"
                  - split: held_out
                    path: ["en/two.arrow"]
                - config_name: de
                  data_files: "de/**"
                ---
                # Chats
                """
            func inspect(_ data: String) throws -> HoneProcess.Outcome {
                try HoneProcess(["inspect", "--model", "base", "--data", data], in: folder).outcome()
            }
            try write(readme, "hub/README.md", in: folder)
            let unsaid = try inspect("hub")
            #expect(unsaid.code == 66)
            #expect(unsaid.errors.contains("one of en, de, as hub:en/train"))
            #expect(try inspect("hub:en/train").errors.contains("12 records"))
            #expect(try inspect("hub:en/held_out").errors.contains("12 records"))
            #expect(try inspect("hub:de/train").errors.contains("40 records"))
            let missing = try inspect("hub:en/test")
            #expect(missing.code == 66)
            #expect(missing.errors.contains("one of train, held_out"))

            try write(
                readme.replacing("config_name: en", with: "config_name: default"), "hub/README.md", in: folder
            )
            #expect(try inspect("hub").errors.contains("12 records"))

            let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
            try write(pointer, "hub/en/one.parquet", in: folder)
            let refused = try inspect("hub")
            #expect(refused.code == 65)
            #expect(refused.errors.contains("git lfs pull"))
        }
    }

    /// The names of folders and files that each pattern of a README stands for.
    @Test(arguments: [
        ("*.jsonl", ["ab.jsonl", "b.jsonl"]),
        ("**.jsonl", ["a/b.jsonl", "a/c/b.jsonl", "ab.jsonl", "b.jsonl"]),
        ("**/b.jsonl", ["a/b.jsonl", "a/c/b.jsonl", "b.jsonl"]), ("./a/*/?.jsonl", ["a/c/b.jsonl"]),
        ("a/**/b.jsonl", ["a/b.jsonl", "a/c/b.jsonl"]), ("a/**", ["a/b.jsonl", "a/c/b.jsonl"]),
        ("?.jsonl", ["b.jsonl"]), ("[a]b.jsonl", []), ("a*a*a*a*a*a*a*a*a*a*a*a*a*.jsonx", []),
    ])
    func patternsStandForFiles(pattern: String, names: [String]) throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            try FileManager.default.createDirectory(
                at: folder.appending(path: "hub/a/c"), withIntermediateDirectories: true)
            let long = String(repeating: "a", count: 200) + ".jsonl"
            for name in ["a/b.jsonl", "a/c/b.jsonl", "ab.jsonl", "b.jsonl", "z/\(long)"] {
                let url = folder.appending(path: "hub/\(name)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data("{}".utf8).write(to: url)
            }
            let yaml = "---\nconfigs:\n- config_name: default\n  data_files: '\(pattern)'\n---\n"
            try write(yaml, "hub/README.md", in: folder)
            let outcome = try HoneProcess(
                ["inspect", "--tokenizer", "tokenizer.json", "--data", "hub"], in: folder
            ).outcome(within: 20)
            let found = outcome.errors.split(separator: "\n").compactMap {
                $0.contains(": 0 records") ? $0.split(separator: ":").first.map(String.init) : nil
            }
            guard names.count != 1 else {
                #expect(outcome.errors.hasPrefix("0 records"), "\(outcome.errors)")
                return
            }
            #expect(outcome.code == (names.isEmpty ? 66 : 0))
            #expect(found.filter { !$0.contains("aaaa") } == names.map { "hub/\($0)" }, "\(outcome.errors)")
        }
    }

    @Test func tasksAndSuitesAreTablesAndDataSetsToo() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try run(tinyTuning(to: "chat", steps: 1), in: folder)
            let suite = [
                ("a", "knowledge", "Capital of France?", "Paris"),
                ("b", "knowledge", "Capital of Italy?", "Rome"),
            ]
            try write(
                suite.map {
                    #"{"id":"\#($0)","kind":"\#($1)","prompt":"\#($2)","answers":["\#($3)"]}"# + "\n"
                }.joined(), "facts.jsonl", in: folder)
            try FileManager.default.createDirectory(
                at: folder.appending(path: "hub"), withIntermediateDirectories: false)
            try write(
                "id,kind,prompt,answers\n" + suite.map { "\($0),\($1),\($2),\($3)\n" }.joined(),
                "hub/facts.csv", in: folder)
            func evaluate(_ words: String...) throws -> String {
                try run(["evaluate", "--model", "chat", "--max-tokens", "8"] + words, in: folder).output
            }
            let lines = try evaluate("--suite", "facts.jsonl")
            #expect(lines.contains("facts"))
            for data in ["hub/facts.csv", "hub", "hub:train"] {
                #expect(try evaluate("--suite", data) == lines)
            }
            try write(
                #"{"context":"the bread is","continuation":" baked"}"# + "\n", "hub/test.jsonl", in: folder)
            let task = ["evaluate", "--model", "base", "--task"]
            #expect(
                try run(task + ["hub"], in: folder).output
                    == run(task + ["hub/test.jsonl"], in: folder).output)
        }
    }

    @Test func tablesAreReadWhereLinesAre() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try copy("flat-snappy-v1.parquet", to: "flat.parquet", in: folder)
            try copy("flat.jsonl", to: "flat.jsonl", in: folder)
            let score = try ["flat.parquet", "flat.jsonl"].map {
                try run(["score", "--model", "base", $0], in: folder).output
            }
            #expect(score[0] == score[1])
            // Columns of other names, and the split of a data set that is measured with.
            let renamed = try String(contentsOf: folder.appending(component: "flat.jsonl"), encoding: .utf8)
                .replacing("\"text\":", with: "\"review\":").replacing("\"kind\":", with: "\"class\":")
            try FileManager.default.createDirectory(
                at: folder.appending(path: "hub"), withIntermediateDirectories: false)
            try write(renamed, "hub/test.jsonl", in: folder)
            try write("{}", "hub/train.jsonl", in: folder)
            let map = ["--map", "text=review,label=class"]
            #expect(try run(["score", "--model", "base", "hub"] + map, in: folder).output == score[1])
            let classify = ["classify", "--model", "base", "--labels", "good,bad"]
            let labels = try [
                ["flat.parquet", "--map", "label=kind"], ["hub:test"] + map, ["hub"] + map,
            ].map { try run(classify + $0, in: folder) }
            #expect(labels[0].errors.contains("of 27 texts"), "\(labels[0].errors)")
            for other in labels.dropFirst() {
                #expect((other.output, other.errors) == (labels[0].output, labels[0].errors))
            }
            try write("text,label\nthe bread,1\nthe dawn,0\nthe noon,2\n", "numbers.csv", in: folder)
            let numbers = try HoneProcess(
                ["classify", "--model", "base", "--labels", "0,1", "numbers.csv"], in: folder
            ).outcome()
            #expect(numbers.code == 65)
            #expect(
                numbers.errors.contains("numbers.csv: line 4: expected a label among 0, 1, found \"2\""),
                "\(numbers.errors)")
            try write("{\"text\":\"the bread\",\"label\":1}\n", "numbers.jsonl", in: folder)
            let numbered = try run(
                ["classify", "--model", "base", "--labels", "0,1", "numbers.jsonl"], in: folder)
            #expect(numbered.errors.contains("of 1 text,"), "\(numbered.errors)")
            let documents = try ["flat.parquet", "flat.jsonl"].map { name in
                let options = ["--map", "text=text,source=kind", "--minimum-quality", "off", "--no-dedupe"]
                let said = try run(["corpus", name, "--output", "of-\(name)"] + options, in: folder).output
                return said.split(separator: ":")[1].split(separator: "\n")[0]
            }
            #expect(documents[0].hasPrefix(" 40 documents"))
            #expect(documents[0] == documents[1])
        }
    }
}
