import Foundation
import TestSupport
import Testing

/// What `run.json` says of a run, and which options a run that goes on must have again.
@Suite struct RunDescriptionTests {
    private func description(of run: String, in folder: URL) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(components: run, "run.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func valuesAreWrittenAsValuesAndPathsAsTheyWereTyped() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let tuned = try HoneProcess(
                tinyTuning(of: "./base", to: "tuned", steps: 2)
                    + ["--lora-rank", "2", "--seed", "\(UInt64.max)"],
                in: folder
            ).outcome()
            #expect(tuned.code == 0, "\(tuned.errors)")
            let run = try description(of: "tuned", in: folder)
            #expect(run["command"] as? String == "sft")
            #expect((run["processor"] as? String)?.isEmpty == false)
            let contents = try #require(run["contents"] as? [String: String])
            #expect(contents.keys.sorted() == ["data", "model_weights"])
            let options = try #require(run["options"] as? [String: Any])
            #expect(options["model"] as? String == "./base")
            #expect(options["data"] as? [String] == ["conversations.jsonl"])
            #expect(options["learning_rate"] as? Double == 0.001)
            #expect(options["batch"] as? Int == 4)
            #expect(options["no_shuffle"] as? Bool == false)
            // What was taken where nothing was said.
            #expect(options["schedule"] as? String == "linear")
            #expect(options["warmup"] as? Int == 0)
            #expect(options["lora_alpha"] as? Double == 4)
            #expect(options["context"] as? Int == 1024)
            #expect(options["seed"] as? String == "\(UInt64.max)")
            #expect(options["epochs"] == nil)
            let text = try String(
                contentsOf: folder.appending(components: "tuned", "run.json"), encoding: .utf8)
            #expect(text.contains("\"learning_rate\": 0.001,\n"))
            #expect(text.contains("\"merge\": false,\n"))
        }
    }

    @Test func defaultsOfEachMethodAreNoted() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let policy = [
                "--data", "prompts.jsonl", "--reward", "number", "--max-tokens", "2", "--batch", "2",
            ]
            for (arguments, expected) in [
                (
                    ["dpo", "--data", "pairs.jsonl"],
                    ["beta": 0.1, "learning_rate": 1e-6, "batch_tokens": 4096]
                ),
                (["cpo", "--data", "pairs.jsonl", "--loss", "simpo"], ["beta": 0.1, "simpo_gamma": 0.5]),
                (["kto", "--data", "labels.jsonl"], ["desirable_weight": 1]),
                (["reward", "--data", "pairs.jsonl"], ["learning_rate": 1e-4]),
                (["grpo"] + policy, ["group_size": 8, "updates": 1, "beta": 0, "batch": 2]),
                (["rloo"] + policy, ["group_size": 2, "updates": 1, "beta": 0.05]),
                (
                    ["ppo", "--mini-batches", "2"] + policy,
                    ["updates": 8, "beta": 0.05, "learning_rate": 3e-6, "critic_learning_rate": 3e-5]
                ),
            ] as [([String], [String: Double])] {
                let common = ["--model", "base", "--steps", "1", "--output", arguments[0]]
                // Whether a step of two answers learns something is not asked here.
                _ = try HoneProcess(arguments + common, in: folder).outcome()
                let options = try description(of: arguments[0], in: folder)["options"] as? [String: Any]
                #expect(options?["steps"] as? Int == 1)
                for (name, value) in expected {
                    let found = (options?[name] as? NSNumber)?.doubleValue ?? .nan
                    #expect(abs(found - value) <= 1e-6 * value, "\(arguments[0]) \(name): \(found)")
                }
            }
        }
    }

    @Test func aRunGoesOnWithItsOwnOptionsAlone() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let run = tinyTuning(to: "tuned", steps: 2)
            #expect(try HoneProcess(run, in: folder).outcome().code == 0)
            for (option, message) in [
                (["--seed", "1"], "--seed 0, not 1"), (["--neftune", "5"], "--neftune 0, not 5"),
                (["--chat"], "--chat false, not true"),
                (["--schedule", "cosine"], "--schedule linear, not cosine"),
                (["--mix-in", "text.txt"], "--mix-in-share unset, not 0.1"),
                // Of several that differ, one that was typed.
                (["--lora-rank", "4"], "--lora-rank unset, not 4"),
                (["--lora-rank", "4", "--lora-alpha=2"], "--lora-alpha unset, not 2"),
            ] {
                let outcome = try HoneProcess(run + option + ["--resume"], in: folder).outcome()
                #expect(outcome.code == 64)
                #expect(outcome.errors.contains("started with \(message);"), "\(outcome.errors)")
            }
            // What does not decide the result, and what says the same in other words.
            for option in [
                ["--strict"], ["--json"], ["--checkpoint-every", "1"],
                ["--validation", "conversations.jsonl"], ["--warmup", "0"], ["--schedule", "linear"],
                ["--precision", "bfloat16"],
            ] {
                let outcome = try HoneProcess(run + option + ["--resume"], in: folder).outcome()
                #expect(outcome.code == 0, "\(option) \(outcome.errors)")
            }
        }
    }

    @Test func whatIsNoDescriptionIsRefusedInAClearSentence() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            let run = tinyTuning(to: "tuned", steps: 2)
            #expect(try HoneProcess(run, in: folder).outcome().code == 0)
            let file = folder.appending(components: "tuned", "run.json")
            for (text, message) in [
                // As runs were described before options had values.
                (
                    #"{"command":"sft","seed":"0","steps":"2"}"#,
                    "a run that an earlier hone began cannot go on"
                ),
                (#"{"command":"sft","options":{},"contents":{"data":1}}"#, "a string under \"data\""),
                (#"{"options":{}}"#, "the command and the options of a run"), ("{", "the options of a run"),
            ] {
                try Data(text.utf8).write(to: file)
                let outcome = try HoneProcess(run + ["--resume"], in: folder).outcome()
                #expect(outcome.code == 65)
                #expect(outcome.errors.contains("run.json: expected"), "\(outcome.errors)")
                #expect(outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }

    /// The help says the same numbers as the options that a run then notes.
    @Test(arguments: [
        ("sft", "learning rate 2e-5"), ("reward", "learning rate 1e-4"), ("ppo", "learning rate 3e-6"),
        ("grpo", "8 prompts a step with 8 answers each"), ("rloo", "beta 0.05"), ("kto", "each answer once"),
    ])
    func helpSaysTheDefaults(command: String, words: String) throws {
        try withTemporaryFolder { folder in
            let help = try HoneProcess.run(command, "--help", in: folder).output
                .replacing(#/\s+/#, with: " ")
            #expect(help.contains(words), "\(help)")
        }
    }
}
