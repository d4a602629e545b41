import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone rloo`: trains a model on its own answers, each compared with the mean of the others of its prompt.
struct RLOOCommand: TrainingCommand {
    static let title = "REINFORCE leave-one-out"
    static let defaults = RolloutDefaults(
        training: TrainingDefaults(learningRate: 1e-6), groupSize: 2, beta: 0.05)
    static let configuration = CommandConfiguration(
        commandName: "rloo",
        abstract: "Train a model on its own answers, each compared with the mean of the others (RLOO).",
        discussion: paragraphs(
            """
            \(defaults.paragraph)

              hone rloo --model assistant --reward-model reward --data prompts.jsonl --output better
            """))

    @OptionGroup var rollout: RolloutOptions
    @OptionGroup var training: TrainingOptions

    func validate() throws {
        if let size = rollout.groupSize, size < 2 {
            throw ValidationError("--group-size must be at least 2: each answer is compared with the others.")
        }
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        if let name = rollout.world.environment {
            let data = try EnvironmentData(name, rollout, training, defaults: Self.defaults)
            return try TrainingRun(self, in: data, context) { method(data) }.run()
        }
        let prompts = try PromptData(rollout, training, defaults: Self.defaults)
        return try TrainingRun(self, on: prompts, context) { method(prompts) }.run()
    }

    private func method(_ input: some PolicyInput) -> ReinforceLeaveOneOut<TrainedTransformer> {
        var rloo = ReinforceLeaveOneOut(
            policy: input.start.policy, rollouts: input.rollouts, beta: input.beta, plan: input.plan,
            optimizer: input.settings.optimizer, schedule: input.settings.schedule,
            maxGradientNorm: input.settings.maxGradientNorm)
        rloo.imitation = input.imitation
        return rloo
    }
}
