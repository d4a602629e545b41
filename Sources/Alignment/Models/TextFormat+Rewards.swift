/// Rewards that a program gives to what a model says.
extension TextFormat {
    /// A program's reward of the answers to prompts.
    ///
    /// ```swift
    /// let brief = ProgrammaticReward("brief") { _, answer in answer.count < 200 ? 1 : 0 }
    /// let rollout = grpo.rollout(of: try questions.map { try chat.format.prompt($0) }, using: random)
    /// grpo.step(on: rollout.scored(by: chat.format.reward(brief, of: questions)))
    /// ```
    ///
    /// The program is given the conversation (a plain prompt is a turn of the user), the other keys of the prompt's
    /// record, and what the answer says, without the tokens that end it.
    ///
    /// - Parameters:
    ///   - program: What judges; an answer of which it has no opinion counts as not judged.
    ///   - records: The prompts of the rollout, in its order.
    ///   - weight: What the reward is multiplied with.
    public func reward(
        _ program: ProgrammaticReward, of records: [PromptRecord], weight: Float = 1
    ) -> CompletionReward {
        CompletionReward(program, weight: weight) { completion in
            .init(text(ofAnswer: completion.tokens), to: records[completion.prompt])
        }
    }
}
