extension JinjaFunction {
    /// The greatest number of elements that `range` gives, as in Jinja's sandbox.
    static let longestRange = 100_000

    /// `range(…)`.
    static func range(_ call: JinjaCall, _ budget: JinjaBudget) throws(JinjaProblem) -> JinjaValue {
        var bounds: [Int] = []
        for value in call.positional {
            guard let whole = value.whole else {
                throw .failed("range asks for int, found \(value.typeName)")
            }
            bounds.append(whole)
        }
        guard call.named.isEmpty, (1...3).contains(bounds.count) else {
            throw .failed("range takes one to three arguments")
        }
        let start = bounds.count == 1 ? 0 : bounds[0]
        let stop = bounds.count == 1 ? bounds[0] : bounds[1]
        let step = bounds.count == 3 ? bounds[2] : 1
        guard step != 0 else { throw .failed("range by steps of zero") }
        var elements: [JinjaValue] = []
        var value = start
        while step > 0 ? value < stop : value > stop {
            guard elements.count < longestRange else { throw .tooCostly("a range of \(longestRange)") }
            elements.append(.integer(value))
            let (next, overflow) = value.addingReportingOverflow(step)
            if overflow { break }
            value = next
        }
        try budget.spend(bytes: 16, times: elements.count)
        return .sequence(JinjaSequence(elements, .range))
    }

    /// The members that `dict(…)` and `namespace(…)` are given.
    static func members(
        _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> OrderedMembers<JinjaValue> {
        var members = OrderedMembers<JinjaValue>()
        if call.positional.count > 1 { throw .failed("dict takes at most one positional argument") }
        if let first = call.positional.first {
            if case .mapping(let mapping) = first {
                members = mapping.members
            } else {
                for pair in try first.elements(budget) {
                    let pair = try pair.elements(budget)
                    guard pair.count == 2, case .string(let key) = pair[0] else {
                        throw .unsupported("dict of anything but pairs of a string and a value")
                    }
                    members[key] = pair[1]
                }
            }
        }
        for (name, value) in call.named.members { members[name] = value }
        return members
    }
}
