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
}
