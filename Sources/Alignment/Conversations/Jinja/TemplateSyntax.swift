/// An expression of a template, with the line it stands on.
struct TemplateExpression: Sendable {
    let line: Int
    let form: Form
    /// How many expressions lie within one another here; the parser keeps it small, so that no walk over them
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
        case list([TemplateExpression])
        case tuple([TemplateExpression])
        case dictionary([(key: TemplateExpression, value: TemplateExpression)])
        /// `value.name`
        case attribute(TemplateExpression, String)
        /// `value[index]`
        case item(TemplateExpression, TemplateExpression)
        /// `value[start:stop:step]`
        case slice(
            TemplateExpression, start: TemplateExpression?, stop: TemplateExpression?,
            step: TemplateExpression?)
        case call(TemplateExpression, TemplateArguments)
        case filter(TemplateExpression, TemplateFilter, TemplateArguments)
        case test(TemplateExpression, TemplateTest, TemplateArguments)
        case not(TemplateExpression)
        case and(TemplateExpression, TemplateExpression)
        case or(TemplateExpression, TemplateExpression)
        case conditional(TemplateExpression, if: TemplateExpression, else: TemplateExpression?)
        /// `a < b <= c`: each comparison with the value before it.
        case comparison(TemplateExpression, [(TemplateComparison, TemplateExpression)])
        case unary(TemplateUnaryOperator, TemplateExpression)
        case binary(TemplateBinaryOperator, TemplateExpression, TemplateExpression)
        /// `a ~ b ~ c`
        case concatenation([TemplateExpression])
    }
}

extension TemplateExpression.Form {
    /// The expressions that this one is made of.
    fileprivate var parts: [TemplateExpression] {
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

/// What stands between the parentheses of a call.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

enum TemplateComparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

enum TemplateUnaryOperator: Sendable { case minus, plus }

enum TemplateBinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
}

/// Where a value is put: a name, an attribute of a namespace, or several of them.
indirect enum TemplateTarget: Sendable {
    case name(String)
    case attribute(of: String, String)
    case tuple([TemplateTarget])
}

/// A macro: its name and parameters, the last of which may have default values.
struct TemplateMacroDefinition: Sendable {
    var name: String
    var parameters: [(name: String, defaultValue: TemplateExpression?)]
    var body: [TemplateStatement]
}

/// A statement of a template, with the line it starts on.
struct TemplateStatement: Sendable {
    let line: Int
    let form: Form

    indirect enum Form: Sendable {
        case text(String)
        case print(TemplateExpression)
        /// The first branch whose condition holds; nil is `else`.
        case branches([(condition: TemplateExpression?, body: [TemplateStatement])])
        case loop(
            TemplateTarget, over: TemplateExpression, if: TemplateExpression?, body: [TemplateStatement],
            otherwise: [TemplateStatement])
        case set(TemplateTarget, TemplateExpression)
        /// `{% set x %}…{% endset %}`, through filters.
        case setBlock(TemplateTarget, [(TemplateFilter, TemplateArguments)], [TemplateStatement])
        case macro(TemplateMacroDefinition)
        /// `{% call(…) f(…) %}…{% endcall %}`
        case callBlock(TemplateExpression, caller: TemplateMacroDefinition)
        /// `{% filter f %}…{% endfilter %}`
        case filterBlock([(TemplateFilter, TemplateArguments)], [TemplateStatement])
        case with([(target: TemplateTarget, value: TemplateExpression)], [TemplateStatement])
        /// `{% generation %}…{% endgeneration %}`: what the assistant says.
        case generation([TemplateStatement])
        case breakLoop
        case continueLoop
    }
}
