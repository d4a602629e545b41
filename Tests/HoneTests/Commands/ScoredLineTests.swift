import Foundation
import TestSupport
import Testing

/// A line that cannot be scored is named with its key and the reason.
@Suite struct ScoredLineTests {
    @Test func aBadLineIsNamedWithItsKeyAndTheReason() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            for (line, reason) in [
                (#"{"prompt":"Ada"}"#, #""completion" is missing"#),
                (#"{"prompt":7,"completion":" is"}"#, #""prompt" holds another kind of value"#),
                (#"{"text":[1]}"#, #""text" holds another kind of value"#),
                (#"{"text":"Ada"#, "no JSON"), ("7", "no object"),
            ] {
                let records = "{\"text\":\"Ada is\"}\n\(line)\n"
                try Data(records.utf8).write(to: folder.appending(component: "bad.jsonl"))
                let outcome = try HoneProcess.run("score", "--model", "base", "bad.jsonl", in: folder)
                #expect(outcome.code == 65)
                #expect(outcome.errors.contains("bad.jsonl: line 2: expected "), "\(outcome.errors)")
                #expect(outcome.errors.contains(reason), "\(outcome.errors)")
            }
        }
    }
}
