import Foundation
import TestSupport
import Testing

/// `hone evaluate --suite`.
@Suite struct SuiteCommandTests {
    private func evaluate(_ suite: String, _ lines: [String], in folder: URL) throws -> HoneProcess.Outcome {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(component: suite))
        return try HoneProcess(
            ["evaluate", "--model", "base", "--suite", suite, "--max-tokens", "2", "--json"], in: folder
        ).outcome()
    }

    @Test func promptsWithoutRoomAreLeftOutAndNamed() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let long = Array(repeating: "bread is baked", count: 600).joined(separator: " ")
            func item(_ prompt: String, _ more: String = "") -> String {
                #"{"kind":"knowledge","prompt":"\#(prompt)","answers":["noon"]\#(more)}"#
            }
            let some = try evaluate(
                "some.jsonl", [item("Ada"), item(long, #","id":"the long one""#), item(long), item("noon")],
                in: folder)
            #expect(some.code == 0, "\(some.errors)")
            let said = try #require(some.errors.split(separator: "\n").first { $0.contains("some: ") })
            #expect(
                said.contains(
                    #/some: 2 of 4 prompts left out, which base has no room for in its context of 1,024 tokens: the long one \(\d+\), line 3 \(\d+\)/#
                ), "\(some.errors)")
            #expect(
                some.output.contains(#""count" : 2"#) || some.output.contains(#""count":2"#), "\(some.output)"
            )
            let none = try evaluate("none.jsonl", [item(long)], in: folder)
            #expect(none.code == 65 && none.output.isEmpty, "\(none)")
            #expect(none.errors.contains("none, line 1: the prompt has "), "\(none.errors)")
        }
    }
}
