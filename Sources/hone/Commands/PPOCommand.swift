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
        let prompts = try PromptData(
            rollout, training, defaults: Self.defaults, miniBatches: miniBatches)
        var command = self
        let criticLearningRate = criticLearningRate ?? 10 * prompts.settings.peakLearningRate
        command.criticLearningRate = criticLearningRate
        return try TrainingRun(command, on: prompts, context) {
            var random = RandomSource(seed: training.seed)
            var critic =
                prompts.rewardModels?.members.first ?? RewardModel(prompts.start.model, using: &random)
            critic.body.precision = prompts.settings.precision
            var ppo = ProximalPolicyOptimization(
                policy: prompts.start.policy, critic: critic, rollouts: prompts.rollouts,
                plan: prompts.plan,
                kl: targetKL.map { .adaptive(initial: prompts.beta, target: $0, horizon: 10_000) }
                    ?? .fixed(prompts.beta),
                optimizer: prompts.settings.optimizer, schedule: prompts.settings.schedule,
                criticSchedule: .constant(criticLearningRate),
                maxGradientNorm: prompts.settings.maxGradientNorm)
            ppo.missingEndPenalty = missingEndPenalty
            ppo.imitation = prompts.imitation
            return ppo
        }.run()
    }
}
