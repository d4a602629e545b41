import Alignment
import ArgumentParser
import BuiltInWorld
import Foundation
import LanguageModel
import NeuralCore

/// The stages of a quickstart, each a command of `hone` on the files of the ones before.
struct Quickstart {
    let plan: QuickstartPlan
    let seed: UInt64
    let folder: String
    let interruption: Interruption

    /// Runs what is not done yet.
    func run() throws {
        let world = World(seed: seed)
        try begin()
        try stage("world", until: "world") { try write(world) }
        try stage("corpus", until: "corpus") {
            try CorpusCommand.parse(
                arguments(
                    "world/website", "world/repositories", "--output", "corpus", "--minimum-quality",
                    "lenient",
                    "--validation-share", "0.02")
            ).run()
        }
        try stage("tokenizer", until: "tokenizer.json") {
            try TokenizerTrainCommand.parse(
                arguments(
                    "corpus", "--vocabulary-size", "\(plan.vocabularySize)", "--output", "tokenizer.json",
                    "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>",
                    "--special-token", "<|im_end|>", "--special-token", "<|fim_prefix|>",
                    "--special-token", "<|fim_suffix|>", "--special-token", "<|fim_middle|>")
            ).run()
        }
        try train("base") { resumption in
            try PretrainCommand.parse(
                arguments(
                    "--corpus", "corpus", "--tokenizer", "tokenizer.json", "--depth", "\(plan.depth)",
                    "--width", "\(plan.width)", "--context", "\(plan.context)", "--batch",
                    "\(plan.windowsPerStep)",
                    "--steps", "\(plan.pretrainingSteps)", "--fim-rate", "0.3", "--optimizer", "muon",
                    "--schedule", "wsd", "--weight-decay", "0", "--seed", "\(seed)",
                    "--output", "base") + resumption
            ).run(interruption)
        }
        try train("sft") { resumption in
            try SFTCommand.parse(
                arguments(
                    "--model", "base", "--data", "world/demonstrations.jsonl", "--batch-tokens", "4096",
                    "--epochs", "\(plan.demonstrationEpochs)", "--learning-rate", "2e-3", "--schedule",
                    "linear",
                    "--seed", "\(seed)", "--output", "sft") + resumption
            ).run(interruption)
        }
        try train("reward") { resumption in
            try RewardCommand.parse(
                arguments(
                    "--model", "sft", "--data", "world/preferences.jsonl", "--validation",
                    "world/held-out-preferences.jsonl", "--batch", "32", "--optimizer", "muon",
                    "--centring", "0.01", "--seed", "\(seed)", "--output", "reward") + resumption
            ).run(interruption)
        }
        try train("dpo") { resumption in
            try DPOCommand.parse(
                arguments(
                    "--model", "sft", "--data", "world/preferences.jsonl", "--batch", "32",
                    "--learning-rate", "2e-4", "--sft-weight", "0.2", "--seed", "\(seed)", "--output", "dpo")
                    + resumption
            ).run(interruption)
        }
        try train("ppo") { resumption in
            try PPOCommand.parse(
                arguments(
                    "--model", "sft", "--reward-model", "reward", "--data", "world/prompts.jsonl",
                    "--batch", "32", "--steps", "\(plan.policySteps)", "--max-tokens", "64", "--updates", "2",
                    "--learning-rate", "1e-4", "--critic-learning-rate", "2e-4", "--beta", "0.05",
                    "--missing-end-penalty", "1", "--seed", "\(seed)", "--output", "ppo") + resumption
            ).run(interruption)
        }
        var evaluation = QuickstartEvaluation(
            world: world, promptsPerSuite: plan.promptsPerSuite, folder: url)
        for model in ["sft", "dpo", "ppo"] {
            if interruption.isRequested { throw ExitCode(Outcome.interrupted.rawValue) }
            try evaluation.evaluate(model)
        }
        print(evaluation.table)
    }

    private var url: URL { URL(filePath: folder) }

    /// Makes the folder; one that was made for something else is left alone.
    private func begin() throws {
        let note = url.appending(component: "quickstart.json")
        let text = Data("{\"seed\":\(seed),\"plan\":\"\(plan)\"}\n".utf8)
        if let found = FileManager.default.contents(atPath: note.path(percentEncoded: false)) {
            guard found == text else { throw TrainingRunError.outputExists(folder) }
            return
        }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw FileError.unwritable(file: folder, reason: error.localizedDescription)
        }
        try writeAtomically(text, to: note)
    }

    /// Runs a stage unless what it makes is there.
    private func stage(_ name: String, until product: String, _ body: () throws -> Void) throws {
        if interruption.isRequested { throw ExitCode(Outcome.interrupted.rawValue) }
        guard !exists(product) else { return }
        try body()
    }

    /// Runs a stage of training, or goes on with it, unless its model is there.
    private func train(_ name: String, _ body: (_ resumption: [String]) throws -> TrainingRun.Result?) throws
    {
        try stage(name, until: "\(name)/config.json") {
            _ = try body(exists("\(name)/run.json") ? ["--resume"] : [])
        }
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(path)")
    }

    /// A command's arguments, with names of files in the folder; shown as they are.
    private func arguments(_ words: String...) -> [String] {
        let files = Set(["world", "corpus", "tokenizer.json", "base", "sft", "reward", "dpo", "ppo"])
        return words.map { word in
            files.contains(word.split(separator: "/").first.map(String.init) ?? "")
                ? "\(folder)/\(word)" : word
        }
    }

    /// Writes the world's texts, conversations and opinions.
    private func write(_ world: World) throws {
        let partial = url.appending(component: ".world.partial")
        try? FileManager.default.removeItem(at: partial)
        try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
        try world.writeWebsite(
            to: partial.appending(component: "website"), characters: plan.websiteCharacters)
        try world.writeRepositories(
            to: partial.appending(component: "repositories"), characters: plan.codeCharacters)
        try JSONLines.write(
            world.demonstrations(plan.demonstrations),
            to: partial.appending(component: "demonstrations.jsonl"))
        try JSONLines.write(
            world.preferences(plan.preferences), to: partial.appending(component: "preferences.jsonl"))
        try JSONLines.write(
            world.preferences(500, pool: .heldOut),
            to: partial.appending(component: "held-out-preferences.jsonl"))
        try JSONLines.write(
            world.prompts(max(64, plan.policySteps * 32)), to: partial.appending(component: "prompts.jsonl"))
        try FileManager.default.moveItem(at: partial, to: url.appending(component: "world"))
    }
}
