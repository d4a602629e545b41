import Dispatch
import Foundation
import TestSupport
import Testing

/// Every number that argument parsing accepts works, or is refused with exit 64 and the option's name: no command traps,
/// hangs, or leaves something behind because of one.
@Suite struct ExtremeOptionTests {
    /// An option of a command, as `--experimental-dump-help` describes it.
    private struct Option {
        var command: [String]
        var name: String
        /// The same for an option that several commands share.
        var meaning: String
    }

    private struct Trial {
        var option: Option
        var value: String
    }

    /// What each command needs to run to its end in a moment; what trains is planned only.
    private static let arguments: [String: [String]] = {
        func training(_ data: String) -> [String] {
            ["--model", "base", "--data", data, "--output", "out", "--dry-run", "--steps", "2"]
        }
        let policy = [
            "--model", "base", "--data", "prompts.jsonl", "--reward", "number", "--output", "out",
            "--dry-run", "--steps", "1", "--batch", "2", "--group-size", "2", "--max-tokens", "2",
        ]
        return [
            "corpus": ["text.txt", "--minimum-quality", "off", "--output", "out"],
            "tokenizer train": ["text.txt", "--vocabulary-size", "300", "--output", "out"],
            "tokenizer encode": ["--tokenizer", "tokenizer.json", "text.txt"],
            "tokenizer decode": ["--tokenizer", "tokenizer.json", "text.txt"],
            "pretrain": [
                "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1", "--context", "32",
                "--batch", "4", "--steps", "2", "--output", "out", "--dry-run",
            ],
            "sft": training("conversations.jsonl"),
            "distill": training("conversations.jsonl") + ["--teacher", "base"],
            "reward": training("pairs.jsonl"),
            "dpo": training("pairs.jsonl"), "kto": training("labels.jsonl"),
            "orpo": training("pairs.jsonl"), "cpo": training("pairs.jsonl"), "ppo": policy, "grpo": policy,
            "rloo": policy,
            "generate": ["--model", "base", "--prompt", "bread", "--max-tokens", "2"],
            "chat": ["--model", "base", "--template", "chatml"],
            "score": ["--model", "base", "labels.jsonl"],
            "classify": ["--model", "base", "--labels", "good,bad", "texts.jsonl"],
            "evaluate": ["--model", "base", "--task", "task.jsonl"],
            "inspect": ["--model", "base", "--data", "conversations.jsonl"],
            "merge": ["base", "--output", "out"], "export": ["base", "--gguf", "out.gguf"],
            "feedback stats": ["nowhere.sqlite"], "feedback export": ["nowhere.sqlite", "--as", "labels"],
            "serve": ["nowhere"], "compare": ["base", "nowhere", "--output", "out"],
            "run": ["recipe.yaml"], "init": ["text.txt"], "world": ["--output", "text.txt/out"],
            "limits": ["--manifest", "nowhere.json", "--output", "out"],
            // No folder can be made below a file.
            "quickstart": ["--output", "text.txt/out"],
        ]
    }()

    /// Options that are refused beside another one that the arguments above give, with that one.
    private static let rivals = ["--epochs": "--steps", "--tokens": "--steps"]

    /// Values of an option, and those of it in the other commands that share it.
    private static let integers = (
        all: ["\(Int.min)", "-1", "0", "1", "\(Int.max)", "\(UInt64.max)", ""], few: ["-1", "\(Int.max)"]
    )
    private static let numbers = (
        all: [
            "\(Int.min)", "-1.0", "0", "1", "1e-45", "3e38", "1e39", "1e308", "nan", "inf", "-inf", "",
        ], few: ["-1.0", "nan"]
    )

    /// The options of every command that take one value, whatever it is, but for the folders that are written.
    private func options(in folder: URL) throws -> [Option] {
        let help = try HoneProcess.run("--experimental-dump-help", in: folder).output
        let root = try #require(try JSONSerialization.jsonObject(with: Data(help.utf8)) as? [String: Any])
        var options: [Option] = []
        func visit(_ command: [String: Any], _ path: [String]) {
            let subcommands = (command["subcommands"] as? [[String: Any]] ?? [])
                .filter { $0["commandName"] as? String != "help" }
            for subcommand in subcommands {
                visit(subcommand, path + [subcommand["commandName"] as? String ?? ""])
            }
            guard subcommands.isEmpty else { return }
            for argument in command["arguments"] as? [[String: Any]] ?? []
            where argument["kind"] as? String == "option" && argument["allValues"] == nil {
                let name = (argument["preferredName"] as? [String: Any])?["name"] as? String
                let abstract = argument["abstract"] as? String ?? path.joined()
                if let name, name != "output" {
                    options.append(Option(command: path, name: "--\(name)", meaning: name + abstract))
                }
            }
        }
        visit(root["command"] as? [String: Any] ?? [:], [])
        return options
    }

    private func run(_ option: Option, _ value: String, output: String, in folder: URL) throws
        -> HoneProcess.Outcome
    {
        var arguments = try #require(Self.arguments[option.command.joined(separator: " ")])
        for name in [option.name, Self.rivals[option.name]].compactMap(\.self) {
            if let place = arguments.firstIndex(of: name) { arguments.removeSubrange(place...place + 1) }
        }
        arguments = arguments.map { $0 == "out" ? output : $0 }
        return try HoneProcess(
            option.command + arguments + ["\(option.name)=\(value)"], in: folder
        ).outcome(within: 10)
    }

    @Test func everyNumberWorksOrIsRefusedByName() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try Data(#"{"text":"bread"}"#.utf8).write(to: folder.appending(component: "texts.jsonl"))
            try Data(#"{"query":"Ada","choices":[" is"," at"],"gold":0}"#.utf8)
                .write(to: folder.appending(component: "task.jsonl"))
            let options = try options(in: folder)
            #expect(Set(options.map { $0.command.joined(separator: " ") }) == Set(Self.arguments.keys))
            var first: [String: Int] = [:]
            for (index, option) in options.enumerated() where first[option.meaning] == nil {
                first[option.meaning] = index
            }
            let shared = first.values.sorted()
            // Which options take numbers, and which of them integers, they say themselves.
            let invalid = results(shared.count) { place in
                try ["word", "0.5"].map { value in
                    let said = try run(options[shared[place]], value, output: "tried-\(place)", in: folder)
                    return said.code == 64 && said.errors.contains("'\(value)' is invalid")
                }
            }
            let values = Dictionary(
                uniqueKeysWithValues: zip(shared, invalid).compactMap { index, invalid in
                    invalid?.first == true
                        ? (options[index].meaning, invalid?.last == true ? Self.integers : Self.numbers) : nil
                })
            let trials = options.enumerated().flatMap { index, option in
                let values = values[option.meaning].map { first[option.meaning] == index ? $0.all : $0.few }
                return (values ?? []).map { Trial(option: option, value: $0) }
            }
            #expect(trials.count > 500)
            let outcomes = results(trials.count) { index in
                let outcome = try run(
                    trials[index].option, trials[index].value, output: "out-\(index)", in: folder)
                let output = folder.appending(component: "out-\(index)").path
                let isWritten = FileManager.default.fileExists(atPath: output)
                if isWritten { try FileManager.default.removeItem(atPath: output) }
                return (outcome, isWritten)
            }
            for (trial, result) in zip(trials, outcomes) {
                let (outcome, isWritten) = try #require(result)
                let title = "\(trial.option.command) \(trial.option.name)=\(trial.value)"
                #expect([0, 64, 65, 66, 74].contains(outcome.code), "\(title): \(outcome.code)")
                if outcome.code == 64 {
                    #expect(outcome.errors.contains(trial.option.name), "\(title): \(outcome.errors)")
                }
                #expect(outcome.code == 0 || !isWritten, "\(title)")
            }
        }
    }

    /// The results of calls of `body` with each number below `count`, as many at once as there are processors.
    private func results<Result>(
        _ count: Int, _ body: (Int) throws -> Result
    ) -> [Result?] {
        nonisolated(unsafe) var results = [Result?](repeating: nil, count: count)
        results.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let buffer = buffer
            withoutActuallyEscaping(body) { body in
                nonisolated(unsafe) let body = body
                DispatchQueue.concurrentPerform(iterations: count) { index in
                    buffer[index] = try? body(index)
                }
            }
        }
        return results
    }
}
