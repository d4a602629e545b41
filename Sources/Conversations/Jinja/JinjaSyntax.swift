/// A piece of a template's source.
struct JinjaToken: Equatable {
    enum Kind: Equatable {
        /// Text that is printed as it stands.
        case data(String)
        /// `{{`, `}}`, `{%`, `%}`.
        case variableBegin, variableEnd, blockBegin, blockEnd
        /// A name or keyword.
        case name(String)
        case string(String)
        case integer(Int)
        case number(Double)
        /// `+`, `==`, `(`, ….
        case symbol(String)
        case end
    }

    var kind: Kind
    /// The line on which it starts, from one.
    var line: Int

    /// Its name in messages.
    var description: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string(let text): "the string '\(text)'"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the template"
        }
    }
}

/// An expression of a template, with the line it stands on.
struct JinjaExpression: Sendable {
    let line: Int
    let form: Form
    /// The depth of nested expressions; the parser keeps it small, so that no walk over them
    /// overflows the stack.
    let height: Int

    init(line: Int, form: Form) {
        self.line = line
        self.form = form
        height = 1 + (form.parts.lazy.map(\.height).max() ?? 0)
    }

    indirect enum Form: Sendable {
        case none
        case bool(Bool)
        case integer(Int)
        case number(Double)
        case string(String)
        case name(String)
        case list([JinjaExpression])
        case tuple([JinjaExpression])
        case dictionary([(key: JinjaExpression, value: JinjaExpression)])
        /// `value.name`
        case attribute(JinjaExpression, String)
        /// `value[index]`
        case item(JinjaExpression, JinjaExpression)
        /// `value[start:stop:step]`
        case slice(
            JinjaExpression, start: JinjaExpression?, stop: JinjaExpression?,
            step: JinjaExpression?)
        case call(JinjaExpression, JinjaArguments)
        case filter(JinjaExpression, JinjaFilter, JinjaArguments)
        case test(JinjaExpression, JinjaTest, JinjaArguments)
        case not(JinjaExpression)
        case and(JinjaExpression, JinjaExpression)
        case or(JinjaExpression, JinjaExpression)
        case conditional(JinjaExpression, if: JinjaExpression, else: JinjaExpression?)
        /// `a < b <= c`: each comparison with the value before it.
        case comparison(JinjaExpression, [(JinjaComparison, JinjaExpression)])
        case unary(JinjaUnaryOperator, JinjaExpression)
        case binary(JinjaBinaryOperator, JinjaExpression, JinjaExpression)
        /// `a ~ b ~ c`
        case concatenation([JinjaExpression])
    }
}

extension JinjaExpression.Form {
    /// The expressions that this one is made of.
    fileprivate var parts: [JinjaExpression] {
        switch self {
        case .none, .bool, .integer, .number, .string, .name: []
        case .list(let elements), .tuple(let elements), .concatenation(let elements): elements
        case .dictionary(let members): members.flatMap { [$0.key, $0.value] }
        case .attribute(let owner, _), .not(let owner), .unary(_, let owner): [owner]
        case .item(let a, let b), .and(let a, let b), .or(let a, let b), .binary(_, let a, let b): [a, b]
        case .slice(let owner, let start, let stop, let step):
            [owner] + [start, stop, step].compactMap(\.self)
        case .call(let owner, let arguments), .filter(let owner, _, let arguments),
            .test(let owner, _, let arguments):
            [owner] + arguments.positional + arguments.named.map(\.value)
        case .conditional(let value, let condition, let other):
            [value, condition] + (other.map { [$0] } ?? [])
        case .comparison(let first, let others): [first] + others.map(\.1)
        }
    }
}

/// The arguments of a call.
struct JinjaArguments: Sendable {
    var positional: [JinjaExpression] = []
    var named: [(name: String, value: JinjaExpression)] = []
}

enum JinjaComparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

enum JinjaUnaryOperator: Sendable { case minus, plus }

enum JinjaBinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
}

/// The target of an assignment: a name, an attribute of a namespace, or several of them.
indirect enum JinjaTarget: Sendable {
    case name(String)
    case attribute(of: String, String)
    case tuple([JinjaTarget])
}

/// A macro: its name and parameters, the last of which may have default values.
struct JinjaMacroDefinition: Sendable {
    var name: String
    var parameters: [(name: String, defaultValue: JinjaExpression?)]
    var body: [JinjaStatement]
}

/// A statement of a template, with the line it starts on.
struct JinjaStatement: Sendable {
    let line: Int
    let form: Form

    indirect enum Form: Sendable {
        case text(String)
        case print(JinjaExpression)
        /// The first branch whose condition holds; nil is `else`.
        case branches([(condition: JinjaExpression?, body: [JinjaStatement])])
        case loop(
            JinjaTarget, over: JinjaExpression, if: JinjaExpression?, body: [JinjaStatement],
            otherwise: [JinjaStatement])
        case set(JinjaTarget, JinjaExpression)
        /// `{% set x %}…{% endset %}`, through filters.
        case setBlock(JinjaTarget, [(JinjaFilter, JinjaArguments)], [JinjaStatement])
        case macro(JinjaMacroDefinition)
        /// `{% call(…) f(…) %}…{% endcall %}`
        case callBlock(JinjaExpression, caller: JinjaMacroDefinition)
        /// `{% filter f %}…{% endfilter %}`
        case filterBlock([(JinjaFilter, JinjaArguments)], [JinjaStatement])
        case with([(target: JinjaTarget, value: JinjaExpression)], [JinjaStatement])
        /// `{% generation %}…{% endgeneration %}`: what the assistant says.
        case generation([JinjaStatement])
        case breakLoop
        case continueLoop
    }
}
