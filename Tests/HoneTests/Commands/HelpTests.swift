import Foundation
import TestSupport
import Testing

/// The command's own words: version, help, numbers.
@Suite struct HelpTests {
    @Test func theVersionIsPrinted() throws {
        try withTemporaryFolder { folder in
            let outcome = try HoneProcess.run("--version", in: folder)
            #expect(outcome.code == 0)
            #expect(outcome.output.contains(#/^hone \d+\.\d+\.\d+\n$/#))
        }
    }

    @Test(arguments: [
        ["corpus"], ["tokenizer", "train"], ["tokenizer", "encode"], ["tokenizer", "decode"], ["pretrain"],
        ["sft"], ["distill"],
        ["reward"], ["dpo"], ["kto"], ["orpo"], ["cpo"], ["ppo"], ["grpo"], ["rloo"], ["generate"], ["chat"],
        ["score"], ["classify"], ["evaluate"], ["compare"], ["inspect"], ["merge"], ["export"], ["run"],
        ["world"], ["limits"],
        ["init"],
        ["quickstart"],
    ])
    func helpWrapsAsParagraphs(command: [String]) throws {
        try withTemporaryFolder { folder in
            for columns in [60, 80, 100, 140] {
                let help = try HoneProcess(
                    command + ["--help"], in: folder, environment: ["COLUMNS": "\(columns)"]
                ).outcome().output
                let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
                let end = try #require(lines.firstIndex { $0.hasPrefix("USAGE:") })
                for (line, next) in zip(lines[..<end], lines[..<end].dropFirst())
                where !line.isEmpty && !line.hasPrefix(" ") && !next.isEmpty && !next.hasPrefix(" ") {
                    // The next line's first word would not have fitted.
                    let word = next.prefix { $0 != " " }
                    #expect(line.count + 1 + word.count >= columns, "\(columns): \(line)")
                    #expect(line.count <= columns || !line.contains(" "))
                }
            }
        }
    }

    @Test func countsAgreeWithTheirNouns() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let one = #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#
            try Data("\(one)\n{}\n".utf8).write(to: folder.appending(component: "one.jsonl"))
            let tuned = try HoneProcess.run(
                "sft", "--model", "base", "--data", "one.jsonl", "--steps", "1", "--output", "a", in: folder)
            #expect(tuned.code == 0, "\(tuned.errors)")
            #expect(tuned.errors.contains("  1 conversation\n  1 step, "))
            #expect(tuned.errors.contains("1 record of 2, 1 left out"), "\(tuned.errors)")
            #expect(!tuned.errors.contains(#/\b1 (records|steps|conversations|tokens)\b/#))
            let shown = try HoneProcess.run(
                "inspect", "--tokenizer", "tokenizer.json", "--data", "one.jsonl", in: folder)
            #expect(shown.errors.contains("1 record, "), "\(shown.errors)")
        }
    }
}
