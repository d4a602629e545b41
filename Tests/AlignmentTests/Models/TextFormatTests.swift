import Alignment
import Conversations
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// What transformers and TRL make of the same files and records: `text_formats.py` says how it was asked.
@Suite struct TextFormatTests {
    private static let fixture: JSONValue = {
        let data = try? Data(contentsOf: TestFiles.fixtures().appending(path: "text_formats.json"))
        return data.flatMap { try? JSONValue(parsing: Array($0)) } ?? .null
    }()

    private static func list(_ key: String) -> [JSONValue] { fixture[key]?.array ?? [] }

    /// Writes files of JSON into a fresh folder.
    private func withFolder<R>(_ files: [(String, JSONValue)], _ body: (URL) throws -> R) throws -> R {
        try TestFiles.withTemporaryFile("", named: "empty") { file in
            let folder = file.deletingLastPathComponent()
            for (name, contents) in files {
                try Data(contents.text().utf8).write(to: folder.appending(path: name))
            }
            return try body(folder)
        }
    }

    private func tokenizer(_ name: String) -> JSONValue { Self.fixture["tokenizers"]?[name] ?? .null }

    @Test(arguments: Self.list("namings").indices)
    func templatesKnowTheTokensThatTransformersKnows(_ number: Int) throws {
        let naming = Self.list("namings")[number]
        let files = naming["files"]?.object.map { Array($0.members).map { ($0.key, $0.value) } } ?? []
        let source = try ChatTemplate(Self.fixture["names"]?.string ?? "")
        // What config.json says of the class is read, though it is no model.
        let isBare = naming["files"]?["config.json"] != nil
        let configuration = try withFolder(files) { try TokenizerConfiguration(directory: $0) }
        let rendered = try source.with(tokens: configuration.tokens).text(of: Conversation([.user("a")]))
        #expect(rendered == naming["text"]?.string)
        guard !isBare else { return }
        let format = try withFolder([("tokenizer.json", tokenizer("marks"))] + files) {
            try TextFormat(contentsOf: $0, template: source)
        }
        #expect(
            try format.text(of: Conversation([.user("a")]), addingGenerationPrompt: false)
                == naming["text"]?.string)
    }

    /// The rule of lm-eval's `HFLM.prefix_token_id`.
    @Test func anEmptyTextIsTheTokenThatBeginsOneOrElseThatEndsOne() throws {
        func prefix(_ configuration: JSONValue) throws -> String? {
            let format = try withFolder([
                ("tokenizer.json", tokenizer("marks")), ("tokenizer_config.json", configuration),
            ]) { try TextFormat(contentsOf: $0) }
            let token = format.tokenizer.addedTokens.first { $0.id == format.prefixToken }
            return token?.content
        }
        #expect(try prefix(["bos_token": "<s>", "eos_token": "</s>"]) == "<s>")
        #expect(try prefix(["bos_token": .null, "eos_token": "</s>"]) == "</s>")
        #expect(try prefix([:]) == nil)
    }

    @Test(arguments: Self.list("records").indices)
    func recordsHaveTheIdsThatTRLTrainsOn(_ number: Int) throws {
        let entry = Self.list("records")[number]
        let name = entry["format"]?.string ?? ""
        let template = Self.fixture["templates"]?[name] ?? .null
        let format = try withFolder([
            ("tokenizer.json", tokenizer(name)),
            (
                "tokenizer_config.json",
                ["bos_token": "<s>", "eos_token": "</s>", "chat_template": template]
            ),
        ]) { try TextFormat(contentsOf: $0) }
        let expected = (entry["ids"]?.array ?? []).map { ids in
            (ids.array ?? []).compactMap { $0.integer.map(Int32.init) }
        }
        let record = entry["record"]?.object ?? [:]
        #expect(try ids(of: record, format) == expected)
    }

    /// The ids of a record, prompt and answers apart, as training reads them.
    private func ids(of record: JSONObject, _ format: TextFormat) throws -> [[Int32]] {
        func parts(_ text: SupervisedText) throws -> [[Int32]] {
            let tokens = try format.tokens(of: text)
            let begin = tokens.isTrained.firstIndex(of: true) ?? tokens.count
            return [Array(tokens.ids[..<begin]), Array(tokens.ids[begin...])]
        }
        if record["chosen"] != nil {
            let preference = try PreferenceRecord.records(in: record)[0]
            let texts = try preference.supervisedTexts(format.template)
            let pair = try format.pair(preference)
            // Written once for both answers or for each of them, a prompt has the same ids.
            #expect(try parts(texts.chosen) == [pair.prompt, pair.chosen])
            #expect(try parts(texts.rejected) == [pair.prompt, pair.rejected])
            return [pair.prompt, pair.chosen, pair.rejected]
        }
        if record["completion"] != nil {
            let text = try DemonstrationRecord.records(in: record)[0].supervisedText(format.template)
            return try parts(text)
        }
        if record["prompt"] != nil {
            return [try format.prompt(PromptRecord.records(in: record)[0])]
        }
        let text = try DemonstrationRecord.records(in: record)[0].supervisedText(format.template)
        let tokens = try format.tokens(of: text)
        if let messages = record["messages"] {
            // A reward model reads the same, up to the end of the last turn.
            let read = try format.tokens(of: try Conversation(json: ["messages": messages]))
            #expect(read == tokens.ids)
        }
        return [tokens.ids]
    }

    // MARK: A model without marks for turns

    /// GPT-2's tokenizer, as far as it matters: one special token, no template.
    private func plainFormat(_ template: JSONValue = .null) throws -> TextFormat {
        let text = tokenizer("marks").text().replacing("\"<s>\"", with: "\"<|endoftext|>\"")
        var file = try JSONValue(parsing: Array(text.utf8)).object ?? [:]
        file["added_tokens"] = .array(Array((file["added_tokens"]?.array ?? []).prefix(1)))
        file["post_processor"] = .null
        return try withFolder([
            ("tokenizer.json", .object(file)),
            (
                "tokenizer_config.json",
                ["tokenizer_class": "GPT2Tokenizer", "model_max_length": 1024, "chat_template": template]
            ),
        ]) { try TextFormat(contentsOf: $0) }
    }

    @Test func plainTextEndsWithTheEndOfTextWhereThereIsNoTemplate() throws {
        let format = try plainFormat()
        #expect(format.endOfText == 0 && format.stopTokens == [0])
        let record = DemonstrationRecord.completion(prompt: "the bread", completion: " is baked")
        let tokens = try format.tokens(of: record.supervisedText(format.template))
        #expect(tokens.ids.last == 0 && tokens.isTrained.last == true)
        #expect(throws: ChatTemplateError.self) { try format.prompt(Conversation([.user("a")])) }
        #expect(format.templateProblem != nil && !format.isTemplateAdopted)
        let conversation = DemonstrationRecord.conversation(Conversation([.user("a"), .assistant("b")]))
        #expect(throws: SupervisionProblem.self) { try conversation.supervisedText(format.template) }
    }

    @Test func aTemplateThatCannotBeReadRefusesConversationsOnly() throws {
        let format = try plainFormat("{% if %}")
        guard case .template = format.templateProblem else {
            Issue.record("\(String(describing: format.templateProblem))")
            return
        }
        #expect(throws: ChatTemplateError.self) { try format.prompt(Conversation([.user("a")])) }
        #expect(!format.tokens(of: "the bread").isEmpty)
    }

    @Test func chatMLIsAdoptedWhereTheTokenizerKnowsIt() throws {
        let format = try withFolder([
            ("tokenizer.json", tokenizer("marks")),
            ("tokenizer_config.json", ["bos_token": "<s>", "eos_token": "</s>"]),
        ]) { try TextFormat(contentsOf: $0) }
        #expect(format.isTemplateAdopted && format.template.source == ChatTemplate.chatML.source)
        #expect(format.endOfTurn == format.tokenizer.id(ofAddedToken: "<|im_end|>"))
    }

    @Test func theEndOfATurnIsWhatTheTemplateWrites() throws {
        let format = try withFolder([
            ("tokenizer.json", tokenizer("marks")),
            (
                "tokenizer_config.json",
                [
                    "bos_token": "<s>", "eos_token": "</s>",
                    "chat_template": Self.fixture["templates"]?["marks"] ?? .null,
                ]
            ),
        ]) { try TextFormat(contentsOf: $0) }
        let marks = ["<|im_end|>", "</s>"].compactMap { format.tokenizer.id(ofAddedToken: $0) }
        #expect(format.endOfTurn == marks[0] && format.endOfText == marks[1])
        #expect(format.stopTokens == Set(marks))
        #expect(format.text(ofAnswer: format.tokenizer.encode("Ada does.<|im_end|>")) == "Ada does.")
    }
}
