public import NeuralCore

/// A world in which a policy acts, turn by turn: what it is told, what its acts bring about, and what they are worth.
///
///     struct Guessing: Environment {
///         var number = 0
///
///         mutating func reset(using random: inout RandomSource) -> Conversation {
///             number = random.integer(in: 1..<10)
///             return Conversation([.user("I think of a number from 1 to 9.")])
///         }
///
///         mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
///             guard let guess = Int(turn.text) else { return .end(EpisodeOutcome(isSuccess: false)) }
///             if guess == number { return .end(EpisodeOutcome(isSuccess: true), reward: 1) }
///             return .next([.user(guess < number ? "More." : "Less.")])
///         }
///     }
///
/// It is a value: many are played side by side, and the episodes that are compared with each other are played in copies of one
/// that was reset once. All that is random in it is drawn when it is reset, so that copies answer the same acts alike.
public protocol Environment: Sendable {
    /// Begins an episode.
    ///
    /// - Parameter random: Decides which.
    /// - Returns: What the policy is told first, and the tools that it may call.
    mutating func reset(using random: inout RandomSource) -> Conversation

    /// Takes a turn of the policy.
    ///
    /// - Returns: What follows from it.
    mutating func step(_ turn: EpisodeTurn) async -> EnvironmentStep
}

/// An environment that knows how it is done, to show a policy before it tries for itself.
public protocol SolvableEnvironment: Environment {
    /// The turn that someone who knows all would take next.
    var solution: EpisodeTurn { get }
}

/// What a policy did in one turn.
public struct EpisodeTurn: Hashable, Sendable {
    /// Its words, without thinking and calls; with the calls where there is a problem.
    public var text: String
    /// The thinking before them; nil where there was none.
    public var reasoning: String?
    /// The calls of tools that it makes.
    public var calls: [ToolCall]
    /// What is wrong with a call; then none of the turn is to be run.
    public var problem: ToolCallError?

    /// A turn.
    public init(
        _ text: String = "", reasoning: String? = nil, calls: [ToolCall] = [], problem: ToolCallError? = nil
    ) {
        self.text = text
        self.reasoning = reasoning
        self.calls = calls
        self.problem = problem
    }

    /// The turn as a part of a conversation.
    public var message: Message { Message(.assistant, text, toolCalls: calls, reasoning: reasoning) }
}

/// What follows from a turn of a policy.
public struct EnvironmentStep: Hashable, Sendable {
    /// What is said before the policy's next turn: the results of its calls, in their order, or a turn of the user.
    public var messages: [Message]
    /// What the turn was worth.
    public var reward: Float
    /// The number of its calls that failed.
    public var failedCalls: Int
    /// The judgment of the whole episode, if it has come to its end; nil while it goes on.
    public var outcome: EpisodeOutcome?

    /// The episode goes on.
    public static func next(
        _ messages: [Message], reward: Float = 0, failedCalls: Int = 0
    ) -> EnvironmentStep {
        EnvironmentStep(messages: messages, reward: reward, failedCalls: failedCalls, outcome: nil)
    }

    /// The episode is over.
    public static func end(
        _ outcome: EpisodeOutcome, reward: Float = 0, failedCalls: Int = 0
    ) -> EnvironmentStep {
        EnvironmentStep(messages: [], reward: reward, failedCalls: failedCalls, outcome: outcome)
    }
}

extension SolvableEnvironment {
    /// An episode as someone plays it who knows all, with the tools that were there.
    ///
    /// - Parameters:
    ///   - random: Decides which episode.
    ///   - turns: The most turns.
    public func demonstration(using random: inout RandomSource, turns: Int = 16) async -> Conversation {
        var world = self
        var conversation = world.reset(using: &random)
        for _ in 0..<turns {
            let turn = world.solution
            conversation.messages.append(turn.message)
            let step = await world.step(turn)
            guard step.outcome == nil else { break }
            conversation.messages += step.messages
        }
        return conversation
    }
}
