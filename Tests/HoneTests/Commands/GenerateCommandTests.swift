import Foundation
import TestSupport
import Testing

/// `hone generate` by a schema, and with programs that judge.
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

    @Test func textsThatNothingJudgesAreNotGenerated() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            func write(_ name: String, _ lines: String...) throws {
                try Data((lines.joined(separator: "\n") + "\n").utf8).write(
                    to: folder.appending(component: name))
            }
            try write("none.jsonl", #"{"prompt":"Ada is","solution":"1"}"#, #"{"prompt":"bread is"}"#)
            try write("one.jsonl", #"{"prompt":"Ada is","answer":"1"}"#, #"{"prompt":"bread is"}"#)
            func generate(_ more: String..., reward: String = "number") throws -> HoneProcess.Outcome {
                try HoneProcess(
                    ["generate", "--model", "base", "--json", "--max-tokens", "2", "--reward", reward]
                        + more,
                    in: folder
                ).outcome()
            }
            let none = try generate("--data", "none.jsonl")
            #expect(none.code == 65 && none.output.isEmpty, "\(none)")
            #expect(
                none.errors.contains(
                    #"none.jsonl: nothing to judge: --reward number needs records with a number in "answer"; beside the prompt they have solution"#
                ), "\(none.errors)")
            try write(
                "unknown.jsonl",
                #"{"prompt":"Ada is","instruction_id_list":["punctuation:no_coma"],"kwargs":[{}]}"#)
            let unknown = try generate("--data", "unknown.jsonl", "--reward", "instructions")
            #expect(unknown.code == 65 && unknown.output.isEmpty, "\(unknown)")
            #expect(
                unknown.errors.contains(
                    "unknown.jsonl:1: 'instruction' is 'punctuation:no_coma', which is not known"),
                "\(unknown.errors)")
            let unanswered = try generate("--data", "none.jsonl", reward: "fact")
            #expect(unanswered.code == 65 && unanswered.output.isEmpty, "\(unanswered)")
            #expect(
                unanswered.errors.contains(
                    #"--reward fact needs records with "answer"; beside the prompt they have solution"#),
                "\(unanswered.errors)")
            let typed = try generate("--prompt", "Ada is")
            #expect(typed.code == 64 && typed.output.isEmpty, "\(typed)")
            #expect(typed.errors.contains(#"a number in "answer""#), "\(typed.errors)")
            let one = try generate("--data", "one.jsonl")
            #expect(one.code == 0 && one.output.split(separator: "\n").count == 2, "\(one)")
            let lines = one.errors.split(separator: "\n").map(String.init)
            #expect(lines.first?.contains("1 of 2 records cannot be judged") == true, "\(one.errors)")
        }
    }

    @Test func textsThatAreLeftOutAreCountedByTheirCause() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let lines = [#"{"prompt":"Ada is","answer":"123456"}"#, #"{"prompt":"bread is"}"#]
            try Data((lines.joined(separator: "\n") + "\n").utf8)
                .write(to: folder.appending(component: "asked.jsonl"))
            func errors(_ more: String...) throws -> String {
                let outcome = try HoneProcess(
                    [
                        "generate", "--model", "base", "--data", "asked.jsonl", "--max-tokens", "2", "--seed",
                        "1",
                    ] + more, in: folder
                ).outcome()
                #expect(outcome.code == 0)
                return outcome.errors
            }
            let cut = try errors("--records")
            #expect(cut.contains("2 texts left out: 2 cut by --max-tokens\n"), "\(cut)")
            let few = try errors("--json", "--reward", "number", "--minimum-reward", "1")
            #expect(
                few.contains("2 texts left out: 1 not judged, 1 below --minimum-reward\n"), "\(few)")
        }
    }
}
