import ArgumentParser
import BuiltInWorld
import Foundation
import LanguageModel
import NeuralCore

/// Runs the stages of a quickstart, each a command of `hone` on the files of the ones before.
struct Quickstart {
    let plan: QuickstartPlan
    let seed: UInt64
    let folder: String
    let interruption: Interruption

    /// Runs what is not done yet.
    func run() throws {
        let world = World(seed: seed)
        let stages = QuickstartStages(plan: plan, seed: seed)
        try begin()
        try stage("world", until: "world") {
            standardError("a town for seed \(seed): websites, code, conversations, opinions\n")
            try stages.write(world, to: url.appending(component: "world"))
        }
        try stage("corpus", until: "corpus", stages.corpus) { try CorpusCommand.parse($0).run() }
        try stage("tokenizer", until: "tokenizer.json", stages.tokenizer) {
            try TokenizerTrainCommand.parse(Array($0.dropFirst())).run()
        }
        try train("base", stages.pretrain) { try PretrainCommand.parse($0).run($1) }
        try train("sft", stages.sft) { try SFTCommand.parse($0).run($1) }
        try train("reward", stages.reward) { try RewardCommand.parse($0).run($1) }
        try train("dpo", stages.dpo) { try DPOCommand.parse($0).run($1) }
        try train("ppo", stages.ppo) { try PPOCommand.parse($0).run($1) }
        var evaluation = QuickstartEvaluation(
            world: world, promptsPerSuite: plan.promptsPerSuite, folder: url)
        for model in ["base", "sft", "dpo", "ppo"] {
            try checkInterruption()
            standardError("evaluate: \(model) answers \(evaluation.promptCount) prompts\n")
            try evaluation.evaluate(model)
        }
        print(evaluation.table)
    }

    private var url: URL { URL(filePath: folder) }

    private func checkInterruption() throws {
        if interruption.isRequested { throw ExitCode(Outcome.interrupted.rawValue) }
    }

    /// Makes the folder; one that was made for something else is left alone.
    private func begin() throws {
        let note = url.appending(component: "quickstart.json")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let text = try encoder.encode(Note(seed: seed, plan: plan)) + Data("\n".utf8)
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

    /// What a folder was made for.
    private struct Note: Encodable {
        var seed: UInt64
        var plan: QuickstartPlan
    }

    /// Does something unless what it makes is there.
    private func stage(_ name: String, until product: String, _ body: () throws -> Void) throws {
        try checkInterruption()
        if !exists(product) { try body() }
    }

    /// Runs a command unless what it makes is there.
    private func stage(
        _ name: String, until product: String, _ command: [String], _ body: ([String]) throws -> Void
    ) throws {
        try stage(name, until: product) {
            standardError("\n$ hone \(command.joined(separator: " "))\n")
            try body(located(command))
        }
    }

    /// Runs a stage of training, or goes on with it, unless its model is there.
    private func train(
        _ name: String, _ command: [String], _ body: ([String], CommandContext) throws -> TrainingRun.Result?
    ) throws {
        try stage(name, until: "\(name)/report.html", command) { words in
            let resumption = exists("\(name)/run.json") ? ["--resume"] : []
            _ = try body(words + resumption, CommandContext(interruption, arguments: command))
        }
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(path)")
    }

    /// A command's arguments without its name, the names of files with the folder before them.
    private func located(_ command: [String]) -> [String] {
        let files: Set = ["world", "corpus", "tokenizer.json", "base", "sft", "reward", "dpo", "ppo"]
        return command.dropFirst().map { word in
            files.contains(String(word.prefix { $0 != "/" })) ? "\(folder)/\(word)" : word
        }
    }
}
