/// A value while a template renders: what Python would hold.
enum TemplateValue {
    /// Nothing under that name; fine to print or test, an error to use.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case sequence(TemplateSequence)
    case mapping(TemplateMapping)
    case namespace(TemplateNamespace)
    case loop(TemplateLoop)
    case macro(TemplateMacro)
    /// A function that every template sees.
    case function(TemplateFunction)
    /// A method of a value, not yet called.
    indirect case method(TemplateValue, String)

    /// A list of values.
    static func list(_ elements: [TemplateValue]) -> TemplateValue {
        .sequence(TemplateSequence(elements, .list))
    }

    /// A tuple of values.
    static func tuple(_ elements: [TemplateValue]) -> TemplateValue {
        .sequence(TemplateSequence(elements, .tuple))
    }

    /// What Python calls its type, for messages.
    var typeName: String {
        switch self {
        case .undefined: "undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .integer: "int"
        case .number: "float"
        case .string: "str"
        case .sequence(let sequence): sequence.kind.rawValue
        case .mapping: "dict"
        case .namespace: "namespace"
        case .loop: "loop"
        case .macro: "macro"
        case .function, .method: "function"
        }
    }

    /// How deep lists and dictionaries lie within one another.
    var depth: Int {
        switch self {
        case .sequence(let sequence): sequence.depth
        case .mapping(let mapping): mapping.depth
        case .method(let value, _): value.depth + 1
        default: 0
        }
    }

    /// Whether Python holds it for true.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let flag): flag
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .string(let text): !text.isEmpty
        case .sequence(let sequence): sequence.kind == .iterator || !sequence.elements.isEmpty
        case .mapping(let mapping): !mapping.members.isEmpty
        case .loop(let loop): !loop.elements.isEmpty
        default: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }
}

/// Values in a row.
struct TemplateSequence {
    /// Which of Python's rows it is; they differ in what may be done with them.
    enum Kind: String {
        case list, tuple, range
        /// `dict.items()` and its like: has a length, has no places.
        case view = "dict_view"
        /// What `map` and its like give: can be walked over, nothing else.
        case iterator = "generator"
    }

    let elements: [TemplateValue]
    let kind: Kind
    let depth: Int

    init(_ elements: [TemplateValue], _ kind: Kind) {
        self.elements = elements
        self.kind = kind
        depth = 1 + (elements.lazy.map(\.depth).max() ?? 0)
    }
}

/// Values under names.
struct TemplateMapping {
    let members: OrderedMembers<TemplateValue>
    let depth: Int

    init(_ members: OrderedMembers<TemplateValue>) {
        self.members = members
        depth = 1 + (members.values.lazy.map(\.depth).max() ?? 0)
    }
}

/// What `namespace()` makes: the one thing that a template can change from within a loop.
final class TemplateNamespace {
    var attributes: OrderedMembers<TemplateValue>
    init(_ attributes: OrderedMembers<TemplateValue>) { self.attributes = attributes }
}

/// The variable `loop`.
final class TemplateLoop {
    let elements: [TemplateValue]
    var index = 0
    /// What `changed()` saw last.
    var lastSeen: [TemplateValue]?

    init(_ elements: [TemplateValue]) { self.elements = elements }
}

/// A macro, with the variables that it sees where it is defined.
final class TemplateMacro {
    let definition: TemplateMacroDefinition
    let scope: TemplateScope
    init(_ definition: TemplateMacroDefinition, in scope: TemplateScope) {
        self.definition = definition
        self.scope = scope
    }
}

/// Variables, and those of the block around it.
final class TemplateScope {
    var variables: [String: TemplateValue] = [:]
    private(set) var outer: TemplateScope?

    init(within outer: TemplateScope? = nil) { self.outer = outer }

    /// The innermost variable of that name.
    func value(of name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.outer
        }
        return nil
    }

    /// Lets go of everything, so that a macro and its scope do not keep each other alive.
    func clear() {
        variables = [:]
        outer = nil
    }
}

extension TemplateValue {
    /// The value of a JSON document.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let flag): self = .bool(flag)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map(TemplateValue.init))
        case .object(let object):
            self = .mapping(
                TemplateMapping(OrderedMembers(object.members.map { ($0.key, TemplateValue($0.value)) })))
        }
    }

    /// The JSON document of this value, as `json.dumps` would see it.
    func json(_ budget: TemplateBudget) throws(TemplateProblem) -> JSONValue {
        try budget.spend()
        switch self {
        case .none: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let text):
            try budget.spend(bytes: text.utf8.count)
            return .string(text)
        case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
            var elements: [JSONValue] = []
            for element in sequence.elements { elements.append(try element.json(budget)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping.members.members { object[key] = try value.json(budget) }
            return .object(object)
        default: throw .failed("a value of type \(typeName) can not be written as JSON")
        }
    }
}
