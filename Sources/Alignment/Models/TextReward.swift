public import LanguageModel
public import NeuralCore

/// A program that judges what a model said, as text.
///
/// ```swift
/// let brief = chat.reward("brief") { prompt, answer in answer.count < 200 ? 1 : 0 }
/// for prompts in questions.batches(of: 8) { grpo.step(on: prompts, rewardedBy: brief, using: random.split()) }
/// ```
public struct TextReward: Sendable {
    private let program: ProgrammaticReward
    private let weight: Float
    private let format: TextFormat

    init(_ program: ProgrammaticReward, weight: Float, _ format: TextFormat) {
        (self.program, self.weight, self.format) = (program, weight, format)
    }

    /// The reward of the answers to prompts, in the order in which they are asked.
    public func completionReward(of prompts: [TokenizedPrompt]) -> CompletionReward {
        format.reward(program, of: prompts.map(\.record), weight: weight)
    }
}

extension ChatModel {
    /// A reward of answers by a closure.
    ///
    /// - Parameters:
    ///   - name: Its name in metrics.
    ///   - weight: The factor of the reward among several.
    ///   - value: The reward of what the model said, without the token that ends it, given the record of the prompt, whose
    ///     `columns` hold its other keys; the greater the better, nil where there is no opinion.
    public func reward(
        _ name: String, weight: Float = 1,
        value: @escaping @Sendable (_ prompt: PromptRecord, _ answer: String) -> Double?
    ) -> TextReward {
        let program = ProgrammaticReward(name) { answer in
            value(
                PromptRecord(
                    .messages(answer.conversation.messages), columns: answer.columns,
                    tools: answer.conversation.tools), answer.text)
        }
        return TextReward(program, weight: weight, format)
    }

    /// A reward of answers by a program.
    public func reward(_ program: ProgrammaticReward, weight: Float = 1) -> TextReward {
        TextReward(program, weight: weight, format)
    }
}

extension PolicyOptimization {
    /// Has the policy answer prompts, has the answers judged, and learns from that.
    ///
    /// - Parameters:
    ///   - prompts: What is asked; a prompt without room in the model's context is left out.
    ///   - rewards: What judges the answers; their weighted sum is learned from.
    ///   - random: Decides every draw.
    @discardableResult
    public mutating func step(
        on prompts: [TokenizedPrompt], rewardedBy rewards: TextReward..., using random: RandomSource
    ) -> StepReport {
        let rollout = rollout(of: prompts.map(\.ids), using: random)
        return step(on: rollout.scored(by: rewards.map { $0.completionReward(of: prompts) }))
    }

    /// The same with a judge that reads tokens, such as a reward model.
    ///
    ///     grpo.step(on: prompts, rewardedBy: CompletionReward(of: rewardModel), using: random.split())
    @discardableResult
    public mutating func step(
        on prompts: [TokenizedPrompt], rewardedBy reward: CompletionReward, using random: RandomSource
    ) -> StepReport {
        step(on: prompts.map(\.ids), rewardedBy: reward, using: random)
    }
}

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
    /// record, and what the answer says, without thinking and the tokens that end it.
    ///
    /// - Parameters:
    ///   - program: What judges; an answer of which it has no opinion counts as not judged.
    ///   - records: The prompts of the rollout, in its order.
    ///   - weight: What the reward is multiplied with.
    public func reward(
        _ program: ProgrammaticReward, of records: [PromptRecord], weight: Float = 1
    ) -> CompletionReward {
        CompletionReward(program.name, weight: weight) { rollout in
            rollout.completions.enumerated().map { number, completion in
                let prompt = rollout.prompts[rollout.group(of: number)]
                let answer = ProgrammaticReward.Answer(
                    text(ofAnswer: completion.tokens, to: prompt), to: records[completion.prompt])
                return program.value(answer).map(Float.init) ?? .nan
            }
        }
    }
}
