import LanguageModel

/// Text as the model's ids, and back.
extension TextFormat {
    /// The ids of plain text that a model goes on from, or is scored on.
    ///
    /// - Returns: For an empty text, the token that begins one, or else that ends one; nothing if there is neither.
    public func tokens(of text: String) -> [Int32] {
        let tokens = tokenizer.boundaries.before + tokenizer.encode(text)
        return tokens.isEmpty ? [beginning].compactMap(\.self) : tokens
    }

    /// The ids of a text with what is trained of it.
    ///
    /// - Throws: ``/Conversations/SupervisionProblem`` where it cannot be trained on.
    public func tokens(of text: SupervisedText) throws(SupervisionProblem) -> SupervisedTokens {
        try text.tokens(with: tokenizer)
    }

    /// The ids of a plain prompt with its completion, as they are trained on: behind them comes the token that ends a
    /// text.
    public func tokens(prompt: String, completion: String) throws(SupervisionProblem) -> [Int32] {
        let ids = try ids(.text(prompt), [.text(completion)])
        return ids.prompt + ids.answers[0]
    }

    /// The ids of a conversation, up to where the assistant begins to speak.
    ///
    /// - Throws: ``/Conversations/ChatTemplateError`` where there is no template, or it refuses the conversation.
    public func prompt(_ conversation: Conversation) throws(ChatTemplateError) -> [Int32] {
        tokenizer.encode(try text(of: conversation, addingGenerationPrompt: true))
    }

    /// The ids of a prompt, up to where the answer begins.
    ///
    /// - Throws: ``/Conversations/ChatTemplateError`` where it has messages, and there is no template, or it refuses them.
    public func prompt(_ record: PromptRecord) throws(ChatTemplateError) -> [Int32] {
        switch record.prompt {
        case .text(let text): tokens(of: text)
        case .messages(let messages):
            try prompt(Conversation(messages, tools: record.tools, variables: record.variables))
        }
    }

    /// The ids of a conversation as it stands, which a reward model reads: up to the end of the assistant's last turn, as
    /// it is trained.
    ///
    /// - Throws: ``/Conversations/ChatTemplateError`` where there is no template; ``/Conversations/SupervisionProblem`` where it refuses the
    ///   conversation.
    public func tokens(of conversation: Conversation) throws -> [Int32] {
        let messages = conversation.messages
        guard messages.last?.role == .assistant, messages.count > 1 else {
            return tokenizer.encode(try text(of: conversation, addingGenerationPrompt: false))
        }
        let texts = try chatTemplate().texts(
            prompt: .messages(messages.dropLast()), completion: .messages(messages.suffix(1)),
            tools: conversation.tools, variables: conversation.variables)
        return tokenizer.encode(texts.prompt) + tokenizer.encode(texts.completion, after: texts.prompt)
    }

    /// A conversation as the model reads it.
    ///
    /// - Throws: ``/Conversations/ChatTemplateError`` where there is no template, or it refuses the conversation.
    public func text(
        of conversation: Conversation, addingGenerationPrompt: Bool
    ) throws(ChatTemplateError) -> String {
        let template = try chatTemplate()
        do throws(JinjaError) {
            return try template.text(of: conversation, addingGenerationPrompt: addingGenerationPrompt)
        } catch {
            throw .template(error)
        }
    }

    /// The text of an answer, without the tokens that end it.
    public func text(ofAnswer ids: [Int32]) -> String {
        tokenizer.decode(ids.filter { !stopTokens.contains($0) })
    }
}

/// Records as the ids that methods are trained on.
extension TextFormat {
    /// A demonstration, with what is learned of it.
    ///
    /// - Throws: ``/Conversations/SupervisionProblem`` where it cannot be trained on.
    public func demonstration(_ record: DemonstrationRecord) throws(SupervisionProblem) -> SupervisedTokens {
        try tokens(of: record.supervisedText(template))
    }

    /// A prompt with a preferred answer and another.
    ///
    /// - Throws: ``/Conversations/SupervisionProblem`` where it cannot be trained on.
    public func pair(_ record: PreferenceRecord) throws(SupervisionProblem) -> TokenizedPair {
        let ids = try ids(
            record.prompt, [record.chosen, record.rejected], tools: record.tools, variables: record.variables)
        return TokenizedPair(
            prompt: ids.prompt, chosen: ids.answers[0], rejected: ids.answers[1],
            margin: record.margin.map { Float($0) })
    }

    /// A prompt with an answer that is wanted or not.
    ///
    /// - Throws: ``/Conversations/SupervisionProblem`` where it cannot be trained on.
    public func label(_ record: LabeledRecord) throws(SupervisionProblem) -> TokenizedLabel {
        let ids = try ids(
            record.prompt, [record.completion], tools: record.tools, variables: record.variables)
        return TokenizedLabel(
            prompt: ids.prompt, completion: ids.answers[0], isDesirable: record.isDesirable)
    }

    /// The ids of a prompt, which is written and encoded once, and those of each answer to it, as they are trained.
    ///
    /// They are those of ``/Conversations/SupervisedText/tokens(with:ignoring:)``: no token reaches from the prompt into
    /// an answer.
    func ids(
        _ prompt: Dialogue, _ answers: [Dialogue], tools: [JSONValue] = [], variables: JSONObject = [:]
    ) throws(SupervisionProblem) -> (prompt: [Int32], answers: [[Int32]]) {
        let texts = try template.texts(
            prompt: prompt, completions: answers, tools: tools, variables: variables)
        let before = prompt.isPlain ? tokenizer.boundaries.before : []
        var encoded: [[Int32]] = []
        for text in texts.completions {
            if let end = template.end(of: text), tokenizer.encode(end).count != 1 {
                throw .endOfTurnIsNoToken(end)
            }
            let ids =
                texts.prompt.isEmpty ? tokenizer.encode(text) : tokenizer.encode(text, after: texts.prompt)
            guard !ids.isEmpty else { throw .nothingTrained }
            encoded.append(ids)
        }
        return (before + (texts.prompt.isEmpty ? [] : tokenizer.encode(texts.prompt)), encoded)
    }
}
