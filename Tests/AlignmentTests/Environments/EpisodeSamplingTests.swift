import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// A world that keeps what is done in it, and goes on for as many turns as it is told.
private struct Recorder: Environment {
    var turns: Int
    var word = ""
    var seen: [EpisodeTurn] = []

    mutating func reset(using random: inout RandomSource) -> Conversation {
        word = String(random.integer(in: 0..<1_000_000))
        return Conversation([.user("Go on \(word).")])
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

    @Test func toolsNeedATemplateThatWritesCalls() async throws {
        let chat = try Self.chat(.zephyr)
        await #expect(throws: EpisodeError.self) { _ = try await Self.rollout(chat, of: [Calculator()]) }
    }
}
