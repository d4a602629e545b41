/// Reads expressions, loosest binding first: conditional, or, and, not, comparison, sum, `~`, product, power,
/// sign, then attributes, calls, filters and tests.
extension JinjaParser {
    /// Reads expressions that commas join to a tuple, or a single one.
    mutating func tuple(
        withConditional: Bool = true, isParenthesized: Bool = false
    ) throws(JinjaError) -> JinjaExpression {
        let line = current.line
        var elements: [JinjaExpression] = []
        var isTuple = false
        repeat {
            if endsTuple { break }
            elements.append(try withConditional ? expression() : disjunction())
            if current.kind == .symbol(",") { isTuple = true }
        } while take(",")
        if !isTuple, let only = elements.first { return only }
        guard isTuple || isParenthesized else {
            throw failure("an expression was expected, found \(current.description)")
        }
        return try node(line, .tuple(elements))
    }

    private var endsTuple: Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(")"), .end: true
        default: false
        }
    }

    /// Reads one expression.
    mutating func expression() throws(JinjaError) -> JinjaExpression {
        try deeper { parser throws(JinjaError) in
            var value = try parser.disjunction()
            while parser.takeWord("if") {
                let condition = try parser.disjunction()
                let other: JinjaExpression? = parser.takeWord("else") ? try parser.expression() : nil
                value = JinjaExpression(
                    line: value.line, form: .conditional(value, if: condition, else: other))
            }
            return value
        }
    }

    private mutating func disjunction() throws(JinjaError) -> JinjaExpression {
        var left = try conjunction()
        while takeWord("or") {
            left = try node(left.line, .or(left, try conjunction()))
        }
        return left
    }

    private mutating func conjunction() throws(JinjaError) -> JinjaExpression {
        var left = try negation()
        while takeWord("and") {
            left = try node(left.line, .and(left, try negation()))
        }
        return left
    }

    private mutating func negation() throws(JinjaError) -> JinjaExpression {
        let line = current.line
        guard takeWord("not") else { return try comparison() }
        let inner = try deeper { parser throws(JinjaError) in try parser.negation() }
        return try node(line, .not(inner))
    }

    private mutating func comparison() throws(JinjaError) -> JinjaExpression {
        let first = try sum()
        var others: [(JinjaComparison, JinjaExpression)] = []
        while let comparison = takeComparison() { others.append((comparison, try sum())) }
        return others.isEmpty
            ? first : try node(first.line, .comparison(first, others))
    }

    private mutating func takeComparison() -> JinjaComparison? {
        switch current.kind {
        case .symbol(let symbol):
            guard let comparison = JinjaComparison(rawValue: symbol) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .isIn
        case .name("not") where following.kind == .name("in"):
            advance()
            advance()
            return .isNotIn
        default: return nil
        }
    }

    private mutating func sum() throws(JinjaError) -> JinjaExpression {
        var left = try concatenation()
        while let operation = takeOperator(["+", "-"]) {
            left = try node(left.line, .binary(operation, left, try concatenation()))
        }
        return left
    }

    private mutating func concatenation() throws(JinjaError) -> JinjaExpression {
        let first = try product()
        var parts = [first]
        while take("~") { parts.append(try product()) }
        return parts.count == 1 ? first : try node(first.line, .concatenation(parts))
    }

    private mutating func product() throws(JinjaError) -> JinjaExpression {
        var left = try power()
        while let operation = takeOperator(["*", "/", "//", "%"]) {
            left = try node(left.line, .binary(operation, left, try power()))
        }
        return left
    }

    private mutating func power() throws(JinjaError) -> JinjaExpression {
        var left = try signed(withFilters: true)
        while take("**") {
            left = JinjaExpression(
                line: left.line, form: .binary(.power, left, try signed(withFilters: true)))
        }
        return left
    }

    private mutating func takeOperator(_ symbols: Set<String>) -> JinjaBinaryOperator? {
        guard case .symbol(let symbol) = current.kind, symbols.contains(symbol) else { return nil }
        advance()
        return JinjaBinaryOperator(rawValue: symbol)
    }

    private mutating func signed(withFilters: Bool) throws(JinjaError) -> JinjaExpression {
        let line = current.line
        var value: JinjaExpression
        if take("-") {
            let inner = try deeper { parser throws(JinjaError) in try parser.signed(withFilters: false) }
            value = try node(line, .unary(.minus, inner))
        } else if take("+") {
            let inner = try deeper { parser throws(JinjaError) in try parser.signed(withFilters: false) }
            value = try node(line, .unary(.plus, inner))
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return withFilters ? try filtersAndTests(on: value) : value
    }

    // MARK: Values

    private mutating func primary() throws(JinjaError) -> JinjaExpression {
        let line = current.line
        let form: JinjaExpression.Form
        switch current.kind {
        case .name("true"), .name("True"): form = .bool(true)
        case .name("false"), .name("False"): form = .bool(false)
        case .name("none"), .name("None"): form = .none
        case .name(let name): form = .name(name)
        case .integer(let value): form = .integer(value)
        case .number(let value): form = .number(value)
        case .string(var text):
            while case .string(let more) = following.kind {
                text += more
                advance()
            }
            form = .string(text)
        case .symbol("("):
            advance()
            let inner = try deeper { parser throws(JinjaError) in try parser.tuple(isParenthesized: true) }
            try expect(")")
            return inner
        case .symbol("["):
            advance()
            return try node(line, .list(try list(until: "]")))
        case .symbol("{"):
            advance()
            return try node(line, .dictionary(try dictionary()))
        default: throw failure("\(current.description) is not expected here")
        }
        advance()
        return try node(line, form)
    }

    private mutating func list(until end: String) throws(JinjaError) -> [JinjaExpression] {
        var elements: [JinjaExpression] = []
        while !take(end) {
            if !elements.isEmpty {
                try expect(",")
                if take(end) { break }
            }
            elements.append(try expression())
        }
        return elements
    }

    private mutating func dictionary() throws(JinjaError) -> [(
        key: JinjaExpression, value: JinjaExpression
    )] {
        var members: [(key: JinjaExpression, value: JinjaExpression)] = []
        while !take("}") {
            if !members.isEmpty {
                try expect(",")
                if take("}") { break }
            }
            let key = try expression()
            try expect(":")
            members.append((key, try expression()))
        }
        return members
    }

    // MARK: What follows a value

    private mutating func postfix(_ start: JinjaExpression) throws(JinjaError) -> JinjaExpression {
        var value = start
        while true {
            let line = current.line
            if take(".") {
                if case .integer(let position) = current.kind {
                    advance()
                    let index = try node(line, .integer(position))
                    value = try node(line, .item(value, index))
                } else {
                    value = try node(line, .attribute(value, try expectName()))
                }
            } else if take("[") {
                value = try node(line, try subscripting(value))
                try expect("]")
            } else if current.kind == .symbol("(") {
                value = try node(line, .call(value, try arguments()))
            } else {
                return value
            }
        }
    }

    private mutating func subscripting(
        _ value: JinjaExpression
    ) throws(JinjaError) -> JinjaExpression.Form {
        func bound(_ parser: inout JinjaParser) throws(JinjaError) -> JinjaExpression? {
            if parser.current.kind == .symbol(":") || parser.current.kind == .symbol("]") { return nil }
            return try parser.expression()
        }
        let start = try bound(&self)
        guard take(":") else {
            guard let start else { throw failure("an index was expected") }
            if current.kind == .symbol(",") {
                throw .unsupported(line: current.line, construct: "an index of several values")
            }
            return .item(value, start)
        }
        let stop = try bound(&self)
        let step = take(":") ? try bound(&self) : nil
        return .slice(value, start: start, stop: stop, step: step)
    }

    private mutating func arguments() throws(JinjaError) -> JinjaArguments {
        var arguments = JinjaArguments()
        var isFirst = true
        try expect("(")
        while !take(")") {
            if !isFirst {
                try expect(",")
                if take(")") { break }
            }
            isFirst = false
            if current.kind == .symbol("*") || current.kind == .symbol("**") {
                throw .unsupported(line: current.line, construct: "an argument list unpacked by '*'")
            }
            if case .name(let name) = current.kind, following.kind == .symbol("=") {
                advance()
                advance()
                arguments.named.append((name, try expression()))
            } else {
                guard arguments.named.isEmpty else {
                    throw failure("a positional argument follows a named one")
                }
                arguments.positional.append(try expression())
            }
        }
        return arguments
    }

    private mutating func filtersAndTests(
        on start: JinjaExpression
    ) throws(JinjaError) -> JinjaExpression {
        var value = start
        while true {
            let line = current.line
            if current.kind == .symbol("|") {
                for (filter, arguments) in try filters(startsInline: false) {
                    value = try node(line, .filter(value, filter, arguments))
                }
            } else if takeWord("is") {
                value = try test(value, line: line)
            } else if current.kind == .symbol("(") {
                value = try node(line, .call(value, try arguments()))
            } else {
                return value
            }
        }
    }

    /// Reads `|f|g(x)`; inline, the first bar is left out.
    mutating func filters(startsInline: Bool) throws(JinjaError) -> [(JinjaFilter, JinjaArguments)] {
        var filters: [(JinjaFilter, JinjaArguments)] = []
        var isInline = startsInline
        while isInline || take("|") {
            isInline = false
            let line = current.line
            let name = try expectName()
            guard let filter = JinjaFilter(rawValue: name) else {
                throw .unsupported(line: line, construct: "the filter '\(name)'")
            }
            let arguments = current.kind == .symbol("(") ? try arguments() : JinjaArguments()
            filters.append((filter, arguments))
        }
        return filters
    }

    private mutating func test(
        _ value: JinjaExpression, line: Int
    ) throws(JinjaError) -> JinjaExpression {
        let isNegated = takeWord("not")
        let name = try expectName()
        guard let test = JinjaTest(rawValue: name) else {
            throw .unsupported(line: line, construct: "the test '\(name)'")
        }
        var arguments = JinjaArguments()
        if current.kind == .symbol("(") {
            arguments = try self.arguments()
        } else if startsTestArgument {
            let argument = try primary()
            arguments.positional = [try postfix(argument)]
        }
        let tested = try node(line, .test(value, test, arguments))
        return isNegated ? try node(line, .not(tested)) : tested
    }

    private var startsTestArgument: Bool {
        switch current.kind {
        case .name(let word): !["else", "or", "and", "is", "if", "in", "not"].contains(word)
        case .string, .integer, .number, .symbol("["), .symbol("{"): true
        default: false
        }
    }
}
