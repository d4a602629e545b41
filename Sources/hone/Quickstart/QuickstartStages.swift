import BuiltInWorld
import Foundation
import NeuralCore

/// The commands of a quickstart's stages, as they would be typed where the quickstart was.
///
/// Whoever runs one of them again by hand, with another `--output`, gets the same model.
struct QuickstartStages {
    let plan: QuickstartPlan
    let seed: UInt64
    let folder: String
    /// The folder for event files, with one below it for each training; nil for none.
    var tracking: String?

    /// The option for the event files of a training.
    private func tracked(_ name: String) -> [String] {
        tracking.map { ["--tensorboard", $0.hasSuffix("/") ? $0 + name : "\($0)/\(name)"] } ?? []
    }

    /// A file in the quickstart's folder, as it would be typed.
    func path(_ name: String) -> String {
        folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Minutes as they would be typed.
    static func shown(_ minutes: Double) -> String {
        minutes == minutes.rounded() ? "\(Int(minutes))" : "\(minutes)"
    }

    var world: [String] {
        ["world", "--minutes", Self.shown(plan.minutes), "--seed", "\(seed)", "--output", path("world")]
    }

    var corpus: [String] {
        [
            "corpus", path("world/website"), path("world/repositories"), "--output", path("corpus"),
            "--minimum-quality", "lenient",
            "--validation-share", "0.02",
        ]
    }

    var tokenizer: [String] {
        [
            "tokenizer", "train", path("corpus"), "--vocabulary-size", "\(plan.vocabularySize)", "--output",
            path("tokenizer.json"),
        ]
            + [
                "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_suffix|>",
                "<|fim_middle|>",
            ].flatMap { ["--special-token", $0] }
    }

    var pretrain: [String] {
        [
            "pretrain", "--corpus", path("corpus"), "--tokenizer", path("tokenizer.json"), "--depth",
            "\(plan.depth)",
            "--width", "\(plan.width)", "--head-size", "\(plan.headSize)", "--context", "\(plan.context)",
            "--batch", "\(plan.windowsPerStep)",
            "--steps", "\(plan.pretrainingSteps)", "--fim-rate", "0.3", "--optimizer", "muon", "--schedule",
            "wsd",
            "--weight-decay", "0", "--seed", "\(seed)", "--output", path("base"),
        ] + tracked("base")
    }

    var sft: [String] {
        [
            "sft", "--model", path("base"), "--data", path("world/demonstrations.jsonl"), "--batch-tokens",
            "2048",
            "--optimizer", "muon", "--seed", "\(seed)", "--output", path("sft"),
        ] + tracked("sft")
    }

    var reward: [String] {
        [
            "reward", "--model", path("sft"), "--data", path("world/preferences.jsonl"), "--validation",
            path("world/held-out-preferences.jsonl"), "--batch", "32", "--optimizer", "muon",
            "--learning-rate",
            "0.006", "--centering", "0.01", "--seed", "\(seed)", "--output", path("reward"),
        ] + tracked("reward")
    }

    /// A tenth of the preferences are the wrong way round, and DPO is told so.
    var dpo: [String] {
        [
            "dpo", "--model", path("sft"), "--data", path("world/preferences.jsonl"), "--batch", "32",
            "--learning-rate",
            "8e-4", "--sft-weight", "3", "--label-smoothing", "0.1", "--seed", "\(seed)", "--output",
            path("dpo"),
        ] + tracked("dpo")
    }

    /// Prompts in a step of policy optimization, and the most tokens of an answer.
    static let (policyPrompts, policyTokens) = (32, 64)

    /// Demonstrations are imitated beside, so that what the reward model cannot see does not drift.
    var ppo: [String] {
        [
            "ppo", "--model", path("sft"), "--reward-model", path("reward"), "--data",
            path("world/prompts.jsonl"), "--batch",
            "\(Self.policyPrompts)", "--steps", "\(plan.policySteps)", "--max-tokens", "\(Self.policyTokens)",
            "--updates", "2", "--optimizer",
            "muon", "--learning-rate", "1e-3", "--critic-learning-rate", "2e-3", "--beta", "0.05",
            "--missing-end-penalty", "1", "--sft-data", path("world/demonstrations.jsonl"), "--seed",
            "\(seed)",
            "--output", path("ppo"),
        ] + tracked("ppo")
    }

    /// Shows the assistant of DPO errands, so that it has seen calls before it tries for itself.
    var shown: [String] {
        [
            "sft", "--model", path("dpo"), "--data", path("world/errands.jsonl"), "--batch-tokens", "2048",
            "--optimizer", "muon", "--seed", "\(seed)", "--output", path("shown"),
        ] + tracked("shown")
    }

    /// An assistant that goes about errands of its own, and learns from what came of them.
    var acting: [String] {
        [
            "grpo", "--model", path("shown"), "--environment", "town:\(seed)", "--batch", "8", "--group-size",
            "8", "--steps", "\(plan.actingSteps)", "--max-tokens", "160", "--max-turns", "4",
            "--learning-rate", "2e-4", "--accumulation", "4", "--seed", "\(seed)", "--output", path("acting"),
        ] + tracked("acting")
    }

    /// Writes the world's texts, conversations and opinions as a new folder.
    func write(_ world: World, to folder: URL) throws {
        let partial = folder.deletingLastPathComponent()
            .appending(component: ".\(folder.lastPathComponent).partial")
        try? FileManager.default.removeItem(at: partial)
        try makeFolder(partial)
        func file(_ name: String) -> URL { partial.appending(component: name) }
        try world.writeWebsite(to: file("website"), characters: plan.websiteCharacters)
        try world.writeRepositories(to: file("repositories"), characters: plan.codeCharacters)
        try JSONLines.write(world.demonstrations(plan.demonstrations), to: file("demonstrations.jsonl"))
        try JSONLines.write(world.preferences(plan.preferences), to: file("preferences.jsonl"))
        try JSONLines.write(
            world.preferences(plan.heldOutPreferences, pool: .heldOut), to: file("held-out-preferences.jsonl")
        )
        try JSONLines.write(world.prompts(plan.prompts), to: file("prompts.jsonl"))
        let errands = try EnvironmentName.town(seed: world.seed).demonstrations(
            plan.errands, seed: world.seed)
        try Data(errands.utf8).write(to: file("errands.jsonl"))
        try FileManager.default.moveItem(at: partial, to: folder)
    }
}
