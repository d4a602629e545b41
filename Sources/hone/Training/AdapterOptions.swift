import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// Whether all of a model is trained, or an adapter on it.
struct AdapterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Train an adapter of this rank (LoRA) and freeze the model; 8 to 64 are usual.",
            valueName: "n"))
    var loraRank: Int?

    @Option(
        help: ArgumentHelp(
            "The numerator of the adapter's scale; twice the rank unless given.", valueName: "x"))
    var loraAlpha: Float?

    @Option(
        help: ArgumentHelp("The share of activations the adapter does not see in training.", valueName: "x"))
    var loraDropout: Float = 0

    @Option(
        help: ArgumentHelp(
            "The maps that are adapted, such as q_proj,v_proj; all unless given.", valueName: "names"))
    var loraTargets: String?

    @Flag(help: "The adapter learns magnitudes too (DoRA).")
    var dora = false

    @Flag(help: "Write the whole model with the adapter worked in, not the adapter alone.")
    var merge = false

    func validate() throws {
        if let loraRank, loraRank < 1 { throw ValidationError("--lora-rank must be at least 1.") }
        guard (0..<1).contains(loraDropout) else {
            throw ValidationError("--lora-dropout must be at least 0 and less than 1.")
        }
        if let loraTargets, Self.targets(loraTargets) == nil {
            let names = LowRankConfiguration.Target.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--lora-targets takes names from \(names), with commas between.")
        }
        guard loraRank != nil || !(dora || merge || loraAlpha != nil || loraTargets != nil) else {
            throw ValidationError("--lora-rank makes an adapter; the other options of adapters need it.")
        }
    }

    private static func targets(_ names: String) -> Set<LowRankConfiguration.Target>? {
        let targets = names.split(separator: ",").map { LowRankConfiguration.Target(rawValue: String($0)) }
        guard !targets.isEmpty, !targets.contains(nil) else { return nil }
        return Set(targets.compactMap(\.self))
    }

    /// The adapter's form; nil where all of the model is trained.
    var configuration: LowRankConfiguration? {
        guard let loraRank else { return nil }
        var configuration = LowRankConfiguration(rank: loraRank, alpha: loraAlpha ?? 2 * Float(loraRank))
        configuration.dropout = loraDropout
        configuration.learnsMagnitudes = dora
        if let targets = loraTargets.flatMap(Self.targets) { configuration.targets = targets }
        return configuration
    }

    /// What decides the result, by flag.
    var described: [String: String] {
        guard let configuration else { return [:] }
        return [
            "lora_rank": String(configuration.rank), "lora_alpha": "\(configuration.alpha)",
            "lora_dropout": "\(loraDropout)", "lora_targets": loraTargets ?? "all", "dora": String(dora),
        ]
    }
}
