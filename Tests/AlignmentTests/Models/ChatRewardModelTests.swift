import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

@Suite struct ChatRewardModelTests {
    private let conversation = Conversation([.user("Hi"), .assistant("Hello")])

    /// Calls `body` with a chat model, a reward model on it, and a folder.
    private func withModels(_ body: (ChatModel, ChatRewardModel, URL) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let base = folder.appending(path: "base")
            try TinyChatModel.write(to: base)
            let chat = try ChatModel(contentsOf: base)
            var random = RandomSource(seed: 3)
            try body(chat, chat.with(RewardModel(chat.model, using: &random)), folder)
        }
    }

    @Test func whatIsWrittenJudgesAsBefore() throws {
        try withModels { chat, judge, folder in
            let out = folder.appending(path: "judge")
            try judge.write(to: out)
            let again = try ChatRewardModel(contentsOf: out)
            let rewards = try judge.rewards(of: [conversation])
            #expect(rewards == judge.model.rewards(of: [try chat.format.tokens(of: conversation)]))
            #expect(try again.rewards(of: [conversation]) == rewards)
            // The end of a turn ends what is judged, and pads nothing.
            let end = try #require(chat.format.endOfTurn)
            #expect(again.model.body.endOfSequence.first == end)
            #expect(try ModelDirectory(out).configuration().padding != end)
        }
    }

    @Test func anAdapterAndItsScoreAreWrittenAlone() throws {
        try withModels { chat, judge, folder in
            let out = folder.appending(path: "adapter")
            var random = RandomSource(seed: 4)
            var adapted = AdaptedRewardModel(
                chat.model.adapted(rank: 2, using: &random), using: &random)
            adapted.forEachParameter { _, parameter in parameter = parameter + 0.01 }
            try chat.write(adapted, to: out)
            #expect(try ModelDirectory(out).contents() == .rewardAdapter)
            let again = try ChatRewardModel(contentsOf: out)
            let found = try again.rewards(of: [conversation])[0]
            let expected = try chat.with(adapted.merged).rewards(of: [conversation])[0]
            #expect(abs(found - expected) < 1e-5 * max(1, abs(expected)))
        }
    }

    @Test func theAnswerOfTheGreaterRewardIsPreferred() async throws {
        var models: ChatRewardModel?
        try withModels { _, judge, _ in models = judge }
        let model = try #require(models)
        let judge = model.judge(named: "judge")
        let asked = Conversation([.user("Hi")])
        let answers = ["Yes", "No", "A longer answer"]
        let rewards = try model.rewards(of: answers.map { Conversation([.user("Hi"), .assistant($0)]) })
        for first in answers.indices {
            for second in answers.indices {
                let expected: Preference =
                    first == second ? .neither : rewards[first] > rewards[second] ? .first : .second
                #expect(
                    try await judge(asked, Response(answers[first]), Response(answers[second])) == expected)
            }
        }
        let long = Response(String(repeating: "x", count: 100))
        await #expect(throws: MisfitError.self) { try await judge(asked, long, Response("Yes")) }
    }

    @Test func aSecondModelMustReadTheSameIds() throws {
        try withModels { chat, judge, folder in
            let base = folder.appending(path: "base")
            let read = try chat.format.languageModel(contentsOf: base, context: 64)
            #expect(read.parameters.map(\.value.scalars) == chat.model.parameters.map(\.value.scalars))
            #expect(throws: ChatModelError.self) {
                try chat.format.languageModel(contentsOf: base, context: 65)
            }
            // A tokenizer that gives an id another meaning is another one.
            let other = folder.appending(path: "other")
            try TinyChatModel.write(to: other)
            var training = BytePairTraining(specialTokens: ["<|im_end|>", "<|im_start|>", "<|endoftext|>"])
            let tokenizer = try training.tokenizer(vocabularySize: 259)
            try Data(tokenizer.tokenizerJSON).write(to: other.appending(path: "tokenizer.json"))
            do throws(ChatModelError) {
                _ = try chat.format.languageModel(contentsOf: other)
                Issue.record("a model with another tokenizer was read")
            } catch {
                guard case .misfit(.tokenizers(let id, _, _, _)) = error else { throw error }
                #expect(id == 0)
            }
            #expect(throws: ChatModelError.self) { try chat.format.rewardModel(contentsOf: base) }
            let out = folder.appending(path: "judge")
            try judge.write(to: out)
            #expect(
                try chat.format.rewardModel(contentsOf: out).score.weight.scalars
                    == judge.model.score.weight.scalars)
        }
    }

    @Test func aRespondentSaysWhatTheModelSays() async throws {
        var made: ChatModel?
        try withModels { chat, _, _ in made = chat }
        let chat = try #require(made)
        let asked = Conversation([.user("Hi")])
        let response = try await chat.respondent(named: "tiny", maxTokens: 8).respond(asked)
        var pieces = ""
        for try await piece in chat.reply(
            to: asked, sampling: .greedy, maxTokens: 8, using: RandomSource(seed: 9))
        {
            pieces += piece.text
        }
        #expect(response.text == pieces)
        #expect((response.probability ?? 0) > 0)
        let score = try chat.scorer().scores(of: ["a"], given: "")
        let expected = try TextScorer(
            chat.model, tokenizer: chat.tokenizer, prefixToken: chat.format.prefixToken
        ).scores(of: ["a"], given: "")
        #expect(score == expected && score[0].tokens == 1)
    }
}
