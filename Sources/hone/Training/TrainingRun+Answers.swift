import Alignment
import Formatting
import LanguageModel
import NeuralCore

/// What a model answers while it is trained, for whoever watches the run in TensorBoard.
extension StartingModel {
    private static let shownPrompts = 2
    private static let longestAnswer = 64

    /// The likeliest answers of a model, as trained so far, to the first of some prompts, in Markdown.
    func answers(of model: Transformer, to prompts: [[Int32]]) -> String {
        let room = 1..<model.configuration.contextLength
        let shown = Array(prompts.filter { room.contains($0.count) }.prefix(Self.shownPrompts))
        var decoding = Decoding(
            model, prompts: shown, sampling: .greedy, stopTokens: chat.format.stopTokens,
            maxTokens: Self.longestAnswer, using: RandomSource(seed: 0))
        while !decoding.isFinished { decoding.step() }
        return decoding.sequences.map { answer(shown[$0.prompt], $0.tokens) }.joined(separator: "\n\n")
    }

    /// The answers to the first prompt of a rollout, with their rewards, in Markdown.
    func answers(in experience: Experience) -> String {
        let rollout = experience.rollout
        return zip(rollout.completions, experience.rewards).prefix(rollout.groupSize)
            .prefix(Self.mostAnswers).map { completion, reward in
                answer(rollout.prompts[0], completion.tokens)
                    + (reward.isNaN ? "" : "\n\nreward \(fixed(Double(reward), 3))")
            }.joined(separator: "\n\n")
    }

    private static let mostAnswers = 4

    private func answer(_ prompt: [Int32], _ tokens: [Int32]) -> String {
        let (prompt, answer) = (chat.tokenizer.decode(prompt), chat.tokenizer.decode(tokens))
        return "prompt\n\n\(markdownVerbatim(prompt))\n\nanswer\n\n\(markdownVerbatim(answer))"
    }
}
