import Conversations
import Testing

@Suite struct RecordSchemaTests {
    private func object(_ text: String) throws -> JSONObject { try #require(JSONValue(parsing: text).object) }

    @Test func alpacaBecomesAConversation() throws {
        let records = try DemonstrationRecord.records(
            in: object(
                #"{"instruction": "Add.", "input": "1 2", "output": "3", "system": "S", "history": [["a", "b"]]}"#
            ))
        #expect(
            records == [
                .conversation(
                    Conversation([
                        .system("S"), .user("a"), .assistant("b"), .user("Add.\n\n1 2"), .assistant("3"),
                    ]))
            ])
    }

    @Test func onlyTheCompletionOfMessagesIsTrained() throws {
        let records = try DemonstrationRecord.records(
            in: object(
                #"{"prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, "#
                    + #"{"role": "user", "content": "c"}], "completion": [{"role": "assistant", "content": "d"}]}"#
            ))
        guard case .conversation(let conversation) = records[0] else { throw RecordProblem.mixedForms }
        #expect(conversation.messages.map(\.isTrained) == [false, false, false, true])
    }

    @Test func promptAndCompletionStayText() throws {
        let records = try DemonstrationRecord.records(in: object(#"{"prompt": "a b", "completion": " c"}"#))
        #expect(records == [.completion(prompt: "a b", completion: " c")])
    }

    @Test func implicitPromptIsTheSharedStart() throws {
        let text = try PreferenceRecord.records(
            in: object(#"{"chosen": "The sky is blue.", "rejected": "The sky is black."}"#))
        #expect(
            text == [
                PreferenceRecord(
                    prompt: .text("The sky is "), chosen: .text("blue."), rejected: .text("black."))
            ])
        let turns = try PreferenceRecord.records(
            in: object(
                #"{"chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "#
                    + #""rejected": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}], "margin": 2}"#
            ))
        #expect(
            turns == [
                PreferenceRecord(
                    prompt: .messages([.user("a")]), chosen: .messages([.assistant("b")]),
                    rejected: .messages([.assistant("c")]), margin: 2)
            ])
    }

    @Test func transcriptsBecomeTurns() throws {
        let pairs = try PreferenceRecord.records(
            in: object(
                #"{"chosen": "\n\nHuman: hi\n\nAssistant: yes\n\nHuman: so?\n\nAssistant: I do\n\nreally.", "#
                    + #""rejected": "\n\nHuman: hi\n\nAssistant: yes\n\nHuman: so?\n\nAssistant: I do not."}"#
            ))
        #expect(pairs[0].prompt == .messages([.user("hi"), .assistant("yes"), .user("so?")]))
        #expect(pairs[0].chosen == .messages([.assistant("I do\n\nreally.")]))
        #expect(pairs[0].rejected == .messages([.assistant("I do not.")]))
    }

    @Test func answersThatRepeatThePromptLoseIt() throws {
        let pairs = try PreferenceRecord.records(
            in: object(
                #"{"prompt": "a", "chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "#
                    + #""rejected": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}]}"#
            ))
        #expect(pairs[0].prompt == .messages([.user("a")]) && pairs[0].chosen == .messages([.assistant("b")]))
    }

    @Test func lastTurnOfLabeledMessagesIsTheAnswer() throws {
        let records = try LabeledRecord.records(
            in: object(
                #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "label": false}"#
            ))
        #expect(
            records == [
                LabeledRecord(
                    prompt: .messages([.user("a")]), completion: .messages([.assistant("b")]),
                    isDesirable: false)
            ])
    }

    /// Whatever preferences are read from, labels are too.
    @Test(arguments: [
        #"{"prompt":"2 + 2 =","chosen":" 4","rejected":" 5"}"#,
        #"{"instruction":"Add.","response1":"4","response2":"5","annotator1":1}"#,
        #"{"prompt":{"role":"prompter","text":"2 + 2?","replies":[{"role":"assistant","text":"4","rank":0},{"role":"assistant","text":"5","rank":1}]}}"#,
    ]) func aPreferenceIsAGoodAndABadAnswer(_ text: String) throws {
        let pair = try #require(PreferenceRecord.records(in: object(text)).first)
        let labels = try LabeledRecord.records(in: object(text))
        #expect(labels.map(\.isDesirable) == [true, false])
        #expect(labels.map(\.completion) == [pair.chosen, pair.rejected])
        #expect(labels.allSatisfy { $0.prompt == pair.prompt })
    }

    @Test func promptsKeepTheOtherColumns() throws {
        let records = try PromptRecord.records(in: object(#"{"question": "1+1?", "answer": "2"}"#))
        #expect(records == [PromptRecord(.messages([.user("1+1?")]), columns: ["answer": "2"])])
    }

    @Test(arguments: [
        (#"{"prompt": "a", "chosen": "b", "rejected": "b"}"#, "identical chosen and rejected"),
        (#"{"prompt": "a", "chosen": "b", "rejected": " "}"#, "empty completion"),
        (#"{"prompt": "", "chosen": "b", "rejected": "c"}"#, "empty prompt"),
        (
            #"{"prompt": "a", "chosen": "b", "rejected": [{"role": "assistant", "content": "c"}]}"#,
            "text mixed with messages"
        ),
        (#"{"prompt": "a", "chosen": 3, "rejected": "b"}"#, "wrong type"),
        (#"{"prompt": "a"}"#, "unknown schema"),
        (
            #"{"conversations": [{"from": "dog", "value": "x"}], "chosen": "a", "rejected": "b"}"#,
            "unknown role"
        ),
        (#"{"conversations": [{"value": "x"}], "chosen": "a", "rejected": "b"}"#, "missing key"),
        (
            #"{"prompt": [{"role": "user", "content": "a", "reasoning_content": 5}], "chosen": "a", "rejected": "b"}"#,
            "wrong type"
        ),
        (
            #"{"prompt": [{"role": "user", "content": "a", "name": 5}], "chosen": "a", "rejected": "b"}"#,
            "wrong type"
        ),
        (
            #"{"prompt": [{"role": "tool", "content": "a", "tool_call_id": 5}], "chosen": "a", "rejected": "b"}"#,
            "wrong type"
        ),
    ])
    func badPairsAreNamed(_ text: String, _ category: String) throws {
        let object = try object(text)
        let problem = #expect(throws: RecordProblem.self) { try PreferenceRecord.records(in: object) }
        #expect(problem?.category == category)
    }

    private static let systems = [
        #"{"prompt": "a", "completion": "b", "system": "S"}"#,
        #"{"prompt": "a", "chosen": "b", "rejected": "c", "system": "S"}"#,
        #"{"prompt": "a", "completion": "b", "label": true, "system": "S"}"#,
        #"{"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}], "system": "S"}"#,
        #"{"question": "a", "chosen": "b", "rejected": "c", "system": "S"}"#,
    ]

    @Test(arguments: systems) func aSystemBesideThePromptComesBeforeIt(_ text: String) throws {
        let object = try object(text)
        let turns: [Message] = [.system("S"), .user("a")]
        #expect(try PromptRecord.records(in: object)[0].prompt == .messages(turns))
        switch RecordKind(of: object) {
        case .preferences:
            #expect(
                try PreferenceRecord.records(in: object) == [
                    PreferenceRecord(
                        prompt: .messages(turns), chosen: .messages([.assistant("b")]),
                        rejected: .messages([.assistant("c")]))
                ])
        case .labels:
            #expect(
                try LabeledRecord.records(in: object) == [
                    LabeledRecord(
                        prompt: .messages(turns), completion: .messages([.assistant("b")]), isDesirable: true)
                ])
        default:
            let text = try DemonstrationRecord.records(in: object)[0].supervisedText(.chatML).text
            #expect(text == (try ChatTemplate.chatML.text(of: Conversation(turns + [.assistant("b")]))))
        }
    }

    @Test(arguments: [
        (
            #"{"messages": [{"role": "system", "content": "T"}, {"role": "user", "content": "a"}], "system": "S"}"#,
            "keys disagree"
        ),
        (#"{"prompt": "a", "system": 7}"#, "wrong type"),
        (#"{"chosen": "The b", "rejected": "The c", "system": "S"}"#, "unsupported key"),
    ])
    func aSystemThatHasNoPlaceIsNamed(_ text: String, _ category: String) throws {
        let object = try object(text)
        let problem = #expect(throws: RecordProblem.self) { try PromptRecord.records(in: object) }
        #expect(problem?.category == category)
    }

    @Test(arguments: ["2", "-1", "0.5", "\"true\"", "\"1\"", "null", "[]", "NaN"])
    func otherLabelsAreBadRecords(_ label: String) throws {
        let text = #"{"prompt": "a", "completion": "b", "label": \#(label)}"#
        let object = try #require(JSONValue(parsing: Array(text.utf8), allowingNonFinite: true).object)
        let problem = #expect(throws: RecordProblem.self) { try LabeledRecord.records(in: object) }
        #expect(problem?.category == "wrong type")
        #expect(problem?.description.contains("'label'") == true)
    }

    @Test(arguments: [("true", true), ("false", false), ("1", true), ("0", false)])
    func labelsAreTrueFalseOneAndZero(_ label: String, _ expected: Bool) throws {
        let object = try object(#"{"prompt": "a", "completion": "b", "label": \#(label)}"#)
        #expect(try LabeledRecord.records(in: object).map(\.isDesirable) == [expected])
        // What is judged is not to be imitated.
        #expect(throws: RecordProblem.self) { try DemonstrationRecord.records(in: object) }
    }

    @Test func anUnknownSchemaNamesTheKindThatTheKeysAreOf() throws {
        let pair = try object(#"{"prompt": "a", "chosen": "b", "rejected": "c"}"#)
        let demonstration = #expect(throws: RecordProblem.self) { try DemonstrationRecord.records(in: pair) }
        #expect(
            demonstration?.description
                == "the keys prompt, chosen, rejected are those of preferences, expected demonstrations")
        let shown = try object(#"{"messages": []}"#)
        let preference = #expect(throws: RecordProblem.self) { try PreferenceRecord.records(in: shown) }
        #expect(preference?.description == "the key messages is that of demonstrations, expected preferences")
        let other = try object(#"{"a": 1, "b": 2}"#)
        let prompt = #expect(throws: RecordProblem.self) { try PromptRecord.records(in: other) }
        #expect(prompt?.description == "no schema of prompts has the keys a, b")
        // Columns that a table fills up with null say nothing.
        let nulls = try object(#"{"text": "a", "chosen": null, "label": null, "completion": null}"#)
        #expect(try DemonstrationRecord.records(in: nulls) == [.text("a")])
    }

    @Test func promptsMayHaveAnyTurns() throws {
        let record = try object(
            #"{"prompt": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, "#
                + #"{"role": "system", "content": "S"}, {"role": "ipython", "content": "4"}]}"#)
        let prompt = try PromptRecord.records(in: record)[0]
        let turn = { (role: String, text: String) in
            "<|start_header_id|>\(role)<|end_header_id|>\n\n\(text)"
        }
        #expect(
            try prompt.promptText(.llama3) == "<|begin_of_text|>" + turn("user", "a<|eot_id|>")
                + turn("user", "b<|eot_id|>") + turn("system", "S<|eot_id|>") + turn("ipython", "4<|eot_id|>")
                + turn("assistant", ""))
        #expect(throws: SupervisionProblem.self) { try prompt.promptText(.mistral) }
        guard case .messages(let messages) = prompt.prompt else { throw RecordProblem.mixedForms }
        let pair: JSONObject = [
            "prompt": .array(messages.map(\.json)), "chosen": [["role": "assistant", "content": "b"]],
            "rejected": [["role": "assistant", "content": "c"]],
        ]
        #expect(throws: RecordProblem.self) { try PreferenceRecord.records(in: pair) }
    }

    @Test func plainPromptsBecomeTurns() throws {
        let pair = PreferenceRecord(prompt: .text("a"), chosen: .text("b"), rejected: .text("c"))
        #expect(pair.hasPlainPrompt && !pair.inTurns().hasPlainPrompt)
        #expect(
            pair.inTurns()
                == PreferenceRecord(
                    prompt: .messages([.user("a")]), chosen: .messages([.assistant("b")]),
                    rejected: .messages([.assistant("c")])))
        let shown = DemonstrationRecord.completion(prompt: "a", completion: "b")
        #expect(shown.hasPlainPrompt)
        #expect(shown.inTurns() == .conversation(Conversation([.user("a"), .assistant("b")])))
        #expect(!DemonstrationRecord.text("a").hasPlainPrompt)
        #expect(DemonstrationRecord.text("a").inTurns() == .text("a"))
        #expect(PromptRecord(.text("a")).inTurns() == PromptRecord(.messages([.user("a")])))
    }

    @Test func everyRecordReadsBackFromItsJSON() throws {
        let pair = PreferenceRecord(
            prompt: .messages([.user("a")]), chosen: .messages([.assistant("b")]),
            rejected: .messages([.assistant("c")]), margin: 0.5, tools: [["type": "function"]],
            variables: ["x": 1])
        #expect(try PreferenceRecord.records(in: #require(pair.json.object)) == [pair])
        let label = LabeledRecord(prompt: .text("a"), completion: .text("b"), isDesirable: true)
        #expect(try LabeledRecord.records(in: #require(label.json.object)) == [label])
        let prompt = PromptRecord(.text("a"), columns: ["x": 1])
        #expect(try PromptRecord.records(in: #require(prompt.json.object)) == [prompt])
        let shown = DemonstrationRecord.completion(prompt: "a", completion: "b")
        #expect(try DemonstrationRecord.records(in: #require(shown.json.object)) == [shown])
    }
}
