import Foundation
import TestSupport
import Testing

/// Data about limits from the command line.
@Suite struct LimitsCommandTests {
    private static let manifest = #"""
        {"assistant": "Wren",
         "can": [{"name": "draft", "description": "write a draft of an e-mail",
                  "requests": ["Draft an e-mail to {person}.", "What should I write to {person}?"]}],
         "cannot": [{"name": "send", "description": "send e-mail", "verbs": [["send", "sent"]], "objects": ["e-mail"],
                     "instead": "draft", "requests": ["Send {person} an e-mail.", "Could you mail {person}?"]}],
         "pools": {"person": ["Ada", "Bruno", "Clara", "Dov", "Enid"]}}
        """#

    private func write(_ text: String, _ name: String, _ folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(component: name))
    }

    @Test func whatIsWrittenTrainsAndMeasures() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try write(Self.manifest, "manifest.json", folder)
            func run(_ arguments: String...) throws -> HoneProcess.Outcome {
                let outcome = try HoneProcess(arguments, in: folder).outcome()
                #expect(outcome.code == 0, "\(arguments) \(outcome.errors)")
                return outcome
            }
            for name in ["limits", "again"] {
                let made = try run(
                    "limits", "--manifest", "manifest.json", "--count", "40", "--system", "You are Wren.",
                    "--output", name)
                #expect(made.errors.hasPrefix("\(name): "))
            }
            func text(_ name: String) throws -> String {
                try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            }
            for name in ["demonstrations.jsonl", "preferences.jsonl", "suite.jsonl"] {
                #expect(try text("limits/\(name)") == text("again/\(name)"))
                #expect(try text("limits/\(name)").contains("You are Wren."))
            }
            // No one of the suite's people is in the training data.
            let (trained, measured) = (
                try text("limits/demonstrations.jsonl"), try text("limits/suite.jsonl")
            )
            for person in ["Ada", "Bruno", "Clara", "Dov", "Enid"] {
                #expect(trained.contains(person) != measured.contains(person), "\(person)")
            }
            _ = try run(
                "sft", "--model", "base", "--data", "limits/demonstrations.jsonl", "--steps", "1",
                "--output", "tuned")
            _ = try run(
                "dpo", "--model", "tuned", "--data", "limits/preferences.jsonl", "--steps", "1", "--output",
                "better")
            let table = try run(
                "evaluate", "--model", "tuned", "--suite", "limits/suite.jsonl", "--manifest",
                "manifest.json", "--max-tokens", "4")
            #expect(table.output.contains("suite"), "\(table.output)")
        }
    }

    @Test func whatCannotBeMadeIsRefused() throws {
        try withTemporaryFolder { folder in
            try write(Self.manifest, "manifest.json", folder)
            try write(
                Self.manifest.replacing("\"person\": [", with: "\"people\": ["), "poolless.json", folder)
            try write(#"{"assistant": "Wren", "can": [], "cannot": []}"#, "empty.json", folder)
            try FileManager.default.createDirectory(
                at: folder.appending(component: "there"), withIntermediateDirectories: false)
            try write(
                Self.manifest.replacing("\"verbs\"", with: "\"verb\""), "verb.json",
                folder.appending(component: "there"))
            for (manifest, output, code, message) in [
                ("nowhere.json", "out", 66, "nowhere.json"), ("empty.json", "out", 65, "no \"requests\""),
                ("poolless.json", "out", 65, "person"),
                ("there/verb.json", "out", 65, "verb.json: \"cannot[0].verb\""),
                ("manifest.json", "there", 64, "there: is there already"),
            ] {
                let outcome = try HoneProcess(
                    ["limits", "--manifest", manifest, "--output", output], in: folder
                ).outcome()
                #expect(outcome.code == code && outcome.errors.contains(message), "\(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: folder.appending(component: "out").path))
            }
        }
    }
}
