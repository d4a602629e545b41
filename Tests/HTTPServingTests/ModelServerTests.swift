import Alignment
import HTTPServing
import JSON
import LanguageModel
import NeuralCore
import Serving
import Testing

@Suite struct ModelServerTests {
    private static let chat =
        #""messages": [{"role": "user", "content": "hello"}], "max_tokens": 8, "seed": 5, "temperature": 1"#

    @Test("A stream says what the whole answer says")
    func streams() async throws {
        let server = ModelServer(of: try tinyChat())
        let body = "\(Self.chat), \"n\": 2, \"logprobs\": true, \"top_logprobs\": 2"
        let whole = await ask(server, "/v1/chat/completions", "{\(body)}")
        #expect(whole.status == 200)
        let stream = await ask(
            server, "/v1/chat/completions",
            #"{\#(body), "stream": true, "stream_options": {"include_usage": true}}"#)
        let choices = try #require(whole.json["choices"]?.array)
        #expect(choices.count == 2)
        for choice in choices {
            let parts = stream.events.compactMap { $0["choices"]?.array?.first }
                .filter { $0["index"] == choice["index"] }
            #expect(parts.first?["delta"]?["role"] == "assistant")
            let text = parts.compactMap { $0["delta"]?["content"]?.string }.joined()
            #expect(text == choice["message"]?["content"]?.string)
            #expect(parts.last?["finish_reason"] == choice["finish_reason"])
            let tokens = parts.flatMap { $0["logprobs"]?["content"]?.array ?? [] }
            #expect(tokens == choice["logprobs"]?["content"]?.array)
            #expect(tokens.allSatisfy { $0["top_logprobs"]?.array?.count == 2 })
        }
        // What was read of the first prompt was known for the second, or there was too little of it.
        var usage = try #require(stream.events.last?["usage"]?.object)
        usage["prompt_tokens_details"] = whole.json["usage"]?["prompt_tokens_details"]
        #expect(JSONValue.object(usage) == whole.json["usage"])
        #expect(whole.json["usage"]?["completion_tokens"]?.integer ?? 0 > 0)
    }

    @Test("A request that gets no turn in its time is told so; a stream has begun, and ends")
    func late() async throws {
        let server = ModelServer(of: try tinyChat(), limits: ServingLimits(requestTime: .zero))
        for (path, body) in [
            ("/v1/chat/completions", "{\(Self.chat)}"),
            ("/v1/completions", #"{"prompt": ["a", "b"], "n": 2}"#),
        ] {
            let reply = await ask(server, path, body)
            #expect(reply.status == 504)
            #expect(reply.json["error"]?["type"] == "server_error")
            #expect(reply.headers.contains { $0 == ("retry-after", "1") })
        }
        let stream = await ask(server, "/v1/chat/completions", "{\(Self.chat), \"stream\": true}")
        #expect(stream.events.last?["choices"]?.array?.first?["finish_reason"] == "length")
    }

    @Test("A completion echoes its prompt with the probability of each of its tokens")
    func echoes() async throws {
        let server = ModelServer(of: try tinyChat())
        let ids = try #require(await ask(server, "/tokenize", #"{"prompt": "hi"}"#).json["tokens"])
        let settings = #""echo": true, "logprobs": 1, "max_tokens": 1, "temperature": 0"#
        let reply = await ask(
            server, "/v1/completions", #"{"prompt": [\#(ids.text()), "hi there"], \#(settings)}"#)
        #expect(reply.status == 200, "\(reply.text)")
        let choices = try #require(reply.json["choices"]?.array)
        #expect(choices.map { $0["index"]?.integer } == [0, 1])
        for (choice, prompt) in zip(choices, ["hi", "hi there"]) {
            let columns = try #require(choice["logprobs"])
            let tokens = (columns["tokens"]?.array ?? []).compactMap(\.string)
            #expect(choice["text"]?.string?.hasPrefix(prompt) == true)
            #expect(tokens.dropLast().joined() == prompt)
            #expect(columns["token_logprobs"]?.array?.first == .null)
            #expect(columns["top_logprobs"]?.array?.first == .null)
            #expect(columns["token_logprobs"]?.array?.count == tokens.count)
            // Greedy: the token that was drawn is the likeliest.
            let likeliest = try #require(columns["top_logprobs"]?.array?.last?.object)
            #expect(likeliest.keys == [tokens.last!])
        }
        let alone = await ask(
            server, "/v1/completions",
            #"{"prompt": "hi there", "echo": true, "logprobs": 1, "max_tokens": 0, "temperature": 0}"#)
        let scores = try #require(alone.json["choices"]?.array?.first?["logprobs"]?["token_logprobs"]?.array)
        #expect(scores == choices[1]["logprobs"]?["token_logprobs"]?.array?.dropLast())
    }

    @Test("Text is the same after a way through tokens")
    func tokenization() async throws {
        let server = ModelServer(of: try tinyChat())
        let tokens = await ask(server, "/tokenize", #"{"prompt": "a b <|im_start|> c"}"#).json["tokens"]
        let text = await ask(server, "/detokenize", #"{"tokens": \#(tokens!.text())}"#)
        #expect(text.json["prompt"] == "a b <|im_start|> c")
        #expect(await ask(server, "/detokenize", #"{"tokens": [260]}"#).status == 400)
        let information = await ask(server, "/tokenizer_info").json
        #expect(information["eos_token"] == "<|im_end|>")
        #expect(information["chat_template"]?.string?.contains("<|im_start|>") == true)
        #expect(await ask(server, "/v1/models").json["data"]?.array?.first?["id"] == "tiny")
    }

    @Test(
        "What is not supported or makes no sense is refused by name",
        arguments: [
            (#"{\#(chat), "tools": [{"type": "function"}]}"#, "tools"),
            (#"{\#(chat), "response_format": {"type": "yaml"}}"#, "response_format.type"),
            (
                #"{\#(chat), "response_format": {"type": "json_schema", "json_schema": {"schema": {"not": {}}}}}"#,
                "response_format"
            ),
            (#"{\#(chat), "frequency_penalty": 0.5}"#, "frequency_penalty"),
            (#"{\#(chat), "temperatur": 1}"#, "temperatur"),
            (#"{\#(chat), "top_logprobs": 3}"#, "top_logprobs"),
            (#"{\#(chat), "n": 0}"#, "n"), (#"{\#(chat), "top_p": 1.5}"#, "top_p"),
            (#"{\#(chat), "stop": ["a", 3]}"#, "stop"),
            (#"{\#(chat), "logit_bias": {"x": 1}}"#, "logit_bias"),
            (#"{\#(chat), "logit_bias": {"260": 1}}"#, "logit_bias"),
            (#"{\#(chat), "chat_template_kwargs": {"enable_thinking": false}}"#, "chat_template_kwargs"),
            (#"{"messages": [{"role": "usr", "content": "a"}]}"#, "messages"),
            (
                #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "reasoning_content": 5}, {"role": "user", "content": "c"}]}"#,
                "messages"
            ),
            (#"{"messages": [{"role": "user", "name": 5, "content": "a"}]}"#, "messages"),
            (#"{\#(chat), "stream_options": {"x": 1}}"#, "stream_options.x"),
            (#"{"messages": []}"#, "messages"),
            (#"{"messages": [{"role": "user"}]}"#, "messages"), (#"{"max_tokens": 3}"#, "messages"),
            (#"{\#(chat), "max_completion_tokens": 9}"#, "max_tokens"), (#"{\#(chat), "seed": 1.5}"#, "seed"),
        ])
    func refusals(body: String, parameter: String) async throws {
        let reply = await ask(ModelServer(of: try tinyChat()), "/v1/chat/completions", body)
        #expect(reply.status == 400)
        #expect(reply.json["error"]?["param"]?.string == parameter, "\(reply.text)")
        #expect(reply.json["error"]?["type"] == "invalid_request_error")
    }

    @Test("The roles of OpenAI's clients are known, and those that the template names")
    func roles() async throws {
        let template = try ChatTemplate(
            "{% for m in messages %}{{ '(ipython)' if m.role == 'ipython' else m.role }}: {{ m.content }}{% endfor %}"
        )
        let server = ModelServer(of: try tinyChat(template: template))
        for role in ["system", "developer", "user", "assistant", "tool", "ipython"] {
            let message = #"{"role": "\#(role)", "content": "a", "name": null, "tool_call_id": null}"#
            let reply = await ask(
                server, "/v1/chat/completions",
                #"{"messages": [\#(message)], "max_tokens": 1, "logit_bias": {"259": 1}}"#)
            #expect(reply.status == 200, "\(role): \(reply.text)")
        }
        let reply = await ask(
            server, "/v1/chat/completions",
            #"{"messages": [{"role": "usr", "content": "a"}], "max_tokens": 1}"#)
        #expect(
            reply.json["error"]?["message"]
                == #"messages has the role "usr"; expected system, developer, user, assistant or tool"#)
    }

    @Test("Completions refuse what only chat completions have, as OpenAI's do")
    func refusedOfCompletions() async throws {
        for member in [
            #""response_format": {"type": "json_object"}"#, #""messages": []"#, #""tools": []"#,
            #""top_logprobs": 2"#,
        ] {
            let reply = await ask(
                ModelServer(of: try tinyChat()), "/v1/completions", #"{"prompt": "a", \#(member)}"#)
            #expect(reply.status == 400)
            let name = member.split(separator: "\"")[0]
            #expect(reply.json["error"]?["message"]?.string == "\(name) is not supported")
        }
    }

    @Test("Members that are null, or say what is done anyway, change nothing")
    func harmless() async throws {
        let server = ModelServer(of: try tinyChat())
        let plain = await ask(server, "/v1/chat/completions", "{\(Self.chat)}")
        let full = await ask(
            server, "/v1/chat/completions",
            """
            {\(Self.chat), "model": "tiny", "tools": [], "tool_choice": "auto", "stop": null, "top_k": -1, "top_p": 1,
            "response_format": {"type": "text"}, "frequency_penalty": 0, "presence_penalty": 0.0, "user": "someone",
            "logit_bias": {}, "n": 1, "stream": false, "logprobs": false}
            """)
        #expect(plain.status == 200)
        #expect(full.json["choices"] == plain.json["choices"])
    }

    @Test("An answer fits the schema of its response format, whole and streamed", arguments: [false, true])
    func structuredAnswers(_ streams: Bool) async throws {
        let reply = await ask(
            ModelServer(of: try tinyChat()), "/v1/chat/completions",
            """
            {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 400, "seed": 4, "stream": \(streams),
            "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema":
            {"type": "object", "properties": {"a": {"enum": ["yes", "no"]}, "n": {"type": "integer", "minimum": 3,
            "maximum": 9}}, "required": ["a", "n"], "additionalProperties": false}}}}
            """)
        let text =
            streams
            ? reply.events.compactMap { $0["choices"]?.array?.first?["delta"]?["content"]?.string }.joined()
            : reply.json["choices"]?.array?.first?["message"]?["content"]?.string ?? ""
        let value = try JSONValue(parsing: text)
        #expect(["yes", "no"].contains(value["a"]?.string) && (3...9).contains(value["n"]?.integer ?? 0))
    }

    @Test("Other errors have their status")
    func statuses() async throws {
        let server = ModelServer(of: try tinyChat())
        #expect(await ask(server, "/v1/embeddings", "{}").status == 404)
        #expect(await ask(server, "/v1/chat/completions").status == 405)
        #expect(await ask(server, "/v1/completions", "{").status == 400)
        #expect(await ask(server, "/v1/completions", #"{"prompt": []}"#).status == 400)
        let unknown = await ask(server, "/v1/completions", #"{"prompt": "a", "model": "gpt-5"}"#)
        #expect(unknown.status == 404)
        #expect(unknown.json["error"]?["message"]?.string == "there is no model gpt-5; there is tiny")
        let many = await ask(server, "/v1/completions", #"{"prompt": "a", "n": 100}"#)
        #expect(many.status == 400)
    }

    @Test("A full queue answers 429 and when to try again, and what was taken in of the request leaves")
    func fullQueue() async throws {
        let limits = ServingLimits(slots: 1, waiting: 1, requestTime: .seconds(86_400))
        let server = ModelServer(of: try tinyChat(), limits: limits)
        let prompts = Array(repeating: #""a""#, count: 200).joined(separator: ", ")
        let reply = await ask(
            server, "/v1/completions", #"{"prompt": [\#(prompts)], "max_tokens": 400}"#)
        #expect(reply.status == 429)
        #expect(reply.headers.contains { $0 == ("retry-after", "1") })
        let engine = server.models[0].engine
        await engine.close()
        #expect(engine.load.running == 0 && engine.load.waiting == 0)
        #expect(engine.load.canceled > 0 && engine.load.requests < 200)
        #expect(await ask(server, "/v1/completions", #"{"prompt": "a"}"#).status == 503)
    }

    @Test("Pages of other sites, other names and wrong keys are turned away")
    func access() async throws {
        let open = ModelServer(of: try tinyChat())
        func status(_ server: ModelServer, _ headers: [String: String], _ path: String = "/v1/models") async
            -> Int
        {
            await ask(server, path, headers: headers).status
        }
        #expect(await status(open, [:]) == 200)
        #expect(await status(open, ["host": "LOCALHOST:8080"]) == 200)
        #expect(await status(open, ["host": "[::1]:8080"]) == 200)
        #expect(await status(open, ["host": "example.com"]) == 403)
        #expect(await status(open, ["host": ""]) == 403)
        #expect(await status(open, ["origin": "http://127.0.0.1:8080"]) == 200)
        #expect(await status(open, ["origin": "http://127.0.0.1:9090"]) == 403)
        #expect(await status(open, ["origin": "https://example.com"]) == 403)
        #expect(await status(open, ["origin": "null"]) == 403)
        let locked = ModelServer(
            of: try tinyChat(), policy: AccessPolicy(key: "0123456789abcdef", hosts: nil))
        #expect(await status(locked, ["host": "example.com"]) == 401)
        #expect(await status(locked, ["authorization": "Bearer 0123456789abcdeg"]) == 401)
        #expect(await status(locked, ["authorization": "Bearer 0123456789abcdef0"]) == 401)
        #expect(await status(locked, ["authorization": "0123456789abcdef"]) == 401)
        #expect(await status(locked, ["authorization": "Bearer "]) == 401)
        #expect(await status(locked, ["authorization": "Bearer 0123456789abcdef"]) == 200)
        #expect(await status(locked, [:], "/health") == 200)
    }

    @Test("Metrics count what was done")
    func metrics() async throws {
        let server = ModelServer(of: try tinyChat())
        _ = await ask(
            server, "/v1/completions", #"{"prompt": "abc", "max_tokens": 4, "logit_bias": {"9": 100}}"#)
        let text = await ask(server, "/metrics").text
        #expect(text.contains("hone_generation_tokens_total{model=\"tiny\"} 4\n"))
        #expect(
            text.contains("# TYPE hone_requests_running gauge\nhone_requests_running{model=\"tiny\"} 0\n"))
    }
}
