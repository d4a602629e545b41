package import LanguageModel

extension ToolCallFormat {
    /// The answers that call tools as their schemas say, and with ``ToolChoice/automatic`` also any text before or without
    /// a call; nil where tools are not called.
    ///
    /// - Parameters:
    ///   - tools: Those on offer.
    ///   - choice: Which of them are called.
    ///   - isParallel: Whether there may be more than one call. Llama's templates write one.
    ///   - content: What an answer without a call is; nil for any text.
    package func structure(
        of tools: [ToolDescription], _ choice: ToolChoice, isParallel: Bool = true,
        else content: TextStructure? = nil
    ) -> TextStructure? {
        switch choice {
        case .none: nil
        case .automatic where content != nil: .choice([content!, begun(tools, isParallel)])
        case .automatic: free(tools, isParallel)
        case .required: begun(tools, isParallel)
        case .named(let name): begun(tools.filter { $0.name == name }, isParallel)
        }
    }

    /// Calls from their beginning.
    private func begun(_ tools: [ToolDescription], _ isParallel: Bool) -> TextStructure {
        let begin: TextStructure = self == .llama3 ? .literal(Self.objectBeginning) : .mark(opening)
        return .sequence([begin, behindOpening(tools, isParallel)])
    }

    /// Text with calls behind it, or in its place.
    private func free(_ tools: [ToolDescription], _ isParallel: Bool) -> TextStructure {
        let calls = behindOpening(tools, isParallel)
        guard self == .llama3 else { return .text(until: opening, then: calls) }
        return .textBeginning([
            .init(Self.objectBeginning, then: calls),
            .init(opening, then: .sequence([.literal(Self.objectBeginning), calls])),
        ])
    }

    private static let objectBeginning = "{\"name\": "

    /// What stands behind the mark of the first call.
    private func behindOpening(_ tools: [ToolDescription], _ isParallel: Bool) -> TextStructure {
        func one(_ body: (ToolDescription) -> [TextStructure]) -> TextStructure {
            .choice(tools.map { .sequence(body($0)) })
        }
        func several(_ call: TextStructure, _ separator: TextStructure) -> TextStructure {
            isParallel ? .repeated(call, separator: separator) : call
        }
        func quoted(_ tool: ToolDescription) -> String { JSONValue.string(tool.name).text(.compact) }
        func arguments(_ tool: ToolDescription) -> TextStructure { .value(tool.parameters, of: tool.name) }
        switch self {
        case .hermes:
            let call = one { tool in
                [
                    .literal("\n{\"name\": \(quoted(tool)), \"arguments\": "), arguments(tool),
                    .literal("}\n"),
                    .mark("</tool_call>"),
                ]
            }
            return several(call, .sequence([.literal("\n"), .mark(opening)]))
        case .llama3:
            return one { tool in
                [.literal("\(quoted(tool)), \"parameters\": "), arguments(tool), .literal("}")]
            }
        case .mistral:
            let id: TextStructure = .sequence([
                .literal(", \"id\": "), .value(["type": "string", "pattern": "^[a-zA-Z0-9]{9}$"], of: "id"),
            ])
            let call = one { tool in
                [
                    .literal("{\"name\": \(quoted(tool)), \"arguments\": "), arguments(tool),
                    .choice([.literal(""), id]), .literal("}"),
                ]
            }
            return .sequence([
                .choice([.literal(" ["), .literal("[")]), several(call, .literal(", ")), .literal("]"),
            ])
        case .mistralArguments:
            let call = one { tool in [.literal(tool.name), .mark("[ARGS]"), arguments(tool)] }
            return several(call, .mark(opening))
        }
    }
}
