public import Foundation

/// Finding the assistant's part of a rendered conversation.
extension ChatTemplate {
    /// The conversation as text, with every turn of the assistant that `isTrained` and the token that ends it
    /// as trained.
    ///
    /// The assistant's part of a turn is what it adds to the text that a model is given to generate it: the
    /// difference between the conversation up to the turn, with the generation prompt, and the conversation
    /// with the turn. Both must be what the whole conversation starts with. Templates that write earlier
    /// turns differently once the conversation goes on, as some do to leave out thoughts, are instead cut
    /// between their generation prompts and the special tokens that end the turns.
    ///
    /// Of what the template writes after the content, the special token that ends the turn is trained, and
    /// nothing behind it: generation stops there.
    ///
    /// A template's own `generation` marks go before all that: what it marks is trained as it stands, as with
    /// transformers' `return_assistant_tokens_mask`.
    ///
    /// - Throws: ``SupervisionProblem``; no conversation is trained on with an empty mask or without its end
    ///   of turn.
    public func supervisedText(
        of conversation: Conversation, variables: JSONObject = [:], date: Date = Date()
    ) throws(SupervisionProblem) -> SupervisedText {
        let assistants = conversation.messages.indices.filter { conversation.messages[$0].role == .assistant }
        let trained = assistants.filter { conversation.messages[$0].isTrained }
        guard let last = trained.last else { throw .nothingTrained }
        let turns = RenderedTurns(
            template: self, conversation: conversation, variables: variables, date: date)
        try turns.checkContents()
        let whole = try turns.rendered(conversation.messages.count, prompts: false)
        if template.marksGeneration {
            let marked = try turns.spans(of: assistants, marked: whole.generated, in: Array(whole.text.utf8))
            return SupervisedText(
                whole.text, trained: marked.flatMap(\.ranges), endOfTurn: marked.last?.endOfTurn)
        }
        let spans: [TurnSpan]
        if let found = try turns.spans(of: trained, startOf: whole.text) {
            spans = found
        } else {
            spans = try turns.spans(of: assistants, between: whole.text).filter {
                trained.contains($0.message)
            }
        }
        return SupervisedText(
            whole.text, trained: spans.map(\.range), endOfTurn: spans.first { $0.message == last }?.endOfTurn)
    }

    /// The text before which the assistant's answer begins, and the answer, up to its end of turn.
    ///
    /// Plain text is taken as it is, the answer followed by the end-of-text token unless it ends so already.
    ///
    /// - Throws: ``SupervisionProblem``.
    public func texts(
        prompt: Dialogue, completion: Dialogue, tools: [JSONValue] = [], variables: JSONObject = [:],
        date: Date = Date()
    ) throws(SupervisionProblem) -> (prompt: String, completion: String) {
        let texts = try texts(
            prompt: prompt, completions: [completion], tools: tools, variables: variables, date: date)
        return (texts.prompt, texts.completions[0])
    }

    /// The text before which each of several answers begins, rendered once, and the answers, each up to its end of turn.
    ///
    /// - Throws: ``SupervisionProblem``.
    package func texts(
        prompt: Dialogue, completions: [Dialogue], tools: [JSONValue] = [], variables: JSONObject = [:],
        date: Date = Date()
    ) throws(SupervisionProblem) -> (prompt: String, completions: [String]) {
        var start: [UInt8] = []
        var texts: [String] = []
        if case .text(let text) = prompt { start = Array(text.utf8) }
        for completion in completions {
            switch (prompt, completion) {
            case (.text, .text(let completion)): texts.append(ended(completion))
            case (.messages(let prompt), .messages(let completion)):
                guard completion.contains(where: { $0.role == .assistant }) else { throw .nothingTrained }
                let turns = RenderedTurns(
                    template: self, conversation: Conversation(prompt + completion, tools: tools),
                    variables: variables, date: date)
                try turns.checkContents()
                if texts.isEmpty {
                    start = Array(try turns.rendered(prompt.count, prompts: true).text.utf8)
                }
                let count = prompt.count + completion.count
                let whole = Array(try turns.rendered(count, prompts: false).text.utf8)
                guard whole.starts(with: start) else { throw .startChanges(message: prompt.count) }
                let answer = try turns.span(of: count - 1, start.count..<whole.count, in: whole)
                texts.append(String(decoding: whole[answer.range], as: UTF8.self))
            default: throw .mixedForms
            }
        }
        return (String(decoding: start, as: UTF8.self), texts)
    }

    /// The special token that an answer ends with; nil where there is none.
    package func end(of completion: String) -> String? {
        specialTokens.filter { !$0.isEmpty && completion.utf8.hasSuffix($0.utf8) }
            .max { $0.utf8.count < $1.utf8.count }
    }

    /// Plain text with the end-of-text token after it, once.
    func ended(_ text: String) -> String {
        guard let end = tokens["eos_token"], !text.utf8.hasSuffix(end.utf8) else { return text }
        return text + end
    }
}
