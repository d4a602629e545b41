import Conversations
import Testing

/// Every key of every schema has a fate; these tests walk through the tables.
@Suite struct KeyFateTests {
    private static let turns = #"[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"#

    /// A record in which each honored key changes what is read.
    private static let records: [(keys: [String], text: String)] = [
        (["messages"], #"{"messages": \#(turns)}"#),
        (["system"], #"{"messages": \#(turns), "system": "S"}"#),
        (["system_prompt"], #"{"prompt": "a", "completion": "b", "system_prompt": "S"}"#),
        (["tools"], #"{"messages": \#(turns), "tools": [{"name": "f"}]}"#),
        (["functions"], #"{"messages": \#(turns), "functions": [{"name": "f"}]}"#),
        (["chat_template_kwargs"], #"{"messages": \#(turns), "chat_template_kwargs": {"x": 1}}"#),
        (["conversations"], #"{"conversations": [{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}"#),
        (["prompt", "completion"], #"{"prompt": "a", "completion": "b"}"#),
        (["response"], #"{"prompt": "a", "response": "b"}"#),
        (["text"], #"{"text": "a"}"#),
        (["chosen", "rejected", "margin"], #"{"prompt": "a", "chosen": "b", "rejected": "c", "margin": 2}"#),
        (["label"], #"{"prompt": "a", "completion": "b", "label": 0}"#),
        (["kto_tag"], #"{"prompt": "a", "completion": "b", "kto_tag": true}"#),
        (
            ["instruction", "input", "output", "history"],
            #"{"instruction": "a", "input": "i", "output": "b", "history": [["c", "d"]]}"#
        ),
        (["instances"], #"{"instruction": "a", "instances": [{"input": "i", "output": "b"}]}"#),
        (["question"], #"{"question": "a", "chosen": "The b", "rejected": "The c"}"#),
        (["turns"], #"{"turns": ["a"]}"#),
        (
            ["response1", "response2"],
            #"{"instruction": "a", "response1": "b", "response2": "c", "annotator1": 1}"#
        ),
    ]

    /// A turn in which each honored key changes what is read.
    private static let messages: [(keys: [String], text: String)] = [
        (["role", "content", "name"], #"{"role": "assistant", "content": "a", "name": "n"}"#),
        (["from", "value"], #"{"from": "gpt", "value": "a"}"#),
        (["tool_call_id"], #"{"role": "tool", "content": "a", "tool_call_id": "c"}"#),
        (["reasoning_content"], #"{"role": "assistant", "content": "a", "reasoning_content": "t"}"#),
        (["thinking"], #"{"role": "assistant", "content": "a", "thinking": "t"}"#),
        (["tool_calls"], #"{"role": "assistant", "content": "", "tool_calls": [{"name": "f"}]}"#),
        (["function_call"], #"{"role": "assistant", "content": "", "function_call": {"name": "f"}}"#),
        (["weight"], #"{"role": "assistant", "content": "a", "weight": 0}"#),
        (["train"], #"{"role": "assistant", "content": "a", "train": false}"#),
        (["training"], #"{"role": "assistant", "content": "a", "training": false}"#),
        (["loss"], #"{"role": "assistant", "content": "a", "loss": false}"#),
    ]

    private func object(_ text: String) throws -> JSONObject { try #require(JSONValue(parsing: text).object) }

    private func result(_ read: () throws -> Any) -> String {
        do { return try "\(read())" } catch { return "\(error)" }
    }

    /// What the four kinds of records make of an object, columns aside.
    private func readings(_ object: JSONObject) -> [String] {
        [
            result { try DemonstrationRecord.records(in: object) },
            result { try PreferenceRecord.records(in: object) },
            result { try LabeledRecord.records(in: object) },
            result {
                try PromptRecord.records(in: object).map {
                    PromptRecord($0.prompt, tools: $0.tools, variables: $0.variables)
                }
            },
        ]
    }

    @Test func everyHonoredKeyOfARecordChangesWhatIsRead() throws {
        var seen: Set<String> = []
        for (keys, text) in Self.records {
            for key in keys {
                var without = try object(text)
                without[key] = nil
                #expect(readings(without) != readings(try object(text)), "\(key)")
                seen.insert(key)
            }
        }
        #expect(seen == KeyFate.record.honored)
    }

    @Test func everyHonoredKeyOfATurnChangesWhatIsRead() throws {
        var seen: Set<String> = []
        for (keys, text) in Self.messages {
            for key in keys {
                var without = try object(text)
                without[key] = nil
                let (a, b) = (try object(text), without)
                #expect(
                    result { try Message(json: .object(a)) } != result { try Message(json: .object(b)) },
                    "\(key)")
                seen.insert(key)
            }
        }
        #expect(seen == KeyFate.turn.honored)
    }

    @Test func refusedKeysAreNamedUnlessTheySayNothing() throws {
        for key in KeyFate.record.refused.keys {
            var record = try object(#"{"prompt": "a", "completion": "b"}"#)
            record[key] = .null
            #expect(
                try DemonstrationRecord.records(in: record) == [.completion(prompt: "a", completion: "b")])
            record[key] = [1]
            let problem = #expect(throws: RecordProblem.self) { try DemonstrationRecord.records(in: record) }
            #expect(problem?.category == "unsupported key")
            #expect(problem?.description.contains("'\(key)'") == true)
        }
        for key in KeyFate.turn.refused.keys {
            var turn: JSONObject = ["role": "assistant", "content": "a", key: []]
            #expect(try Message(json: .object(turn)) == .assistant("a"))
            turn[key] = [1]
            let problem = #expect(throws: RecordProblem.self) { try Message(json: .object(turn)) }
            #expect(problem?.category == "unsupported key")
        }
    }

    @Test func otherKeysOfATurnReachTheTemplate() throws {
        let turn: JSONValue = [
            "role": "user", "content": "a", "recipient": "all", "empty": nil, "thinking": "t",
        ]
        let message = try Message(json: turn)
        #expect(message.columns == ["recipient": "all", "thinking": "t"])
        let template = try ChatTemplate(
            "{% for m in messages %}{{ m.recipient }}{{ m.thinking }}{% endfor %}")
        #expect(try template.text(of: Conversation([message])) == "allt")
        #expect(try Message(json: message.json) == message)
    }

    @Test func variablesOfARecordReachTheTemplate() throws {
        let template = try ChatTemplate(
            "{{ mood }}{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}",
            tokens: ["eos_token": "</s>"])
        let kwargs: JSONValue = ["mood": "glad"]
        let shown: JSONObject = [
            "messages": [["role": "user", "content": "a"], ["role": "assistant", "content": "b"]],
            "chat_template_kwargs": kwargs,
        ]
        #expect(
            try DemonstrationRecord.records(in: shown)[0].supervisedText(template).text.hasPrefix(
                "glad<user>"))
        let pair: JSONObject = [
            "prompt": [["role": "user", "content": "a"]], "chosen": [["role": "assistant", "content": "b"]],
            "rejected": [["role": "assistant", "content": "c"]], "chat_template_kwargs": kwargs,
        ]
        let texts = try PreferenceRecord.records(in: pair)[0].supervisedTexts(template)
        #expect(texts.chosen.text.hasPrefix("glad<user>") && texts.rejected.text.hasPrefix("glad<user>"))
        #expect(try PromptRecord.records(in: pair)[0].promptText(template) == "glad<user>a</s>")
        let label = try LabeledRecord.records(in: pair)[1].supervisedText(template)
        #expect(label.text == "glad<user>a</s><assistant>c</s>")
    }

    @Test(arguments: [
        (#"{"role": "assistant", "content": "a", "weight": 0.5}"#, "wrong type"),
        (#"{"role": "assistant", "content": "a", "weight": "1"}"#, "wrong type"),
        (#"{"role": "assistant", "content": "a", "train": "no"}"#, "wrong type"),
        (#"{"role": "assistant", "content": "a", "train": true, "weight": 0}"#, "keys disagree"),
        (#"{"role": "user", "content": "a", "train": true}"#, "unsupported key"),
    ])
    func whatIsTrainedIsSaidClearlyOrRefused(_ text: String, _ category: String) throws {
        let json = try JSONValue(parsing: text)
        let problem = #expect(throws: RecordProblem.self) { try Message(json: json) }
        #expect(problem?.category == category)
    }

    @Test func turnsThatAreNotLearnedAreOnlyRead() throws {
        let record: JSONObject = [
            "messages": [
                ["role": "user", "content": "a", "train": false],
                ["role": "assistant", "content": "b", "loss": false],
                ["role": "user", "content": "c", "weight": nil],
                ["role": "assistant", "content": "d", "train": true],
            ]
        ]
        let text = try DemonstrationRecord.records(in: record)[0].supervisedText(.chatML)
        #expect(text.runs.filter(\.isTrained).map(\.text) == ["d<|im_end|>"])
        let pair: JSONObject = [
            "prompt": [["role": "user", "content": "a"]],
            "chosen": [["role": "assistant", "content": "b", "weight": 0]],
            "rejected": [["role": "assistant", "content": "c"]],
        ]
        let problem = #expect(throws: RecordProblem.self) { try PreferenceRecord.records(in: pair) }
        #expect(problem?.category == "unsupported key")
    }
}
