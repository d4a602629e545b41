import Conversations
import Foundation
import LanguageModel
import TestSupport
import Testing

/// Templates that mark what the assistant says, against transformers' masks (`Fixtures/generation_marks.py`).
@Suite struct GenerationMarkTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var template: String
        var tokens: [String: String]
        var messages: [Message]
        var ids: [Int32]
        var trained: [Int]

        var testDescription: String { "\(name), \(messages.count) turns" }
    }

    private static let fixtures = TestFiles.fixtures()

    static let cases: [Case] = {
        let file = fixtures.appending(component: "generation_marks.json")
        return (try? JSONDecoder().decode([Case].self, from: Data(contentsOf: file))) ?? []
    }()

    private func tokenizer() throws -> BytePairTokenizer {
        try BytePairTokenizer(
            contentsOf: Self.fixtures.appending(component: "generation_marks_tokenizer.json"))
    }

    private func template(_ example: Case, _ tokenizer: BytePairTokenizer) throws -> ChatTemplate {
        try ChatTemplate(example.template, tokens: example.tokens)
            .with(specialTokens: tokenizer.specialTokens.map(\.content))
    }

    @Test func thereAreCases() { #expect(Self.cases.count == 12) }

    @Test(arguments: cases) func theMaskIsThatOfTransformers(_ example: Case) throws {
        let tokenizer = try tokenizer()
        let tokens = try template(example, tokenizer).supervisedText(of: Conversation(example.messages))
            .tokens(with: tokenizer)
        let learned = zip(tokens.ids, tokens.isTrained).filter(\.1).map(\.0)
        #expect(learned == zip(example.ids, example.trained).filter { $0.1 == 1 }.map(\.0))
        // Llama's prompts end with two line breaks, which are one token where nothing follows, as when the model answers;
        // transformers, which encodes prompt and answer at once, makes them two.
        guard example.name != "llama3_training" else { return }
        #expect(tokens.ids == example.ids)
        #expect(tokens.isTrained.map { $0 ? 1 : 0 } == example.trained)
    }

    /// Phi-3 marks the end-of-text token after the last turn, which is part of that turn.
    @Test func aSecondMarkBelongsToTheTurnBeforeIt() throws {
        let tokenizer = try tokenizer()
        let example = try #require(Self.cases.first { $0.name == "phi3_training" && $0.messages.count == 4 })
        let template = try template(example, tokenizer)
        var conversation = Conversation(example.messages)
        conversation.messages[3].isTrained = false
        let first = try template.supervisedText(of: conversation)
        #expect(first.runs.filter(\.isTrained).map(\.text) == ["I am Wren.<|end|>\n"])
        #expect(first.endOfTurn == "<|end|>")
        conversation.messages[1].isTrained = false
        conversation.messages[3].isTrained = true
        let last = try template.supervisedText(of: conversation)
        #expect(
            last.runs.filter(\.isTrained).map(\.text) == [
                "It is cold in the lamp room.\nYes.<|end|>\n<|endoftext|>"
            ])
        #expect(last.endOfTurn == "<|end|>")
    }
}
