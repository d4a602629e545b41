import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Talking with a model.
@Suite struct ChatSessionTests {
    private func withChat(_ body: (ChatModel) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try TinyChatModel.write(to: folder, contextLength: 512)
        try await body(try ChatModel(contentsOf: folder))
    }

    private func text(_ continuation: Continuation) async throws -> String {
        var text = ""
        for try await piece in continuation { text += piece.text }
        return text
    }

    @Test func theSecondTurnReadsOnlyWhatIsNewAndSaysTheSame() async throws {
        try await withChat { chat in
            let session = ChatSession(chat)
            let options = GenerationOptions(maxTokens: 12, stopTokens: chat.ends)
            var conversation = Conversation([.user(String(repeating: "Where is the library? ", count: 3))])
            var before = 0
            for turn in 0..<3 {
                let random = RandomSource(seed: UInt64(turn))
                var (generation, isShortened, _) = try session.generation(
                    answering: conversation, options, using: random)
                var answer = ""
                while !generation.isFinished { answer += generation.step().map(\.text).joined() }
                session.keep(generation)
                let count = try chat.format.prompt(conversation).count
                #expect(!isShortened && generation.promptTokensRead == count - before)
                let alone = try await text(chat.reply(to: conversation, maxTokens: 12, using: random))
                #expect(answer == alone)
                before = count
                conversation.messages += [.assistant(answer), .user("And the town hall, please?")]
            }
        }
    }

    @Test func repliesOfASessionAreThoseOfTheModel() async throws {
        try await withChat { chat in
            let session = ChatSession(chat)
            var conversation = Conversation([.user("Where is the library?")])
            for turn in 0..<3 {
                let random = RandomSource(seed: UInt64(turn))
                let sampling = Sampling.topP(0.95, temperature: 0.8)
                let reply = session.reply(to: conversation, sampling: sampling, maxTokens: 10, using: random)
                let answer = try await text(reply)
                let alone = try await text(
                    chat.reply(to: conversation, sampling: sampling, maxTokens: 10, using: random))
                let again = try await text(reply)
                #expect(answer == alone && answer == again)
                conversation.messages += [.assistant(answer), .user("And now?")]
            }
        }
    }

    @Test func aConversationThatOutgrowsTheModelLosesItsFirstExchanges() async throws {
        try await withChat { chat in
            let long = String(repeating: "a ", count: 80)
            let conversation = Conversation([
                .user(long), .assistant(long), .user(long), .assistant(long), .user("b"),
            ])
            let (generation, isShortened, _) = try ChatSession(chat).generation(
                answering: conversation, GenerationOptions(maxTokens: 4), using: RandomSource(seed: 1))
            #expect(isShortened && !generation.isFinished)
        }
    }

    @Test func whatKeepsAReplyFromBeginningIsThrownByTheFirstPiece() async throws {
        try await withChat { chat in
            var training = BytePairTraining()
            let silent = ChatModel(chat.model, TextFormat(try training.tokenizer(vocabularySize: 257)))
            let reply = silent.reply(to: Conversation([.user("a")]), using: RandomSource(seed: 1))
            await #expect(throws: ChatTemplateError.self) { try await text(reply) }
        }
    }

    @Test func theWorkLeavesTheThreadsThatTasksShare() async throws {
        #expect(withUnsafeCurrentTask { $0 != nil })
        let far = Continuation {
            #expect(withUnsafeCurrentTask { $0 == nil })
            throw GenerationError.setting("far away")
        }
        await #expect(throws: GenerationError.setting("far away")) { try await text(far) }
    }
}
