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
            "Weight of the penalty that centers a pair's rewards on zero; 0.01 is usual.", valueName: "x"))
    var centering: Float = 0

    func validate() throws {
        try check("--centering", centering, .notNegative)
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        let examples = try ExampleData(
            data, training, defaults: Self.defaults
        ) { reader, files in try reader.pairs(files) }
        return try TrainingRun(self, on: examples, noun: "pair", context) {
            RewardModeling(
                examples.start.rewardModel, centering: centering, optimizer: examples.settings.optimizer,
                schedule: examples.settings.schedule,
                maxGradientNorm: examples.settings.maxGradientNorm)
        } write: { model, folder in
            try examples.start.write(model, to: folder)
            guard !examples.held.isEmpty else { return }
            let judge = model.rewardModel
            let card = RewardCard(judge.judgments(of: examples.held), Arithmetic(judge.body.precision))
            try writeAtomically(card.json, to: folder.appending(component: "reward-card.json"))
            try writeAtomically(Data(card.markdown.utf8), to: folder.appending(component: "REWARD-CARD.md"))
        }.run()
    }
}
