import Alignment
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

    @Test func lastTurnOfLabelledMessagesIsTheAnswer() throws {
        let records = try LabelledRecord.records(
            in: object(
                #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "label": false}"#
            ))
        #expect(
            records == [
                LabelledRecord(
                    prompt: .messages([.user("a")]), completion: .messages([.assistant("b")]),
                    isDesirable: false)
            ])
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
    ])
    func badPairsAreNamed(_ text: String, _ category: String) throws {
        let object = try object(text)
        let problem = #expect(throws: RecordProblem.self) { try PreferenceRecord.records(in: object) }
        #expect(problem?.category == category)
    }

    @Test func everyRecordReadsBackFromItsJSON() throws {
        let pair = PreferenceRecord(
            prompt: .messages([.user("a")]), chosen: .messages([.assistant("b")]),
            rejected: .messages([.assistant("c")]), margin: 0.5, tools: [["type": "function"]])
        #expect(try PreferenceRecord.records(in: #require(pair.json.object)) == [pair])
        let label = LabelledRecord(prompt: .text("a"), completion: .text("b"), isDesirable: true)
        #expect(try LabelledRecord.records(in: #require(label.json.object)) == [label])
        let prompt = PromptRecord(.text("a"), columns: ["x": 1])
        #expect(try PromptRecord.records(in: #require(prompt.json.object)) == [prompt])
        let shown = DemonstrationRecord.completion(prompt: "a", completion: "b")
        #expect(try DemonstrationRecord.records(in: #require(shown.json.object)) == [shown])
    }
}
