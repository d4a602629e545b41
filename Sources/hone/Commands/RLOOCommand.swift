import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone rloo`: trains a model on its own answers, each compared with the mean of the others of its prompt.
struct RLOOCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rloo",
        abstract: "Train a model on its own answers, each compared with the mean of the others (RLOO).",
        discussion: paragraphs(
            """
            Unless given: 8 prompts a step with 2 answers each, learning rate 1e-6, falling in a line to 0
            after 5 % of the updates, one update a step, beta 0.05. Documentation/Defaults.md has all
            defaults, Documentation/Records.md the schemas of records.

              hone rloo --model assistant --reward-model reward --data prompts.jsonl --output better
            """))

    @OptionGroup var rollout: RolloutOptions
    @OptionGroup var training: TrainingOptions

    func validate() throws {
        if let size = rollout.groupSize, size < 2 {
            throw ValidationError("--group-size must be at least 2: each answer is compared with the others.")
        }
    }

    func run() throws { try reportingErrors { try run(CommandContext()) } }

    /// Runs the stage.
    @discardableResult
    func run(_ context: CommandContext) throws -> TrainingRun.Result? {
        let run = try PolicyRun(
            rollout, training, defaults: TrainingDefaults(learningRate: 1e-6), groupSize: 2,
            plan: UpdatePlan(epochs: rollout.updates ?? 1))
        return try run.run("rloo", context) {
            ReinforceLeaveOneOut(
                policy: run.policy, rollouts: run.rollouts, beta: rollout.beta ?? 0.05,
                plan: run.plan, optimizer: run.settings.optimizer,
                schedule: run.settings.schedule, maxGradientNorm: run.settings.maxGradientNorm)
        }
    }
}
