import Foundation
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

    @Test func anUnwritableFolderIsNamed() throws {
        try withTemporaryFolder { folder in
            try Data().write(to: folder.appending(component: "file"))
            let outcome = try HoneProcess.run("quickstart", "--output", "file/inside", in: folder)
            #expect(outcome.code == 74)
            #expect(outcome.errors.contains("file/inside"))
        }
    }

    @Test func outputToAFileHasNoControlCharacters() throws {
        try withTemporaryFolder { folder in
            let text = String(repeating: "some words to learn from. ", count: 400)
            try Data(text.utf8).write(to: folder.appending(component: "text.txt"))
            let outcome = try HoneProcess.run(
                "tokenizer", "train", "text.txt", "--vocabulary-size", "270", "--output", "t.json", in: folder
            )
            #expect(outcome.code == 0)
            let all = outcome.output + outcome.errors
            #expect(!all.contains("\u{1B}") && !all.contains("\r"))
        }
    }
}
