/// Filters on rows of values.
extension JinjaFilter {
    /// The value that the filter makes of a row.
    func row(
        _ value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        switch self {
        case .items:
            if value.isUndefined { return .sequence(JinjaSequence([], .iterator)) }
            guard case .mapping = value else { throw .failed("\(name) asks for a mapping") }
            guard
                case .sequence(let items) = try JinjaMethods.call(
                    "items", of: value, JinjaCall(), budget)
            else { return value }
            return .sequence(JinjaSequence(items.elements, .iterator))
        case .dictsort: return try sortedMembers(value, call, budget)
        case .reverse:
            if case .string(let text) = value { return .string(String(text.unicodeScalars.reversed())) }
            return .sequence(JinjaSequence(try value.elements(budget).reversed(), .iterator))
        default: break
        }
        let elements = try value.elements(budget)
        try budget.spend(steps: elements.count)
        try budget.spend(bytes: 16, times: elements.count)
        switch self {
        case .first: return elements.first ?? .undefined("first element of an empty sequence")
        case .last:
            if case .sequence(let sequence) = value, sequence.kind == .iterator {
                throw .failed("a generator has no last element; make it a list first")
            }
            return elements.last ?? .undefined("last element of an empty sequence")
        case .list: return .list(elements)
        case .join: return try joined(elements, call, budget)
        case .sort:
            try call.check(name, takes: ["reverse", "case_sensitive", "attribute"])
            let keys = try keys(
                of: elements, attribute: call.value(2, "attribute"),
                ignoresCase: !call.flag(1, "case_sensitive"), budget)
            return .list(try Self.sorted(elements, by: keys, descending: call.flag(0, "reverse"), budget))
        case .unique:
            try call.check(name, takes: ["case_sensitive", "attribute"])
            let keys = try keys(
                of: elements, attribute: call.value(1, "attribute"),
                ignoresCase: !call.flag(0, "case_sensitive"), budget)
            return .sequence(JinjaSequence(try Self.distinct(elements, by: keys, budget), .iterator))
        case .min, .max:
            try call.check(name, takes: ["case_sensitive", "attribute"])
            let keys = try keys(
                of: elements, attribute: call.value(1, "attribute"),
                ignoresCase: !call.flag(0, "case_sensitive"), budget)
            return try extreme(elements, by: keys, budget)
        case .sum:
            try call.check(name, takes: ["attribute", "start"])
            var sum = call.value(1, "start") ?? .integer(0)
            for key in try keys(
                of: elements, attribute: call.value(0, "attribute"), ignoresCase: false, budget)
            {
                sum = try JinjaBinaryOperator.add.applied(sum, key, budget)
            }
            return sum
        case .batch: return try batches(elements, call)
        default: throw .unsupported(name)
        }
    }

    private func joined(
        _ elements: [JinjaValue], _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        try call.check(name, takes: ["d", "attribute"])
        let separator = try (call.value(0, "d") ?? .string("")).text(budget)
        var parts: [String] = []
        for element in try keys(
            of: elements, attribute: call.value(1, "attribute"), ignoresCase: false, budget)
        {
            let part = try element.text(budget)
            try budget.spend(bytes: part.utf8.count + separator.utf8.count)
            parts.append(part)
        }
        return .string(parts.joined(separator: separator))
    }

    private func sortedMembers(
        _ value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        try call.check(name, takes: ["case_sensitive", "by", "reverse"])
        guard case .mapping(let mapping) = value else { throw .failed("\(name) asks for a mapping") }
        let pairs = mapping.members.members.map { JinjaValue.tuple([.string($0.key), $0.value]) }
        let by = try call.string(1, "by") ?? "key"
        guard by == "key" || by == "value" else { throw .failed("\(name) sorts by key or value") }
        let sortKeys = try keys(
            of: pairs, attribute: .integer(by == "key" ? 0 : 1), ignoresCase: !call.flag(0, "case_sensitive"),
            budget)
        return .list(try Self.sorted(pairs, by: sortKeys, descending: call.flag(2, "reverse"), budget))
    }

    private func extreme(
        _ elements: [JinjaValue], by keys: [JinjaValue], _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        guard var best = elements.indices.first else { return .undefined("extreme of an empty sequence") }
        for index in elements.indices.dropFirst() {
            let isBetter =
                self == .min
                ? try keys[index].isLess(than: keys[best], budget)
                : try keys[best].isLess(than: keys[index], budget)
            if isBetter { best = index }
        }
        return elements[best]
    }

    private func batches(_ elements: [JinjaValue], _ call: JinjaCall) throws(JinjaProblem)
        -> JinjaValue
    {
        try call.check(name, takes: ["linecount", "fill_with"])
        let count = try call.integer(0, "linecount", default: 0)
        guard (1...JinjaFunction.longestRange).contains(count) else {
            throw .failed("\(name) asks for a length")
        }
        var batches: [JinjaValue] = []
        for start in stride(from: 0, to: elements.count, by: count) {
            var batch = Array(elements[start..<Swift.min(start + count, elements.count)])
            if let fill = call.value(1, "fill_with"), !fill.isNone, batch.count < count {
                batch += Array(repeating: fill, count: count - batch.count)
            }
            batches.append(.list(batch))
        }
        return .sequence(JinjaSequence(batches, .iterator))
    }

    /// The key that elements are sorted and compared by: themselves or an attribute, in lower case where case does
    /// not count.
    private func keys(
        of elements: [JinjaValue], attribute: JinjaValue?, ignoresCase: Bool, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> [JinjaValue] {
        var keys: [JinjaValue] = []
        for element in elements {
            var key = element
            if let attribute, !attribute.isNone { key = try element.value(atPath: attribute, budget) }
            if ignoresCase, case .string(let text) = key { key = .string(text.lowercased()) }
            keys.append(key)
        }
        return keys
    }

    /// The elements in the order of their keys; equal keys keep their order.
    private static func sorted(
        _ elements: [JinjaValue], by keys: [JinjaValue], descending: Bool, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> [JinjaValue] {
        var order = Array(elements.indices)
        do {
            try order.sort { a, b in
                let (low, high) = descending ? (b, a) : (a, b)
                if try keys[low].isLess(than: keys[high], budget) { return true }
                if try keys[high].isLess(than: keys[low], budget) { return false }
                return a < b
            }
        } catch let problem as JinjaProblem {
            throw problem
        } catch {
            throw .failed("\(error)")
        }
        return order.map { elements[$0] }
    }

    private static func distinct(
        _ elements: [JinjaValue], by keys: [JinjaValue], _ budget: JinjaBudget
    ) throws(JinjaProblem) -> [JinjaValue] {
        var kept: [Int] = []
        for index in elements.indices {
            var isNew = true
            for other in kept where try keys[other].isEqual(to: keys[index], budget) { isNew = false }
            if isNew { kept.append(index) }
        }
        return kept.map { elements[$0] }
    }

    // MARK: Filters that apply filters and tests

    /// `map`, `select`, `reject`, `selectattr`, `rejectattr`.
    func chosen(
        _ value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        let elements = try value.elements(budget)
        try budget.spend(bytes: 16, times: elements.count)
        var chosen: [JinjaValue] = []
        if self == .map {
            for element in elements { chosen.append(try mapped(element, call, budget)) }
            return .sequence(JinjaSequence(chosen, .iterator))
        }
        var rest = call.positional[...]
        let takesAttribute = self == .selectattr || self == .rejectattr
        let attribute = takesAttribute ? rest.popFirst() : nil
        if takesAttribute, attribute == nil { throw .failed("\(name) asks for an attribute") }
        let test = try test(named: rest.popFirst(), budget)
        let isKept = self == .select || self == .selectattr
        for element in elements {
            let tested =
                try attribute.map { path throws(JinjaProblem) in try element.value(atPath: path, budget) }
                ?? element
            let holds =
                try test?.holds(tested, JinjaCall(positional: Array(rest), named: call.named), budget)
                ?? tested.isTrue
            if holds == isKept { chosen.append(element) }
        }
        return .sequence(JinjaSequence(chosen, .iterator))
    }

    private func test(
        named name: JinjaValue?, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaTest? {
        guard let name else { return nil }
        let text = try name.text(budget)
        guard let test = JinjaTest(rawValue: text) else { throw .unsupported("the test '\(text)'") }
        return test
    }

    private func mapped(
        _ element: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        if call.positional.isEmpty, let attribute = call.named["attribute"] {
            let value = try element.value(atPath: attribute, budget)
            return value.isUndefined ? call.named["default"] ?? value : value
        }
        guard let name = try call.positional.first?.text(budget) else {
            throw .failed("map asks for a filter")
        }
        guard let filter = JinjaFilter(rawValue: name) else { throw .unsupported("the filter '\(name)'") }
        // A filter may name another filter only so deep: `map('map', …)` costs a level.
        return try budget.deeper { () throws(JinjaProblem) in
            try filter.applied(
                to: element, JinjaCall(positional: Array(call.positional.dropFirst()), named: call.named),
                budget)
        }
    }
}

extension JinjaValue {
    fileprivate var isNone: Bool {
        if case .none = self { true } else { false }
    }

    /// The value that `a.b.0` leads to.
    fileprivate func value(
        atPath path: JinjaValue, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        if path.whole != nil { return try item(path) }
        var value = self
        for name in try path.text(budget).split(separator: ".") {
            value = try value.item(Int(name).map { .integer($0) } ?? .string(String(name)))
        }
        return value
    }
}
