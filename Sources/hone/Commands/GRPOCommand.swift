import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// `hone grpo`: trains a model on its own answers, each compared with the others of its prompt.
struct GRPOCommand: TrainingCommand {
    static let title = "Group-relative policy optimization"
    static let defaults = RolloutDefaults(
        training: TrainingDefaults(learningRate: 1e-6), groupSize: 8, beta: 0)
    static let configuration = CommandConfiguration(
        commandName: "grpo",
        abstract: "Train a model on its own answers, each compared with the others to its prompt (GRPO).",
        discussion: paragraphs(
            """
            A loss near 0 is expected: at the first update of each set of answers it is 0
            whatever is learned. It is the reward that should rise.

            \(defaults.paragraph)

              hone grpo --model assistant --reward number --data sums.jsonl --output better
              hone grpo --model caller --environment calculator --steps 200 --output better
            """))

    @OptionGroup var rollout: RolloutOptions
    @OptionGroup var training: TrainingOptions

    @Option(
        help: "The loss, by TRL's name: grpo, bnpo, dr_grpo, dapo, cispo, gspo, sapo, luspo or vespo.",
        completion: .list(PolicyLoss.variants.keys.sorted()))
    var loss = "dapo"

    @Option(help: "The standard deviation that a group's rewards are divided by: group, batch or none.")
    var scale: ScalingName = .group

    @Flag(
        inversion: .prefixedNo,
        help: "Multiply the KL divergence of --beta by the ratio, so that its gradient is without bias.")
    var klBiasCorrection = true

    @Flag(help: "Exclude truncated answers from the loss.")
    var maskTruncated = false

    @Option(
        help: ArgumentHelp(
            "Replace prompts whose answers all have the same reward, in at most this many rounds of sampling a step (DAPO).",
            valueName: "n"))
    var dynamicSampling: Int?

    /// `RewardScaling` by its name.
    enum ScalingName: String, ExpressibleByArgument, CaseIterable, Encodable {
        case group, batch, none

        var scaling: RewardScaling {
            switch self {
            case .group: .group
            case .batch: .batch
            case .none: .none
            }
        }
    }

    func validate() throws {
        if let size = rollout.groupSize, size < 2 {
            throw ValidationError("--group-size must be at least 2: each answer is compared with the others.")
        }
        try check("--dynamic-sampling", dynamicSampling, in: 1...Most.rounds)
        try refuse(
            "--no-kl-bias-correction", if: !klBiasCorrection && rollout.beta ?? Self.defaults.beta == 0,
            "it needs --beta")
        guard PolicyLoss.variants[loss] != nil else {
            throw ValidationError(
                "--loss \(loss) is none of \(PolicyLoss.variants.keys.sorted().joined(separator: ", ")).")
        }
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        if let name = rollout.world.environment {
            let data = try EnvironmentData(name, rollout, training, defaults: Self.defaults)
            return try TrainingRun(self, in: data, atMostRounds: dynamicSampling, context) { method(data) }
                .run()
        }
        let prompts = try PromptData(rollout, training, defaults: Self.defaults)
        return try TrainingRun(self, on: prompts, atMostRounds: dynamicSampling, context) { method(prompts) }
            .run()
    }

    private func method(
        _ input: some PolicyInput
    ) -> GroupRelativePolicyOptimization<TrainedTransformer> {
        var grpo = GroupRelativePolicyOptimization(
            policy: input.start.policy, rollouts: input.rollouts, loss: PolicyLoss.variants[loss] ?? .dapo,
            beta: input.beta, plan: input.plan, optimizer: input.settings.optimizer,
            schedule: input.settings.schedule, maxGradientNorm: input.settings.maxGradientNorm)
        // A whole answer's ratio moves little for each token (Zheng et al. 2025, section 5.1).
        if ["gspo", "luspo"].contains(loss) { grpo.plan.clipRange = ClipRange(3e-4, high: 4e-4) }
        grpo.scaling = scale.scaling
        grpo.ignoresTruncated = maskTruncated
        grpo.correctsKLBias = klBiasCorrection
        grpo.imitation = input.imitation
        return grpo
    }
}
