import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone sft`: teaches a model to answer, from conversations.
struct SFTCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sft",
        abstract: "Teach a model to answer, from conversations that show how.",
        discussion: """
            Records are conversations ({"messages":[…]}), prompts with completions, or plain
            text. Only what the assistant says is learnt. A base model learns ChatML; a chat
            model keeps its own template.

              hone sft --model base --data conversations.jsonl --output assistant
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(help: "What is minimised: cross-entropy, or dynamic (DFT).")
    var loss: LossName = .crossEntropy

    /// `SupervisedLoss` by its name.
    enum LossName: String, ExpressibleByArgument, CaseIterable {
        case crossEntropy = "cross-entropy"
        case dynamic
    }

    func run() throws { try reportingErrors { try run(Interruption()) } }

    /// Runs the stage.
    @discardableResult
    func run(_ interruption: Interruption) throws -> TrainingRun.Result? {
        let files = try ModelFiles(data.model)
        let reader = ExampleReader(files, data)
        let list = try reader.demonstrations(data.data)
        let held = try data.validation.map { try reader.demonstrations([$0]).examples } ?? []
        let batches = ExampleBatches(
            lengths: list.lengths, size: data.batchSize, isShuffled: !training.noShuffle, seed: training.seed)
        let settings = TrainingSettings(
            options: training, defaults: TrainingDefaults(learningRate: 2e-5, muonLearningRate: 5e-3),
            steps: training.steps ?? batches.batches(inEpochs: data.epochs))
        let run = TrainingRun(
            command: "sft", options: training,
            settings: settings.described.merging(data.described(list)) { $1 }.merging(["loss": loss.rawValue])
            { $1 },
            interruption: interruption)
        return try run.run {
            var model = files.model
            model.precision = settings.precision
            let method = DemonstrationMethod(
                tuning: SupervisedFineTuning(
                    model, loss: loss == .dynamic ? .dynamic : .crossEntropy, optimizer: settings.optimizer,
                    schedule: settings.schedule, maxGradientNorm: settings.maxGradientNorm))
            return ExampleStage(
                method, examples: list.examples, lengths: list.lengths, batches: batches,
                steps: settings.steps,
                data: "\(Figures.count(list.examples.count)) conversations",
                validate: { held.isEmpty ? [:] : $0.validation(on: held) },
                write: { try files.write($0.tuning.model, to: $1, isChat: true) })
        }
    }
}
