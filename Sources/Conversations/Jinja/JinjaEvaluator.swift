import Foundation

/// Renders a template's statements.
///
/// Blocks see the variables of the blocks around them, lexically. A loop's body and a macro's body have
/// variables of their own, new each time; the branches of a condition have not. That is Jinja's scoping, and
/// why templates need `namespace`.
final class JinjaEvaluator {
    let budget: JinjaBudget
    let date: Date
    /// The line last looked at, for messages.
    var line = 1
    /// The output so far.
    private(set) var output = ""
    /// The parts printed within `generation` blocks, as ranges of offsets in UTF-8.
    private(set) var generated: [Range<Int>] = []
    /// True if the present output is the template's, not that of a block for a variable or a filter.
    private var isCapturing = false
    /// Scopes that macros remember and namespaces: whatever could keep itself alive is let go of at the end.
    private var remembered: [JinjaScope] = []
    private var namespaces: [JinjaNamespace] = []

    /// The way on after a statement.
    enum Flow { case next, breakLoop, continueLoop }

    init(_ limits: JinjaLimits, date: Date) {
        budget = JinjaBudget(limits)
        self.date = date
    }

    /// Renders statements that see the given variables.
    func render(
        _ statements: [JinjaStatement], with variables: [String: JinjaValue]
    ) throws(JinjaError) {
        let context = JinjaScope()
        for function in JinjaFunction.allCases {
            context.variables[function.rawValue] = .function(function)
        }
        context.variables.merge(variables) { _, given in given }
        defer {
            for scope in remembered { scope.clear() }
            for namespace in namespaces { namespace.attributes = OrderedMembers() }
        }
        do throws(JinjaProblem) {
            if try execute(statements, in: JinjaScope(within: context)) != .next {
                throw .failed("'break' and 'continue' belong into a loop")
            }
        } catch {
            throw error.error(line: line)
        }
    }

    // MARK: Printing

    private func emit(_ text: String) throws(JinjaProblem) {
        try budget.spend(bytes: text.utf8.count)
        output += text
    }

    /// The output of a body, kept apart from that of the template.
    func captured(_ body: () throws(JinjaProblem) -> Void) throws(JinjaProblem) -> String {
        let (outerOutput, wasCapturing) = (output, isCapturing)
        output = ""
        isCapturing = true
        defer {
            output = outerOutput
            isCapturing = wasCapturing
        }
        try body()
        return output
    }

    // MARK: Statements

    func execute(_ statements: [JinjaStatement], in scope: JinjaScope) throws(JinjaProblem) -> Flow {
        for statement in statements {
            line = statement.line
            let flow = try budget.deeper { () throws(JinjaProblem) in
                try execute(statement.form, in: scope)
            }
            if flow != .next { return flow }
        }
        return .next
    }

    private func execute(
        _ statement: JinjaStatement.Form, in scope: JinjaScope
    ) throws(JinjaProblem) -> Flow {
        switch statement {
        case .text(let text): try emit(text)
        case .print(let expression): try emit(try value(of: expression, in: scope).text(budget))
        case .branches(let branches):
            for branch in branches {
                if let condition = branch.condition, try !value(of: condition, in: scope).isTrue { continue }
                return try execute(branch.body, in: scope)
            }
        case .loop(let target, let list, let condition, let body, let otherwise):
            let elements = try elements(of: list, for: target, where: condition, in: scope)
            if elements.isEmpty { return try execute(otherwise, in: JinjaScope(within: scope)) }
            try loop(over: elements, target, body, in: scope)
        case .set(let target, let expression):
            try assign(try value(of: expression, in: scope), to: target, in: scope)
        case .setBlock(let target, let filters, let body):
            let text = try block(body, in: scope)
            try assign(try filtered(text, filters, in: scope), to: target, in: scope)
        case .filterBlock(let filters, let body):
            try emit(try filtered(try block(body, in: scope), filters, in: scope).text(budget))
        case .macro(let definition):
            remembered.append(scope)
            scope.variables[definition.name] = .macro(JinjaMacro(definition, in: scope))
        case .callBlock(let call, let caller):
            remembered.append(scope)
            try emit(
                try value(ofCall: call, caller: JinjaMacro(caller, in: scope), in: scope).text(budget))
        case .with(let values, let body):
            let inner = JinjaScope(within: scope)
            for (target, expression) in values {
                try assign(try value(of: expression, in: scope), to: target, in: inner)
            }
            return try execute(body, in: inner)
        case .generation(let body):
            guard !isCapturing else {
                throw .unsupported("a generation block within a macro or a captured block")
            }
            let start = output.utf8.count
            let flow = try execute(body, in: JinjaScope(within: scope))
            generated.append(start..<output.utf8.count)
            return flow
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .next
    }

    /// The output of a block, as text.
    private func block(
        _ body: [JinjaStatement], in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        .string(
            try captured { () throws(JinjaProblem) in
                if try execute(body, in: JinjaScope(within: scope)) != .next {
                    throw .unsupported("leaving a loop from within a captured block")
                }
            })
    }

    private func filtered(
        _ value: JinjaValue, _ filters: [(JinjaFilter, JinjaArguments)], in scope: JinjaScope
    ) throws(JinjaProblem) -> JinjaValue {
        var value = value
        for (filter, arguments) in filters {
            value = try filter.applied(to: value, try call(arguments, in: scope), budget)
        }
        return value
    }

    // MARK: Loops

    private func elements(
        of list: JinjaExpression, for target: JinjaTarget, where condition: JinjaExpression?,
        in scope: JinjaScope
    ) throws(JinjaProblem) -> [JinjaValue] {
        let elements = try value(of: list, in: scope).elements(budget)
        guard let condition else { return elements }
        var kept: [JinjaValue] = []
        for element in elements {
            let inner = JinjaScope(within: scope)
            try assign(element, to: target, in: inner)
            if try value(of: condition, in: inner).isTrue { kept.append(element) }
        }
        return kept
    }

    private func loop(
        over elements: [JinjaValue], _ target: JinjaTarget, _ body: [JinjaStatement],
        in scope: JinjaScope
    ) throws(JinjaProblem) {
        let loop = JinjaLoop(elements)
        for (index, element) in elements.enumerated() {
            loop.index = index
            let inner = JinjaScope(within: scope)
            inner.variables["loop"] = .loop(loop)
            try assign(element, to: target, in: inner)
            if try execute(body, in: inner) == .breakLoop { return }
        }
    }

    // MARK: Assignment

    func assign(
        _ value: JinjaValue, to target: JinjaTarget, in scope: JinjaScope
    ) throws(JinjaProblem) {
        switch target {
        case .name(let name): scope.variables[name] = value
        case .attribute(let name, let attribute):
            guard case .namespace(let namespace) = scope.value(of: name) else {
                throw .failed("only a namespace's attributes can be set, and '\(name)' is none")
            }
            namespace.attributes[attribute] = value
        case .tuple(let targets):
            let elements = try value.elements(budget)
            guard elements.count == targets.count else {
                throw .failed("\(elements.count) values for \(targets.count) names")
            }
            for (target, element) in zip(targets, elements) { try assign(element, to: target, in: scope) }
        }
    }

    /// A new namespace.
    func namespace(_ attributes: OrderedMembers<JinjaValue>) -> JinjaValue {
        let namespace = JinjaNamespace(attributes)
        namespaces.append(namespace)
        return .namespace(namespace)
    }
}
