/// A value while a template renders: what Python would hold.
enum JinjaValue {
    /// Nothing under that name; fine to print or test, an error to use.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case sequence(JinjaSequence)
    case mapping(JinjaMapping)
    case namespace(JinjaNamespace)
    case loop(JinjaLoop)
    case macro(JinjaMacro)
    /// A function that every template sees.
    case function(JinjaFunction)
    /// A method of a value, not yet called.
    indirect case method(JinjaValue, String)

    /// A list of values.
    static func list(_ elements: [JinjaValue]) -> JinjaValue {
        .sequence(JinjaSequence(elements, .list))
    }

    /// A tuple of values.
    static func tuple(_ elements: [JinjaValue]) -> JinjaValue {
        .sequence(JinjaSequence(elements, .tuple))
    }

    /// Python's name of its type, for messages.
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

    /// The depth of nested lists and dictionaries.
    var depth: Int {
        switch self {
        case .sequence(let sequence): sequence.depth
        case .mapping(let mapping): mapping.depth
        case .method(let value, _): value.depth + 1
        default: 0
        }
    }

    /// True if Python takes it for true.
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
struct JinjaSequence {
    /// Python's type of the sequence, which decides the operations that it has.
    enum Kind: String {
        case list, tuple, range
        /// `dict.items()` and its like: has a length, has no places.
        case view = "dict_view"
        /// The result of `map` and its like: it can be walked over, nothing else.
        case iterator = "generator"
    }

    let elements: [JinjaValue]
    let kind: Kind
    let depth: Int

    init(_ elements: [JinjaValue], _ kind: Kind) {
        self.elements = elements
        self.kind = kind
        depth = 1 + (elements.lazy.map(\.depth).max() ?? 0)
    }
}

/// Values under names.
struct JinjaMapping {
    let members: OrderedMembers<JinjaValue>
    let depth: Int

    init(_ members: OrderedMembers<JinjaValue>) {
        self.members = members
        depth = 1 + (members.values.lazy.map(\.depth).max() ?? 0)
    }
}

/// The result of `namespace()`: the one thing that a template can change from within a loop.
final class JinjaNamespace {
    var attributes: OrderedMembers<JinjaValue>
    init(_ attributes: OrderedMembers<JinjaValue>) { self.attributes = attributes }
}

/// The variable `loop`.
final class JinjaLoop {
    let elements: [JinjaValue]
    var index = 0
    /// The values of the last `changed()`.
    var lastSeen: [JinjaValue]?

    init(_ elements: [JinjaValue]) { self.elements = elements }
}

/// A macro, with the variables that it sees where it is defined.
final class JinjaMacro {
    let definition: JinjaMacroDefinition
    let scope: JinjaScope
    init(_ definition: JinjaMacroDefinition, in scope: JinjaScope) {
        self.definition = definition
        self.scope = scope
    }
}

/// Variables, and those of the block around it.
final class JinjaScope {
    var variables: [String: JinjaValue] = [:]
    private(set) var outer: JinjaScope?

    init(within outer: JinjaScope? = nil) { self.outer = outer }

    /// The innermost variable of that name.
    func value(of name: String) -> JinjaValue? {
        var scope: JinjaScope? = self
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

extension JinjaValue {
    /// The value of a JSON document.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let flag): self = .bool(flag)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map(JinjaValue.init))
        case .object(let object):
            self = .mapping(
                JinjaMapping(OrderedMembers(object.members.map { ($0.key, JinjaValue($0.value)) })))
        }
    }

    /// The JSON document of this value, as `json.dumps` would see it.
    func json(_ budget: JinjaBudget) throws(JinjaProblem) -> JSONValue {
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
        default: throw .failed("a value of type \(typeName) cannot be written as JSON")
        }
    }
}
