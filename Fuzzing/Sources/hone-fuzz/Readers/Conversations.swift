import Alignment
import Foundation
import LanguageModel

extension Reader {
    /// Templates, and the records of each schema.
    static let conversations =
        [
            Reader(
                "jinja", tokens: templateTokens,
                seeds: { scratch in
                    struct Snippets: Decodable {
                        struct Entry: Decodable { var template: String }
                        var entries: [Entry]
                    }
                    let file = Data(try scratch.fixture("ConversationsTests/Fixtures/jinja_snippets.json"))
                    let snippets = try JSONDecoder().decode(Snippets.self, from: file).entries.map(\.template)
                    return ([ChatTemplate.chatML.source] + snippets).map { Array($0.utf8) }
                },
                read: { bytes, _ in
                    let template = try ChatTemplate(
                        String(decoding: bytes, as: UTF8.self),
                        tokens: ["bos_token": "<s>", "eos_token": "</s>"])
                    let turns = [
                        Message(.system, "Be kind."), Message(.user, "Hi"), Message(.assistant, "Hello!"),
                    ]
                    _ = try template.text(
                        of: Conversation(turns), addingGenerationPrompt: true,
                        variables: [
                            "numbers": [1, 2.5, "three"], "text": " a b ",
                            "nested": ["a": ["b": [nil, true]]],
                        ])
                })
        ] + [
            records("records-demonstration", DemonstrationRecord.self),
            records("records-preference", PreferenceRecord.self),
            records("records-labeled", LabeledRecord.self), records("records-prompt", PromptRecord.self),
        ]

    static let templateTokens = [
        "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "if", "elif", "else", "endif", "for", "in",
        "endfor", "set", "macro",
        "endmacro", "namespace", "loop.index0", "range(999999999)", "|length", "|tojson", "|join", "|trim",
        ".split", "[::-1]", "[0]",
        "messages", "raise_exception", "generation", "endgeneration", "**", "~", "//", "%", "'a'*999999999",
        "not", "is defined",
        "|batch(3)", "|map(attribute='x')", "|indent", "|replace('','a')", "strftime_now('%Y')",
        "\"%999999d\"|format(1)", ".format(",
    ]

    /// A reader of JSON Lines in one schema.
    private static func records<Record: DatasetRecord>(_ name: String, _ type: Record.Type) -> Reader {
        Reader(
            name, tokens: recordTokens, seeds: { _ in recordSeeds },
            read: { bytes, _ in
                var pieces = stride(from: 0, to: bytes.count, by: 97).map {
                    Array(bytes[$0..<min($0 + 97, bytes.count)])
                }
                pieces.reverse()
                var reader = RecordReader<Record>(file: "a.jsonl", recordLimit: 4_096) {
                    () throws(RecordFileError) in
                    pieces.popLast()
                }
                while let record = try reader.next() { _ = record.json.text(.compact) }
            })
    }

    private static let recordTokens = [
        "messages", "role", "content", "user", "assistant", "system", "tool", "prompt", "completion",
        "chosen", "rejected", "label",
        "margin", "text", "instruction", "input", "output", "tools", "tool_calls", "weight", "train",
        "conversations", "from", "value",
        "human", "gpt", "replies", "rank",
    ]

    private static let recordSeeds = [
        #"{"text": "The lamp room."}"#,
        #"{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!", "train": false, "weight": 0.5}], "tools": [{"type": "function", "function": {"name": "f"}}]}"#,
        #"{"prompt": "2+2=", "completion": " 4", "label": true}"#,
        #"{"prompt": [{"role": "user", "content": "Hi"}], "completion": [{"role": "assistant", "content": [{"type": "text", "text": "Hello"}]}], "label": 0}"#,
        #"{"prompt": "a", "chosen": "b", "rejected": "c", "margin": 1.5}"#,
        #"{"chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}], "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "c"}]}"#,
        #"{"chosen": "\n\nHuman: Hi\n\nAssistant: A", "rejected": "\n\nHuman: Hi\n\nAssistant: B"}"#,
        #"{"instruction": "Add.", "input": "1 2", "output": "3"}"#,
        #"{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}"#,
        #"[{"prompt": "a", "completion": "b"}, {"prompt": "c", "answer": 4}]"#,
        #"{"message_tree_id": "a", "prompt": {"text": "Hi", "role": "prompter", "replies": [{"text": "Yo", "role": "assistant", "rank": 0, "replies": []}, {"text": "No", "role": "assistant", "rank": 1, "replies": []}]}}"#,
    ].map { Array(($0 + "\n").utf8) }
}
