import Alignment
import JSON
import LanguageModel
import NeuralCore
import Synchronization
import TestSupport
import Testing

/// What is measured has the same figures, bit by bit, on any number of ranks, and each rank does a part of it.
@Suite struct SharedEvaluationTests {
    private static func sequences(_ lengths: [Int]) -> [[Int32]] {
        var random = RandomSource(seed: 6)
        return lengths.map { length in (0..<length).map { _ in Int32(random.integer(in: 3..<36)) } }
    }

    @Test func textsHaveTheSameScores() throws {
        let texts = Self.sequences([200, 3, 1, 70, 0])
        let completions = PromptedCompletions(
            prompt: Self.sequences([9])[0], completions: Self.sequences([4, 0, 1]))
        let groups = texts.map { PromptedCompletions(text: $0) } + [completions]
        let model = try ParityRun.model()
        let alone = model.scores(of: groups, contextLength: 16, rowsAtOnce: 40)
        #expect(alone.map { $0.map(\.tokens) } == [[199], [2], [0], [69], [0], [4, 0, 1]])
        // Every window by itself says the same, to rounding.
        let single = model.scores(of: groups, contextLength: 16, rowsAtOnce: 1)
        for (a, b) in zip(alone.joined(), single.joined()) {
            #expect(zip(a.logProbabilities, b.logProbabilities).allSatisfy { abs($0 - $1) < 1e-4 })
        }
        for ranks in 2...4 {
            let found = try onRanks(ranks) { communicator in
                model.scores(
                    of: groups, contextLength: 16, rowsAtOnce: 40, WorkSharing(among: communicator))
            }
            #expect(found.allSatisfy { $0 == alone }, "\(ranks) ranks")
        }
    }

    /// Measures held-out records on 1 to 4 ranks.
    private static func expectEqualFigures<Method: TrainingMethod>(
        _ make: @escaping @Sendable () throws -> Method,
        _ measure: @escaping @Sendable (Method) throws -> [String: Float]
    ) throws {
        let alone = try measure(try make())
        #expect(alone["loss"]?.isFinite == true)
        for ranks in 2...4 {
            let found = try onRanks(ranks) { communicator in
                var method = try make()
                method.training.sharing = WorkSharing(parts: 4, among: communicator)
                return try measure(method)
            }
            #expect(found.allSatisfy { $0 == alone }, "\(ranks) ranks")
        }
    }

    @Test(arguments: [SupervisedLoss.crossEntropy, .dynamic])
    func heldOutTextsHaveTheSameFigures(loss: SupervisedLoss) throws {
        let texts = Self.sequences((0..<50).map { 4 + $0 % 7 }).map { ids in
            SupervisedTokens(ids: ids, isTrained: ids.indices.map { $0 > 1 })
        }
        try Self.expectEqualFigures {
            SupervisedFineTuning(try ParityRun.model(), loss: loss, schedule: .constant(1e-3))
        } _: {
            $0.validation(on: texts)
        }
        try Self.expectEqualFigures {
            Distillation(
                try ParityRun.model(), teacher: try ParityRun.model("reference"),
                rollouts: RolloutSettings(groupSize: 1, maxTokens: 6, stopTokens: [1]),
                schedule: .constant(1e-3))
        } _: {
            $0.validation(on: texts)
        }
    }

    @Test func heldOutPairsHaveTheSameFigures() throws {
        let pairs = try (0..<10).flatMap { _ in try ParityRun.records().pairs }
        try Self.expectEqualFigures {
            DirectPreferenceOptimization(
                policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
                losses: [.init(.sigmoid)], schedule: .constant(1e-3))
        } _: {
            $0.validation(on: pairs)
        }
        try Self.expectEqualFigures {
            var random = RandomSource(seed: 4)
            return RewardModeling(
                RewardModel(try ParityRun.model(), using: &random), centering: 0.01,
                schedule: .constant(1e-3))
        } _: {
            $0.validation(on: pairs)
        }
    }

    @Test func heldOutWindowsHaveTheSameCost() throws {
        let tokenizer = try BytePairTokenizer(trainedOn: ["a b"], vocabularySize: 257)
        let documents = Self.sequences(Array(repeating: 30, count: 40))
        let held = try #require(
            HeldOutWindows(documents, tokenizer: tokenizer, endOfText: 0, length: 20, count: 40))
        let model = try ParityRun.model()
        let alone = held.cost(to: model)
        let found = try onRanks(3) { held.cost(to: model, WorkSharing(among: $0)) }
        #expect(alone > 0 && found.allSatisfy { $0 == alone })
    }

    /// Suites asked of closures, which say how often they were asked; one of them calls tools, and has no probability.
    @Test func suitesHaveTheSameReport() throws {
        let items = (0..<11).map { number in
            BehaviorItem(
                id: "\(number)", Conversation([.user("\(number)")]),
                number % 3 == 0
                    ? .helpfulness
                    : number % 3 == 1
                        ? .calls([ToolCall(name: "f", arguments: ["b": .number(1), "a": "\u{0}\"x"])])
                        : .knownFact(answers: ["yes"], wrong: []))
        }
        let evaluation = BehaviorEvaluation(
            suites: [BehaviorSuite(name: "s", items: items)],
            judge: { _, a, b in a.text.count > b.text.count ? .first : .second })
        @Sendable func report(_ communicator: any Communicator) async throws -> (BehaviorReport, asked: Int) {
            let asked = Mutex(0)
            let respondents = ["one", "other"].map { name in
                Respondent(name) { conversation in
                    asked.withLock { $0 += 1 }
                    let number = Int(conversation.messages[0].content) ?? 0
                    return Response(
                        number % 2 == 0 ? "yes \(name)" : "no\n", probability: number == 5 ? .nan : 1 / 3,
                        calls: number % 3 == 1
                            ? [
                                ToolCall(
                                    id: name, name: "f", arguments: ["a": "\u{0}\"x", "b": .number(1)])
                            ] : [])
                }
            }
            let report = try await evaluation.report(on: respondents, WorkSharing(among: communicator))
            return (report, asked.withLock { $0 })
        }
        let alone = try onRanks(1, awaiting: report)[0]
        #expect(alone.asked == 22 && alone.0.metric("exact_calls", of: "other")?.value == 1)
        #expect(alone.0.metric("win_rate", of: "other")?.count == 4)
        let found = try onRanks(3, awaiting: report)
        // As text: a figure that is not a number is like another.
        #expect(found.allSatisfy { "\($0.0.models)" == "\(alone.0.models)" })
        #expect(found.map(\.asked).reduce(0, +) == 22 && found.allSatisfy { $0.asked < 22 })
    }

    /// A task of two turns, with a tool that nobody calls.
    private struct Echo: Environment {
        var turns = 0

        mutating func reset(using random: inout RandomSource) -> Conversation {
            Conversation(
                [.user("Say \(random.integer(in: 0..<1000)).")],
                tools: [["type": "function", "function": ["name": "f", "parameters": [:]]]])
        }

        mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
            turns += 1
            let outcome = EpisodeOutcome(
                isSuccess: turn.text.utf8.count % 2 == 0, claimedWithoutCall: turn.calls.isEmpty)
            return turns == 2 ? .end(outcome, reward: 0.1) : .next([.user("Again.")], reward: 1 / 3)
        }
    }

    @Test func episodesAreTheSame() throws {
        let chat = try EpisodeSamplingTests.chat(context: 2048)
        @Sendable func episodes(_ communicator: any Communicator) async throws -> [String] {
            try await chat.episodes(
                in: Echo(), 70, maxTokens: 60, using: RandomSource(seed: 2), WorkSharing(among: communicator)
            ).map { "\($0.episode) \($0.conversation)" }
        }
        let alone = try onRanks(1, awaiting: episodes)[0]
        #expect(alone.count == 70 && Set(alone).count > 40)
        let found = try onRanks(2, awaiting: episodes)
        #expect(found.allSatisfy { $0 == alone })
    }
}
