import Alignment
import Conversations
import JSON
import LanguageModel
import Serving

/// `POST /v1/chat/completions`: the assistant's next turn.
struct ChatCompletions {
    let fields: GenerationFields
    let conversation: Conversation
    /// The number of alternatives reported for each token; nil if log-probabilities are not requested.
    let alternatives: Int?
    /// What the answer is a value of; nil for any text.
    let schema: JSONValue?
    let tools: ToolFields

    init(_ fields: RequestFields) throws(APIError) {
        var fields = fields
        var generation = try GenerationFields(&fields, maxTokens: Int(Int32.max))
        guard let list = fields.take("messages") else { throw .invalid("messages", "messages is missing") }
        guard let list = list.array, !list.isEmpty else {
            throw fields.wrong("messages", list, "a list of at least one message")
        }
        var variables: JSONObject = [:]
        if let value = fields.take("chat_template_kwargs") {
            guard let object = value.object else {
                throw fields.wrong("chat_template_kwargs", value, "an object")
            }
            variables = object
        }
        tools = try ToolFields(&fields)
        do throws(RecordProblem) {
            conversation = Conversation(
                try [Message](json: list), tools: tools.offered, variables: variables)
        } catch {
            throw .invalid("messages", "messages: \(error)")
        }
        let shows = try fields.flag("logprobs") ?? false
        let count = try fields.integer("top_logprobs", in: 0...20)
        guard shows || count ?? 0 == 0 else { throw .invalid("top_logprobs", "top_logprobs needs logprobs") }
        alternatives = shows ? count ?? 0 : nil
        generation.options.alternatives = alternatives ?? 0
        self.fields = generation
        schema = try Self.schema(&fields)
        try fields.finish()
    }

    /// Reads `response_format`.
    private static func schema(_ fields: inout RequestFields) throws(APIError) -> JSONValue? {
        guard var format = try fields.fields("response_format") else { return nil }
        let type = try format.string("type")
        var schema: JSONValue?
        switch type {
        case "text": break
        case "json_object": schema = ["type": "object"]
        case "json_schema":
            guard var described = try format.fields("json_schema") else {
                throw .invalid("response_format.json_schema", "response_format.json_schema is missing")
            }
            described.ignore("name", "description", "strict")
            guard let value = described.take("schema") else {
                throw .invalid(
                    "response_format.json_schema.schema", "response_format.json_schema.schema is missing")
            }
            do throws(JSONSchemaError) { _ = try JSONSchema(value) } catch {
                throw .invalid("response_format", "response_format.json_schema.schema: \(error)")
            }
            schema = value
            try described.finish()
        default:
            throw .invalid(
                "response_format.type",
                "response_format.type is \(type ?? "missing"); expected text, json_object or json_schema")
        }
        try format.finish()
        return schema
    }

    /// Returns the model's answer.
    func answer(by model: ServedModel, _ head: AnswerHead) async throws(APIError) -> HTTPAnswer {
        let structure = try tools.structure(for: model, else: schema)
        try checkRoles(model)
        let prompt: [Int32]
        do throws(ChatTemplateError) { prompt = try model.format.prompt(conversation) } catch {
            throw .invalid("messages", "\(error)")
        }
        try checkVariables(model)
        var fields = fields
        if let structure {
            fields.options.constraint = try model.constraint(structure, for: "tools")
            fields.options.shownTokens = model.tokensOfCalls
        } else if let schema {
            fields.options.constraint = try model.constraint(.value(schema, of: ""), for: "response_format")
        }
        let beginsThinking = model.format.opensThinking(prompt)
        fields.options.thinking = try model.thinking(fields)
        let events = try model.engine.merged(model.requests([prompt], fields))
        return fields.streams
            ? .events(chunks(events, of: prompt.count, beginsThinking: beginsThinking, by: model, head))
            : .json(
                try await whole(events, of: prompt.count, beginsThinking: beginsThinking, by: model, head))
    }

    /// Refuses the roles that neither are those of everyone nor are named in the template, which would write whatever it is given.
    private func checkRoles(_ model: ServedModel) throws(APIError) {
        let source = model.format.template.source
        for message in conversation.messages
        where ![.system, .user, .assistant, .tool].contains(message.role) {
            let role = message.role.rawValue
            guard source.contains("'\(role)'") || source.contains("\"\(role)\"") else {
                throw .invalid(
                    "messages",
                    "messages has the role \(JSONValue.string(role).shown); expected system, developer, user, assistant or tool"
                )
            }
        }
    }

    /// Refuses variables that the template does not read.
    private func checkVariables(_ model: ServedModel) throws(APIError) {
        for name in conversation.variables.keys where !model.format.template.reads(variable: name) {
            throw .invalid(
                "chat_template_kwargs",
                "chat_template_kwargs.\(name) would be ignored: the chat template of \(model.name) does not read it"
            )
        }
    }

    private func whole(
        _ events: AsyncStream<(Int, ServingEvent)>, of promptTokens: Int, beginsThinking: Bool,
        by model: ServedModel, _ head: AnswerHead
    ) async throws(APIError) -> JSONValue {
        var usage = Usage(prompt: promptTokens)
        var turns = Array(
            repeating: AnsweredTurn(callFormat(of: model), beginsThinking: beginsThinking),
            count: fields.samples)
        var texts = Array(repeating: "", count: fields.samples)
        var thoughts = texts
        var tokens = Array(repeating: [GeneratedToken](), count: fields.samples)
        var endings: [Decoding.Ending?] = Array(repeating: nil, count: fields.samples)
        var isRead = false
        for await (_, event) in events {
            switch event {
            case .prompt(let reading):
                usage.known = reading.tokensKnown
                isRead = true
            case .piece(let piece):
                usage.completion += piece.tokens.count
                let added = turns[piece.sequence].append(piece)
                texts[piece.sequence] += added.text
                thoughts[piece.sequence] += added.reasoning
                tokens[piece.sequence] += piece.tokens
                endings[piece.sequence] = piece.ending
            }
        }
        guard !endings.contains(nil) else { throw APIError(.closing) }
        guard isRead else { throw .late }
        let choices = texts.indices.map { index -> JSONValue in
            let calls = turns[index].calls
            let text: JSONValue = texts[index].isEmpty && !calls.isEmpty ? .null : .string(texts[index])
            var message: JSONObject = ["role": "assistant", "content": text, "refusal": .null]
            if !thoughts[index].isEmpty { message["reasoning_content"] = .string(thoughts[index]) }
            if !calls.isEmpty { message["tool_calls"] = .array(calls.map(\.answered)) }
            return [
                "index": .integer(index), "message": .object(message),
                "logprobs": logProbabilities(tokens[index], model),
                "finish_reason": turns[index].finishReason(endings[index]!),
            ]
        }
        return head.json("chat.completion", by: model, choices: choices, usage: usage)
    }

    private func chunks(
        _ events: AsyncStream<(Int, ServingEvent)>, of promptTokens: Int, beginsThinking: Bool,
        by model: ServedModel, _ head: AnswerHead
    ) -> AsyncStream<JSONValue> {
        @Sendable func chunk(_ choices: [JSONValue], _ usage: Usage? = nil) -> JSONValue {
            head.json("chat.completion.chunk", by: model, choices: choices, usage: usage)
        }
        @Sendable func choice(
            _ index: Int, _ delta: JSONValue, tokens: [GeneratedToken] = [], ending: JSONValue = .null
        ) -> JSONValue {
            [
                "index": .integer(index), "delta": delta,
                "logprobs": tokens.isEmpty ? .null : logProbabilities(tokens, model),
                "finish_reason": ending,
            ]
        }
        let turns = AnsweredTurns(
            callFormat(of: model), samples: fields.samples, beginsThinking: beginsThinking)
        return transformed(events) { event, send in
            switch event {
            case .began:
                for index in 0..<fields.samples {
                    send(chunk([choice(index, ["role": "assistant", "content": ""])]))
                }
            case .piece(_, let piece):
                let (reasoning, text, calls, ending) = turns.append(piece)
                if !reasoning.isEmpty {
                    send(chunk([choice(piece.sequence, ["reasoning_content": .string(reasoning)])]))
                }
                if !text.isEmpty || !piece.tokens.isEmpty && (tools.choice == .none || alternatives != nil) {
                    send(chunk([choice(piece.sequence, ["content": .string(text)], tokens: piece.tokens)]))
                }
                for (index, call) in calls {
                    for delta in call.deltas(index: index) { send(chunk([choice(piece.sequence, delta)])) }
                }
                if let ending { send(chunk([choice(piece.sequence, [:], ending: ending)])) }
            case .ended(var usage):
                usage.prompt = promptTokens
                if fields.streamsUsage { send(chunk([], usage)) }
            }
        }
    }

    /// The form of calls that are looked for; nil where none may be made.
    private func callFormat(of model: ServedModel) -> ToolCallFormat? {
        tools.choice == .none ? nil : model.callFormat
    }

    private func logProbabilities(_ tokens: [GeneratedToken], _ model: ServedModel) -> JSONValue {
        guard alternatives != nil else { return .null }
        func entry(_ token: Int32, _ logProbability: Float) -> [(String, JSONValue)] {
            [
                ("token", .string(model.text(of: token))), ("logprob", .decimal(logProbability)),
                ("bytes", .array(model.bytes(of: token).map { .integer(Int($0)) })),
            ]
        }
        let content = tokens.map { token -> JSONValue in
            let others = token.alternatives.map { other -> JSONValue in
                .object(JSONObject(entry(other.token, other.logProbability)))
            }
            return .object(
                JSONObject(entry(token.token, token.logProbability) + [("top_logprobs", .array(others))]))
        }
        return ["content": .array(content), "refusal": .null]
    }
}
