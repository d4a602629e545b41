import Foundation
import TestSupport
import Testing

/// `hone init`: a recipe from the answers to four questions.
@Suite struct InitCommandTests {
    /// Runs the command with answers on standard input.
    private func answer(_ answers: String, _ arguments: [String] = [], in folder: URL) throws
        -> HoneProcess.Outcome
    {
        let process = try HoneProcess(
            ["init"] + arguments, in: folder, input: Data(answers.utf8))
        return try process.outcome(within: 20)
    }

    private func recipe(_ name: String = "recipe.yaml", in folder: URL) throws -> String {
        try String(contentsOf: folder.appending(component: name), encoding: .utf8)
    }

    @Test func emptyLinesMakeTheBuiltInTown() throws {
        try withTemporaryFolder { folder in
            for (name, answers) in [("a.yaml", ""), ("b.yaml", "\n\n\n\n"), ("c.yaml", "\n\n\n2 cores\n")] {
                let outcome = try answer(answers, [name], in: folder)
                #expect(outcome.code == 0, "\(outcome.errors)")
                #expect(outcome.errors.contains("For what? [preferred] preferred\n"))
                #expect(outcome.errors.contains("How long? [20 minutes] 20 minutes\n"))
                let plan = try HoneProcess.run("run", name, "--dry-run", in: folder)
                #expect(
                    plan.output == """
                        1 of 6  world → world: to be run
                        2 of 6  corpus → corpus: to be run
                        3 of 6  tokenizer train → tokenizer.json: to be run
                        4 of 6  pretrain → base: to be run
                        5 of 6  sft → sft: to be run
                        6 of 6  dpo → dpo: to be run\n
                        """, "\(plan.errors)")
            }
            // Twenty minutes on two cores, of which 5.5 take seven.
            #expect(try recipe("c.yaml", in: folder).contains("    minutes: 15.7\n"))
            let again = try answer("", ["a.yaml"], in: folder)
            #expect(again.code == 64)
            #expect(again.errors == "hone: a.yaml: is there already; name another file, or remove it\n")
        }
    }

    @Test func textAndRecordsBecomeStagesThatRun() throws {
        try withTemporaryFolder { folder in
            let world = try HoneProcess.run("world", "--minutes", "0.01", "--output", "world", in: folder)
            #expect(world.code == 0, "\(world.errors)")
            try FileManager.default.moveItem(
                at: folder.appending(components: "world", "demonstrations.jsonl"),
                to: folder.appending(component: "my chats.jsonl"))
            try FileManager.default.createDirectory(
                at: folder.appending(component: "base"), withIntermediateDirectories: false)
            let outcome = try answer(
                "world/website 'my chats.jsonl' world/preferences.jsonl\n\n0.2 minutes\n1 core, 4 GB\n",
                in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let text = try recipe(in: folder)
            for line in [
                "  - command: corpus\n    sources: world/website\n", "    vocabulary-size: 4096\n",
                // There is a folder of that name.
                "    depth: 2\n", "    output: base-2\n", "  - command: sft\n    model: base-2\n",
                "    data: \"my chats.jsonl\"\n", "    learning-rate: 3e-4\n",
                "  - command: dpo\n    model: sft\n    data: world/preferences.jsonl\n",
            ] { #expect(text.contains(line), "\(line): \(text)") }
            let run = try HoneProcess.run("run", "recipe.yaml", in: folder)
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.output.contains("5 of 5  dpo → dpo: done\n"))
        }
    }

    @Test func aModelIsTheBeginning() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let outcome = try answer(
                "base conversations.jsonl\nassistant\n1 h\n8 x 32 GB\n", ["deeper/chats.yaml"], in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let text = try recipe("deeper/chats.yaml", in: folder)
            // Seen from the recipe's folder, a path that was typed here is another one.
            let path = folder.resolvingSymlinksInPath().path
            #expect(text.contains("model: \(path)/base\n") || text.contains("/base\n"), "\(text)")
            #expect(text.contains("epochs: 3\n"), "\(text)")
            #expect(!text.contains("pretrain") && !text.contains("learning-rate"))
            let plan = try HoneProcess.run("run", "deeper/chats.yaml", "--dry-run", in: folder)
            #expect(plan.output == "1 of 1  sft → sft: to be run\n", "\(plan.errors)")
            // A model that the machine can only just hold is trained with an adapter.
            _ = try answer("base conversations.jsonl\n\n\n1 core, 0.002 GB\n", ["small.yaml"], in: folder)
            #expect(try recipe("small.yaml", in: folder).contains("lora-rank: 16\n    learning-rate: 1e-4\n"))
        }
    }

    @Test(arguments: [
        ["nowhere.txt\n", "expected paths that are there; nowhere.txt is not"],
        ["base\n", "expected something to learn from as well as a model"],
        ["base base pairs.jsonl\n", "expected one model to begin from, not two"],
        ["prompts.jsonl\n", "the first of prompts.jsonl has prompt, answer"],
        [
            "text.txt\nsomething\n",
            "For what? found \"something\", expected one of base, assistant, preferred",
        ],
        ["text.txt\nassistant\n", "expected another purpose, or conversations among the data"],
        ["pairs.jsonl\n\n", "a model to begin from, or texts to make one of"],
        ["text.txt\n\nsoon\n", "How long? found \"soon\", expected a time, as in 20 minutes"],
        ["text.txt\n\n0\n", "expected from 0.1 minutes to a year"],
        ["text.txt\n\n1 h\nmine\n", "expected cores and memory, as in 8 cores, 32 GB"],
        ["text.txt\n\n1 h\n0 cores\n", "expected cores and memory"],
        ["\u{1B}[2J\n", "found \"\\u{1b}[2J\""],
    ])
    func anAnswerThatIsNoneIsRefused(given: [String]) throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let outcome = try answer(given[0], in: folder)
            #expect(outcome.code == 65, "\(outcome.errors)")
            #expect(outcome.errors.contains(given[1]), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(component: "recipe.yaml").path))
        }
    }
}
