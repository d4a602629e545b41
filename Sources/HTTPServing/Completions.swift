import Alignment
import JSON
import LanguageModel
import Serving

/// `POST /v1/completions`: continuations of texts, with the log-probabilities of prompts on request.
struct Completions {
    let fields: GenerationFields
    let prompts: [Prompt]
    /// Whether the answer begins with the prompt.
    let echoes: Bool
    /// The number of alternatives reported for each token; nil if log-probabilities are not requested.
    let alternatives: Int?

    enum Prompt {
        case text(String)
        case tokens([Int32])
    }

    init(_ fields: RequestFields) throws(APIError) {
        var fields = fields
        var generation = try GenerationFields(&fields, maxTokens: 16)
        prompts = try Self.prompts(&fields)
        echoes = try fields.flag("echo") ?? false
        alternatives = try fields.integer("logprobs", in: 0...20)
        generation.options.alternatives = alternatives ?? 0
        self.fields = generation
        try fields.only("best_of", .integer(generation.samples))
        try fields.only("suffix", "")
        try fields.finish()
    }

    /// A text, a list of token ids, or several of either.
    private static func prompts(_ fields: inout RequestFields) throws(APIError) -> [Prompt] {
        let most = 256
        guard let value = fields.take("prompt") else { throw .invalid("prompt", "prompt is missing") }
        let expected = "a text, a list of token ids, or at most \(most) of either"
        func prompt(_ value: JSONValue) -> Prompt? {
            if let text = value.string { return .text(text) }
            guard let list = value.array else { return nil }
            let tokens = list.compactMap { $0.integer.flatMap { Int32(exactly: $0) } }
            return tokens.count == list.count ? .tokens(tokens) : nil
        }
        if let single = prompt(value), value.array?.isEmpty != true { return [single] }
        let prompts = (value.array ?? []).map(prompt)
        guard !prompts.isEmpty, prompts.count <= most, !prompts.contains(where: { $0 == nil }) else {
            throw fields.wrong("prompt", value, expected)
        }
        return prompts.compactMap(\.self)
    }

    func answer(by model: ServedModel, _ head: AnswerHead) async throws(APIError) -> HTTPAnswer {
        let tokens = prompts.map { prompt in
            switch prompt {
            case .text(let text): model.format.tokens(of: text)
            case .tokens(let tokens): tokens
            }
        }
        var fields = fields
        if fields.thinkingBudget != nil { fields.options.thinking = try model.thinking(fields) }
        let events = try model.engine.merged(
            model.requests(tokens, fields, scoresPrompt: echoes && alternatives != nil))
        return fields.streams
            ? .events(chunks(events, of: tokens, by: model, head))
            : .json(try await whole(events, of: tokens, by: model, head))
    }

    private func whole(
        _ events: AsyncStream<(Int, ServingEvent)>, of prompts: [[Int32]], by model: ServedModel,
        _ head: AnswerHead
    ) async throws(APIError) -> JSONValue {
        var usage = Usage(prompt: prompts.reduce(0) { $0 + $1.count })
        let count = prompts.count * fields.samples
        var texts = Array(repeating: "", count: count)
        var tokens = Array(repeating: [GeneratedToken](), count: count)
        var endings: [Decoding.Ending?] = Array(repeating: nil, count: count)
        var scores = Array(repeating: [GeneratedToken](), count: prompts.count)
        var isRead = false
        for await (prompt, event) in events {
            switch event {
            case .prompt(let reading):
                usage.known += reading.tokensKnown
                scores[prompt] = reading.scores
                isRead = true
            case .piece(let piece):
                let index = prompt * fields.samples + piece.sequence
                usage.completion += piece.tokens.count
                texts[index] += piece.text
                tokens[index] += piece.tokens
                endings[index] = piece.ending
            }
        }
        guard !endings.contains(nil) else { throw APIError(.closing) }
        guard isRead else { throw .late }
        let choices = texts.indices.map { index -> JSONValue in
            let prompt = prompts[index / fields.samples]
            return [
                "index": .integer(index),
                "text": .string(echoed(prompt, model) + texts[index]),
                "logprobs": logProbabilities(
                    first: echoes ? prompt.first : nil, scores[index / fields.samples] + tokens[index], model),
                "finish_reason": endings[index]!.finishReason,
            ]
        }
        return head.json("text_completion", by: model, choices: choices, usage: usage)
    }

    private func chunks(
        _ events: AsyncStream<(Int, ServingEvent)>, of prompts: [[Int32]], by model: ServedModel,
        _ head: AnswerHead
    ) -> AsyncStream<JSONValue> {
        @Sendable func chunk(
            _ index: Int, _ text: String, _ tokens: [GeneratedToken], _ ending: Decoding.Ending?
        ) -> JSONValue {
            let choice: JSONValue = [
                "index": .integer(index), "text": .string(text),
                "logprobs": logProbabilities(first: nil, tokens, model),
                "finish_reason": ending?.finishReason ?? .null,
            ]
            return head.json("text_completion", by: model, choices: [choice], usage: nil)
        }
        let (samples, includesUsage) = (fields.samples, fields.streamsUsage)
        return transformed(events) { event, send in
            switch event {
            case .began:
                guard echoes else { return }
                for index in 0..<prompts.count * samples {
                    send(chunk(index, echoed(prompts[index / samples], model), [], nil))
                }
            case .piece(let prompt, let piece):
                send(chunk(prompt * samples + piece.sequence, piece.text, piece.tokens, piece.ending))
            case .ended(var usage):
                usage.prompt = prompts.reduce(0) { $0 + $1.count }
                if includesUsage { send(head.json("text_completion", by: model, choices: [], usage: usage)) }
            }
        }
    }

    private func echoed(_ prompt: [Int32], _ model: ServedModel) -> String {
        echoes ? model.format.tokenizer.decode(prompt) : ""
    }

    /// Tokens side by side with their probabilities, as this older form of the API has them.
    ///
    /// - Parameter first: The prompt's first token, which nothing predicts.
    private func logProbabilities(
        first: Int32?, _ tokens: [GeneratedToken], _ model: ServedModel
    ) -> JSONValue {
        guard let alternatives else { return .null }
        var offset = 0
        var columns: (tokens: [JSONValue], values: [JSONValue], others: [JSONValue], offsets: [JSONValue]) =
            ([], [], [], [])
        func append(_ token: Int32, _ value: JSONValue, _ others: JSONValue) {
            let text = model.text(of: token)
            columns.tokens.append(.string(text))
            columns.values.append(value)
            columns.others.append(others)
            columns.offsets.append(.integer(offset))
            offset += text.unicodeScalars.count
        }
        if let first { append(first, .null, .null) }
        for token in tokens {
            var others: JSONObject = [:]
            // Of tokens that look alike, the likeliest is shown.
            for other in token.alternatives where others[model.text(of: other.token)] == nil {
                others[model.text(of: other.token)] = .decimal(other.logProbability)
            }
            append(
                token.token, .decimal(token.logProbability), alternatives > 0 ? .object(others) : .null)
        }
        return [
            "tokens": .array(columns.tokens), "token_logprobs": .array(columns.values),
            "top_logprobs": .array(columns.others), "text_offset": .array(columns.offsets),
        ]
    }
}
