import JSON

/// The members of one line of a metrics file: a JSON object.
///
/// Members of objects within it are read as if they stood outside; lists are passed over. `NaN` and `Infinity`, which
/// some writers put in place of numbers, are understood.
struct MetricsLine: Equatable {
    /// Numbers by name, in their order; `true` and `false` are 1 and 0.
    private(set) var numbers: [(name: String, value: Double)] = []
    /// Texts by name, in their order.
    private(set) var texts: [(name: String, value: String)] = []

    static func == (a: MetricsLine, b: MetricsLine) -> Bool {
        a.numbers.elementsEqual(b.numbers, by: ==) && a.texts.elementsEqual(b.texts, by: ==)
    }

    /// The members of a line; nil where it is no whole object, as when the writer was stopped in the middle of it.
    init?(_ line: some Collection<UInt8>) {
        guard line.first(where: { $0 > UInt8(ascii: " ") }) == UInt8(ascii: "{") else { return nil }
        var json = JSONScanner(Array(line), rules: JSONRules(repairsText: true, allowsNonFinite: true))
        do {
            try readMembers(&json)
            try json.end()
        } catch {
            return nil
        }
    }

    private mutating func readMembers(_ json: inout JSONScanner) throws(JSONError) {
        try json.enterObject()
        while let name = try json.nextKey() {
            switch json.kind {
            case .object: try readMembers(&json)
            case .string: texts.append((name, try json.string()))
            case .number: numbers.append((name, try json.number()))
            case .boolean: numbers.append((name, try json.bool() ? 1 : 0))
            case .array, .null, .other: break
            }
        }
    }
}
