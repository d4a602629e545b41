import LanguageModel

extension TextFormat {
    /// The form in which the template writes calls of tools; nil where it has none that is known.
    public var callFormat: ToolCallFormat? {
        templateProblem == nil ? ToolCallFormat(of: template) : nil
    }

    /// The tokens that are parts of calls.
    package func marks(of format: ToolCallFormat) -> Set<Int32> {
        Set(format.marks.compactMap { tokenizer.id(ofAddedToken: $0) })
    }

    /// The text of an answer, with the marks of calls.
    func text(ofAnswer ids: [Int32], calling format: ToolCallFormat) -> String {
        let special = Set(tokenizer.specialTokens.map(\.id)).subtracting(marks(of: format))
            .subtracting(Thinking.marks(of: tokenizer))
        return tokenizer.decode(ids.filter { !stopTokens.contains($0) && !special.contains($0) })
    }
}
