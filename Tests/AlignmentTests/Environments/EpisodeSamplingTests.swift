import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// A world that keeps what is done in it, and goes on for as many turns as it is told.
private struct Recorder: Environment {
    var turns: Int
    /// How much more it says at the beginning.
    var filler = 0
    var word = ""
    var seen: [EpisodeTurn] = []

    mutating func reset(using random: inout RandomSource) -> Conversation {
        word = String(random.integer(in: 0..<1_000_000))
        return Conversation([.user("Go on \(word)." + String(repeating: "x", count: filler))])
    }

    mutating func step(_ turn: EpisodeTurn) async -> EnvironmentStep {
        seen.append(turn)
        guard seen.count < turns else { return .end(EpisodeOutcome(isSuccess: true), reward: 10) }
        return .next([.user("That was \(seen.count).")], reward: Float(seen.count))
    }
}

/// Episodes of several turns, by a model with random weights.
@Suite struct EpisodeSamplingTests {
    static func chat(_ template: ChatTemplate = .chatML, context: Int = 512) throws -> ChatModel {
        let tokenizer = try BytePairTokenizer(
            trainedOn: ["a b c"], vocabularySize: 262,
            specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"])
        var random = RandomSource(seed: 3)
        var model = Transformer(
            TransformerConfiguration(
                vocabularySize: 262, width: 32, depth: 1, heads: 2, keyValueHeads: 1, contextLength: context),
            using: &random)
        // The ends of turns become likely: their rows of the head point where most outputs do.
        model.embedding.weight = Tensor(
            model.embedding.weight.scalars.enumerated().map { $0.offset / 32 == 2 ? 0.3 : $0.element },
            shape: model.embedding.weight.shape)
        return ChatModel(model, TextFormat(tokenizer, template: template))
    }

    static func rollout(
        _ chat: ChatModel, of worlds: [any Environment], turns: Int = 8, maxTokens: Int = 300,
        seed: UInt64 = 1
    ) async throws -> EpisodeSampling {
        let settings = RolloutSettings(
            groupSize: 4, maxTokens: maxTokens, stopTokens: chat.format.stopTokens)
        var sampling = try EpisodeSampling(
            worlds, settings, turns: turns, by: chat.model, format: chat.format,
            using: RandomSource(seed: seed))
        while !sampling.isFinished {
            sampling.takeTurns()
            try await sampling.stepEnvironments()
        }
        return sampling
    }

    @Test(arguments: [ChatTemplate.chatML, .qwen])
    func anEpisodeReadsAsTheTemplateWritesIt(_ template: ChatTemplate) async throws {
        let chat = try Self.chat(template)
        let sampling = try await Self.rollout(chat, of: [Recorder(turns: 3), Recorder(turns: 2)])
        let rollout = sampling.rollout
        #expect(rollout.prompts.count == 2 && rollout.prompts[0] != rollout.prompts[1])
        var whole = 0
        for (number, completion) in rollout.completions.enumerated() {
            let episode = try #require(completion.episode)
            #expect(completion.logProbabilities.count == completion.tokens.count)
            for (value, isDrawn) in zip(completion.logProbabilities, episode.isDrawn) {
                #expect(isDrawn ? value < 0 : value == 0)
            }
            #expect(completion.isEnded == (episode.outcome != nil))
            guard completion.isEnded else { continue }
            whole += 1
            #expect(episode.turns == (number < 4 ? 3 : 2))
            #expect(episode.rewards == (number < 4 ? [1, 2, 10] : [1, 10]))
            // What was said, and the words that end turns, stand where the template has them.
            let text = try chat.format.text(
                of: sampling.conversations[number], addingGenerationPrompt: false)
            let read = chat.tokenizer.decode(rollout.prompts[number / 4] + completion.tokens)
            func marks(_ text: String) -> [Substring] {
                text.matches(
                    of:
                        #/<\|im_end\|>\n<\|im_start\|>user\nThat was \d\.<\|im_end\|>\n<\|im_start\|>assistant\n/#
                )
                .map(\.output)
            }
            #expect(text.hasPrefix(chat.tokenizer.decode(rollout.prompts[number / 4])))
            #expect(marks(read).count == episode.turns - 1 && marks(read) == marks(text))
        }
        #expect(whole > 2, "\(whole)")
    }

    @Test func episodesAreCutByTurnsAndTokens() async throws {
        let chat = try Self.chat()
        let long = try await Self.rollout(chat, of: [Recorder(turns: 100)], turns: 2, maxTokens: 400).rollout
        let turns = long.completions.compactMap(\.episode?.turns)
        #expect(turns.max() == 2 && !long.completions.contains(where: \.isEnded))
        let short = try await Self.rollout(
            chat, of: Array(repeating: Recorder(turns: 100), count: 8), turns: 100, maxTokens: 150
        )
        .rollout
        for completion in short.completions {
            #expect(completion.tokens.count <= 150 && completion.episode?.isDrawn.last == true)
        }
        #expect(short.completions.contains { $0.tokens.count < 150 && ($0.episode?.turns ?? 0) > 1 })
        // No more than the model has positions for.
        let tight = try await Self.rollout(
            try Self.chat(context: 90), of: [Recorder(turns: 100)], turns: 100, maxTokens: 1_000
        ).rollout
        for completion in tight.completions {
            #expect(tight.prompts[0].count + completion.tokens.count <= 90)
        }
    }

    @Test func aSeedDecidesEverything() async throws {
        let chat = try Self.chat()
        func episodes(_ seed: UInt64) async throws -> [Rollout.Completion] {
            try await Self.rollout(chat, of: [Recorder(turns: 3), Recorder(turns: 3)], seed: seed).rollout
                .completions
        }
        let first = try await episodes(1)
        #expect(try await episodes(1) == first)
        #expect(try await episodes(2) != first)
    }

    @Test func completionsNameTheWorldThatTheyCameFrom() async throws {
        let worlds = [Recorder(turns: 1, filler: 600), Recorder(turns: 1), Recorder(turns: 1, filler: 600)]
        let rollout = try await Self.rollout(try Self.chat(), of: worlds).rollout
        #expect(rollout.prompts.count == 1 && rollout.completions.map(\.prompt) == [1, 1, 1, 1])
    }

    /// What is said after a turn needs room, and room for a token of the next one.
    @Test func whatFillsAnEpisodeIsLeftOut() async throws {
        let chat = try Self.chat()
        func episodes(_ maxTokens: Int) async throws -> [Episode] {
            try await Self.rollout(chat, of: [Recorder(turns: 2)], maxTokens: maxTokens).rollout.completions
                .compactMap(\.episode)
        }
        let long = try await episodes(400)
        let place = try #require(long.indices.first { long[$0].turns == 2 })
        let first = long[place].isDrawn.prefix { $0 }.count
        let said = long[place].isDrawn.dropFirst(first).prefix { !$0 }.count
        let tight = try await episodes(first + said)[place]
        #expect(tight.isDrawn == Array(repeating: true, count: first) && tight.outcome == nil)
        let roomy = try await episodes(first + said + 1)[place]
        #expect(roomy.isDrawn.count == first + said + 1 && roomy.turns == 2)
    }

    /// A world in which nothing is drawn.
    private struct Asking: Environment {
        mutating func reset(using random: inout RandomSource) -> Conversation { Conversation([.user("Go.")]) }
        mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
            .end(EpisodeOutcome(isSuccess: turn.text.isEmpty && turn.reasoning?.isEmpty == false))
        }
    }

    @Test func theLikeliestTurnsAreMeasured() async throws {
        let chat = try Self.chat()
        let played = try await chat.episodes(in: Asking(), 8, maxTokens: 40, using: RandomSource(seed: 5))
        #expect(played.count == 8 && played.allSatisfy { $0.episode.isDrawn == played[0].episode.isDrawn })
        #expect(played.allSatisfy { $0.conversation == played[0].conversation })
    }

    /// Where the template opens thinking in the prompt, a turn that does not end it is thinking alone.
    @Test func aTurnThatOnlyThinksSaysNothing() async throws {
        let opening = try ChatTemplate(
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
                + "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}",
            tokens: ["eos_token": "<|im_end|>"], specialTokens: ["<|im_start|>", "<|im_end|>"])
        for (template, isThought) in [(opening, true), (.chatML, false)] {
            let worlds = [Asking(), Asking()]
            let rollout = try await Self.rollout(try Self.chat(template), of: worlds).rollout
            let long = rollout.completions.filter { $0.isEnded && $0.tokens.count > 4 }
            #expect(!long.isEmpty && long.allSatisfy { $0.episode?.outcome?.isSuccess == isThought })
        }
    }

    /// A world that is content after two calls.
    private struct Calling: Environment {
        private var calls = 0

        mutating func reset(using random: inout RandomSource) -> Conversation {
            Conversation([.user("go")], tools: [["type": "function", "function": ["name": "f"]]])
        }

        mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
            guard !turn.calls.isEmpty else { return .end(EpisodeOutcome(isSuccess: calls == 2)) }
            calls += turn.calls.count
            return .next([.tool("\(calls)", name: "f")])
        }
    }

    @Test func everyCallHasAnIDThatItsResultNames() async throws {
        var chat = try Self.chat(context: 2_048)
        var (world, random) = (Calling(), RandomSource(seed: 1))
        let call = ToolCall(name: "f", arguments: [:])
        var shown = world.reset(using: &random)
        shown.messages += [
            .assistant("", toolCalls: [call]), .tool("1", name: "f"), .assistant("", toolCalls: [call]),
            .tool("2", name: "f"), .assistant("ok"),
        ]
        var tuning = SupervisedFineTuning(chat.model, schedule: .constant(1e-2))
        let text = try chat.format.demonstration(.conversation(shown))
        for _ in 0..<100 { tuning.step(on: [text]) }
        chat.model = tuning.model
        let played = try await chat.episodes(in: Calling(), 1, using: RandomSource(seed: 1))[0]
        try #require(played.episode.outcome?.isSuccess == true, "\(played.conversation)")
        let calls = played.conversation.messages.flatMap(\.toolCalls).map(\.id)
        #expect(calls == ["call00001", "call00002"])
        #expect(played.conversation.messages.filter { $0.role == .tool }.map(\.toolCallID) == calls)
    }

    @Test func toolsNeedATemplateThatWritesCalls() async throws {
        let chat = try Self.chat(.zephyr)
        await #expect(throws: EpisodeError.self) { _ = try await Self.rollout(chat, of: [Calculator()]) }
    }
}
