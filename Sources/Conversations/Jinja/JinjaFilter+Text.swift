import Formatting

/// Filters that make text.
extension JinjaFilter {
    /// The text that the filter makes of a value.
    func text(
        _ value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        let text = try value.text(budget)
        try budget.spend(bytes: text.utf8.count)
        switch self {
        case .string, .safe: return text
        case .upper: return text.uppercased()
        case .lower: return text.lowercased()
        case .capitalize: return text.pythonCapitalized
        case .title: return titled(text)
        case .trim:
            try call.check(name, takes: ["chars"])
            return text.stripped(of: try call.string(0, "chars"))
        case .replace:
            try call.check(name, takes: ["old", "new", "count"])
            let old = try call.required(0, "old").text(budget)
            let new = try call.required(1, "new").text(budget)
            return try text.replacing(
                old, with: new, count: try call.integer(2, "count", default: -1), budget)
        case .e, .escape, .forceescape: return try escaped(text, budget)
        case .indent: return try indented(text, call, budget)
        case .center:
            let width = call.value(0, "width") ?? .integer(80)
            return try StringMethod.center.called(on: text, JinjaCall(positional: [width]), budget).text(
                budget)
        case .format:
            guard call.named.isEmpty else { throw .unsupported("a format with named values") }
            return try PercentFormat.apply(text, to: .tuple(call.positional), budget)
        case .truncate: return try truncated(text, call, budget)
        default:
            throw .unsupported(name)
        }
    }

    /// Upper case after white space, hyphens and opening brackets, lower case elsewhere.
    private func titled(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            result += startsWord ? properties.uppercaseMapping : properties.lowercaseMapping
            startsWord = scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
        }
        return result
    }

    private func escaped(_ text: String, _ budget: JinjaBudget) throws(JinjaProblem) -> String {
        try budget.spend(bytes: 5 * text.utf8.count)
        return HTMLEscaping.markupSafe.escaped(text)
    }

    private func indented(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        try call.check(name, takes: ["width", "first", "blank"])
        var indentation = "    "
        switch call.value(0, "width") {
        case nil: break
        case .string(let given): indentation = given
        case .some(let width):
            guard let width = width.whole, width < 1 << 10 else {
                throw .failed("\(name) asks for a small int")
            }
            indentation = String(repeating: " ", count: Swift.max(0, width))
        }
        let lines = (text + "\n").pythonLines()
        try budget.spend(bytes: text.utf8.count)
        try budget.spend(bytes: indentation.utf8.count, times: lines.count)
        let indentsBlank = call.flag(2, "blank")
        var result = call.flag(1, "first") ? indentation : ""
        for (position, line) in lines.enumerated() {
            if position > 0 { result += "\n" + (line.isEmpty && !indentsBlank ? "" : indentation) }
            result += line
        }
        return result
    }

    private func truncated(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        try call.check(name, takes: ["length", "killwords", "end", "leeway"])
        let length = try call.integer(0, "length", default: 255)
        let end = try call.string(2, "end") ?? "..."
        let leeway = try call.integer(3, "leeway", default: 5)
        let kept = length - end.unicodeScalars.count
        guard kept >= 0, leeway >= 0 else { throw .failed("\(name) asks for a length above that of its end") }
        let scalars = text.unicodeScalars
        if scalars.count - leeway <= length { return text }
        let cut = String(scalars.prefix(kept))
        if call.flag(1, "killwords") { return cut + end }
        let lastSpace = cut.unicodeScalars.lastIndex(of: " ")
        return (lastSpace.map { String(cut.unicodeScalars[..<$0]) } ?? cut) + end
    }
}
