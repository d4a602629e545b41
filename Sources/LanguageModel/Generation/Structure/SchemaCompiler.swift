internal import JSON

/// Makes an automaton of a schema.
///
/// Each function that builds a part gives the node from which the part is read, and goes on at `next`.
struct SchemaCompiler {
    let document: JSONValue
    var automaton = ByteAutomaton()
    /// The rules of places that `$ref` names.
    private var references: [String: Int] = [:]
    /// The rules of what stands in many places.
    private var shared: [String: Int] = [:]
    /// The first nodes of schemas, those inside others before them.
    private var places: [(node: Int, path: String)] = []
    private var depth = 0

    /// - Parameter automaton: One that the schema's is built into.
    init(_ document: JSONValue, into automaton: ByteAutomaton = ByteAutomaton()) {
        self.document = document
        self.automaton = automaton
    }

    mutating func compiled() throws(JSONSchemaError) -> ByteAutomaton {
        automaton.start = try value(document, at: "#", then: ByteAutomaton.end)
        if automaton.callsItself {
            throw .unsupported(path: "#", reason: "has a $ref that leads to itself without a value between")
        }
        automaton.settle(over: Set(0...255))
        guard automaton.canEnd(automaton.start) else {
            throw .unsatisfiable(path: places.first { !automaton.canEnd($0.node) }?.path ?? "#")
        }
        return automaton
    }

    /// Refuses what needs too many states.
    func checkSize(at path: String) throws(JSONSchemaError) {
        if automaton.isTooLarge { throw .tooLarge(path: path) }
    }

    /// A part that stands in many places, built once.
    mutating func shared(
        _ name: String, then next: Int,
        _ body: (inout SchemaCompiler) throws(JSONSchemaError) -> Int
    ) throws(JSONSchemaError) -> Int {
        automaton.call(try rule(name, body), then: next)
    }

    /// The number of a rule that is built once.
    mutating func rule(
        _ name: String, _ body: (inout SchemaCompiler) throws(JSONSchemaError) -> Int
    ) throws(JSONSchemaError) -> Int {
        if let rule = shared[name] { return rule }
        let rule = automaton.addRule()
        shared[name] = rule
        automaton.setRule(rule, from: try body(&self))
        return rule
    }

    // MARK: Keywords

    /// Keywords that say nothing about which values fit.
    private static let annotations: Set<String> = [
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
        "example", "deprecated", "readOnly", "writeOnly",
    ]
    /// Keywords that say something about values of one type.
    static let typesOfKeywords: [String: [String]] = [
        "properties": ["object"], "required": ["object"], "additionalProperties": ["object"],
        "items": ["array"], "prefixItems": ["array"], "minItems": ["array"], "maxItems": ["array"],
        "minLength": ["string"], "maxLength": ["string"], "pattern": ["string"],
        "minimum": ["number"], "maximum": ["number"], "exclusiveMinimum": ["number"],
        "exclusiveMaximum": ["number"], "multipleOf": ["number"],
    ]
    private static let types = ["object", "array", "string", "integer", "number", "boolean", "null"]

    /// A value that fits a schema.
    mutating func value(_ schema: JSONValue, at path: String, then next: Int) throws(JSONSchemaError) -> Int {
        guard depth < 100 else { throw .tooLarge(path: path) }
        depth += 1
        defer { depth -= 1 }
        try checkSize(at: path)
        let node = try build(schema, at: path, then: next)
        places.append((node, path))
        return node
    }

    private mutating func build(_ schema: JSONValue, at path: String, then next: Int) throws(JSONSchemaError)
        -> Int
    {
        if schema.bool == true { return try anything(then: next) }
        if schema.bool == false { return automaton.choice([]) }
        guard var members = schema.object else {
            throw .invalid(path: path, found: schema.shown, expected: "a schema: an object, true or false")
        }
        for key in Self.annotations { members[key] = nil }
        for key in members.keys where !isKnown(key, members[key]!) {
            throw .unsupported(path: "\(path)/\(escaped(key))", reason: "is not supported")
        }
        for key in ["uniqueItems", "minProperties"] { members[key] = nil }
        if members["allOf"] != nil || members["$ref"] != nil && members.count > 1 {
            let merged = try merged(members, at: path, following: 0)
            return try build(.object(merged), at: path, then: next)
        }
        if let reference = members["$ref"] { return try self.reference(reference, at: path, then: next) }
        for key in ["anyOf", "oneOf"] {
            guard let ways = members[key] else { continue }
            guard let ways = ways.array, !ways.isEmpty else {
                throw .invalid(path: "\(path)/\(key)", found: ways.shown, expected: "a list of schemas")
            }
            members[key] = nil
            return try alternatives(ways, beside: members, at: path, key, then: next)
        }
        if let value = members["const"] {
            return try constants([value], beside: members, without: "const", at: path, then: next)
        }
        if let values = members["enum"] {
            guard let values = values.array else {
                throw .invalid(path: "\(path)/enum", found: values.shown, expected: "a list of values")
            }
            return try constants(values, beside: members, without: "enum", at: path, then: next)
        }
        let types = try types(of: members, at: path)
        var ways: [Int] = []
        for type in types { ways.append(try self.type(type, members, at: path, then: next)) }
        return automaton.choice(ways)
    }

    private func isKnown(_ key: String, _ value: JSONValue) -> Bool {
        switch key {
        case "type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref": true
        case "uniqueItems": value == false
        case "minProperties": value.integer == 0
        default: Self.typesOfKeywords[key] != nil
        }
    }

    /// A key as a path spells it.
    func escaped(_ key: String) -> String {
        key.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }

    /// The types that a schema names, or else those that its keywords are about.
    private func types(of members: JSONObject, at path: String) throws(JSONSchemaError) -> [String] {
        guard let type = members["type"] else {
            let about = Set(members.keys.flatMap { Self.typesOfKeywords[$0] ?? [] })
            return about.isEmpty ? Self.types.filter { $0 != "integer" } : about.sorted()
        }
        let names = type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
        guard !names.isEmpty, names.count == type.array?.count ?? 1, names.allSatisfy(Self.types.contains)
        else {
            throw .invalid(
                path: "\(path)/type", found: type.shown,
                expected: "one or several of \(Self.types.joined(separator: ", "))")
        }
        return names
    }

    private mutating func type(
        _ type: String, _ members: JSONObject, at path: String, then next: Int
    ) throws(JSONSchemaError) -> Int {
        switch type {
        case "object": try object(members, at: path, then: next)
        case "array": try array(members, at: path, then: next)
        case "string": try string(members, at: path, then: next)
        case "boolean": automaton.oneOf([Array("true".utf8), Array("false".utf8)], then: next)
        case "null": automaton.literal("null", then: next)
        default: try number(members, isWhole: type == "integer", at: path, then: next)
        }
    }

    /// Any value at all.
    mutating func anything(then next: Int) throws(JSONSchemaError) -> Int {
        try shared("anything", then: next) { compiler throws(JSONSchemaError) in
            try compiler.build([:], at: "#", then: ByteAutomaton.end)
        }
    }

    /// One of some values.
    private mutating func constants(
        _ values: [JSONValue], beside members: JSONObject, without key: String, at path: String,
        then next: Int
    ) throws(JSONSchemaError) -> Int {
        var values = values
        for other in members.keys where other != key {
            switch other {
            case "type":
                let types = try types(of: members, at: path)
                values = values.filter { value in types.contains { Self.fits(value, $0) } }
            case "enum": values = values.filter { members["enum"]?.array?.contains($0) ?? false }
            default: throw .unsupported(path: "\(path)/\(other)", reason: "is not supported beside \(key)")
            }
        }
        return automaton.oneOf(values.map { Array($0.text(.compact).utf8) }, then: next)
    }

    private static func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        case .integer, .number: type == "number" || type == "integer" && value.integer != nil
        }
    }

    // MARK: Several schemas

    private mutating func alternatives(
        _ ways: [JSONValue], beside members: JSONObject, at path: String, _ key: String, then next: Int
    ) throws(JSONSchemaError) -> Int {
        if key == "oneOf" {
            for (index, way) in ways.enumerated() {
                for other in ways[..<index] where !areApart(way, other) {
                    throw .unsupported(
                        path: "\(path)/oneOf",
                        reason: "has schemas that one value may fit both of; anyOf takes them")
                }
            }
        }
        var nodes: [Int] = []
        for (index, way) in ways.enumerated() {
            let place = "\(path)/\(key)/\(index)"
            guard !members.isEmpty else {
                nodes.append(try value(way, at: place, then: next))
                continue
            }
            let both: JSONObject = ["allOf": [.object(members), way]]
            nodes.append(try value(.object(both), at: place, then: next))
        }
        return automaton.choice(nodes)
    }

    /// Whether no value fits both of two schemas, as far as is easily seen.
    private func areApart(_ a: JSONValue, _ b: JSONValue, depth: Int = 0) -> Bool {
        guard depth < 4, let a = resolved(a), let b = resolved(b) else { return false }
        if let values = constants(of: a) {
            if let others = constants(of: b) {
                return !values.contains { value in
                    others.contains { $0 == value || $0.number != nil && $0.number == value.number }
                }
            }
            guard let types = typeNames(of: b) else { return false }
            return !values.contains { value in types.contains { Self.fits(value, $0) } }
        }
        if constants(of: b) != nil { return areApart(.object(b), .object(a), depth: depth + 1) }
        guard let types = typeNames(of: a), let others = typeNames(of: b) else { return false }
        let wide = { (names: [String]) in Set(names.map { $0 == "integer" ? "number" : $0 }) }
        if wide(types).isDisjoint(with: wide(others)) { return true }
        guard types == ["object"], others == ["object"] else { return false }
        return a["properties"]?.object?.members.contains { key, schema in
            guard let other = b["properties"]?[key] else { return false }
            return isRequired(key, in: a) && isRequired(key, in: b)
                && areApart(schema, other, depth: depth + 1)
        } ?? false
    }

    private func isRequired(_ key: String, in schema: JSONObject) -> Bool {
        schema["required"]?.array?.contains(.string(key)) ?? false
    }

    private func constants(of schema: JSONObject) -> [JSONValue]? {
        schema["const"].map { [$0] } ?? schema["enum"]?.array
    }

    private func typeNames(of schema: JSONObject) -> [String]? {
        schema["type"].flatMap { $0.string.map { [$0] } ?? $0.array?.compactMap(\.string) }
    }

    /// A schema behind its references.
    private func resolved(_ schema: JSONValue) -> JSONObject? {
        var schema = schema
        for _ in 0..<16 {
            guard let reference = schema["$ref"]?.string else { return schema.object }
            guard let target = target(of: reference) else { return nil }
            schema = target
        }
        return nil
    }

    /// The keywords of several schemas that all hold, where they say different things.
    private func merged(_ members: JSONObject, at path: String, following count: Int) throws(JSONSchemaError)
        -> JSONObject
    {
        guard count < 16 else { throw .tooLarge(path: path) }
        var members = members
        var parts: [(JSONValue, String)] = []
        if let list = members["allOf"] {
            guard let list = list.array else {
                throw .invalid(path: "\(path)/allOf", found: list.shown, expected: "a list of schemas")
            }
            parts += list.enumerated().map { ($1, "\(path)/allOf/\($0)") }
        }
        if let reference = members["$ref"] {
            guard let target = reference.string.flatMap(target(of:)) else {
                throw unknown(reference, at: path)
            }
            parts.append((target, "\(path)/$ref"))
        }
        members["allOf"] = nil
        members["$ref"] = nil
        var sources = [members]
        for (part, place) in parts where part != true {
            guard var further = part.object else {
                throw .unsupported(path: place, reason: "is not supported in allOf")
            }
            if further["allOf"] != nil || further["$ref"] != nil {
                further = try merged(further, at: place, following: count + 1)
            }
            for key in Self.annotations { further[key] = nil }
            for (key, value) in further.members {
                members[key] = try both(members[key], value, of: key, at: "\(place)/\(key)")
            }
            sources.append(further)
        }
        // "The others" are others of each schema.
        for (others, named) in [("additionalProperties", "properties"), ("items", "prefixItems")] {
            for index in sources.indices where sources[index][others] ?? true != true {
                let isAlone = sources.indices.allSatisfy { $0 == index || sources[$0][named] == nil }
                guard isAlone else {
                    throw .unsupported(
                        path: path,
                        reason: "has \(others) in one and \(named) in another of schemas that all hold")
                }
            }
        }
        return members
    }

    private func both(
        _ known: JSONValue?, _ value: JSONValue, of key: String, at path: String
    ) throws(JSONSchemaError) -> JSONValue {
        guard let known, known != value else { return value }
        switch key {
        case "required": return .array((known.array ?? []) + (value.array ?? []))
        case "properties":
            guard var properties = known.object, let further = value.object else { break }
            for (name, schema) in further.members {
                properties[name] = properties[name].map { ["allOf": [$0, schema]] } ?? schema
            }
            return .object(properties)
        case "minimum", "exclusiveMinimum", "minLength", "minItems":
            if let a = known.number, let b = value.number { return a > b ? known : value }
        case "maximum", "exclusiveMaximum", "maxLength", "maxItems":
            if let a = known.number, let b = value.number { return a < b ? known : value }
        case "enum":
            if let a = known.array, let b = value.array { return .array(a.filter(b.contains)) }
        default: break
        }
        throw .unsupported(path: path, reason: "differs from \(key) of another schema of the same allOf")
    }

    // MARK: References

    private mutating func reference(
        _ reference: JSONValue, at path: String, then next: Int
    ) throws(JSONSchemaError) -> Int {
        guard let name = reference.string, let target = target(of: name) else {
            throw unknown(reference, at: path)
        }
        if let rule = references[name] { return automaton.call(rule, then: next) }
        let rule = automaton.addRule()
        references[name] = rule
        automaton.setRule(rule, from: try value(target, at: name, then: ByteAutomaton.end))
        return automaton.call(rule, then: next)
    }

    private func unknown(_ reference: JSONValue, at path: String) -> JSONSchemaError {
        .invalid(
            path: "\(path)/$ref", found: reference.shown,
            expected: "a place in the same document that there is, such as #/$defs/name")
    }

    /// The schema at a JSON pointer.
    private func target(of reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        var place = document
        for part in reference.dropFirst().split(separator: "/") {
            var key = part.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
            key = key.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
            if let elements = place.array, let index = Int(key), elements.indices.contains(index) {
                place = elements[index]
            } else if let member = place[key] {
                place = member
            } else {
                return nil
            }
        }
        return place
    }
}
