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
        let texts = try record.supervisedTexts(template)
        let chosen = try parts(texts.chosen)
        return TokenizedPair(
            prompt: chosen.prompt, chosen: chosen.answer, rejected: try parts(texts.rejected).answer,
            margin: record.margin.map { Float($0) })
    }

    /// A prompt with an answer that is wanted or not.
    ///
    /// - Throws: ``/Conversations/SupervisionProblem`` where it cannot be trained on.
    public func label(_ record: LabeledRecord) throws(SupervisionProblem) -> TokenizedLabel {
        let text = try parts(record.supervisedText(template))
        return TokenizedLabel(
            prompt: text.prompt, completion: text.answer, isDesirable: record.isDesirable)
    }

    /// The ids that are read, and those of the answer.
    private func parts(
        _ text: SupervisedText
    ) throws(SupervisionProblem) -> (prompt: [Int32], answer: [Int32]) {
        let tokens = try tokens(of: text)
        let begin = tokens.isTrained.firstIndex(of: true) ?? tokens.count
        return (Array(tokens.ids[..<begin]), Array(tokens.ids[begin...]))
    }
}
