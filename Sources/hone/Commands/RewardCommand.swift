import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone reward`: makes a model that judges answers.
struct RewardCommand: TrainingCommand {
    static let title = "Reward modeling"
    static let defaults = TrainingDefaults(learningRate: 1e-4, muonLearningRate: 2e-3)
    static let configuration = CommandConfiguration(
        commandName: "reward",
        abstract: "Make a model that judges answers, from preferences.",
        discussion: paragraphs(
            """
            Records are pairs: {"prompt":[{"role":"user","content":…}],"chosen":[…],"rejected":[…]};
            a "margin" says by how much the reward of the chosen one should be the greater.
            The model is saved as a sequence classifier with one label; "hone score" then prints rewards. With
            --validation the run ends with a reward card: accuracy on pairs that were not
            trained on, calibration, length bias, and the worst mistakes. With --lora-rank an
            adapter and the score are trained, and saved alone.

            \(defaults.paragraph(each: "pair"))

              hone reward --model assistant --data preferences.jsonl --output reward
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp(
            "Holds the sum of a pair's rewards near zero; 0.01 where it is used.", valueName: "x"))
    var centering: Float = 0

    func validate() throws {
        try check("--centering", centering, .notNegative)
    }

    func run(_ context: CommandContext) throws -> TrainingRun.Result? {
        let run = try ExampleRun(
            data, training, defaults: Self.defaults
        ) { reader, files in try reader.pairs(files) }
        return try run.run(self, noun: "pair", context) {
            var random = RandomSource(seed: training.seed)
            let start = TrainedRewardModel(
                run.start.model, adapter: data.start.adapter.configuration, using: &random)
            return RewardModeling(
                start, centering: centering, optimizer: run.settings.optimizer,
                schedule: run.settings.schedule,
                maxGradientNorm: run.settings.maxGradientNorm)
        } write: { model, folder in
            try model.write(to: folder, chat: run.start.chat, base: run.start.base)
            guard !run.held.isEmpty else { return }
            let judge = model.rewardModel
            let card = RewardCard(judge.judgments(of: run.held), Arithmetic(judge.body.precision))
            try writeAtomically(card.json, to: folder.appending(component: "reward-card.json"))
            try writeAtomically(Data(card.markdown.utf8), to: folder.appending(component: "REWARD-CARD.md"))
        }
    }
}
