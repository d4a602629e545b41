/// Reads the statements of a template.
struct JinjaParser {
    private let tokens: [JinjaToken]
    private var index = 0
    private var depth = 0
    /// Statements and brackets within one another that are followed before a template is called hostile.
    private static let greatestDepth = 100
    /// Expressions within one another that are allowed, which a long sum reaches too.
    private static let greatestHeight = 150

    private init(_ tokens: [JinjaToken]) { self.tokens = tokens }

    /// The statements of a template's source.
    static func statements(of source: String) throws(JinjaError) -> [JinjaStatement] {
        var parser = JinjaParser(try JinjaLexer.tokens(of: source))
        return try parser.statements(until: []).body
    }

    // MARK: Tokens

    var current: JinjaToken { tokens[index] }
    var following: JinjaToken { tokens[min(index + 1, tokens.count - 1)] }
    mutating func advance() { index = min(index + 1, tokens.count - 1) }

    func failure(_ reason: String) -> JinjaError { .syntax(line: current.line, reason: reason) }

    /// Steps over a token of this kind if it is next.
    mutating func take(_ kind: JinjaToken.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }
    mutating func take(_ symbol: String) -> Bool { take(.symbol(symbol)) }
    mutating func takeWord(_ word: String) -> Bool { take(.name(word)) }

    mutating func expect(_ kind: JinjaToken.Kind, _ description: String) throws(JinjaError) {
        guard take(kind) else { throw failure("\(description) was expected, found \(current.description)") }
    }
    mutating func expect(_ symbol: String) throws(JinjaError) {
        try expect(.symbol(symbol), "'\(symbol)'")
    }

    mutating func expectName() throws(JinjaError) -> String {
        guard case .name(let name) = current.kind else {
            throw failure("a name was expected, found \(current.description)")
        }
        advance()
        return name
    }

    /// Reads something that stands one level further in.
    mutating func deeper<R>(
        _ body: (inout JinjaParser) throws(JinjaError) -> R
    ) throws(JinjaError) -> R {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.greatestDepth else {
            throw .tooCostly(line: current.line, limit: "a depth of \(Self.greatestDepth)")
        }
        return try body(&self)
    }

    /// An expression, unless it has grown too high.
    func node(_ line: Int, _ form: JinjaExpression.Form) throws(JinjaError) -> JinjaExpression {
        let expression = JinjaExpression(line: line, form: form)
        guard expression.height <= Self.greatestHeight else {
            throw .tooCostly(line: line, limit: "expressions nested \(Self.greatestHeight) deep")
        }
        return expression
    }

    // MARK: Statements

    /// Reads up to a statement with one of the given words, whose word is stepped over and returned.
    mutating func statements(
        until ends: Set<String>
    ) throws(JinjaError) -> (body: [JinjaStatement], end: String) {
        var body: [JinjaStatement] = []
        while true {
            let line = current.line
            switch current.kind {
            case .data(let text):
                advance()
                body.append(JinjaStatement(line: line, form: .text(text)))
            case .variableBegin:
                advance()
                let expression = try tuple()
                try expect(.variableEnd, "'}}'")
                body.append(JinjaStatement(line: line, form: .print(expression)))
            case .blockBegin:
                advance()
                let word = try expectName()
                if ends.contains(word) { return (body, word) }
                let form = try deeper { parser throws(JinjaError) in try parser.statement(word) }
                try expect(.blockEnd, "'%}'")
                body.append(JinjaStatement(line: line, form: form))
            default:
                guard ends.isEmpty else {
                    throw failure("'\(ends.sorted().joined(separator: "' or '"))' is missing")
                }
                return (body, "")
            }
        }
    }

    /// Reads the statements of a block up to its end, whose word is stepped over.
    private mutating func block(until end: String) throws(JinjaError) -> [JinjaStatement] {
        try expect(.blockEnd, "'%}'")
        return try statements(until: [end]).body
    }

    private mutating func statement(_ word: String) throws(JinjaError) -> JinjaStatement.Form {
        switch word {
        case "if": return try conditional()
        case "for": return try loop()
        case "set": return try assignment()
        case "macro":
            let name = try expectName()
            let parameters = try parameters()
            return .macro(
                JinjaMacroDefinition(
                    name: name, parameters: parameters, body: try block(until: "endmacro")))
        case "call": return try callBlock()
        case "filter":
            let filters = try filters(startsInline: true)
            return .filterBlock(filters, try block(until: "endfilter"))
        case "with": return try withBlock()
        case "generation": return .generation(try block(until: "endgeneration"))
        case "break": return .breakLoop
        case "continue": return .continueLoop
        case "print": return .print(try tuple())
        case "block", "extends", "include", "import", "from", "autoescape", "do", "trans", "debug":
            throw .unsupported(line: current.line, construct: "the statement '\(word)'")
        default: throw failure("'\(word)' is no statement here")
        }
    }

    private mutating func conditional() throws(JinjaError) -> JinjaStatement.Form {
        var branches: [(condition: JinjaExpression?, body: [JinjaStatement])] = []
        var condition: JinjaExpression? = try tuple(withConditional: false)
        while true {
            try expect(.blockEnd, "'%}'")
            let (body, end) = try statements(until: condition == nil ? ["endif"] : ["elif", "else", "endif"])
            branches.append((condition, body))
            switch end {
            case "elif": condition = try tuple(withConditional: false)
            case "else": condition = nil
            default: return .branches(branches)
            }
        }
    }

    private mutating func loop() throws(JinjaError) -> JinjaStatement.Form {
        let target = try target(endsBefore: "in")
        try expect(.name("in"), "'in'")
        let list = try tuple(withConditional: false)
        let condition: JinjaExpression? = takeWord("if") ? try expression() : nil
        if current.kind == .name("recursive") {
            throw .unsupported(line: current.line, construct: "a recursive loop")
        }
        try expect(.blockEnd, "'%}'")
        let (body, end) = try statements(until: ["endfor", "else"])
        let otherwise = end == "else" ? try block(until: "endfor") : []
        return .loop(target, over: list, if: condition, body: body, otherwise: otherwise)
    }

    private mutating func assignment() throws(JinjaError) -> JinjaStatement.Form {
        let target = try target(withNamespace: true)
        if take("=") { return .set(target, try tuple()) }
        let filters = try filters(startsInline: false)
        return .setBlock(target, filters, try block(until: "endset"))
    }

    private mutating func callBlock() throws(JinjaError) -> JinjaStatement.Form {
        let parameters = current.kind == .symbol("(") ? try parameters() : []
        let call = try expression()
        guard case .call = call.form else { throw failure("a call was expected") }
        let body = try block(until: "endcall")
        return .callBlock(
            call, caller: JinjaMacroDefinition(name: "caller", parameters: parameters, body: body))
    }

    private mutating func withBlock() throws(JinjaError) -> JinjaStatement.Form {
        var values: [(target: JinjaTarget, value: JinjaExpression)] = []
        while current.kind != .blockEnd {
            if !values.isEmpty { try expect(",") }
            let target = try target()
            try expect("=")
            values.append((target, try expression()))
        }
        return .with(values, try block(until: "endwith"))
    }

    private mutating func parameters() throws(JinjaError) -> [(
        name: String, defaultValue: JinjaExpression?
    )] {
        var parameters: [(name: String, defaultValue: JinjaExpression?)] = []
        try expect("(")
        while !take(")") {
            if !parameters.isEmpty { try expect(",") }
            let name = try expectName()
            let value: JinjaExpression? = take("=") ? try expression() : nil
            if value == nil, parameters.last?.defaultValue != nil {
                throw failure("a parameter without a default follows one that has a default")
            }
            parameters.append((name, value))
        }
        return parameters
    }

    /// Reads what a value is assigned to; a comma makes a tuple.
    private mutating func target(
        endsBefore word: String? = nil, withNamespace: Bool = false
    ) throws(JinjaError) -> JinjaTarget {
        var targets: [JinjaTarget] = []
        var isTuple = false
        repeat {
            if let word, current.kind == .name(word) { break }
            if isTuple,
                current.kind == .blockEnd || current.kind == .symbol("=") || current.kind == .symbol(")")
            {
                break
            }
            if take("(") {
                targets.append(
                    try deeper { parser throws(JinjaError) in
                        try parser.target(withNamespace: withNamespace)
                    })
                try expect(")")
            } else {
                let name = try expectName()
                if withNamespace, take(".") {
                    targets.append(.attribute(of: name, try expectName()))
                } else {
                    targets.append(.name(name))
                }
            }
            if current.kind == .symbol(",") { isTuple = true }
        } while take(",")
        if !isTuple, let only = targets.first { return only }
        return .tuple(targets)
    }
}
