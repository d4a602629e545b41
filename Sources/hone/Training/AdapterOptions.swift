import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// Whether all of a model is trained, or an adapter on it.
struct AdapterOptions: ParsableArguments, Encodable {
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
        help: ArgumentHelp(
            "The dropout rate of the adapter's inputs in training; none unless given.",
            valueName: "x"))
    var loraDropout: Float?

    @Option(
        help: ArgumentHelp(
            "The linear maps to adapt, such as q_proj,v_proj; all unless given.", valueName: "names"))
    var loraTargets: String?

    @Flag(help: "Train the magnitudes of weights too (DoRA).")
    var dora = false

    @Flag(help: "Write the whole model with the adapter merged into it, not the adapter alone.")
    var merge = false

    func validate() throws {
        try check("--lora-rank", loraRank, in: 1...Self.greatestRank)
        // A value at or above this bound is refused when adapters are read.
        if let loraAlpha, !(loraAlpha > 0 && loraAlpha < 1e9) {
            throw ValidationError(
                "--lora-alpha is \(loraAlpha); it must be greater than 0 and less than 1e9.")
        }
        try check("--lora-dropout", loraDropout, .share)
        if let loraTargets, Self.targets(loraTargets) == nil {
            let names = LowRankConfiguration.Target.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--lora-targets takes names from \(names), with commas between.")
        }
        for (option, isGiven) in [
            ("--lora-alpha", loraAlpha != nil), ("--lora-dropout", loraDropout != nil),
            ("--lora-targets", loraTargets != nil), ("--dora", dora), ("--merge", merge),
        ] {
            try refuse(option, if: isGiven && loraRank == nil, "it needs --lora-rank, which makes an adapter")
        }
    }

    private static let greatestRank = 8192

    private static func targets(_ names: String) -> Set<LowRankConfiguration.Target>? {
        let targets = names.split(separator: ",").map { LowRankConfiguration.Target(rawValue: String($0)) }
        guard !targets.isEmpty, !targets.contains(nil) else { return nil }
        return Set(targets.compactMap(\.self))
    }

    /// The adapter's form; nil where all of the model is trained.
    var configuration: LowRankConfiguration? {
        guard let loraRank else { return nil }
        var configuration = LowRankConfiguration(rank: loraRank, alpha: loraAlpha)
        configuration.dropout = loraDropout ?? 0
        configuration.learnsMagnitudes = dora
        if let targets = loraTargets.flatMap(Self.targets) { configuration.targets = targets }
        return configuration
    }

    /// Whether the adapter is written, and not a model that it is merged into.
    var isWritten: Bool { loraRank != nil && !merge }

    /// Refuses dropout where a method does not use it, and targets that a model does not have.
    func requireUse(in command: String, _ model: Transformer) throws {
        guard loraDropout ?? 0 == 0 || command == "sft" else {
            throw TrainingRunError.unsupported("--lora-dropout: hone \(command) trains without dropout")
        }
        var known: Set<String> = []
        var model = model
        model.forEachLinearMap { name, _ in
            known.formUnion(name.split(separator: ".").suffix(1).map(String.init))
        }
        let unknown = (loraTargets.flatMap(Self.targets) ?? []).map(\.rawValue).filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw TrainingRunError.unsupported(
                "--lora-targets: the model has no \(unknown.sorted().joined(separator: ", ")); it has \(known.sorted().joined(separator: ", "))"
            )
        }
    }

    /// The options with defaults filled in.
    var filled: AdapterOptions {
        guard let configuration else { return self }
        var filled = self
        (filled.loraAlpha, filled.loraDropout) = (configuration.alpha, configuration.dropout)
        return filled
    }
}
