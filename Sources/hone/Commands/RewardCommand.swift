import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone reward`: makes a model that judges answers.
struct RewardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reward",
        abstract: "Make a model that judges answers, from preferences.",
        discussion: """
            Records are pairs: {"prompt":…,"chosen":…,"rejected":…}. The model is saved as a
            sequence classifier with one label; "hone score" then prints rewards. With
            --validation the run ends with a reward card: accuracy on pairs that were not
            trained on, calibration, length bias, and the worst mistakes.

              hone reward --model assistant --data preferences.jsonl --output reward
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp(
            "Holds the sum of a pair's rewards near zero; 0.01 where it is used.", valueName: "x"))
    var centring: Float = 0

    func validate() throws {
        guard centring >= 0, centring.isFinite else {
            throw ValidationError("--centring must not be negative.")
        }
        guard data.adapter.loraRank == nil else {
            throw ValidationError(
                "--lora-rank: the command trains reward models whole; the library trains adapted ones.")
        }
    }

    func run() throws { try reportingErrors { try run(CommandContext()) } }

    /// Runs the stage.
    @discardableResult
    func run(_ context: CommandContext) throws -> TrainingRun.Result? {
        let run = try ExampleRun(
            data, training, defaults: TrainingDefaults(learningRate: 1e-4, muonLearningRate: 2e-3)
        ) { reader, files in try reader.pairs(files) }
        return try run.run("reward", own: ["centring": "\(centring)"], noun: "pairs", context) {
            var random = RandomSource(seed: training.seed)
            return RewardModelling(
                RewardModel(run.model, using: &random), centring: centring,
                optimizer: run.settings.optimizer, schedule: run.settings.schedule,
                maxGradientNorm: run.settings.maxGradientNorm)
        } write: { model, folder in
            try run.files.writeCompanions(to: folder, isChat: true)
            // transformers reads the reward at the last token that is not padding: that may be anything but the end.
            let padding = run.files.tokenizer.specialTokens.first { $0.id != run.files.endOfTurn }?.id
            try ModelDirectory(folder).write(model, padding: padding)
            guard !run.held.isEmpty else { return }
            let card = RewardCard(model.judgements(of: run.held))
            try writeAtomically(card.json, to: folder.appending(component: "reward-card.json"))
            try writeAtomically(Data(card.markdown.utf8), to: folder.appending(component: "REWARD-CARD.md"))
        }
    }
}
