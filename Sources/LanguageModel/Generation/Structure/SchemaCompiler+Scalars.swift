internal import JSON

extension SchemaCompiler {
    // MARK: Strings

    /// A string, of at most 16,384 characters where their number is bounded.
    mutating func string(_ members: JSONObject, at path: String, then next: Int) throws(JSONSchemaError)
        -> Int
    {
        let least = try count("minLength", of: members, at: path) ?? 0
        let most = try count("maxLength", of: members, at: path).map { max(least, min($0, 16_384)) }
        guard least <= 16_384 else { throw .tooLarge(path: "\(path)/minLength") }
        if let most, most < least { return automaton.choice([]) }
        if let pattern = members["pattern"] {
            guard let expression = pattern.string else {
                throw .invalid(
                    path: "\(path)/pattern", found: pattern.shown, expected: "a regular expression")
            }
            let text = try text(expression, least...(most ?? .max), at: "\(path)/pattern")
            let inside = automaton.string(of: text, then: next)
            try checkSize(at: "\(path)/pattern")
            return automaton.literal("\"", then: inside)
        }
        let end = automaton.literal("\"", then: next)
        guard let most else {
            let rest = try anyText(then: next)
            let character = try characterRule()
            let text = automaton.exactly(least, then: rest) { $0.call(character, then: $1) }
            return automaton.literal("\"", then: text)
        }
        let character = try characterRule()
        let rest = automaton.upTo(most - least, then: end) { $0.call(character, then: $1) }
        let text = automaton.exactly(least, then: rest) { $0.call(character, then: $1) }
        return automaton.literal("\"", then: text)
    }

    private func text(
        _ expression: String, _ counts: ClosedRange<Int>, at path: String
    ) throws(JSONSchemaError) -> CharacterAutomaton {
        let text: CharacterAutomaton
        do throws(SchemaPattern.Problem) { text = try SchemaPattern(expression).automaton() } catch {
            throw .unsupported(path: path, reason: error.reason)
        }
        if counts == 0...Int.max { return text }
        guard let limited = text.limited(to: counts, limit: 20_000) else { throw .tooLarge(path: path) }
        return limited
    }

    /// Characters and the closing quotation mark.
    private mutating func anyText(then next: Int) throws(JSONSchemaError) -> Int {
        try shared("text", then: next) { compiler throws(JSONSchemaError) in
            let loop = compiler.automaton.add(.end)
            let end = compiler.automaton.literal("\"", then: ByteAutomaton.end)
            compiler.automaton.set(loop, to: .choice([end, compiler.oneCharacter(then: loop)]))
            return loop
        }
    }

    /// The rule of a character.
    private mutating func characterRule() throws(JSONSchemaError) -> Int {
        try rule("character") { $0.oneCharacter(then: ByteAutomaton.end) }
    }

    /// A character of a string, as it is or escaped; halves of surrogate pairs stand together.
    private mutating func oneCharacter(then next: Int) -> Int {
        let plain = [ClosedRange<UInt32>](CharacterAutomaton.allScalars)
            .subtracting([0...0x1F, 0x22...0x22, 0x5C...0x5C])
        var ways = plain.flatMap(ByteAutomaton.utf8).map { path in
            path.reversed().reduce(next) { automaton.byte($1, then: $0) }
        }
        let simple = "\"\\/bfnrt".utf8.map { ByteAutomaton.Edge(bytes: $0...$0, target: next) }
        let last = hexadecimal(2, then: next)
        let lowHalf = automaton.literal(
            "\\u", then: letters("dD", then: automaton.byte(0x63...0x66, 0x43...0x46, then: last)))
        let highHalf = letters(
            "dD",
            then: automaton.byte(
                0x38...0x39, 0x61...0x62, 0x41...0x42, then: hexadecimal(2, then: lowHalf)))
        let belowHalves = letters("dD", then: automaton.byte(0x30...0x37, then: last))
        let others = automaton.byte(
            0x30...0x39, 0x61...0x63, 0x41...0x43, 0x65...0x66, 0x45...0x46,
            then: hexadecimal(3, then: next))
        let u = automaton.literal("u", then: automaton.choice([others, belowHalves, highHalf]))
        let escape = automaton.choice([automaton.add(.edges(simple)), u])
        ways.append(automaton.literal("\\", then: escape))
        return automaton.choice(ways)
    }

    private mutating func letters(_ letters: String, then next: Int) -> Int {
        automaton.add(.edges(letters.utf8.map { .init(bytes: $0...$0, target: next) }))
    }

    private mutating func hexadecimal(_ count: Int, then next: Int) -> Int {
        (0..<count).reduce(next) { next, _ in
            automaton.byte(0x30...0x39, 0x41...0x46, 0x61...0x66, then: next)
        }
    }

    // MARK: Numbers

    /// A number.
    mutating func number(
        _ members: JSONObject, isWhole: Bool, at path: String, then next: Int
    ) throws(JSONSchemaError) -> Int {
        var divisor = 1
        if let value = members["multipleOf"] {
            guard let number = value.integer, (1...1_000).contains(number) else {
                throw .unsupported(
                    path: "\(path)/multipleOf", reason: "is \(value.shown); only 1 to 1000 is supported")
            }
            divisor = number
        }
        let isWhole = isWhole || members["multipleOf"] != nil
        let bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"]
        guard isWhole || bounds.contains(where: { members[$0] != nil }) else {
            return try anyNumber(then: next)
        }
        var range = DecimalRange(decimals: isWhole ? 0 : 16, divisor: divisor)
        for key in bounds {
            guard let bound = members[key] else { continue }
            guard bound.number != nil else {
                throw .invalid(path: "\(path)/\(key)", found: bound.shown, expected: "a number")
            }
            range.narrow(by: bound, isLower: key.hasSuffix("inimum"), isExclusive: key.hasPrefix("exclusive"))
        }
        return range.node(in: &automaton, then: next)
    }

    private mutating func anyNumber(then next: Int) throws(JSONSchemaError) -> Int {
        try shared("number", then: next) { compiler in
            let end = ByteAutomaton.end
            func digits(_ least: Int, _ most: Int, then next: Int) -> Int {
                let optional = compiler.automaton.upTo(most - least, then: next) {
                    $0.byte(0x30...0x39, then: $1)
                }
                return (0..<least).reduce(optional) { next, _ in
                    compiler.automaton.byte(0x30...0x39, then: next)
                }
            }
            let power = digits(1, 2, then: end)
            let sign = compiler.automaton.byte(0x2B...0x2B, 0x2D...0x2D, then: power)
            let exponent = compiler.automaton.byte(
                0x45...0x45, 0x65...0x65, then: compiler.automaton.choice([sign, power]))
            let behind = compiler.automaton.choice([end, exponent])
            let fraction = compiler.automaton.literal(".", then: digits(1, 16, then: behind))
            let afterWhole = compiler.automaton.choice([end, exponent, fraction])
            let whole = compiler.automaton.choice([
                compiler.automaton.literal("0", then: afterWhole),
                compiler.automaton.byte(0x31...0x39, then: digits(0, 17, then: afterWhole)),
            ])
            return compiler.automaton.choice([whole, compiler.automaton.literal("-", then: whole)])
        }
    }
}
