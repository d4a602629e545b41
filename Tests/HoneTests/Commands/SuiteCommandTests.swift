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
            let json = try JSONSerialization.jsonObject(with: Data(some.output.utf8)) as? [String: Any]
            let left = try #require(json?["left_out"] as? [[String: Any]])
            #expect(left.map { $0["item"] as? String } == ["the long one", "line 3"])
            for prompt in left {
                #expect(prompt["suite"] as? String == "some" && prompt["model"] as? String == "base")
                #expect(prompt["context"] as? Int == 1_024)
                #expect(try #require(prompt["tokens"] as? Int) >= 1_024)
            }
            let empty = try evaluate("empty.jsonl", [], in: folder)
            #expect(empty.code == 65 && empty.errors.contains("empty.jsonl: nothing to ask"), "\(empty)")
            let none = try evaluate("none.jsonl", [item(long)], in: folder)
            #expect(none.code == 65 && none.output.isEmpty, "\(none)")
            #expect(none.errors.contains("none, line 1: the prompt has "), "\(none.errors)")
        }
    }
}
