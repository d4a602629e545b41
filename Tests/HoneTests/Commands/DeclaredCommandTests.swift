import Foundation
import TestSupport
import Testing

/// Commands that a file declares and a model asks for.
@Suite struct DeclaredCommandTests {
    @Test(arguments: [
        ("[]", "the list of commands is empty"), ("{", "not JSON"),
        (#"{"tools": []}"#, "the list of commands is empty"),
        (#"{"name": "f"}"#, "found an object, expected a list of commands"),
        (#"[{"description": "", "argv": ["ls"]}]"#, "command 1: 'name' is missing"),
        (#"[{"name": "f", "description": "", "argv": []}]"#, "command 1: 'argv' is not a list of words"),
        (
            #"[{"name": "f", "description": "", "argv": ["{p}"]}]"#,
            "a place for an argument where the program"
        ),
        (
            #"[{"name": "f", "description": "", "argv": ["ls", "{p}"]}]"#,
            "'argv' has a place for p, which 'parameters'"
        ),
        (
            #"[{"name": "f", "description": "", "argv": ["ls"], "shell": true}]"#,
            "command 1: 'shell' is not known"
        ),
        (
            #"[{"name": "f", "description": "", "argv": ["ls"], "parameters": {"not": {}}}]"#,
            "'parameters': #/not is not"
        ),
        (
            #"[{"name": "f", "description": "", "argv": ["ls"], "parameters": {"type": "array"}}]"#,
            "'parameters' is not the schema of an object"
        ),
        (
            #"[{"name": "f", "description": "", "argv": ["ls"], "seconds": 0}]"#,
            "'seconds' is not a number greater than 0, up to 3600"
        ),
        (
            #"[{"name": "f", "description": "", "argv": ["ls"]}, {"name": "f", "description": "", "argv": ["ls"]}]"#,
            "command 2: another command is named f"
        ),
    ])
    func aFalseDeclarationIsNamed(_ text: String, _ message: String) throws {
        try withTemporaryFolder { folder in
            try write(text, "tools.json", folder)
            let outcome = try HoneProcess(["chat", "--model", "model", "--tools", "tools.json"], in: folder)
                .outcome()
            #expect(outcome.code == 65)
            #expect(
                outcome.errors.contains("tools.json: ") && outcome.errors.contains(message),
                "\(outcome.errors)")
        }
    }

    @Test func aFolderDeclaresNothing() throws {
        try withTemporaryFolder { folder in
            let outcome = try HoneProcess(["chat", "--model", "model", "--tools", "."], in: folder).outcome()
            #expect(outcome.code == 65 && outcome.errors.contains("it is a folder"), "\(outcome.errors)")
        }
    }

    private func write(_ text: String, _ name: String, _ folder: URL) throws {
        try Data((text + "\n").utf8).write(to: folder.appending(path: name))
    }

    private static let parameters =
        #"{"type":"object","properties":{"mode":{"enum":["a"]}},"required":["mode"]}"#

    /// A model that has learned to call one tool, and what it said when the tool was there.
    private func converse(
        _ argv: String, _ limits: String = "", yes: String, _ body: (String, URL) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            let description = #""name":"look","description":"Looks.","parameters":\#(Self.parameters)"#
            try write("[{\(description), \"argv\": \(argv)\(limits)}]", "tools.json", folder)
            let call =
                #"{"role":"assistant","content":"","tool_calls":[{"function":{"name":"look","arguments":{"mode":"a"}}}]}"#
            let turns =
                #"{"role":"user","content":"Look."},\#(call),{"role":"tool","content":"x"},{"role":"assistant","content":"Done."}"#
            let record =
                #"{"messages":[\#(turns)],"tools":[{"type":"function","function":{\#(description)}}]}"#
            try write(record, "calls.jsonl", folder)
            try write(Array(repeating: record, count: 40).joined(separator: "\n"), "text.txt", folder)
            try FileManager.default.createDirectory(
                at: folder.appending(path: "place"), withIntermediateDirectories: false)
            try write("here", "place/$(touch made) b", folder)
            for arguments in [
                [
                    "tokenizer", "train", "text.txt", "--vocabulary-size", "300", "--output",
                    "tokenizer.json",
                    "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>",
                    "--special-token", "<|im_end|>", "--special-token", "<tool_call>", "--special-token",
                    "</tool_call>",
                ],
                [
                    "pretrain", "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1",
                    "--context", "2048", "--batch", "1", "--steps", "1", "--output", "base",
                ],
                [
                    "sft", "--model", "base", "--data", "calls.jsonl", "--steps", "60", "--learning-rate",
                    "0.01",
                    "--output", "model",
                ],
            ] {
                let outcome = try HoneProcess(arguments, in: folder).outcome()
                try #require(outcome.code == 0, "\(outcome.errors)")
            }
            // Should it ask again, it is told no.
            let save = String(repeating: "/save said.jsonl\n", count: 20)
            let said = Data("Look.\n\(yes)\n\(save)".utf8)
            let outcome = try HoneProcess(
                [
                    "chat", "--model", "model", "--tools", "tools.json", "--tool-folder", "place",
                    "--temperature", "0", "--max-tokens", "100",
                ], in: folder, input: said
            ).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            try body(try String(contentsOf: folder.appending(path: "said.jsonl"), encoding: .utf8), folder)
        }
    }

    /// The content of the first result.
    private func firstResult(_ line: String) throws -> String {
        let record =
            try JSONSerialization.jsonObject(with: Data(line.prefix { $0 != "\n" }.utf8)) as? [String: Any]
        let turns = try #require(record?["messages"] as? [[String: Any]])
        return try #require(
            turns.first { $0["role"] as? String == "tool" }?["content"] as? String, "\(turns)")
    }

    @Test func aCommandRunsInItsFolderWithoutAShell() throws {
        try converse(#"["ls", "--", "$(touch made) b", "x{mode}"]"#, yes: "yes") { said, folder in
            let result = try firstResult(said)
            // One file is there, the other is not; nothing was made.
            #expect(result.contains("$(touch made) b") && result.contains("xa"))
            #expect(result.contains("it ended with exit code 2"))
            let files = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: "place").path)
            #expect(files.count == 1)
        }
    }

    @Test(arguments: [
        (["--tool-folder", "."], "--tool-folder would be ignored: it needs --tools"),
        (["--tool-format", "hermes"], "--tool-format would be ignored: it needs --tools"),
        (
            ["--tools", "tools.json", "--tool-format", "claude"],
            "--tool-format claude is none of hermes, llama3, mistral, mistral-arguments."
        ),
        (["--tools", "tools.json", "--tool-folder", "nowhere"], "--tool-folder nowhere: no such folder."),
    ])
    func anOptionThatMakesNoSenseIsRefused(_ options: [String], _ message: String) throws {
        try withTemporaryFolder { folder in
            let outcome = try HoneProcess(["chat", "--model", "model"] + options, in: folder).outcome()
            #expect(outcome.code == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test func nothingRunsWithoutAYes() throws {
        try converse(#"["touch", "made"]"#, yes: "no") { said, folder in
            let result = try firstResult(said)
            #expect(result == #"{"error": "the user did not allow this"}"#)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "place/made").path))
        }
    }

    @Test func aCommandThatTakesTooLongEndsWithAllThatItStarted() throws {
        let argv = #"["sh", "-c", "(sleep 3; touch late) & echo begun; sleep 60"]"#
        try converse(argv, #", "seconds": 0.5"#, yes: "y") { said, folder in
            let result = try firstResult(said)
            #expect(result.contains("it did not end within 0.5 seconds") && result.contains("begun"))
            Thread.sleep(forTimeInterval: 3.5)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "place/late").path))
        }
    }

    @Test func aCommandThatPrintsTooMuchIsEnded() throws {
        try converse(#"["yes"]"#, #", "bytes": 20"#, yes: "y") { said, _ in
            let result = try firstResult(said)
            #expect(result.contains("it printed more than 20 bytes"))
            #expect(result.contains(#"y\ny\ny\ny\ny\ny\ny\ny\ny\ny\n""#))
        }
    }
}
