/// Printing and comparing values as Python does.
extension JinjaValue {
    /// `str(value)`.
    func text(_ budget: JinjaBudget) throws(JinjaProblem) -> String {
        switch self {
        case .undefined: return ""
        case .string(let text): return text
        default: return try representation(budget)
        }
    }

    /// `repr(value)`.
    func representation(_ budget: JinjaBudget) throws(JinjaProblem) -> String {
        var text = ""
        try write(to: &text, budget)
        return text
    }

    private func write(to text: inout String, _ budget: JinjaBudget) throws(JinjaProblem) {
        try budget.spend(bytes: 8)
        switch self {
        case .undefined: text += "Undefined"
        case .none: text += "None"
        case .bool(let flag): text += flag ? "True" : "False"
        case .integer(let value): text += String(value)
        case .number(let value): text += Self.spelling(of: value)
        case .string(let string):
            try budget.spend(bytes: 4 * string.utf8.count)
            text += Self.quoted(string)
        case .sequence(let sequence): try Self.write(sequence, to: &text, budget)
        case .mapping(let mapping):
            text += "{"
            for (position, member) in mapping.members.members.enumerated() {
                text += (position > 0 ? ", " : "") + Self.quoted(member.key) + ": "
                try budget.spend(bytes: 4 * member.key.utf8.count)
                try member.value.write(to: &text, budget)
            }
            text += "}"
        case .namespace, .loop, .macro, .function, .method:
            throw .unsupported("printing a value of type \(typeName)")
        }
    }

    private static func write(
        _ sequence: JinjaSequence, to text: inout String, _ budget: JinjaBudget
    ) throws(JinjaProblem) {
        let brackets: (String, String)
        switch sequence.kind {
        case .list: brackets = ("[", "]")
        case .tuple: brackets = ("(", sequence.elements.count == 1 ? ",)" : ")")
        case .range, .view, .iterator:
            throw .unsupported("printing a value of type \(sequence.kind.rawValue)")
        }
        text += brackets.0
        for (position, element) in sequence.elements.enumerated() {
            if position > 0 { text += ", " }
            try element.write(to: &text, budget)
        }
        text += brackets.1
    }

    /// `repr` of a float.
    static func spelling(of value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return value.description
    }

    /// `repr` of a string: single quotes unless only those occur within, unprintable characters as escapes.
    static func quoted(_ string: String) -> String {
        let hasSingle = string.unicodeScalars.contains("'")
        let quote: Unicode.Scalar = hasSingle && !string.unicodeScalars.contains("\"") ? "\"" : "'"
        var text = String.UnicodeScalarView([quote])
        for scalar in string.unicodeScalars {
            switch scalar {
            case quote, "\\":
                text.append("\\")
                text.append(scalar)
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            case "\r": text.append(contentsOf: "\\r".unicodeScalars)
            case "\t": text.append(contentsOf: "\\t".unicodeScalars)
            case _ where scalar.isPythonPrintable: text.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                let (letter, width) =
                    scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                let padding = String(repeating: "0", count: width - digits.count)
                text.append(contentsOf: "\\\(letter)\(padding)\(digits)".unicodeScalars)
            }
        }
        text.append(quote)
        return String(text)
    }

    /// A number to compute with; booleans count as 0 and 1.
    var numeric: Double? {
        switch self {
        case .bool(let flag): flag ? 1 : 0
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// A whole number to count with; booleans count as 0 and 1.
    var whole: Int? {
        switch self {
        case .bool(let flag): flag ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    /// `a == b`.
    func isEqual(to other: JinjaValue, _ budget: JinjaBudget) throws(JinjaProblem) -> Bool {
        try budget.spend()
        switch (self, other) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.string(let a), .string(let b)):
            try budget.spend(steps: min(a.utf8.count, b.utf8.count) / 64)
            return a.isSame(as: b)
        case (.sequence(let a), .sequence(let b)):
            guard a.kind == b.kind, a.elements.count == b.elements.count else { return false }
            for (a, b) in zip(a.elements, b.elements) where try !a.isEqual(to: b, budget) { return false }
            return true
        case (.mapping(let a), .mapping(let b)):
            guard a.members.count == b.members.count else { return false }
            for (key, value) in a.members.members {
                guard let other = b.members[key], try value.isEqual(to: other, budget) else { return false }
            }
            return true
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.macro(let a), .macro(let b)): return a === b
        default:
            if let a = whole, let b = other.whole { return a == b }
            guard let a = numeric, let b = other.numeric else { return false }
            return a == b
        }
    }

    /// `a < b`; what Python will not put in order is an error.
    func isLess(than other: JinjaValue, _ budget: JinjaBudget) throws(JinjaProblem) -> Bool {
        try budget.spend()
        switch (self, other) {
        case (.string(let a), .string(let b)):
            try budget.spend(steps: min(a.utf8.count, b.utf8.count) / 64)
            return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
        case (.sequence(let a), .sequence(let b))
        where a.kind == b.kind && (a.kind == .list || a.kind == .tuple):
            for (a, b) in zip(a.elements, b.elements) where try !a.isEqual(to: b, budget) {
                return try a.isLess(than: b, budget)
            }
            return a.elements.count < b.elements.count
        default:
            if let a = whole, let b = other.whole { return a < b }
            guard let a = numeric, let b = other.numeric else {
                throw .failed("values of types \(typeName) and \(other.typeName) have no order")
            }
            return a < b
        }
    }

    /// `element in self`.
    func contains(_ element: JinjaValue, _ budget: JinjaBudget) throws(JinjaProblem) -> Bool {
        switch self {
        case .string(let text):
            guard case .string(let part) = element else {
                throw .failed("'in' a string asks for a string, found \(element.typeName)")
            }
            if part.isEmpty { return true }
            try budget.spend(search: part, in: text)
            return !text.occurrences(of: part, limit: 1).isEmpty
        case .mapping(let mapping):
            guard case .string(let key) = element else { return false }
            return mapping.members[key] != nil
        default:
            for candidate in try elements(budget) where try candidate.isEqual(to: element, budget) {
                return true
            }
            return false
        }
    }

    /// The elements of a loop over this value.
    func elements(_ budget: JinjaBudget) throws(JinjaProblem) -> [JinjaValue] {
        switch self {
        case .undefined: return []
        case .string(let text):
            try budget.spend(bytes: 16, times: text.utf8.count)
            return text.unicodeScalars.map { .string(String(Character($0))) }
        case .sequence(let sequence): return sequence.elements
        case .mapping(let mapping): return mapping.members.keys.map { .string($0) }
        default: throw .failed("a value of type \(typeName) cannot be walked over")
        }
    }

    /// `len(value)`.
    func length(_ budget: JinjaBudget) throws(JinjaProblem) -> Int {
        switch self {
        case .undefined: return 0
        case .string(let text): return text.unicodeScalars.count
        case .sequence(let sequence) where sequence.kind != .iterator: return sequence.elements.count
        case .mapping(let mapping): return mapping.members.count
        default: throw .failed("a value of type \(typeName) has no length")
        }
    }
}

extension JinjaBudget {
    /// Counts what looking for one text in another may take.
    func spend(search part: String, in text: String) throws(JinjaProblem) {
        let (product, overflow) = part.utf8.count.multipliedReportingOverflow(by: text.utf8.count)
        try spend(steps: 1 + (overflow ? .max / 2 : product) / 64)
    }
}

extension Unicode.Scalar {
    /// True if `str.isprintable` takes it for printable.
    fileprivate var isPythonPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
