public import LanguageModel
public import NeuralCore

/// Episodes of a policy in environments, many side by side.
///
///     var sampling = try EpisodeSampling(worlds, settings, by: policy, format: chat.format, using: random)
///     while !sampling.isFinished {
///         sampling.takeTurns()
///         try await sampling.stepEnvironments()
///     }
///     let rollout = sampling.rollout
///
/// Each environment is reset once and played by a group of episodes, in copies. In every turn the policy writes in all episodes
/// together, and the environments answer side by side. An episode is over when its environment says so; it is cut off where a
/// turn does not end, where there have been as many turns as are allowed, or where what is said to it leaves no room: that is
/// left out then, so that the last token of an episode is always the policy's own.
public struct EpisodeSampling: Sendable {
    /// One episode, as far as it has come.
    private struct Playing: Sendable {
        var world: any Environment
        var conversation: Conversation
        let group: Int
        var tokens: [Int32] = []
        var isDrawn: [Bool] = []
        var logProbabilities: [Float] = []
        var rewards: [Float] = []
        var calls = 0
        var failedCalls = 0
        var outcome: EpisodeOutcome?
        /// The turn that the environment has not answered yet.
        var pending: EpisodeTurn?
        var isOver = false

        mutating func append(_ ids: [Int32], drawn logProbabilities: [Float]?) {
            tokens += ids
            isDrawn += Array(repeating: logProbabilities != nil, count: ids.count)
            self.logProbabilities += logProbabilities ?? Array(repeating: 0, count: ids.count)
        }
    }

    /// The policy, its weights stored once for all turns.
    private let model: StoredTransformer
    private let settings: RolloutSettings
    private let turns: Int
    private let format: TextFormat
    private let calls: ToolCallFormat?
    /// The numbers of the environments whose beginning leaves room for a turn.
    private let numbers: [Int]
    private let prompts: [[Int32]]
    private var playing: [Playing] = []
    private var random: RandomSource

    /// Resets environments.
    ///
    /// - Parameters:
    ///   - worlds: The environments, one for each group. One whose beginning leaves no room in the model's context is left out.
    ///   - settings: How the policy is sampled; `maxTokens` are those of a whole episode, with all that is said in it.
    ///   - turns: The most turns of the policy in an episode.
    ///   - model: The policy.
    ///   - format: Writes what is said as the policy reads it.
    ///   - random: Decides which episodes there are, and every draw.
    /// - Throws: ``EpisodeError``.
    public init(
        _ worlds: [any Environment], _ settings: RolloutSettings, turns: Int = 8, by model: Transformer,
        format: TextFormat, using random: RandomSource
    ) throws(EpisodeError) {
        guard turns > 0 else { misuse("episodes of \(turns) turns") }
        self.model = StoredTransformer(forGenerating: model)
        self.settings = settings
        self.turns = turns
        self.format = format
        self.random = random
        calls = format.callFormat
        let room = 1..<model.configuration.contextLength
        var (numbers, prompts) = ([Int](), [[Int32]]())
        for (number, world) in worlds.enumerated() {
            var world = world
            var source = self.random.split()
            let conversation = world.reset(using: &source)
            guard conversation.tools.isEmpty || calls != nil else { throw .noCallFormat }
            let prompt: [Int32]
            do throws(ChatTemplateError) { prompt = try format.prompt(conversation) } catch {
                throw .template(error)
            }
            guard room.contains(prompt.count) else { continue }
            playing += (0..<settings.groupSize).map { _ in
                Playing(world: world, conversation: conversation, group: prompts.count)
            }
            numbers.append(number)
            prompts.append(prompt)
        }
        self.numbers = numbers
        self.prompts = prompts
    }

    /// Whether every episode is over.
    public var isFinished: Bool { playing.allSatisfy(\.isOver) }

    /// Lets the policy take its next turn in every episode that goes on.
    public mutating func takeTurns() { takeTurns { () throws(Never) in } }

    /// Lets the policy take its next turn in every episode that goes on.
    ///
    /// - Parameter token: Called before each token of all turns; what it throws ends the sampling.
    public mutating func takeTurns<E: Error>(beforeEachToken token: () throws(E) -> Void) throws(E) {
        let active = playing.indices.filter { !playing[$0].isOver && playing[$0].pending == nil }
        guard !active.isEmpty else { return }
        // What the episodes of a group have in common is computed once.
        let isFirst = playing.allSatisfy(\.tokens.isEmpty)
        let sampling = Sampling(
            temperature: settings.temperature, topK: settings.topK, topP: settings.topP)
        let rooms = active.map { settings.maxTokens - playing[$0].tokens.count }
        var decoding = Decoding(
            model,
            prompts: isFirst ? prompts : active.map { prompts[playing[$0].group] + playing[$0].tokens },
            samples: isFirst ? settings.groupSize : 1, sampling: sampling, stopTokens: settings.stopTokens,
            maxTokens: rooms.max() ?? 0, using: random.split())
        while !decoding.isFinished {
            try token()
            for place in decoding.step() {
                let sequence = decoding.sequences[place]
                if sequence.ending == nil, sequence.tokens.count >= rooms[place] {
                    decoding.end(place, because: .length)
                }
            }
        }
        for (index, sequence) in zip(active, decoding.sequences) {
            let before = prompts[playing[index].group] + playing[index].tokens
            playing[index].append(sequence.tokens, drawn: sequence.logProbabilities)
            guard sequence.ending == .stopToken else {
                playing[index].rewards.append(0)
                playing[index].isOver = true
                continue
            }
            playing[index].pending = named(
                turn(sequence.tokens, after: before), after: playing[index].calls)
        }
    }

    /// What a policy did by writing tokens.
    private func turn(_ tokens: [Int32], after prompt: [Int32]) -> EpisodeTurn {
        let parts = ReasonedText(
            calls.map { format.text(ofAnswer: tokens, calling: $0) } ?? format.text(ofAnswer: tokens),
            beginsThinking: format.opensThinking(prompt))
        guard let calls else { return EpisodeTurn(parts.answer, reasoning: parts.reasoning) }
        do throws(ToolCallError) {
            let message = try calls.turn(from: parts.answer)
            return EpisodeTurn(message.content, reasoning: parts.reasoning, calls: message.toolCalls)
        } catch {
            return EpisodeTurn(parts.answer, reasoning: parts.reasoning, problem: error)
        }
    }

    /// Lets the environments answer the turns that were taken.
    ///
    /// - Throws: ``EpisodeError``.
    public mutating func stepEnvironments() async throws(EpisodeError) {
        let turns = playing.indices.compactMap { index in playing[index].pending.map { (index, $0) } }
        let steps = await withTaskGroup(of: (Int, any Environment, EnvironmentStep).self) { group in
            for (index, turn) in turns {
                group.addTask { [world = playing[index].world] in
                    var world = world
                    let step = await world.step(turn)
                    return (index, world, step)
                }
            }
            var steps: [(Int, any Environment, EnvironmentStep)] = []
            for await step in group { steps.append(step) }
            return steps
        }
        for (index, world, step) in steps {
            playing[index].world = world
            try take(step, index)
        }
    }

    private mutating func take(_ step: EnvironmentStep, _ index: Int) throws(EpisodeError) {
        guard let turn = playing[index].pending else { return }
        playing[index].pending = nil
        playing[index].rewards.append(step.reward)
        playing[index].calls += turn.calls.count
        playing[index].failedCalls += step.failedCalls
        playing[index].conversation.messages.append(turn.message)
        playing[index].outcome = step.outcome
        guard step.outcome == nil, playing[index].rewards.count < turns else {
            playing[index].isOver = true
            return
        }
        var messages = step.messages
        for (place, call) in zip(messages.indices.filter { messages[$0].role == .tool }, turn.calls) {
            messages[place].toolCallID = messages[place].toolCallID ?? call.id
        }
        let ids = try format.ids(of: messages, after: playing[index].conversation)
        let count = playing[index].tokens.count + ids.count
        let positions = prompts[playing[index].group].count + count
        guard count < settings.maxTokens, positions < model.configuration.contextLength else {
            playing[index].isOver = true
            return
        }
        playing[index].append(ids, drawn: nil)
        playing[index].conversation.messages += messages
    }

    /// A turn whose calls have ids, which some templates ask for: the number of the call in its episode.
    private func named(_ turn: EpisodeTurn, after count: Int) -> EpisodeTurn {
        var turn = turn
        for place in turn.calls.indices where turn.calls[place].id == nil {
            let digits = String(count + place + 1)
            turn.calls[place].id = "call" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        }
        return turn
    }

    /// What was said in each episode, all of the first environment, then those of the second.
    public var conversations: [Conversation] { playing.map(\.conversation) }

    /// The episodes as completions of what the policy was told first.
    ///
    /// - Precondition: Every episode is over.
    public var rollout: Rollout {
        guard isFinished else { misuse("the rollout of episodes that are not over") }
        var random = random
        return Rollout(
            prompts: prompts,
            completions: playing.map { episode in
                Rollout.Completion(
                    prompt: numbers[episode.group], tokens: episode.tokens,
                    logProbabilities: episode.logProbabilities, isEnded: episode.outcome != nil,
                    episode: Episode(
                        isDrawn: episode.isDrawn, rewards: episode.rewards, calls: episode.calls,
                        failedCalls: episode.failedCalls, outcome: episode.outcome))
            }, using: random.split())
    }
}

/// Why episodes cannot be played.
public enum EpisodeError: Error, Sendable, CustomStringConvertible {
    /// There is no chat template, or it refuses what was said.
    case template(ChatTemplateError)
    /// The environment has tools, and the model's chat template writes no calls in a form that is known.
    case noCallFormat
    /// What the policy is told first leaves no room for a turn.
    case noRoom
    /// The chat template writes earlier turns differently once something follows, so that they cannot be gone on from.
    case turnsChange

    /// One line for people.
    public var description: String {
        switch self {
        case .template(let error): "\(error)"
        case .noCallFormat: "\(ToolUseError.noCallFormat)"
        case .noRoom: "what an episode begins with fills the model's context"
        case .turnsChange:
            "the model's chat template writes earlier turns differently once something follows them, so that an episode cannot go on from what was drawn"
        }
    }
}
