import Foundation
public import LanguageModel
import NeuralCore

extension ChatModel {
    /// Scores plain texts with this model; after nothing at all, what is given is the format's prefix token.
    ///
    /// - Parameter contextLength: How far back the model may look, tokens; nil for as far as it is meant to.
    /// - Throws: `LikelihoodError.vocabulary` where the tokenizer has ids that the model does not know.
    public func scorer(contextLength: Int? = nil) throws(LikelihoodError) -> TextScorer {
        try TextScorer(
            model, tokenizer: tokenizer, contextLength: contextLength, prefixToken: format.prefixToken)
    }

    /// This model as one whose behavior is examined; it answers greedily.
    ///
    /// ```swift
    /// let evaluation = BehaviorEvaluation(suites: [suite])
    /// print(try await evaluation.report(on: [chat.respondent(named: "mine")]))
    /// ```
    ///
    /// - Parameters:
    ///   - name: Its name in reports.
    ///   - maxTokens: The most tokens of an answer.
    /// - Returns: The model. It throws `GenerationError.promptTooLong` where a conversation leaves no room for an answer.
    public func respondent(named name: String, maxTokens: Int = 256) -> Respondent {
        // Weights that every product would round are rounded once for all answers.
        let stored = StoredTransformer(forGenerating: model)
        let calling = format.callFormat
        return Respondent(name) { conversation in
            let prompt = try format.prompt(conversation)
            let positions = stored.configuration.contextLength
            guard prompt.count < positions else {
                throw GenerationError.promptTooLong(number: 0, tokens: prompt.count, positions: positions)
            }
            var decoding = Decoding(
                stored, prompts: [prompt], sampling: .greedy,
                stopTokens: format.stopTokens, maxTokens: maxTokens, using: RandomSource(seed: 0))
            while !decoding.isFinished { decoding.step() }
            let answer = decoding.sequences[0]
            let mean = answer.logProbabilities.reduce(0, +) / Float(max(1, answer.tokens.count))
            let probability = Double(exp(mean))
            guard let calling, !conversation.tools.isEmpty else {
                return Response(format.text(ofAnswer: answer.tokens, to: prompt), probability: probability)
            }
            // What is no call as it should be is text.
            let text = ReasonedText(
                format.text(ofAnswer: answer.tokens, calling: calling),
                beginsThinking: format.opensThinking(prompt))
            let turn = try? calling.turn(from: text.answer)
            return Response(text.text, probability: probability, calls: turn?.toolCalls ?? [])
        }
    }
}
