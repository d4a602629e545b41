package import Foundation

/// A Jinja template, read once and rendered often, with the settings of transformers' chat templates.
///
/// Rendering gives what jinja2 gives, byte for byte, or throws: a construct that is not supported is an error
/// that names it. Departures: text marked `safe` is plain text (without autoescape they only differ when
/// added to other text); what `map` and its like give can be walked over twice; integers end at 64 bits.
package struct JinjaTemplate: Sendable {
    /// The output of a template.
    package struct Output: Hashable, Sendable {
        /// All of it.
        package var text: String
        /// The parts printed within `generation` blocks, as ranges of offsets in the UTF-8 of the text.
        package var generated: [Range<Int>]
    }

    /// The template as it was written.
    package let source: String
    private let statements: [JinjaStatement]

    /// Reads a template.
    package init(_ source: String) throws(JinjaError) {
        self.source = source
        statements = try JinjaParser.statements(of: source)
    }

    /// True where a name stands in the template as a variable may, and not only behind a dot.
    package func reads(_ name: String) -> Bool {
        let tokens = (try? JinjaLexer.tokens(of: source)) ?? []
        return tokens.indices.contains { place in
            tokens[place].kind == .name(name) && (place == 0 || tokens[place - 1].kind != .symbol("."))
        }
    }

    /// True if the template marks the assistant's words.
    package var marksGeneration: Bool { statements.contains(where: \.marksGeneration) }

    /// Renders the template.
    ///
    /// - Parameters:
    ///   - variables: The variables of the template, by name.
    ///   - date: The present moment of `strftime_now`.
    ///   - limits: The limits on steps, bytes and depth.
    package func rendered(
        with variables: JSONObject, date: Date = Date(), limits: JinjaLimits = JinjaLimits()
    ) throws(JinjaError) -> Output {
        let evaluator = JinjaEvaluator(limits, date: date)
        var values: [String: JinjaValue] = [:]
        for (name, value) in variables.members { values[name] = JinjaValue(value) }
        try evaluator.render(statements, with: values)
        return Output(text: evaluator.output, generated: evaluator.generated)
    }
}

extension JinjaStatement {
    /// True if this statement is a `generation` block or holds one.
    fileprivate var marksGeneration: Bool {
        switch form {
        case .generation: true
        case .branches(let branches): branches.contains { $0.body.contains(where: \.marksGeneration) }
        case .loop(_, _, _, let body, let otherwise): (body + otherwise).contains(where: \.marksGeneration)
        case .with(_, let body): body.contains(where: \.marksGeneration)
        default: false
        }
    }
}
