import Foundation
import TestSupport
import Testing

/// `hone generate` by a schema.
@Suite struct GenerateCommandTests {
    @Test func halfAValueIsSaidToBeOne() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try Data(#"{"type":"string","minLength":8}"#.utf8)
                .write(to: folder.appending(component: "schema.json"))
            func errors(_ maxTokens: Int) throws -> String {
                let outcome = try HoneProcess(
                    [
                        "generate", "--model", "base", "--prompt", "Ada", "--json-schema", "schema.json",
                        "--samples", "2", "--seed", "1", "--max-tokens", "\(maxTokens)",
                    ], in: folder
                ).outcome()
                #expect(outcome.code == 0)
                return outcome.errors
            }
            #expect(try errors(2).contains("no whole values of schema.json: 2 of 2 texts"))
        }
    }
}
