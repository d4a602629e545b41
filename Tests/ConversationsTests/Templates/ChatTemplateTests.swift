import Conversations
import Foundation
import TestSupport
import Testing

/// Renderings by transformers; `Fixtures/chat_templates.py` writes them.
struct ChatTemplateFixture: Sendable, CustomTestStringConvertible {
    struct Case: Sendable {
        var conversation: Conversation
        var prompts: Bool
        /// Nil where transformers' rendering fails.
        var text: String?
    }

    var name: String
    var template: ChatTemplate
    var cases: [Case]
    var testDescription: String { name }

    static let all: [ChatTemplateFixture] = (try? read()) ?? []

    private static func read() throws -> [ChatTemplateFixture] {
        let data = try Data(contentsOf: TestFiles.fixtures().appending(path: "chat_templates.json"))
        let json = try JSONValue(parsing: Array(data))
        let conversations = try (json["conversations"]?.array ?? []).map { try Conversation(json: $0) }
        return try (json["templates"]?.array ?? []).map { entry in
            let tokens = (entry["tokens"]?.object?.members).map { members in
                Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.string ?? "") })
            }
            let cases = (entry["cases"]?.array ?? []).map { json in
                Case(
                    conversation: conversations[json["conversation"]?.integer ?? 0],
                    prompts: json["prompt"]?.bool ?? false, text: json["text"]?.string)
            }
            return ChatTemplateFixture(
                name: entry["name"]?.string ?? "",
                template: try ChatTemplate(entry["source"]?.string ?? "", tokens: tokens ?? [:]), cases: cases
            )
        }
    }
}

@Suite struct ChatTemplateTests {
    private static let date = DateComponents(
        calendar: Calendar(identifier: .gregorian), year: 2024, month: 7, day: 26, hour: 12
    ).date

    @Test(arguments: ChatTemplateFixture.all)
    func renderingIsThatOfTransformers(_ fixture: ChatTemplateFixture) throws {
        for item in fixture.cases {
            do {
                let text = try fixture.template.text(
                    of: item.conversation, addingGenerationPrompt: item.prompts, date: Self.date ?? Date())
                let expected = try #require(item.text, "should be refused, gave \(text)")
                #expect(text.utf8.elementsEqual(expected.utf8), "\(text)\n--- expected ---\n\(expected)")
            } catch let error as JinjaError {
                #expect(item.text == nil, "\(error)")
            }
        }
    }

    @Test(arguments: [
        ("chatML", ChatTemplate.chatML), ("qwen", .qwen), ("llama3", .llama3), ("mistral", .mistral),
        ("zephyr", .zephyr),
    ])
    func builtInTemplatesAreTheOnesRendered(_ name: String, _ template: ChatTemplate) throws {
        let fixture = try #require(ChatTemplateFixture.all.first { $0.name == name })
        #expect(fixture.template.source == template.source)
        #expect(fixture.template.tokens == template.tokens)
    }

    @Test func qwenIsWhatQwenShips() throws {
        let shipped = try #require(ChatTemplateFixture.all.first { $0.name == "qwen2_5" })
        for item in shipped.cases {
            let text = try ChatTemplate.qwen.text(of: item.conversation, addingGenerationPrompt: item.prompts)
            #expect(text == item.text)
        }
    }

    @Test func aDirectoryGivesItsTemplate() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: ChatTemplateError.self) { try ChatTemplate(directory: folder) }
        let configuration: JSONValue = [
            "bos_token": ["content": "<s>"], "eos_token": "</s>", "unk_token": nil,
            "added_tokens_decoder": [
                "1": ["content": "<|x|>", "special": true], "2": ["content": "<y>", "special": false],
            ],
            "chat_template": [
                ["name": "tool_use", "template": "tools"],
                ["name": "default", "template": "{{ bos_token }}{{ messages | length }}"],
            ],
        ]
        let file = folder.appending(path: "tokenizer_config.json")
        try Data(configuration.text().utf8).write(to: file)
        let template = try ChatTemplate(directory: folder)
        #expect(try template.text(of: Conversation([.user("a")])) == "<s>1")
        #expect(template.tokens == ["bos_token": "<s>", "eos_token": "</s>"])
        #expect(template.specialTokens == ["<|x|>", "</s>", "<s>"])
        try Data("{{ eos_token }}".utf8).write(to: folder.appending(path: "chat_template.jinja"))
        #expect(try ChatTemplate(directory: folder).text(of: Conversation([])) == "</s>")
        try Data(#"{"chat_template": "{% if %}"}"#.utf8).write(to: file)
        try FileManager.default.removeItem(at: folder.appending(path: "chat_template.jinja"))
        #expect(throws: ChatTemplateError.self) { try ChatTemplate(directory: folder) }
    }
}

@Suite struct NamedTemplateTests {
    @Test func builtInTemplatesHaveNames() {
        #expect(Set(ChatTemplate.builtIn.keys) == ["chatml", "llama3", "mistral", "qwen", "zephyr"])
        #expect(ChatTemplate.builtIn["llama3"]?.source == ChatTemplate.llama3.source)
    }

    @Test func aMissingTemplateIsLookedForWhereItWouldBe() {
        #expect("\(ChatTemplateError.noTemplate(directory: "tiny"))".contains("tokenizer_config.json"))
        #expect(
            "\(ChatTemplateError.noTemplate(directory: "tiny.gguf"))".hasSuffix("tokenizer.chat_template"))
    }

    @Test func aFileHoldsATemplate() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "t.jinja")
            #expect(throws: ChatTemplateError.self) { try ChatTemplate(contentsOf: file) }
            try Data("{{ messages[0].content }}!".utf8).write(to: file)
            let template = try ChatTemplate(contentsOf: file)
            #expect(try template.text(of: Conversation([.user("Hi")])) == "Hi!")
            try Data("{% if %}".utf8).write(to: file)
            do throws(ChatTemplateError) {
                _ = try ChatTemplate(contentsOf: file)
                Issue.record("a template that is none was read")
            } catch {
                guard case .template = error else { throw error }
            }
        }
    }
}
