/// The methods of Python's values that templates may call.
enum JinjaMethods {
    /// True if a value of this type has the method; one that changes the value, or that is not known here, is
    /// an error.
    static func has(_ name: String, _ value: JinjaValue) throws(JinjaProblem) -> Bool {
        switch value {
        case .string:
            if StringMethod(rawValue: name) != nil { return true }
            if otherStringMethods.contains(name) { throw .unsupported("the method '\(name)' of a string") }
        case .mapping:
            if ["get", "items", "keys", "values", "copy"].contains(name) { return true }
            if ["pop", "popitem", "setdefault", "update", "clear", "fromkeys"].contains(name) {
                throw .unsupported("the method '\(name)' of a dictionary")
            }
        case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
            if ["index", "count", "copy"].contains(name) { return true }
            if ["append", "extend", "insert", "pop", "remove", "reverse", "sort", "clear"].contains(name) {
                throw .unsupported("the method '\(name)' of a list, which templates may not change,")
            }
        case .loop: return name == "cycle" || name == "changed"
        default: break
        }
        return false
    }

    private static let otherStringMethods: Set<String> = [
        "casefold", "encode", "expandtabs", "format_map", "isascii", "isidentifier", "isprintable", "istitle",
        "maketrans", "translate",
    ]

    /// Calls a method that the value has.
    static func call(
        _ name: String, of value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        switch value {
        case .string(let text):
            guard let method = StringMethod(rawValue: name) else { break }
            return try method.called(on: text, call, budget)
        case .mapping(let mapping): return try Self.call(name, of: mapping, call)
        case .sequence(let sequence): return try Self.call(name, of: sequence, call, budget)
        case .loop(let loop) where name == "cycle":
            guard !call.positional.isEmpty else { throw .failed("no items for cycling given") }
            return call.positional[loop.index % call.positional.count]
        case .loop(let loop):
            defer { loop.lastSeen = call.positional }
            guard let last = loop.lastSeen else { return .bool(true) }
            return .bool(try !JinjaValue.list(last).isEqual(to: .list(call.positional), budget))
        default: break
        }
        throw .unsupported("the method '\(name)'")
    }

    private static func call(
        _ name: String, of mapping: JinjaMapping, _ call: JinjaCall
    ) throws(JinjaProblem) -> JinjaValue {
        let members = mapping.members
        switch name {
        case "get":
            try call.check("get", takes: ["key", "default"])
            guard case .string(let key) = try call.required(0, "key") else {
                return call.value(1, "default") ?? .none
            }
            return members[key] ?? call.value(1, "default") ?? .none
        case "items":
            return .sequence(
                JinjaSequence(members.members.map { .tuple([.string($0.key), $0.value]) }, .view))
        case "keys": return .sequence(JinjaSequence(members.keys.map { .string($0) }, .view))
        case "values": return .sequence(JinjaSequence(members.values, .view))
        default: return .mapping(mapping)
        }
    }

    private static func call(
        _ name: String, of sequence: JinjaSequence, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        if name == "copy" { return .sequence(sequence) }
        let wanted = try call.required(0, "value")
        var count = 0
        for (position, element) in sequence.elements.enumerated()
        where try element.isEqual(to: wanted, budget) {
            if name == "index" { return .integer(position) }
            count += 1
        }
        guard name == "count" else { throw .failed("a value is not in the list") }
        return .integer(count)
    }
}
