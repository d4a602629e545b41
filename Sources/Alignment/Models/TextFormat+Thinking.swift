public import LanguageModel

/// Thinking before answers.
extension TextFormat {
    /// How answers think, for ``/LanguageModel/GenerationOptions/thinking``: the end that is put behind thinking whose budget is
    /// used is written as the template writes one.
    ///
    /// - Parameters:
    ///   - budget: The most tokens of thinking, 0 or more; nil for any number.
    ///   - end: Another text that ends it, with one `</think>`.
    public func thinking(budget: Int? = nil, end: String? = nil) -> Thinking {
        var thinking = Thinking(budget: budget)
        if let end = end ?? template.endOfThinking { thinking.end = end }
        return thinking
    }

    /// Whether a prompt ends with the beginning of the answer's thinking, as that of some templates does.
    ///
    /// - Parameter prompt: Token ids.
    public func opensThinking(_ prompt: [Int32]) -> Bool {
        Thinking.isOpen(atEndOf: tokenizer.decode(prompt.suffix(16)))
    }

    /// The text of an answer, without the tokens that end it, and with the mark of thinking that its prompt has opened.
    ///
    /// - Parameters:
    ///   - ids: The answer.
    ///   - prompt: Token ids of what it answers.
    public func text(ofAnswer ids: [Int32], to prompt: [Int32]) -> String {
        (opensThinking(prompt) ? Thinking.beginMark + "\n" : "") + text(ofAnswer: ids)
    }

    /// Whether an answer that was cut came to no word behind its thinking.
    package func isCutWithinThinking(_ ids: [Int32], after prompt: [Int32]) -> Bool {
        let text = ReasonedText(text(ofAnswer: ids, to: prompt))
        return text.reasoning != nil && text.answer.isEmpty
    }

    /// The turn of an assistant who has thought: its thinking stands apart where the template writes it, and else before its words,
    /// since that is what the model has written.
    package func turn(_ text: ReasonedText, calls: [ToolCall] = []) -> Message {
        template.endOfThinking == nil
            ? .assistant(text.text, toolCalls: calls)
            : Message(.assistant, text.answer, toolCalls: calls, reasoning: text.reasoning)
    }
}
