import Alignment
import HTTPServing
import JSON
import LanguageModel
import NeuralCore
import Serving
import Testing

/// A small model with random weights, whose vocabulary is that of bytes with ChatML's tokens and some more.
func tinyChat(
    _ moreTokens: [String] = [], context: Int = 512, template: ChatTemplate? = nil
) throws -> ChatModel {
    let tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + moreTokens
    let tokenizer = try BytePairTokenizer(
        trainedOn: ["a b c"], vocabularySize: 257 + tokens.count, specialTokens: tokens)
    var random = RandomSource(seed: 3)
    let model = Transformer(
        TransformerConfiguration(
            vocabularySize: 257 + tokens.count, width: 32, depth: 1, heads: 2, keyValueHeads: 1,
            contextLength: context),
        using: &random)
    guard let template else { return ChatModel(model, tokenizer) }
    return ChatModel(model, TextFormat(tokenizer, template: template))
}

/// The answer to a request.
struct Reply {
    let status: Int
    let headers: [(String, String)]
    let text: String
    var json: JSONValue { (try? JSONValue(parsing: Array(text.utf8))) ?? .null }

    /// The values of a stream; the last of its events must be `[DONE]`.
    var events: [JSONValue] {
        var events = text.split(separator: "\n\n").map(String.init)
        #expect(events.popLast() == "data: [DONE]")
        return events.map { (try? JSONValue(parsing: Array($0.dropFirst(6).utf8))) ?? .null }
    }
}

/// Asks a server; what has a body is posted.
func ask(
    _ server: ModelServer, _ path: String, _ body: String? = nil, headers: [String: String] = [:]
) async -> Reply {
    let answer = await server.answer(
        method: body == nil ? "GET" : "POST", path: path,
        headers: ["host": "127.0.0.1:8080"].merging(headers) { $1 }, body: Array((body ?? "").utf8))
    var bytes: [UInt8] = []
    switch answer.body {
    case .whole(let whole): bytes = whole
    case .parts(let parts): for await part in parts { bytes += part }
    }
    return Reply(
        status: answer.status, headers: answer.headers, text: String(decoding: bytes, as: UTF8.self))
}

extension ModelServer {
    /// A server of one model, whose name is `tiny`. A request has hours: a test may wait for all others.
    convenience init(
        of chat: ChatModel, policy: AccessPolicy = AccessPolicy(),
        limits: ServingLimits = ServingLimits(requestTime: .seconds(86_400))
    ) {
        let engine = ServingEngine(StoredTransformer(chat.model), chat.format.tokenizer, limits: limits)
        self.init([ServedModel(name: "tiny", format: chat.format, engine: engine)], policy: policy)
    }
}
