import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Answers with calls of tools, by a model with random weights whose calls are held to the tools' schemas.
@Suite struct ToolReplyTests {
    private static func chat(_ template: ChatTemplate = .chatML) throws -> ChatModel {
        let tokenizer = try BytePairTokenizer(
            trainedOn: ["a b c"], vocabularySize: 262,
            specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"])
        var random = RandomSource(seed: 3)
        let model = Transformer(
            TransformerConfiguration(
                vocabularySize: 262, width: 32, depth: 1, heads: 2, keyValueHeads: 1, contextLength: 4_096),
            using: &random)
        return ChatModel(model, TextFormat(tokenizer, template: template))
    }

    struct Place: Decodable { var city: City }
    enum City: String, Decodable, CaseIterable { case rome, oslo }
    /// Limits of time that no busy machine meets.
    private static func limits(turns: Int) -> ToolLimits {
        ToolLimits(turns: turns, time: .seconds(7_200), timePerCall: .seconds(7_200))
    }

    private static let asked = Conversation([.user("Is it warm?")])

    @Test func callsAreRunUntilTheModelAnswersOrMayNotGoOn() async throws {
        let chat = try Self.chat()
        let weather = try Tool("weather", "Of a city.") { (place: Place) in "\(place.city.rawValue): 20" }
        var (calls, results) = ([ToolCall](), [Message]())
        let reply = try await chat.reply(
            to: Self.asked, tools: [weather], choice: .named("weather"), limits: Self.limits(turns: 2),
            maxTokens: 800, using: RandomSource(seed: 1)
        ) { event in
            switch event {
            case .calls(let made): calls += made
            case .results(let gave): results += gave
            case .reasoning, .text: break
            }
        }
        #expect(!calls.isEmpty && calls.count == results.count)
        for (call, result) in zip(calls, results) {
            #expect(call.name == "weather" && call.id == result.toolCallID)
            #expect(result.content == "\(call.arguments["city"]?.string ?? ""): 20")
        }
        try reply.conversation.validate()
        #expect(reply.conversation.messages.flatMap(\.toolCalls) == calls)
        #expect(reply.conversation.tools == [weather.json])
        let turns = reply.conversation.messages.count { $0.role == .assistant }
        #expect(turns <= 2 && (turns == 2 || reply.ending == .length))
        // The same seed, the same conversation.
        let again = try await chat.reply(
            to: Self.asked, tools: [weather], choice: .named("weather"), limits: Self.limits(turns: 2),
            maxTokens: 800, using: RandomSource(seed: 1))
        #expect(again == reply)
    }

    /// As in the top-level code of a program, whose closures belong to the main actor.
    @MainActor @Test func eventsAreToldWhereTheAnswerIsAwaited() async throws {
        let chat = try Self.chat()
        let weather = try Tool("weather", "Of a city.") { (place: Place) in place.city.rawValue }
        var events = 0
        let limits = Self.limits(turns: 1)
        _ = try await chat.reply(
            to: Self.asked, tools: [weather], choice: .named("weather"), limits: limits, maxTokens: 800,
            using: RandomSource(seed: 1)
        ) { _ in
            MainActor.assertIsolated()
            events += 1
        }
        let before = events
        _ = try await ChatSession(chat).reply(
            to: Self.asked, tools: [weather], choice: .named("weather"), limits: limits, maxTokens: 800,
            using: RandomSource(seed: 1)
        ) { _ in events += 1 }
        #expect(before > 0 && events == 2 * before)
    }

    @Test func limitsEndTheAnswer() async throws {
        let chat = try Self.chat()
        let weather = try Tool("weather", "Of a city.") { (place: Place) in place.city.rawValue }
        func ending(_ limits: ToolLimits, maxTokens: Int) async throws -> ToolReply.Ending {
            try await chat.reply(
                to: Self.asked, tools: [weather], choice: .required, limits: limits, maxTokens: maxTokens,
                using: RandomSource(seed: 1)
            ).ending
        }
        #expect(try await ending(Self.limits(turns: 1), maxTokens: 2_000) == .turns)
        #expect(try await ending(Self.limits(turns: 8), maxTokens: 5) == .length)
        #expect(try await ending(ToolLimits(time: .zero), maxTokens: 2_000) == .time)
    }

    @Test func toolsThatCannotBeUsedAreRefused() async throws {
        let twice = Tool("f", "", parameters: ["type": "object"]) { _ in "" }
        let odd = Tool("f", "", parameters: ["type": "object", "not": [:]]) { _ in "" }
        func error(_ chat: ChatModel, _ tools: [Tool]) async -> ToolUseError? {
            do {
                _ = try await chat.reply(to: Self.asked, tools: tools, using: RandomSource(seed: 1))
                return nil
            } catch { return error as? ToolUseError }
        }
        #expect(await error(try Self.chat(.zephyr), [twice]) == .noCallFormat)
        guard case .tools = await error(try Self.chat(), [twice, twice]) else {
            Issue.record("two tools of one name were taken")
            return
        }
        #expect(
            await error(try Self.chat(), [odd])
                == .schema(.unsupported(path: "f#/not", reason: "is not supported")))
    }

    @Test func theFormatIsTheTemplates() throws {
        #expect(try Self.chat().format.callFormat == .hermes)
        #expect(try Self.chat(.zephyr).format.callFormat == nil)
    }
}
