import Alignment
import HTTPServing
import JSON
import LanguageModel
import NeuralCore
import Serving
import Testing

/// Thinking in chat completions, under the name that DeepSeek and vLLM give it.
@Suite struct ReasoningServingTests {
    /// A server of a model that has learned one answer by heart.
    private static func server(saying answer: String) throws -> ModelServer {
        let chat = try tinyChat()
        let text = try chat.format.demonstration(
            .conversation(Conversation([.user("hello"), .assistant(answer)])))
        var tuning = SupervisedFineTuning(chat.model, schedule: .constant(1e-2))
        for _ in 0..<100 { tuning.step(on: [text]) }
        return ModelServer(of: ChatModel(tuning.model, chat.format))
    }

    /// The same, with another text that ends thinking.
    private static func server(saying answer: String, endingThinkingBy end: String) throws -> ModelServer {
        let served = try server(saying: answer).models[0]
        return ModelServer([
            ServedModel(name: "tiny", format: served.format, engine: served.engine, thinkingEnd: end)
        ])
    }

    private static func ask(_ server: ModelServer, _ more: String) async -> Reply {
        await HTTPServingTests.ask(
            server, "/v1/chat/completions",
            #"{"messages": [{"role": "user", "content": "hello"}], "max_tokens": 60, "temperature": 0\#(more)}"#
        )
    }

    @Test func thinkingIsAMemberOfItsOwn() async throws {
        let server = try Self.server(saying: "<think>\n1 + 1\n</think>\n\n2")
        let whole = await Self.ask(server, "").json["choices"]?.array?.first?["message"]
        #expect(whole?["reasoning_content"] == "1 + 1" && whole?["content"] == "2", "\(whole ?? .null)")

        var (reasoning, content) = ("", "")
        for event in await Self.ask(server, #", "stream": true"#).events {
            let delta = event["choices"]?.array?.first?["delta"]
            reasoning += delta?["reasoning_content"]?.string ?? ""
            content += delta?["content"]?.string ?? ""
        }
        #expect(reasoning == "1 + 1" && content == "2")
    }

    @Test func aBudgetEndsThinking() async throws {
        let server = try Self.server(saying: "<think>\n1 + 1 is 2\n</think>\n\n2")
        func message(_ more: String) async -> JSONValue? {
            await Self.ask(server, more).json["choices"]?.array?.first?["message"]
        }
        #expect(await message("")?["reasoning_content"] == "1 + 1 is 2")
        let short = await message(#", "thinking_token_budget": 6"#)
        #expect(short?["reasoning_content"] == "1 + 1", "\(short ?? .null)")
        let none = await message(#", "thinking_token_budget": 0"#)
        #expect(none?.object?.keys.contains("reasoning_content") == false)
        let refused = await Self.ask(server, #", "thinking_token_budget": -1"#)
        #expect(refused.status == 400 && refused.text.contains("thinking_token_budget"))
    }

    @Test func aBudgetLeavesRoomForAnAnswer() async throws {
        let server = ModelServer(of: try tinyChat())
        let end = server.models[0].format.thinking(budget: 0)
            .ending(server.models[0].format.tokenizer).count
        let (kept, lost) = (60 - end - 1, 60 - end)
        #expect(await Self.ask(server, #", "thinking_token_budget": \#(kept)"#).status == 200)
        let refused = await Self.ask(server, #", "thinking_token_budget": \#(lost)"#)
        #expect(refused.status == 400 && refused.text.contains("no room for an answer in max_tokens 60"))
        let plain = await HTTPServingTests.ask(
            server, "/v1/completions", #"{"prompt": "a", "max_tokens": 5, "thinking_token_budget": 5}"#)
        #expect(plain.status == 400 && plain.text.contains("no room for an answer in max_tokens 5"))
    }

    @Test func theServersEndOfThinkingIsPutIn() async throws {
        let server = try Self.server(
            saying: "<think>\n1 + 1 is 2\n</think>\n\n2", endingThinkingBy: " or so\n</think>\n\n")
        let message = await Self.ask(server, #", "thinking_token_budget": 6"#)
            .json["choices"]?.array?.first?["message"]
        #expect(message?["reasoning_content"] == "1 + 1 or so", "\(message ?? .null)")
    }

    /// Texts are not taken apart: the thinking stands in them as it was written.
    @Test func aBudgetEndsThinkingInPlainCompletions() async throws {
        let server = try Self.server(saying: "<think>\n1 + 1 is 2\n</think>\n\n2")
        let format = server.models[0].format
        let prompt = try format.prompt(Conversation([.user("hello")]))
        func text(_ more: String, opening: String = "") async -> String? {
            let ids = prompt + format.tokenizer.encode(opening)
            return await HTTPServingTests.ask(
                server, "/v1/completions",
                #"{"prompt": \#(ids), "max_tokens": 60, "temperature": 0\#(more)}"#
            ).json["choices"]?.array?.first?["text"]?.string
        }
        #expect(await text("") == "<think>\n1 + 1 is 2\n</think>\n\n2")
        let budget = #", "thinking_token_budget": 6"#
        #expect(await text(budget)?.hasPrefix("<think>\n1 + 1\n</think>\n\n") == true)
        // Thinking that the prompt has begun.
        #expect(await text(budget, opening: "<think>")?.hasPrefix("\n1 + 1\n</think>\n\n") == true)
        let streamed = await HTTPServingTests.ask(
            server, "/v1/completions",
            #"{"prompt": "<think>", "max_tokens": 20, "stream": true, "thinking_token_budget": 0}"#)
        let parts = streamed.events.compactMap { $0["choices"]?.array?.first?["text"]?.string }
        #expect(parts.joined().hasPrefix("\n</think>\n\n"))
        let refused = await HTTPServingTests.ask(
            server, "/v1/completions", #"{"prompt": "a", "thinking_token_budget": -1}"#)
        #expect(refused.status == 400 && refused.text.contains("thinking_token_budget"))
    }

    @Test func anAnswerWithoutThinkingHasNoSuchMember() async throws {
        let server = try Self.server(saying: "2 < 3")
        let whole = await Self.ask(server, "").json["choices"]?.array?.first?["message"]
        #expect(whole?["content"] == "2 < 3" && whole?.object?.keys.contains("reasoning_content") == false)
    }
}
