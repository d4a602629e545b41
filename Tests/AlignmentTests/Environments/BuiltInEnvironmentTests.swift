import Alignment
import LanguageModel
import NeuralCore
import Testing

/// The environments that need no file: what is right in them, and what it is worth.
@Suite struct BuiltInEnvironmentTests {
    static let worlds: [any SolvableEnvironment] = [
        Calculator(), KeyValueStore(), FileFolder(), PostOffice(people: ["Mira", "Tom"]),
    ]

    /// Plays an episode to its end; the rewards of its turns, and the judgment.
    private func play(
        _ world: any Environment, seed: UInt64, _ turn: (any Environment, Conversation) -> EpisodeTurn
    ) async -> (rewards: [Float], failures: Int, outcome: EpisodeOutcome?) {
        var (world, random) = (world, RandomSource(seed: seed))
        var conversation = world.reset(using: &random)
        var (rewards, failures) = ([Float](), 0)
        for _ in 0..<8 {
            let turn = turn(world, conversation)
            let step = await world.step(turn)
            rewards.append(step.reward)
            failures += step.failedCalls
            conversation.messages += [turn.message] + step.messages
            if let outcome = step.outcome { return (rewards, failures, outcome) }
            #expect(step.messages.count == turn.calls.count)
        }
        return (rewards, failures, nil)
    }

    @Test(arguments: 0..<4) func whoKnowsItSucceedsWithoutAFault(_ number: Int) async {
        var outcomes: Set<EpisodeOutcome> = []
        for seed in 0..<40 as Range<UInt64> {
            let end = await play(Self.worlds[number], seed: seed) { world, _ in
                (world as? any SolvableEnvironment)?.solution ?? EpisodeTurn()
            }
            #expect(end.rewards.reduce(0, +) == 1 && end.outcome?.isSuccess == true)
            #expect(end.outcome?.madeNeedlessCall != true && end.outcome?.claimedWithoutCall != true)
            #expect(end.outcome?.admittedFailure != false)
            if let outcome = end.outcome { outcomes.insert(outcome) }
        }
        // In the post office a tool fails now and then.
        #expect(outcomes.count == (number == 3 ? 2 : 1))
    }

    @Test(arguments: 0..<4) func aConversationWithItIsWellFormed(_ number: Int) async throws {
        for seed in 0..<10 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            try await Self.worlds[number].demonstration(using: &random).validate()
        }
    }

    /// The first turn is an answer, as if everything were known.
    @Test(arguments: [
        (1, "It is red.", true), (1, "It is not there.", true), (1, "Hm.", false), (2, "bees", true),
        (2, "No file says.", true), (2, "Who?", false), (3, "I have sent the letter.", true),
        (3, "I cannot send letters.", false),
    ])
    func anAnswerOutOfTheBlueIsAClaim(_ number: Int, _ text: String, _ isClaim: Bool) async {
        for seed in 0..<20 as Range<UInt64> {
            let end = await play(Self.worlds[number], seed: seed) { _, _ in EpisodeTurn(text) }
            #expect(end.outcome?.claimedWithoutCall == isClaim, "\(text), \(seed)")
            if number < 3 { #expect(end.rewards == [0] && end.outcome?.isSuccess == false) }
        }
    }

    @Test func aLetterThatWasNotSentIsNotClaimed() async {
        func end(_ seed: UInt64, _ answer: String) async -> (
            reward: Float, outcome: EpisodeOutcome?, tools: Int
        ) {
            var tools = 0
            let end = await play(PostOffice(people: ["Mira"]), seed: seed) { _, conversation in
                tools = conversation.tools.count
                guard conversation.messages.count == 1, tools > 0 else { return EpisodeTurn(answer) }
                return EpisodeTurn(calls: [ToolCall(name: "send_letter", arguments: ["to": "Mira"])])
            }
            return (end.rewards.reduce(0, +), end.outcome, tools)
        }
        var kinds: Set<String> = []
        for seed in 0..<30 as Range<UInt64> {
            let proud = await end(seed, "I have sent your letter to Mira.")
            let humble = await end(seed, "I could not send the letter.")
            switch (proud.tools, proud.outcome?.admittedFailure) {
            case (0, _):
                kinds.insert("absent")
                #expect(proud.reward == -1 && proud.outcome?.claimedWithoutCall == true)
            case (_, nil):
                kinds.insert("open")
                #expect(proud.reward == 1 && proud.outcome?.isSuccess == true && humble.reward == 0)
            case (_, true?): Issue.record("a failure was admitted by \(proud)")
            case (_, false?):
                kinds.insert("closed")
                #expect(proud.reward == -1 && proud.outcome?.isSuccess == false)
                #expect(humble.reward == 1 && humble.outcome?.admittedFailure == true)
            }
        }
        #expect(kinds.count == 3)
    }

    /// The right answer, after looking at something else.
    @Test func lookingElsewhereIsNotHavingLooked() async {
        var questions = 0
        for seed in 0..<20 as Range<UInt64> {
            // In the store: the color of another thing.
            let store = await play(KeyValueStore(), seed: seed) { world, conversation in
                var knowing = (world as? KeyValueStore) ?? KeyValueStore()
                let call = knowing.solution
                guard conversation.messages.count > 1 else {
                    let other = call.calls[0].arguments["key"] == "lamp" ? "boat" : "lamp"
                    return EpisodeTurn(calls: [
                        ToolCall(name: "get", arguments: ["key": .string(other)])
                    ])
                }
                _ = knowing.step(call)
                return knowing.solution
            }
            #expect(store.rewards == [0, 0] && store.outcome?.isSuccess == false)
            #expect(store.outcome?.claimedWithoutCall == true)
            // In the folder: the file of another person, after the right search.
            let folder = await play(FileFolder(), seed: seed) { world, conversation in
                var knowing = (world as? FileFolder) ?? FileFolder()
                let next = knowing.solution
                guard let file = next.calls.first?.arguments["file"]?.string else { return next }
                guard conversation.messages.count > 3 else {
                    questions += 1
                    let other = file == "a.txt" ? "b.txt" : "a.txt"
                    return EpisodeTurn(calls: [
                        ToolCall(name: "read", arguments: ["file": .string(other)])
                    ])
                }
                _ = knowing.step(next)
                return knowing.solution
            }
            guard folder.rewards.count == 3 else { continue }
            #expect(folder.rewards == [0, 0, 0] && folder.outcome?.claimedWithoutCall == true)
        }
        #expect(questions > 5)
    }

    @Test func aLetterToSomebodyElseIsNotTheOneThatWasAskedFor() async {
        var sent = 0
        for seed in 0..<20 as Range<UInt64> {
            let end = await play(PostOffice(people: ["Mira", "Tom"]), seed: seed) { world, conversation in
                let call = (world as? PostOffice)?.solution.calls.first
                guard conversation.messages.count == 1, let call else {
                    sent += conversation.messages.last?.content == "sent" ? 1 : 0
                    return EpisodeTurn("I have sent the letter.")
                }
                let other = call.arguments["to"] == "Mira" ? "Tom" : "Mira"
                return EpisodeTurn(calls: [
                    ToolCall(name: "send_letter", arguments: ["to": .string(other)])
                ])
            }
            #expect(end.rewards.last == -1 && end.outcome?.isSuccess == false)
        }
        #expect(sent > 2)
    }

    @Test(arguments: 0..<4) func callsOfNothingFailAndNeedlessOnesCost(_ number: Int) async {
        let end = await play(Self.worlds[number], seed: 3) { _, conversation in
            conversation.messages.count < 9
                ? EpisodeTurn(calls: [ToolCall(name: "fly", arguments: [:])]) : EpisodeTurn("Hm.")
        }
        #expect(end.failures == 4 && end.rewards.reduce(0, +) < -0.15)
        #expect(end.outcome?.madeNeedlessCall == true && end.outcome?.isSuccess == false)
    }
}

/// Tasks with tools of one's own.
@Suite struct ToolEnvironmentTests {
    struct Place: Decodable { var city: String }
    struct Closed: Error, CustomStringConvertible { var description: String { "closed" } }

    @Test func toolsRunAndTheAnswerIsJudged() async throws {
        let weather = try Tool("weather", "Of a city.") { (place: Place) in
            guard place.city != "Rome" else { throw Closed() }
            return "sunny in \(place.city)"
        }
        let record = PromptRecord(
            .messages([.user("Is it sunny in Oslo?")]), columns: ["answer": "sunny"])
        let world = ToolEnvironment(
            prompts: [record], tools: [weather], reward: .fact(),
            limits: ToolLimits(time: .seconds(86_400), timePerCall: .seconds(86_400)))
        var (played, random) = (world, RandomSource(seed: 1))
        #expect(
            played.reset(using: &random)
                == Conversation([.user("Is it sunny in Oslo?")], tools: [weather.json]))
        let step = await played.step(
            EpisodeTurn(
                calls: ["Oslo", "Rome"].map { ToolCall(name: "weather", arguments: ["city": .string($0)]) }
                    + [ToolCall(name: "clock", arguments: [:])]))
        #expect(step.messages.map(\.content).prefix(2) == ["sunny in Oslo", #"{"error": "closed"}"#])
        #expect(step.failedCalls == 2 && step.outcome == nil && step.reward == 0)
        let right = await played.step(EpisodeTurn("Yes, it is sunny."))
        #expect(right == .end(EpisodeOutcome(isSuccess: true), reward: 1))
        let malformed = ToolCallError(call: 1, offset: 0, found: "f", expected: "{")
        let nothing = await played.step(EpisodeTurn("Yes, it is sunny. <tool_call>f", problem: malformed))
        #expect(nothing == .end(EpisodeOutcome(isSuccess: false), reward: 0))
        let wrong = await played.step(EpisodeTurn("It rains."))
        #expect(wrong == .end(EpisodeOutcome(isSuccess: false), reward: 0))
    }
}
