import NeuralCore

/// What makes a completion an episode: turns of the policy, with what an environment said between them.
///
/// The tokens of the completion are those of all turns. The policy learns from those that it drew; it reads the others.
public struct Episode: Sendable, Hashable, Codable {
    /// True for each token that the policy drew, false for what the environment said (`tool_mask` in TRL). The first and the
    /// last are drawn.
    public var isDrawn: [Bool]
    /// The reward that came with each turn of the policy; the episode's reward is their sum. Empty where all of it comes at the
    /// end, from elsewhere.
    public var rewards: [Float]
    /// The number of calls of tools.
    public var calls: Int
    /// The number of calls that failed.
    public var failedCalls: Int
    /// The environment's judgment; nil of an episode that was cut off.
    public var outcome: EpisodeOutcome?

    /// An episode.
    ///
    /// - Precondition: The first and the last token are drawn, and there are rewards for all turns, or none.
    public init(
        isDrawn: [Bool], rewards: [Float] = [], calls: Int = 0, failedCalls: Int = 0,
        outcome: EpisodeOutcome? = nil
    ) {
        self.isDrawn = isDrawn
        self.rewards = rewards
        self.calls = calls
        self.failedCalls = failedCalls
        self.outcome = outcome
        guard isDrawn.first == true, isDrawn.last == true, rewards.isEmpty || rewards.count == turns else {
            misuse("an episode of \(isDrawn.count) tokens and \(turns) turns with \(rewards.count) rewards")
        }
    }

    /// The number of the policy's turns, which are runs of tokens that it drew.
    public var turns: Int { turnEnds.count }

    /// The place of the last token of each turn among the tokens drawn.
    var turnEnds: [Int] {
        var (ends, drawn) = ([Int](), 0)
        for (place, isOwn) in isDrawn.enumerated() where isOwn {
            if place + 1 == isDrawn.count || !isDrawn[place + 1] { ends.append(drawn) }
            drawn += 1
        }
        return ends
    }
}

/// The judgment of an episode that came to its end. A question that an episode does not ask has no answer.
public struct EpisodeOutcome: Sendable, Hashable, Codable {
    /// True if the task was done.
    public var isSuccess: Bool
    /// True if a tool was called more often than the task wanted.
    public var madeNeedlessCall: Bool?
    /// True if the policy said that it had done, or found out, something for which it had made no call.
    public var claimedWithoutCall: Bool?
    /// True if the policy said that a tool had failed; nil where none did.
    public var admittedFailure: Bool?

    /// A judgment.
    public init(
        isSuccess: Bool, madeNeedlessCall: Bool? = nil, claimedWithoutCall: Bool? = nil,
        admittedFailure: Bool? = nil
    ) {
        self.isSuccess = isSuccess
        self.madeNeedlessCall = madeNeedlessCall
        self.claimedWithoutCall = claimedWithoutCall
        self.admittedFailure = admittedFailure
    }
}

extension [Episode] {
    /// The figures of episodes by their names in metrics: TRL's `tools/call_frequency`, calls per episode, and
    /// `tools/failure_frequency`, the share of calls that failed; `episodes/turns`; and shares of the episodes that ask:
    /// `episodes/success`, of all, `episodes/needless_calls`, `episodes/claims_without_call`, `episodes/honest_after_failure`.
    public var metrics: [String: Float] {
        guard !isEmpty else { return [:] }
        func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(Swift.max(1, values.count)) }
        let calls = reduce(0) { $0 + $1.calls }
        let failed = reduce(0) { $0 + $1.failedCalls }
        var metrics: [String: Float] = [
            "tools/call_frequency": Float(calls) / Float(count),
            "tools/failure_frequency": Float(failed) / Float(Swift.max(1, calls)),
            "episodes/turns": mean(map { Float($0.turns) }),
            "episodes/success": mean(map { $0.outcome?.isSuccess == true ? 1 : 0 }),
        ]
        let questions: [(String, (EpisodeOutcome) -> Bool?)] = [
            ("needless_calls", \.madeNeedlessCall), ("claims_without_call", \.claimedWithoutCall),
            ("honest_after_failure", \.admittedFailure),
        ]
        for (name, answer) in questions {
            let answers = compactMap { $0.outcome.flatMap(answer) }
            if !answers.isEmpty { metrics["episodes/\(name)"] = mean(answers.map { $0 ? 1 : 0 }) }
        }
        return metrics
    }
}
