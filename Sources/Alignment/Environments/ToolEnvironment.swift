public import NeuralCore

/// Tasks for which there are tools, and a reward of what comes of them in the end.
///
///     let world = ToolEnvironment(prompts: records, tools: [weather], reward: .fact())
///     try await grpo.step(in: Array(repeating: world, count: 8), format: chat.format, using: random)
///
/// The calls of a turn run side by side. One that throws, takes too long, or asks for a tool that is not there has failed, and
/// the policy is told so. The first turn without a call is the answer.
public struct ToolEnvironment: Environment {
    /// The tasks; an episode is about one of them.
    public var prompts: [PromptRecord]
    /// The tools.
    public var tools: [Tool]
    /// The reward of the whole conversation with its answer; no opinion counts as 0.
    public var reward: ProgrammaticReward
    /// The time that calls may take, and the bytes of their results.
    public var limits: ToolLimits
    private var task = 0
    private var conversation = Conversation()

    /// An environment.
    ///
    /// - Precondition: There is a task.
    public init(
        prompts: [PromptRecord], tools: [Tool], reward: ProgrammaticReward, limits: ToolLimits = ToolLimits()
    ) {
        guard !prompts.isEmpty else { misuse("an environment without a task") }
        self.prompts = prompts
        self.tools = tools
        self.reward = reward
        self.limits = limits
    }

    /// Chooses a task.
    public mutating func reset(using random: inout RandomSource) -> Conversation {
        task = random.integer(in: 0..<prompts.count)
        conversation = ProgrammaticReward.Answer("", to: prompts[task]).conversation
        conversation.tools = tools.map(\.json)
        return conversation
    }

    /// Runs the calls, or judges the answer.
    public mutating func step(_ turn: EpisodeTurn) async -> EnvironmentStep {
        guard !turn.calls.isEmpty else {
            let answer = ProgrammaticReward.Answer(
                turn.text, to: conversation, columns: prompts[task].columns)
            let reward = turn.problem == nil ? Float(reward.value(answer) ?? 0) : 0
            return .end(EpisodeOutcome(isSuccess: reward > 0.5), reward: reward)
        }
        let outcomes = await tools.outcomes(
            of: turn.calls, limits, until: .now + min(limits.time, .seconds(86_400)))
        let results = outcomes.map(\.message)
        conversation.messages += [turn.message] + results
        return .next(results, failedCalls: outcomes.count(where: \.isFailure))
    }
}
