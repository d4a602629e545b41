/// A conversation to imitate.
public struct Demonstration: Sendable {
    /// All turns; the last one is the assistant's.
    public let messages: [Message]
    /// The task that the last turn answers.
    public let task: Task
    /// The quality of the last turn; every other turn is good.
    public let quality: Quality

    /// True if the last turn is a bad example.
    public var isFlawed: Bool { quality != .good }
}

/// The shares of the kinds of tasks, and of bad examples.
public struct DemonstrationMixture: Sendable {
    /// Shares of the kinds of tasks.
    public var shares: [(kind: Task.Kind, share: Double)] = [
        (.fact, 0.31), (.unknown, 0.12), (.action, 0.10), (.request, 0.15), (.form, 0.11), (.profile, 0.06),
        (.review, 0.10), (.persona, 0.05),
    ]
    /// Of the questions about nobody, how many are answered with invented facts; of the impossible wishes, how many
    /// are said to be fulfilled.
    public var flaws = 0.7

    /// The mixture that ships with Hone.
    public init() {}
}

extension World {
    /// Conversations to imitate, each different, with the flaws that `mixture` states.
    public func demonstrations(_ count: Int, mixture: DemonstrationMixture = .init()) -> [Demonstration] {
        let source = random.stream("demonstrations")
        var maker = ExerciseMaker(self, pool: .training, using: source)
        var random = source.stream("qualities")
        let shares = mixture.shares.map { ($0.kind, $0.share) }
        return (0..<count).map { _ in
            let exercise = maker.exerciseInConversation(random.pick(weighted: shares))
            var quality = Quality.good
            if random.chance(mixture.flaws) {
                switch exercise.prompt.task {
                case .unknown: quality = .invented
                case .action: quality = .claimed
                default: break
                }
            }
            let reply = exercise.replies[quality] ?? ""
            return Demonstration(
                messages: exercise.prompt.messages + [.assistant(reply)], task: exercise.prompt.task,
                quality: quality)
        }
    }

    /// Prompts for which nobody has written an answer yet, for policy optimization.
    public func prompts(_ count: Int, pool: Pool = .training) -> [Prompt] {
        let source = random.stream("prompts, \(pool.rawValue)")
        var maker = ExerciseMaker(self, pool: pool, using: source)
        var random = source.stream("kinds")
        return (0..<count).map { _ in
            maker.exerciseInConversation(random.pick(weighted: Preference.shares)).prompt
        }
    }
}
