extension JinjaTest {
    /// True if the value passes.
    func holds(
        _ value: JinjaValue, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> Bool {
        try call.check("the test '\(rawValue)'", takes: needsOther ? ["other"] : [])
        if needsOther {
            return try holds(value, against: try call.required(0, "other"), budget)
        }
        switch self {
        case .odd, .even:
            guard let whole = value.whole else {
                throw .failed("the test '\(rawValue)' asks for int, found \(value.typeName)")
            }
            return (whole & 1 == 1) == (self == .odd)
        case .defined: return !value.isUndefined
        case .undefined: return value.isUndefined
        case .none: if case .none = value { return true }
        case .boolean: if case .bool = value { return true }
        case .true: if case .bool(true) = value { return true }
        case .false: if case .bool(false) = value { return true }
        case .integer: if case .integer = value { return true }
        case .float: if case .number = value { return true }
        case .number: return value.numeric != nil
        case .string: if case .string = value { return true }
        case .mapping: if case .mapping = value { return true }
        case .sequence: return isSequence(value)
        case .iterable: return isIterable(value)
        case .callable: return isCallable(value)
        case .lower, .upper:
            let text = try value.text(budget)
            return text.isCased(upper: self == .upper)
        default: break
        }
        return false
    }

    /// True if the test compares with a second value.
    private var needsOther: Bool {
        switch self {
        case .divisibleby, .sameas, .in, .eq, .equalto, .ne, .gt, .greaterthan, .ge, .lt, .lessthan, .le,
            .equalSign, .unequalSign, .lessSign, .lessOrEqualSign, .greaterSign, .greaterOrEqualSign:
            true
        default: false
        }
    }

    private func holds(
        _ value: JinjaValue, against other: JinjaValue, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> Bool {
        switch self {
        case .divisibleby:
            let remainder = try JinjaBinaryOperator.remainder.applied(value, other, budget)
            return try remainder.isEqual(to: .integer(0), budget)
        case .sameas:
            guard value.typeName == other.typeName else { return false }
            return try value.isEqual(to: other, budget)
        case .in: return try other.contains(value, budget)
        case .eq, .equalto, .equalSign: return try value.isEqual(to: other, budget)
        case .ne, .unequalSign: return try !value.isEqual(to: other, budget)
        case .lt, .lessthan, .lessSign: return try value.isLess(than: other, budget)
        case .gt, .greaterthan, .greaterSign: return try other.isLess(than: value, budget)
        case .le, .lessOrEqualSign: return try !other.isLess(than: value, budget)
        default: return try !value.isLess(than: other, budget)
        }
    }

    private func isSequence(_ value: JinjaValue) -> Bool {
        switch value {
        case .undefined, .string, .mapping: true
        case .sequence(let sequence): sequence.kind != .view && sequence.kind != .iterator
        default: false
        }
    }

    private func isIterable(_ value: JinjaValue) -> Bool {
        switch value {
        case .undefined, .string, .mapping, .sequence, .loop: true
        default: false
        }
    }

    private func isCallable(_ value: JinjaValue) -> Bool {
        switch value {
        case .undefined, .macro, .function, .method, .loop: true
        default: false
        }
    }
}

extension String {
    /// `isupper` or `islower`: at least one cased letter, and none of the other case.
    package func isCased(upper: Bool) -> Bool {
        var hasCased = false
        for scalar in unicodeScalars {
            let properties = scalar.properties
            if upper ? properties.isLowercase : properties.isUppercase { return false }
            if properties.generalCategory == .titlecaseLetter { return false }
            if upper ? properties.isUppercase : properties.isLowercase { hasCased = true }
        }
        return hasCased
    }
}
