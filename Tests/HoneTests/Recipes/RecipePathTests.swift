import Foundation
import TestSupport
import Testing

/// The paths in a recipe, and what was read from them.
@Suite struct RecipePathTests {
    private func write(_ text: String, to name: String = "r.yaml", in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(component: name))
    }

    private func run(_ more: String..., in folder: URL) throws -> HoneProcess.Outcome {
        try HoneProcess(["run", "r.yaml"] + more, in: folder).outcome()
    }

    private static let first = "stages:\n- command: sft\n  model: base\n  data: d.jsonl\n  output: sft\n"

    @Test(arguments: [
        [
            "- command: dpo\n  model: stf\n  data: d.jsonl\n  output: dpo",
            "r.yaml: line 7: stage 2, dpo: model: there is no stf, and no stage before makes it; did you mean sft?",
        ],
        [
            "- command: dpo\n  model: sft\n  data: d.jsnl\n  output: dpo",
            "line 8: stage 2, dpo: data: there is no d.jsnl, and no stage before makes it; did you mean d.jsonl?",
        ],
        [
            "- command: dpo\n  model: sft\n  data: [d.jsonl, more/d.jsnl]\n  output: dpo",
            "line 8: stage 2, dpo: data: there is no more/d.jsnl, and no stage before makes it; did you mean more/d.jsonl?",
        ],
        [
            "- command: dpo\n  model: sft/best\n  data: d.jsonl\n  output: dpo",
            "line 7: stage 2, dpo: model: there is no sft/best, and no stage before makes it: stage 1, sft, leaves sft",
        ],
        [
            "  ema: 0.9\n- command: dpo\n  model: sft/bset\n  data: d.jsonl\n  output: dpo",
            "line 8: stage 2, dpo: model: there is no sft/bset, and no stage before makes it: "
                + "stage 1, sft, leaves sft and sft/ema",
        ],
        [
            "- command: dpo\n  model: kto\n  data: d.jsonl\n  output: dpo\n"
                + "- {command: kto, model: dpo, data: d.jsonl, output: kto}",
            "line 7: stage 2, dpo: model: kto is made by stage 3, kto, which comes after it",
        ],
        [
            "- command: evaluate\n  model: [sft, base]\n  suite: [d.jsonl, l.jsonl]",
            "line 8: stage 2, evaluate: suite: there is no l.jsonl,",
        ],
        [
            "- command: score\n  model: sft\n  file: nowhere.jsonl",
            "line 8: stage 2, score: file: there is no nowhere.jsonl,",
        ],
    ])
    func aPathThatNothingMakesIsNamedBeforeTheFirstStage(given: [String]) throws {
        try withTemporaryFolder { folder in
            try write(Self.first + given[0], in: folder)
            for name in ["base", "more"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(component: name), withIntermediateDirectories: false)
            }
            for name in ["d.jsonl", "more/d.jsonl"] { try write("", to: name, in: folder) }
            let before = files(below: folder)
            for more in [[], ["--dry-run"]] {
                let outcome = try HoneProcess(["run", "r.yaml"] + more, in: folder).outcome()
                #expect(outcome.code == 66)
                #expect(outcome.errors.contains(given[1]), "\(outcome.errors)")
                #expect(files(below: folder).subtracting(["r.run"]) == before)
            }
        }
    }

    @Test func aFileInPlaceOfAFolderIsNamedBeforeTheFirstStage() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appending(component: "base"), withIntermediateDirectories: false)
            try write("", to: "d.jsonl", in: folder)
            try write(
                Self.first
                    + "- command: dpo\n  model: sft\n  data: d.jsonl\n  output: dpo\n  tensorboard: d.jsonl",
                in: folder)
            let outcome = try run(in: folder)
            #expect(outcome.code == 74)
            #expect(outcome.errors.contains("line 10: stage 2, dpo: tensorboard: "), "\(outcome.errors)")
            #expect(outcome.errors.contains("d.jsonl: cannot be written: it is a file, expected a folder"))
        }
    }

    @Test func whatAStageLeavesIsRead() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try write(
                """
                stages:
                  - {command: sft, model: base, data: conversations.jsonl, steps: 1, ema: 0.5, output: out/sft}
                  - {command: score, model: ./out/sft/ema/, file: text.jsonl}
                  - {command: classify, model: out/sft, labels: "a,b", file: text.jsonl, report: report.json}
                """, in: folder)
            try write(#"{"text":"the bread","label":"a"}"#, to: "text.jsonl", in: folder)
            let outcome = try run(in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            // The report is written, and no file that was added since.
            #expect(try run(in: folder).code == 0)
        }
    }

    @Test func aModelThatIsMadeAgainOfOtherFilesIsNotGoneOnWith() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let sft = "- {command: sft, model: base, data: conversations.jsonl, steps: 1, output: sft}\n"
            let dpo = "- {command: dpo, model: sft, data: pairs.jsonl, steps: 1, output: dpo}\n"
            try write("stages:\n" + sft + dpo, in: folder)
            #expect(try run(in: folder).code == 0)
            let file = folder.appending(component: "conversations.jsonl")
            let before = try Data(contentsOf: file)
            let other = String(decoding: before, as: UTF8.self).replacing("noon", with: "dawn")
            try Data(other.utf8).write(to: file)
            func remove(_ name: String) throws {
                try FileManager.default.removeItem(at: folder.appending(component: name))
            }
            try remove("sft")
            let changed = try run(in: folder)
            #expect(changed.code == 65)
            #expect(
                changed.errors.contains(
                    "line 3: stage 2, dpo: it was run on what stage 1, sft, made before conversations.jsonl was changed; "
                        + "remove dpo to run it again, or give it another output"), "\(changed.errors)")
            #expect(!files(below: folder).contains("sft"))

            // The same files give the same model, which it was trained on.
            try before.write(to: file)
            #expect(try run(in: folder).code == 0)
            try remove("sft")
            try write("stages:\n" + sft.replacing("steps: 1", with: "steps: 2") + dpo, in: folder)
            let options = try run(in: folder)
            #expect(
                options.errors.contains("made before its options were changed, steps: 1, now 2"),
                "\(options.errors)")

            // A run that goes on by itself says which of its files differs, and what to do.
            try Data(other.utf8).write(to: file)
            let tuned = try HoneProcess(
                [
                    "sft", "--model", "base", "--data", "conversations.jsonl", "--steps", "1", "--output",
                    "sft",
                ],
                in: folder
            ).outcome()
            #expect(tuned.code == 0)
            let resumed = try HoneProcess(
                [
                    "dpo", "--model", "sft", "--data", "pairs.jsonl", "--steps", "1", "--output", "dpo",
                    "--resume",
                ], in: folder
            ).outcome()
            #expect(resumed.code == 64)
            #expect(
                resumed.errors.contains(
                    "dpo: the run there can only go on with what it began with, and the weights of --model sft are "
                        + "others now (fingerprint "), "\(resumed.errors)")
            #expect(
                resumed.errors.hasSuffix(
                    "; put back what was there, or remove the folder or choose another --output to begin anew\n"
                ))
        }
    }
}
