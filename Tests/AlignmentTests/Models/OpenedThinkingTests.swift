import Alignment
import LanguageModel
import NeuralCore
import Testing

/// Thinking that the prompt has begun, as templates of reasoning models do: what comes before `</think>` is no answer, and where it
/// was cut off there is none.
@Suite struct OpenedThinkingTests {
    private static let plain =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    private static let opening =
        plain + "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}"
    private static let writing =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
        + "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>|{% endif %}"
        + "{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

    private func template(_ source: String) throws -> ChatTemplate {
        try ChatTemplate(
            source, tokens: ["eos_token": "<|im_end|>"], specialTokens: ["<|im_start|>", "<|im_end|>"])
    }

    @Test func aRewardSeesTheAnswerAlone() throws {
        let record = PromptRecord(.messages([.user("3 + 3?")]), columns: ["answer": "6"])
        func rewards(_ template: ChatTemplate, _ answers: [String]) throws -> [Float] {
            let format = try EpisodeSamplingTests.chat(template).format
            let rollout = Rollout(
                prompts: [try format.prompt(record)],
                completions: answers.map {
                    Rollout.Completion(prompt: 0, tokens: format.tokenizer.encode($0), isEnded: true)
                }, using: RandomSource(seed: 1))
            return format.reward(.number(), of: [record]).values(rollout)
        }
        let answers = ["it is 6", "it is 7</think>6", "it is 6</think>7"]
        #expect(try rewards(template(Self.opening), answers) == [0, 1, 0])
        #expect(try rewards(.chatML, answers) == [1, 1, 0])
    }

    @Test func aFormatKnowsHowItThinks() throws {
        let opening = try EpisodeSamplingTests.chat(template(Self.opening)).format
        let prompt = try opening.prompt(Conversation([.user("a")]))
        let answer = opening.tokenizer.encode("b")
        #expect(opening.opensThinking(prompt) && !opening.opensThinking(answer))
        #expect(opening.text(ofAnswer: answer, to: prompt) == "<think>\nb")
        #expect(opening.text(ofAnswer: answer, to: answer) == "b")
        let writing = try EpisodeSamplingTests.chat(template(Self.writing)).format
        #expect(writing.thinking(budget: 3) == Thinking(budget: 3, end: "</think>|"))
        #expect(writing.thinking(budget: 3, end: "!</think>") == Thinking(budget: 3, end: "!</think>"))
        #expect(opening.thinking() == Thinking())
        // Its turn stands as the template will write it.
        let said = ReasonedText(reasoning: "hm", answer: "b")
        #expect(writing.turn(said) == Message(.assistant, "b", reasoning: "hm"))
        #expect(opening.turn(said) == .assistant("<think>\nhm\n</think>\n\nb"))
        #expect(opening.turn(ReasonedText("b")) == .assistant("b"))
    }

    @Test func whatIsMeasuredIsTheAnswerAlone() async throws {
        func response(_ template: ChatTemplate) async throws -> Response {
            try await EpisodeSamplingTests.chat(template).respondent(named: "a", maxTokens: 6)
                .respond(Conversation([.user("a")]))
        }
        #expect(try await response(template(Self.opening)).text.hasPrefix("<think>"))
        #expect(try await !response(.chatML).text.hasPrefix("<think>"))
    }

    /// Keeps what is done in it.
    private struct Watching: Environment {
        mutating func reset(using random: inout RandomSource) -> Conversation { Conversation([.user("Go.")]) }
        mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
            .end(EpisodeOutcome(isSuccess: turn.text.isEmpty && turn.reasoning != nil))
        }
    }

    @Test func anEnvironmentSeesTheAnswerAlone() async throws {
        let sampling = try await EpisodeSamplingTests.rollout(
            EpisodeSamplingTests.chat(template(Self.opening)), of: [Watching(), Watching()])
        let ended = sampling.rollout.completions.compactMap(\.episode?.outcome)
        #expect(!ended.isEmpty && ended.allSatisfy(\.isSuccess))
        let told = sampling.conversations.flatMap(\.messages).filter { $0.role == .assistant }
        #expect(told.allSatisfy { $0.content.isEmpty && $0.reasoning != nil })
    }

    @Test func aReplyWithToolsTellsThinkingApart() async throws {
        let chat = try EpisodeSamplingTests.chat(template(Self.opening))
        let tool = Tool("clock", "The time.", parameters: ["type": "object"]) { _ in "noon" }
        var (reasoning, text) = ("", "")
        let reply = try await chat.reply(
            to: Conversation([.user("When?")]), tools: [tool], format: .hermes, maxTokens: 12,
            using: RandomSource(seed: 2)
        ) { event in
            switch event {
            case .reasoning(let piece): reasoning += piece
            case .text(let piece): text += piece
            case .calls, .results: break
            }
        }
        #expect(!reasoning.isEmpty && text.isEmpty && reply.text.isEmpty)
        #expect(reply.conversation.messages.last?.content == "<think>\n\(reasoning)\n</think>\n\n")
    }
}
