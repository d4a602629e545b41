extension JinjaFilter {
    /// The value that the filter makes of a value.
    func applied(
        to value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        try budget.spend()
        switch self {
        case .default, .d:
            try call.check(name, takes: ["default_value", "boolean"])
            let isMissing = value.isUndefined || (call.flag(1, "boolean") && !value.isTrue)
            return isMissing ? call.value(0, "default_value") ?? .string("") : value
        case .abs, .int, .float, .round: return try number(value, call, budget)
        case .map, .select, .reject, .selectattr, .rejectattr: return try chosen(value, call, budget)
        case .length, .count: return .integer(try value.length(budget))
        case .first, .last, .join, .list, .reverse, .sort, .unique, .sum, .min, .max, .batch, .items,
            .dictsort:
            return try row(value, call, budget)
        case .attr:
            guard let name = try call.string(0, "name") else { throw .failed("attr asks for a name") }
            return try value.attribute(name, withItems: false)
        case .tojson: return .string(try json(value, call, budget))
        default: return .string(try text(value, call, budget))
        }
    }

    /// Its name in messages.
    var name: String { "the filter '\(rawValue)'" }

    private func json(
        _ value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        try call.check(name, takes: ["ensure_ascii", "indent", "separators", "sort_keys"])
        var style = JSONStyle.spaced
        switch call.value(1, "indent") {
        case nil, .some(.none): break
        case .string(let text): style = JSONStyle(indentation: text)
        case .some(let width):
            guard let width = width.whole, width < 64 else { throw .failed("indent asks for a small int") }
            style = JSONStyle(indentation: String(repeating: " ", count: Swift.max(0, width)))
        }
        if let separators = call.value(2, "separators"), case .sequence(let pair) = separators,
            pair.elements.count == 2
        {
            style.elementSeparator = try pair.elements[0].text(budget)
            style.keySeparator = try pair.elements[1].text(budget)
        }
        style.sortsKeys = call.flag(3, "sort_keys")
        style.escapesNonASCII = call.flag(0, "ensure_ascii")
        let text = try value.json(budget).text(style)
        try budget.spend(bytes: text.utf8.count)
        return text
    }

    private func number(
        _ value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        switch self {
        case .abs:
            if let whole = value.whole, whole != .min { return .integer(Swift.abs(whole)) }
            guard let number = value.numeric else { throw .failed("\(name) asks for a number") }
            return .number(Swift.abs(number))
        case .int:
            try call.check(name, takes: ["default", "base"])
            let otherwise = call.value(0, "default") ?? .integer(0)
            if let whole = value.whole { return .integer(whole) }
            var text = ""
            if case .string(let string) = value { text = string.stripped() }
            // A base that Python refuses leaves the number to be read as one with a point.
            let base = try call.integer(1, "base", default: 10)
            if (2...36).contains(base), let whole = Int(text, radix: base) { return .integer(whole) }
            guard let number = value.numeric ?? Double(text), number.isFinite,
                let whole = Int(exactly: number.rounded(.towardZero))
            else { return otherwise }
            return .integer(whole)
        case .float:
            try call.check(name, takes: ["default"])
            if let number = value.numeric { return .number(number) }
            if case .string(let text) = value, let number = Double(text.stripped()) { return .number(number) }
            return call.value(0, "default") ?? .number(0)
        default:
            return try rounded(value, call)
        }
    }

    private func rounded(_ value: JinjaValue, _ call: JinjaCall) throws(JinjaProblem)
        -> JinjaValue
    {
        try call.check(name, takes: ["precision", "method"])
        let precision = try call.integer(0, "precision", default: 0)
        let method = try call.string(1, "method") ?? "common"
        guard let number = value.numeric else { throw .failed("\(name) asks for a number") }
        if method == "common" {
            if let whole = value.whole {
                guard precision >= 0 else { throw .unsupported("rounding to tens") }
                return .integer(whole)
            }
            return .number(try PercentFormat.rounded(number, places: precision))
        }
        guard method == "ceil" || method == "floor", (0...15).contains(precision) else {
            throw .failed("rounding is common, ceil or floor")
        }
        var scale = 1.0
        for _ in 0..<precision { scale *= 10 }
        return .number((number * scale).rounded(method == "ceil" ? .up : .down) / scale)
    }
}
