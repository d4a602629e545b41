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
        let tokenizer = try BytePairTokenizer(
            trainedOn: ["a b c"], vocabularySize: 260,
            specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
        var random = RandomSource(seed: 3)
        let model = Transformer(
            TransformerConfiguration(
                vocabularySize: 260, width: 32, depth: 1, heads: 2, keyValueHeads: 1, contextLength: 256),
            using: &random)
        let chat = ChatModel(model, tokenizer)
        let text = try chat.format.demonstration(
            .conversation(Conversation([.user("hello"), .assistant(answer)])))
        var tuning = SupervisedFineTuning(model, schedule: .constant(1e-2))
        for _ in 0..<100 { tuning.step(on: [text]) }
        return ModelServer([
            ServedModel(
                name: "tiny", format: chat.format,
                engine: ServingEngine(StoredTransformer(tuning.model), tokenizer))
        ])
    }

    private static func ask(_ server: ModelServer, _ more: String) async -> String {
        let body =
            #"{"messages": [{"role": "user", "content": "hello"}], "max_tokens": 60, "temperature": 0\#(more)}"#
        let answer = await server.answer(
            method: "POST", path: "/v1/chat/completions", headers: ["host": "127.0.0.1:8080"],
            body: Array(body.utf8))
        var bytes: [UInt8] = []
        switch answer.body {
        case .whole(let whole): bytes = whole
        case .parts(let parts): for await part in parts { bytes += part }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func thinkingIsAMemberOfItsOwn() async throws {
        let server = try Self.server(saying: "<think>\n1 + 1\n</think>\n\n2")
        let whole = try JSONValue(parsing: await Self.ask(server, ""))["choices"]?.array?.first?["message"]
        #expect(whole?["reasoning_content"] == "1 + 1" && whole?["content"] == "2", "\(whole ?? .null)")

        var (reasoning, content) = ("", "")
        for line in await Self.ask(server, #", "stream": true"#).split(separator: "\n")
        where line.hasPrefix("data: {") {
            let delta = try JSONValue(parsing: String(line.dropFirst(6)))["choices"]?.array?.first?["delta"]
            reasoning += delta?["reasoning_content"]?.string ?? ""
            content += delta?["content"]?.string ?? ""
        }
        #expect(reasoning == "1 + 1" && content == "2")
    }

    @Test func anAnswerWithoutThinkingHasNoSuchMember() async throws {
        let server = try Self.server(saying: "2 < 3")
        let whole = try JSONValue(parsing: await Self.ask(server, ""))["choices"]?.array?.first?["message"]
        #expect(whole?["content"] == "2 < 3" && whole?.object?.keys.contains("reasoning_content") == false)
    }
}
