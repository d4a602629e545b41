import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone ppo`: trains a model on its own answers, with a critic.
struct PPOCommand: TrainingCommand {
    static let title = "Proximal policy optimization"
    static let defaults = RolloutDefaults(
        training: TrainingDefaults(learningRate: 3e-6), groupSize: 1, updates: 4, beta: 0.05)
    static let configuration = CommandConfiguration(
        commandName: "ppo",
        abstract: "Train a model on its own answers as a reward model judges them, with a critic (PPO).",
        discussion: paragraphs(
            """
            The critic starts as the reward model where there is one, the first of several, else
            as the model itself.

            \(defaults.paragraph)

              hone ppo --model assistant --reward-model reward --data prompts.jsonl --output better
            """))

    @OptionGroup var rollout: RolloutOptions
    @OptionGroup var training: TrainingOptions

    @Option(
        name: .customLong("target-kl"),
        help: ArgumentHelp(
            "The target KL divergence of an answer, to which --beta adapts; none unless given.",
            valueName: "nats"
        ))
    var targetKL: Float?

    @Option(
        help: ArgumentHelp(
            "Subtracted from the reward of a truncated answer; nothing unless given.",
            valueName: "x"))
    var missingEndPenalty: Float?

    @Option(
        help: ArgumentHelp("The critic's learning rate; ten times the policy's unless given.", valueName: "x")
    )
    var criticLearningRate: Float?

    @Option(help: ArgumentHelp("Minibatches that each set of answers is divided into.", valueName: "n"))
    var miniBatches = 1

    func validate() throws {
        try check("--mini-batches", miniBatches, in: 1...Most.rounds)
        guard miniBatches <= rollout.batch else {
            throw ValidationError(
                "--mini-batches must not exceed --batch \(rollout.batch): each has a prompt at least.")
        }
        if let updates = rollout.updates, updates % miniBatches != 0 {
            throw ValidationError(
                "--updates \(updates) must be a multiple of --mini-batches \(miniBatches): each epoch makes one update for each."
            )
        }
        try check("--target-kl", targetKL, .positive)
        try check("--missing-end-penalty", missingEndPenalty, .finite)
        try check("--critic-learning-rate", criticLearningRate, .notNegative)
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        var command = self
        if let name = rollout.world.environment {
            let data = try EnvironmentData(
                name, rollout, training, defaults: Self.defaults, miniBatches: miniBatches)
            command.criticLearningRate = criticRate(data)
            return try TrainingRun(command, in: data, context) { method(data) }.run()
        }
        let prompts = try PromptData(
            rollout, training, defaults: Self.defaults, miniBatches: miniBatches)
        command.criticLearningRate = criticRate(prompts)
        return try TrainingRun(command, on: prompts, context) { method(prompts) }.run()
    }

    private func criticRate(_ input: some PolicyInput) -> Float {
        criticLearningRate ?? 10 * input.settings.peakLearningRate
    }

    private func method(_ input: some PolicyInput) -> ProximalPolicyOptimization<TrainedTransformer> {
        var random = RandomSource(seed: training.seed)
        var critic = input.rewardModels?.members.first ?? RewardModel(input.start.model, using: &random)
        critic.body.precision = input.settings.precision
        var ppo = ProximalPolicyOptimization(
            policy: input.start.policy, critic: critic, rollouts: input.rollouts, plan: input.plan,
            kl: targetKL.map { .adaptive(initial: input.beta, target: $0, horizon: 10_000) }
                ?? .fixed(input.beta),
            optimizer: input.settings.optimizer, schedule: input.settings.schedule,
            criticSchedule: .constant(criticRate(input)), maxGradientNorm: input.settings.maxGradientNorm)
        ppo.missingEndPenalty = missingEndPenalty
        ppo.imitation = input.imitation
        return ppo
    }
}
