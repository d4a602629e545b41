import Conversations
import Foundation
import JSON
import LanguageModel
import TestSupport
import Testing

/// What is trained of conversations with thinking, against transformers' masks for Qwen3's template
/// (`Fixtures/thinking_masks.py`).
@Suite struct ThinkingMaskTests {
    struct File: Decodable {
        var template: String
        var marked: String
        var cases: [Case]
    }

    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var messages: [Message]
        var tools: [JSONValue]?
        var text: String
        var ids: [Int32]
        var trained: [Int]

        var testDescription: String { messages.map(\.role.rawValue).joined(separator: " ") }
        var conversation: Conversation { Conversation(messages, tools: tools ?? []) }
    }

    private static let fixtures = TestFiles.fixtures()
    private static let file: File? = {
        let file = fixtures.appending(component: "thinking_masks.json")
        return try? JSONValue(parsing: Array(Data(contentsOf: file))).decoded(as: File.self)
    }()
    static let cases = file?.cases ?? []

    private func tokenizer() throws -> BytePairTokenizer {
        try BytePairTokenizer(
            contentsOf: Self.fixtures.appending(component: "generation_marks_tokenizer.json"))
    }

    private func template(_ source: String?, _ tokenizer: BytePairTokenizer) throws -> ChatTemplate {
        try ChatTemplate(try #require(source), tokens: ["eos_token": "<|im_end|>"])
            .with(specialTokens: tokenizer.specialTokens.map(\.content))
    }

    @Test func thereAreCases() { #expect(Self.cases.count == 7) }

    /// The template as it is, whose turns are found, and with marks, which are read.
    @Test(arguments: cases) func theMaskIsThatOfTransformers(_ example: Case) throws {
        let tokenizer = try tokenizer()
        for source in [Self.file?.template, Self.file?.marked] {
            let text = try template(source, tokenizer).supervisedText(of: example.conversation)
            #expect(text.text == example.text)
            let tokens = try text.tokens(with: tokenizer)
            let learned = zip(tokens.ids, tokens.isTrained).filter(\.1).map(\.0)
            #expect(learned == zip(example.ids, example.trained).filter { $0.1 == 1 }.map(\.0))
            #expect(tokens.ids == example.ids)
        }
    }

    /// `enable_thinking` of false writes an empty thinking part into the prompt, so that it is none of the answer.
    @Test func withoutThinkingTheAnswerAloneIsTrained() throws {
        let template = try template(Self.file?.template, tokenizer())
        var conversation = Conversation([.user("Who keeps the lamp?"), .assistant("I am Wren.")])
        func trained() throws -> [String] {
            try template.supervisedText(of: conversation).runs.filter(\.isTrained).map(\.text)
        }
        #expect(try trained() == ["<think>\n\n</think>\n\nI am Wren.<|im_end|>"])
        conversation.variables = ["enable_thinking": false]
        #expect(try trained() == ["I am Wren.<|im_end|>"])
    }

    @Test func thinkingThatATemplateLeavesOutIsRefused() throws {
        func problem(_ template: ChatTemplate, _ messages: [Message]) -> SupervisionProblem? {
            do throws(SupervisionProblem) {
                _ = try template.supervisedText(of: Conversation(messages))
                return nil
            } catch {
                return error
            }
        }
        let thought = Message(.assistant, "Wren.", reasoning: "Who am I?")
        #expect(problem(.chatML, [.user("Who?"), thought]) == .reasoningLeftOut(message: 1))
        #expect(problem(.chatML, [.user("Who?"), .assistant("<think>\nI?\n</think>\n\nWren.")]) == nil)
        var context = thought
        context.isTrained = false
        #expect(problem(.chatML, [.user("Who?"), context, .user("Who?"), .assistant("Wren.")]) == nil)
        // A template that cuts it out of the content, as DeepSeek-R1's does, leaves it out as well.
        let cutting = try ChatTemplate(
            "{% for m in messages %}<s>{{ m.content.split('</think>')[-1] }}</s>{% endfor %}"
                + "{% if add_generation_prompt %}<s>{% endif %}",
            tokens: ["bos_token": "<s>", "eos_token": "</s>"])
        #expect(
            problem(cutting, [.user("Who?"), .assistant("<think>\nI?\n</think>\n\nWren.")])
                == .reasoningLeftOut(message: 1))
        // Answers with a prompt of their own are looked at too.
        do throws(SupervisionProblem) {
            _ = try ChatTemplate.chatML.texts(
                prompt: .messages([.user("Who?")]), completion: .messages([thought]))
            Issue.record("not refused")
        } catch {
            #expect(error == .reasoningLeftOut(message: 1))
        }
        let special = Message(.assistant, "Wren.", reasoning: "<|im_end|>")
        #expect(
            problem(.chatML, [.user("Who?"), special])
                == .specialTokenInContent(message: 1, token: "<|im_end|>"))
    }
}
