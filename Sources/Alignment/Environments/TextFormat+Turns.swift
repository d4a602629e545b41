import Foundation
import LanguageModel

extension TextFormat {
    /// The ids that lead from the end of the assistant's turn to the beginning of its next one, where others have spoken in
    /// between.
    ///
    /// What the model has drawn is never encoded again: these ids follow those that it drew, the token that ended its turn
    /// among them.
    ///
    /// - Parameters:
    ///   - messages: What was said after the turn.
    ///   - conversation: The conversation up to the end of the turn.
    /// - Throws: ``EpisodeError``.
    func ids(of messages: [Message], after conversation: Conversation) throws(EpisodeError) -> [Int32] {
        let before: String
        let whole: String
        do throws(ChatTemplateError) {
            before = try text(of: conversation, addingGenerationPrompt: false)
            var longer = conversation
            longer.messages += messages
            whole = try text(of: longer, addingGenerationPrompt: true)
        } catch {
            throw .template(error)
        }
        guard whole.utf8.starts(with: before.utf8) else { throw .turnsChange }
        // The model has written the token that ends its turn, and nothing of what the template has behind it.
        let ends = stopTokens.compactMap {
            before.range(of: tokenizer.decode([$0]), options: .backwards)?.upperBound
        }
        guard let end = ends.max() else { throw .turnsChange }
        let start = before[..<end]
        let rest = String(decoding: whole.utf8.dropFirst(start.utf8.count), as: UTF8.self)
        return tokenizer.encode(rest, after: String(start))
    }
}
