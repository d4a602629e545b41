/// Python's `format.format(values)`, for `{}`, `{0}` and `{name}` without format specifications.
enum BraceFormat {
    /// The text that the format makes of the values.
    static func apply(
        _ format: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        var text = ""
        var position = 0
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "{" || scalar == "}", scalars.first == scalar {
                scalars.removeFirst()
                text.unicodeScalars.append(scalar)
            } else if scalar == "{" {
                guard let end = scalars.firstIndex(of: "}") else {
                    throw .failed("a format's '{' does not end")
                }
                let name = String(scalars[..<end])
                scalars = scalars[scalars.index(after: end)...]
                let value = try value(name, call, &position)
                let part = try value.text(budget)
                try budget.spend(bytes: part.utf8.count)
                text += part
            } else if scalar == "}" {
                throw .failed("a format's '}' closes nothing")
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func value(
        _ name: String, _ call: JinjaCall, _ position: inout Int
    ) throws(JinjaProblem) -> JinjaValue {
        if name.isEmpty { position += 1 }
        let index = name.isEmpty ? position - 1 : Int(name)
        if let index {
            guard call.positional.indices.contains(index) else {
                throw .failed("too few values for a format")
            }
            return call.positional[index]
        }
        guard name.unicodeScalars.allSatisfy(\.properties.isXIDContinue) else {
            throw .unsupported("the format '{\(name)}'")
        }
        guard let value = call.named[name] else { throw .failed("no value for '\(name)' in a format") }
        return value
    }
}
