import Foundation
import TestSupport
import Testing

/// `hone run`: the stages of a recipe.
@Suite struct RecipeTests {
    private func write(_ text: String, to name: String = "r.yaml", in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(component: name))
    }

    private func model(_ name: String, in folder: URL) throws -> Data {
        try Data(contentsOf: folder.appending(components: name, "model.safetensors"))
    }

    /// From a text to an assistant; `steps` of each training.
    private func recipe(steps: Int, vocabulary: Int = 300) -> String {
        """
        stages:
          - command: corpus
            sources: text.txt
            minimum-quality: off
            output: corpus
          - command: tokenizer train
            corpus: corpus
            vocabulary-size: \(vocabulary)
            special-token: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
            output: tokenizer
          - command: pretrain
            corpus: corpus
            tokenizer: tokenizer
            depth: 1
            context: 32
            batch: 4
            steps: \(steps)
            checkpoint-every: 5
            output: base
          - command: sft
            model: base
            data: conversations.jsonl
            batch: 4
            steps: \(steps)
            checkpoint-every: 5
            output: assistant

        """
    }

    private func prepare(_ folder: URL) throws {
        try prepareTinyModel(in: folder)
        try FileManager.default.removeItem(at: folder.appending(component: "base"))
        try FileManager.default.removeItem(at: folder.appending(component: "tokenizer.json"))
        try FileManager.default.createDirectory(
            at: folder.appending(component: "town"), withIntermediateDirectories: false)
        for name in ["text.txt", "conversations.jsonl"] {
            try FileManager.default.moveItem(
                at: folder.appending(component: name), to: folder.appending(components: "town", name))
        }
    }

    @Test func aRecipeGivesTheBytesThatItsCommandsGive() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let town = folder.appending(component: "town")
            try write(recipe(steps: 4), to: "town/r.yaml", in: folder)
            // Its paths are relative to where it lies, wherever it is called.
            let run = try HoneProcess.run("run", "town/r.yaml", in: folder)
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.output.contains("4 of 4  sft → assistant: done\n"))
            #expect(
                run.errors.contains("stage 2 of 4: tokenizer train\n$ hone tokenizer train corpus --vocab"))
            let again = folder.appending(component: "again")
            try FileManager.default.createDirectory(at: again, withIntermediateDirectories: false)
            for name in ["text.txt", "conversations.jsonl"] {
                try FileManager.default.copyItem(
                    at: town.appending(component: name), to: again.appending(component: name))
            }
            for words in [
                "corpus text.txt --minimum-quality off --output corpus",
                "tokenizer train corpus --vocabulary-size 300 --special-token <|endoftext|> --special-token "
                    + "<|im_start|> --special-token <|im_end|> --output tokenizer",
                "pretrain --corpus corpus --tokenizer tokenizer --depth 1 --context 32 --batch 4 --steps 4 "
                    + "--output base",
                "sft --model base --data conversations.jsonl --batch 4 --steps 4 --output assistant",
            ] {
                let outcome = try HoneProcess(words.split(separator: " ").map(String.init), in: again)
                    .outcome()
                #expect(outcome.code == 0, "\(outcome.errors)")
            }
            for name in ["base", "assistant"] { #expect(try model(name, in: town) == model(name, in: again)) }
            #expect(
                try Data(contentsOf: town.appending(component: "tokenizer"))
                    == Data(contentsOf: again.appending(component: "tokenizer")))

            // Nothing is run twice.
            let before = try FileManager.default.attributesOfItem(
                atPath: town.appending(components: "base", "report.html").path)
            let rest = try HoneProcess.run("run", "r.yaml", in: town)
            #expect(rest.code == 0, "\(rest.errors)")
            #expect(rest.errors.isEmpty)
            #expect(rest.output.contains("1 of 4  corpus → corpus: done before\n"))
            let after = try FileManager.default.attributesOfItem(
                atPath: town.appending(components: "base", "report.html").path)
            #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
        }
    }

    @Test func aRecipeKilledAtAnyMomentGoesOnToTheSameBits() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let town = folder.appending(component: "town")
            try write(recipe(steps: 60), to: "town/r.yaml", in: folder)
            let whole = folder.appending(component: "whole")
            try FileManager.default.copyItem(at: town, to: whole)
            let run = try HoneProcess.run("run", "r.yaml", in: whole)
            #expect(run.code == 0, "\(run.errors)")
            var random = SystemRandomNumberGenerator()
            var (kills, outcome) = (0, run)
            repeat {
                let run = try HoneProcess(["run", "town/r.yaml"], in: folder)
                if kills < 6 {
                    Thread.sleep(forTimeInterval: Double.random(in: 0.05...0.7, using: &random))
                    kill(run.process.processIdentifier, SIGKILL)
                    kills += 1
                }
                outcome = try run.outcome()
            } while outcome.code == -SIGKILL
            #expect(outcome.code == 0, "\(outcome.errors)")
            for name in ["base", "assistant"] { #expect(try model(name, in: town) == model(name, in: whole)) }
        }
    }

    @Test func anInterruptedStageGoesOn() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let town = folder.appending(component: "town")
            try write(recipe(steps: 100_000), to: "town/r.yaml", in: folder)
            let run = try HoneProcess(["run", "r.yaml"], in: town)
            let metrics = town.appending(path: "base/metrics.jsonl")
            while (try? Data(contentsOf: metrics))?.isEmpty ?? true, run.process.isRunning {
                Thread.sleep(forTimeInterval: 0.05)
            }
            // Nobody else runs it meanwhile.
            let other = try HoneProcess.run("run", "r.yaml", in: town)
            #expect(other.code == 74)
            #expect(other.errors.contains("another process is writing in it"), "\(other.errors)")
            kill(run.process.processIdentifier, SIGINT)
            let outcome = try run.outcome()
            #expect(outcome.code == 130)
            #expect(
                outcome.errors.hasSuffix(
                    "hone: r.yaml: stopped in stage 3 of 4, pretrain; the same command goes on from there\n"),
                "\(outcome.errors)")
            #expect(!outcome.errors.contains("--resume"), "\(outcome.errors)")
            let plan = try HoneProcess.run("run", "r.yaml", "--dry-run", in: town)
            #expect(plan.output.contains("2 of 4  tokenizer train → tokenizer: done before\n"))
            #expect(plan.output.contains("3 of 4  pretrain → base: goes on where it stopped\n"))
            #expect(plan.output.contains("4 of 4  sft → assistant: to be run\n"))
            // A training that has begun compares its settings itself.
            try write(recipe(steps: 50_000), to: "town/r.yaml", in: folder)
            let changed = try HoneProcess.run("run", "r.yaml", in: town)
            #expect(changed.code != 0)
            #expect(changed.errors.contains("--steps"), "\(changed.errors)")
        }
    }

    @Test func aStageThatWasRunWithOtherOptionsIsRefused() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let town = folder.appending(component: "town")
            try write(recipe(steps: 2), to: "town/r.yaml", in: folder)
            #expect(try HoneProcess.run("run", "r.yaml", in: town).code == 0)
            // The order of keys does not matter.
            try write(
                recipe(steps: 2).replacing(
                    "depth: 1\n    context: 32\n", with: "context: 32\n    depth: 1\n"),
                to: "town/r.yaml", in: folder)
            #expect(try HoneProcess.run("run", "r.yaml", in: town).code == 0)
            try write(recipe(steps: 3), to: "town/r.yaml", in: folder)
            let changed = try HoneProcess.run("run", "r.yaml", in: town)
            #expect(changed.code == 65)
            #expect(
                changed.errors == """
                    hone: r.yaml: line 11: stage 3, pretrain: it was run with other options, steps: 2, now 3; \
                    remove base to run it again, or give it another output\n
                    """)
            // With what it made out of the way it is run, and so is what was trained on it.
            try FileManager.default.removeItem(at: town.appending(component: "base"))
            try FileManager.default.removeItem(at: town.appending(component: "assistant"))
            let plan = try HoneProcess.run("run", "r.yaml", "--dry-run", in: town)
            #expect(
                plan.output == """
                    1 of 4  corpus → corpus: done before
                    2 of 4  tokenizer train → tokenizer: done before
                    3 of 4  pretrain → base: to be run
                    4 of 4  sft → assistant: to be run\n
                    """)
            #expect(try HoneProcess.run("run", "r.yaml", in: town).code == 0)
            // The tokenizer is made again where the corpus is; the model was trained on another.
            try FileManager.default.removeItem(at: town.appending(component: "corpus"))
            let renewed = try HoneProcess.run("run", "r.yaml", "--dry-run", in: town)
            #expect(renewed.output.contains("2 of 4  tokenizer train → tokenizer: to be run\n"))
            #expect(renewed.output.contains("3 of 4  pretrain → base: goes on where it stopped\n"))
            // The same corpus, tokenizer and models come out of it.
            let before = try model("assistant", in: town)
            let outcome = try HoneProcess.run("run", "r.yaml", in: town)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try model("assistant", in: town) == before)
        }
    }

    /// A corpus appears when it is whole, and the process may end before that is noted.
    @Test func aFileThatWasChangedSinceIsNoticed() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let town = folder.appending(component: "town")
            try write(recipe(steps: 3), to: "town/r.yaml", in: folder)
            func run(_ more: String...) throws -> HoneProcess.Outcome {
                try HoneProcess(["run", "town/r.yaml"] + more, in: folder).outcome()
            }
            #expect(try run().code == 0)
            let model = try self.model("town/assistant", in: folder)
            // Touched or copied, a file is the same.
            let text = town.appending(component: "text.txt")
            let before = try Data(contentsOf: text)
            try before.write(to: text)
            let copied = try run()
            #expect(copied.code == 0, "\(copied.errors)")
            #expect(copied.output.contains("1 of 4  corpus → corpus: done before"))
            try (before + Data("the bread.\n".utf8)).write(to: text)
            for more in [[], ["--dry-run"]] {
                let changed = try HoneProcess(["run", "town/r.yaml"] + more, in: folder).outcome()
                #expect(changed.code == 65)
                #expect(
                    changed.errors.contains(
                        "line 2: stage 1, corpus: text.txt was changed since it was run; remove corpus to run it again, "
                            + "or go on with what it made by --keep-changed"), "\(changed.errors)")
            }
            let kept = try run("--keep-changed")
            #expect(kept.code == 0, "\(kept.errors)")
            #expect(try self.model("town/assistant", in: folder) == model)
            // What was kept is not spoken of again; another change is.
            #expect(try run().code == 0)
            try FileManager.default.removeItem(at: town.appending(component: "conversations.jsonl"))
            let gone = try run()
            #expect(gone.code == 65)
            #expect(
                gone.errors.contains("stage 4, sft: conversations.jsonl is gone since it was run"),
                "\(gone.errors)")
            #expect(try run("--keep-changed").code == 0)
            try Data().write(to: town.appending(component: "conversations.jsonl"))
            let added = try run()
            #expect(added.code == 65)
            #expect(
                added.errors.contains("stage 4, sft: conversations.jsonl was added since it was run"),
                "\(added.errors)")
        }
    }

    @Test func whatARunLeavesBesideItsModelMayGoAndCome() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try write(
                """
                stages:
                  - command: sft
                    model: base
                    data: conversations.jsonl
                    batch: 4
                    steps: 1
                    output: tuned

                """, in: folder)
            func run() throws -> HoneProcess.Outcome {
                try HoneProcess(["run", "r.yaml"], in: folder).outcome()
            }
            #expect(try run().code == 0)
            let base = folder.appending(component: "base")
            for name in ["checkpoints", "metrics.jsonl", "report.html", "run.json"] {
                try FileManager.default.removeItem(at: base.appending(component: name))
            }
            try Data("{}".utf8).write(to: base.appending(component: "evaluation.json"))
            let again = try run()
            #expect(again.code == 0, "\(again.errors)")
            try Data("{}".utf8).write(to: base.appending(component: "generation_config.json"))
            let other = try run()
            #expect(other.code == 65)
            #expect(other.errors.contains("base/generation_config.json was"), "\(other.errors)")
        }
    }

    @Test func aCorpusThatIsThereIsNotMadeTwice() throws {
        try withTemporaryFolder { folder in
            try prepare(folder)
            let town = folder.appending(component: "town")
            let text = recipe(steps: 2).components(separatedBy: "  - command: tokenizer")[0]
            try write(text, to: "town/r.yaml", in: folder)
            #expect(try HoneProcess.run("run", "r.yaml", in: town).code == 0)
            let note = town.appending(path: "r.run/stages.json")
            let noted = try String(contentsOf: note, encoding: .utf8)
            try Data(noted.replacing("\"done\": true", with: "\"done\": false").utf8).write(to: note)
            let outcome = try HoneProcess.run("run", "r.yaml", in: town)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output == "1 of 1  corpus → corpus: done before\n")
            try Data("{}".utf8).write(to: note)
            let broken = try HoneProcess.run("run", "r.yaml", in: town)
            #expect(broken.code == 65)
            #expect(broken.errors.contains("r.run/stages.json: found something else"), "\(broken.errors)")
        }
    }

    @Test func aRecipeOfOneStageNeedsNoListAndIsAConfiguration() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            try write(
                "command: tokenizer train\ncorpus: text.txt\nvocabulary-size: 300\noutput: a\n", in: folder)
            #expect(try HoneProcess.run("run", "r.yaml", in: folder).code == 0)
            let read = try HoneProcess.run(
                "tokenizer", "train", "--config", "r.yaml", "--output", "b", in: folder)
            #expect(read.code == 0, "\(read.errors)")
            let elsewhere = try HoneProcess.run("run", "r.yaml", "--folder", "empty", in: folder)
            #expect(elsewhere.code == 66)
            #expect(elsewhere.errors.contains("text.txt"), "\(elsewhere.errors)")
            #expect(
                try Data(contentsOf: folder.appending(component: "a"))
                    == Data(contentsOf: folder.appending(component: "b")))
        }
    }

    @Test(arguments: [
        ["stages:\n- model: a", "line 2: found a stage without command"],
        ["stages:\n- sft", "line 2: found a stage without command"],
        ["model: a", "found a stage without command, expected a command and its options"],
        ["stages: [sft", "line 2: found something else, expected ',' or ']'"],
        ["stages:", "line 1: found null for stages, expected a list of stages"],
        ["stages: []", "line 1: found an empty list for stages, expected a list of stages"],
        ["stages: {command: sft}", "found a mapping for stages, expected a list of stages"],
        ["seed: 1\nstages:\n- command: sft", "line 1: found the key seed, expected stages alone"],
        [
            "stages:\n- command: stf",
            "line 2: found the command \"stf\", expected one of hone; did you mean sft?",
        ],
        ["command: tokenizer tran", "did you mean tokenizer train?"],
        ["command: tokenizer", "expected one of hone: tokenizer train, tokenizer encode, tokenizer decode"],
        ["command: sft now", "found the command \"sft now\""],
        ["command: [sft]", "found the command a list, expected its name"],
        ["command: chat", "expected another one: it waits for what somebody types"],
        ["command: quickstart", "hone quickstart --write-recipe"],
        ["command: run", "found the command \"run\""],
        ["command: sft\nresume: true", "line 2: found the key resume, expected none: hone run goes on"],
        ["command: sft\ndry_run: true", "line 2: found the key dry_run"],
        ["command: sft\nstpes: 3", "line 2: found the key stpes", "did you mean steps?"],
        ["stages:\n- command: sft\n  output: a", "line 2: Missing expected argument '--model <dir>'"],
        [
            "stages:\n- command: sft\n  output: a\n  model: b\n  data: c\n  steps: 0",
            "line 6: --steps is 0; it must be from 1 to 1,000,000,000.",
        ],
        [
            "stages:\n- {command: merge, model: b, output: a}\n- {command: sft, data: c, model: b, output: a}",
            "line 3: found the output a in stage 2 as in stage 1, expected a folder of its own for each",
        ],
    ])
    func whatIsWrongIsNamedBeforeAnythingIsRun(given: [String]) throws {
        try withTemporaryFolder { folder in
            try write(given[0], in: folder)
            let outcome = try HoneProcess(["run", "r.yaml"], in: folder).outcome(within: 10)
            #expect(outcome.code == 65, "\(outcome.errors)")
            #expect(outcome.errors.hasPrefix("hone: r.yaml: "), "\(outcome.errors)")
            for words in given.dropFirst() { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
            #expect(files(below: folder) == ["r.yaml"])
        }
    }

    @Test func theRecipeOfAQuickstartMakesItsModels() throws {
        try withTemporaryFolder { folder in
            let size = ["--minutes", "0.01", "--seed", "3"]
            let recipe = try HoneProcess(["quickstart", "--write-recipe"] + size, in: folder).outcome()
            #expect(recipe.code == 0)
            #expect(files(below: folder).isEmpty)
            try FileManager.default.createDirectory(
                at: folder.appending(component: "town"), withIntermediateDirectories: false)
            try write(recipe.output, to: "town/town.yaml", in: folder)
            let run = try HoneProcess.run("run", "town/town.yaml", in: folder)
            #expect(run.code == 0, "\(run.errors)")
            let quickstart = try HoneProcess(["quickstart", "--output", "quick"] + size, in: folder).outcome()
            #expect(quickstart.code == 0, "\(quickstart.errors)")
            for name in ["base", "sft", "reward", "dpo", "ppo"] {
                #expect(
                    try model("town/\(name)", in: folder) == model("quick/\(name)", in: folder), "\(name)")
            }
            // It measures what is there.
            let measured = try HoneProcess(["quickstart", "--output", "town"] + size, in: folder).outcome()
            #expect(measured.code == 0, "\(measured.errors)")
            #expect(!measured.errors.contains("$ hone"))
            let table = try #require(quickstart.output.firstRange(of: "\n%"))
            #expect(
                measured.output.replacing("town", with: "quick")
                    == quickstart.output[table.lowerBound...])
        }
    }
}
