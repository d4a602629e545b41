internal import JSON

extension SchemaCompiler {
    /// At most a line break and 16 blanks, or one blank.
    private mutating func space(then next: Int) throws(JSONSchemaError) -> Int {
        try shared("space", then: next) { compiler in
            let end = ByteAutomaton.end
            let blank = UInt8(ascii: " ")
            let indentation = compiler.automaton.upTo(16, then: end) { $0.byte(blank...blank, then: $1) }
            let line = compiler.automaton.literal("\n", then: indentation)
            return compiler.automaton.choice([end, compiler.automaton.literal(" ", then: end), line])
        }
    }

    /// A mark with the space that may stand behind it.
    private mutating func mark(_ text: String, then next: Int) throws(JSONSchemaError) -> Int {
        automaton.literal(text, then: try space(then: next))
    }

    /// A count, as `minItems` is one.
    func count(_ key: String, of members: JSONObject, at path: String) throws(JSONSchemaError) -> Int? {
        guard let value = members[key] else { return nil }
        guard let number = value.integer, number >= 0 else {
            throw .invalid(path: "\(path)/\(key)", found: value.shown, expected: "a whole number from 0")
        }
        return number
    }

    // MARK: Arrays

    /// An array, of at most 4,096 elements where their number is bounded.
    mutating func array(_ members: JSONObject, at path: String, then next: Int) throws(JSONSchemaError) -> Int
    {
        let least = try count("minItems", of: members, at: path) ?? 0
        let most = try count("maxItems", of: members, at: path).map { max(least, min($0, 4_096)) }
        guard least <= 4_096 else { throw .tooLarge(path: "\(path)/minItems") }
        let first = members["prefixItems"] ?? []
        guard let first = first.array else {
            throw .invalid(path: "\(path)/prefixItems", found: first.shown, expected: "a list of schemas")
        }
        let further = members["items"] ?? true
        if further.array != nil {
            throw .unsupported(path: "\(path)/items", reason: "is a list; prefixItems takes it")
        }
        if let most, most < least { return automaton.choice([]) }
        let end = try space(then: automaton.literal("]", then: next))
        // Elements are built from the last; each is preceded by a comma unless it is the first.
        let element = automaton.addRule()
        automaton.setRule(element, from: try value(further, at: "\(path)/items", then: ByteAutomaton.end))
        let isOpen = most == nil
        let counted = max(most ?? least, min(first.count, most ?? .max))
        var rest = end
        if isOpen {
            let loop = automaton.add(.end)
            let again = try mark(",", then: automaton.call(element, then: loop))
            automaton.set(loop, to: .choice([end, again]))
            rest = loop
        }
        for index in stride(from: counted - 1, through: 0, by: -1) {
            try checkSize(at: path)
            var node: Int
            if index < first.count {
                node = try value(first[index], at: "\(path)/prefixItems/\(index)", then: rest)
            } else {
                node = automaton.call(element, then: rest)
            }
            if index > 0 { node = try mark(",", then: node) }
            let mayEnd = index >= least
            rest = mayEnd ? automaton.choice([index == 0 ? node : end, index == 0 ? end : node]) : node
        }
        if counted == 0, isOpen {
            let loop = rest
            rest = automaton.choice([end, automaton.call(element, then: loop)])
        }
        return try mark("[", then: rest)
    }

    // MARK: Objects

    /// An object: its named members in the order of the schema, then further ones.
    mutating func object(_ members: JSONObject, at path: String, then next: Int) throws(JSONSchemaError)
        -> Int
    {
        guard let properties = (members["properties"] ?? [:]).object else {
            throw .invalid(
                path: "\(path)/properties", found: members["properties"]!.shown, expected: "an object")
        }
        let list = members["required"] ?? []
        let required = list.array?.compactMap(\.string) ?? []
        guard list.array?.count == required.count else {
            throw .invalid(path: "\(path)/required", found: list.shown, expected: "a list of names")
        }
        let further = members["additionalProperties"]
        var schemas = properties
        for name in required where schemas[name] == nil { schemas[name] = further ?? true }
        let isOpen = further.map { $0 != false } ?? (properties.isEmpty && required.isEmpty)
        // Behind a member, and before any: what may follow is built from the last property to the first.
        let end = try space(then: automaton.literal("}", then: next))
        var afterMember = end
        var atBeginning = end
        if isOpen {
            let loop = automaton.add(.end)
            let value = try value(further ?? true, at: "\(path)/additionalProperties", then: loop)
            let name = CharacterAutomaton(otherThan: schemas.keys)
            let text = automaton.string(of: name, then: try mark(":", then: value))
            let member = automaton.literal("\"", then: text)
            automaton.set(loop, to: .choice([end, try mark(",", then: member)]))
            afterMember = loop
            atBeginning = automaton.choice([end, member])
        }
        for (name, schema) in schemas.members.reversed() {
            let place =
                properties[name] == nil
                ? "\(path)/additionalProperties" : "\(path)/properties/\(escaped(name))"
            let value = try value(schema, at: place, then: afterMember)
            let key = JSONValue.string(name).text(.compact)
            let member = automaton.literal(key, then: try mark(":", then: value))
            let continued = try mark(",", then: member)
            if required.contains(name) {
                (afterMember, atBeginning) = (continued, member)
            } else {
                afterMember = automaton.choice([continued, afterMember])
                atBeginning = automaton.choice([member, atBeginning])
            }
        }
        return try mark("{", then: atBeginning)
    }
}
