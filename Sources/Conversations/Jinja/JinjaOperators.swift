import Foundation

/// Arithmetic, joining and formatting with operators, as Python does.
extension JinjaBinaryOperator {
    /// `left <operator> right`.
    func applied(
        _ left: JinjaValue, _ right: JinjaValue, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        switch (self, left, right) {
        case (.add, .string(let a), .string(let b)):
            try budget.spend(bytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.add, .sequence(let a), .sequence(let b))
        where a.kind == b.kind && (a.kind == .list || a.kind == .tuple):
            try budget.spend(bytes: 16, times: a.elements.count + b.elements.count)
            return .sequence(JinjaSequence(a.elements + b.elements, a.kind))
        case (.multiply, .string(let text), _):
            if let count = right.whole { return try Self.repeated(text, count, budget) }
        case (.multiply, _, .string(let text)):
            if let count = left.whole { return try Self.repeated(text, count, budget) }
        case (.multiply, .sequence(let list), _):
            if let count = right.whole { return try Self.repeated(list, count, budget) }
        case (.multiply, _, .sequence(let list)):
            if let count = left.whole { return try Self.repeated(list, count, budget) }
        case (.remainder, .string(let format), _):
            return .string(try PercentFormat.apply(format, to: right, budget))
        default: break
        }
        if let a = left.whole, let b = right.whole { return try integers(a, b) }
        if let a = left.numeric, let b = right.numeric { return try numbers(a, b) }
        for case .undefined(let name) in [left, right] { throw .failed("'\(name)' is undefined") }
        throw .failed("'\(rawValue)' has no meaning between \(left.typeName) and \(right.typeName)")
    }

    private static func repeated(
        _ text: String, _ count: Int, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        try budget.spend(bytes: text.utf8.count, times: count)
        return .string(String(repeating: text, count: max(0, count)))
    }

    private static func repeated(
        _ list: JinjaSequence, _ count: Int, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        guard list.kind == .list || list.kind == .tuple else {
            throw .failed("'*' has no meaning for \(list.kind.rawValue)")
        }
        try budget.spend(bytes: 16 * list.elements.count, times: count)
        let elements = (0..<max(0, count)).flatMap { _ in list.elements }
        return .sequence(JinjaSequence(elements, list.kind))
    }

    private func integers(_ a: Int, _ b: Int) throws(JinjaProblem) -> JinjaValue {
        let result: (partialValue: Int, overflow: Bool)
        switch self {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide: return try numbers(Double(a), Double(b))
        case .floorDivide, .remainder:
            guard b != 0 else { throw .failed("division by zero") }
            guard b != -1 else {
                result = self == .remainder ? (0, false) : 0.subtractingReportingOverflow(a)
                break
            }
            // Python rounds down where Swift rounds toward zero.
            let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
            if self == .floorDivide { return .integer(isBelow ? quotient - 1 : quotient) }
            return .integer(isBelow ? remainder + b : remainder)
        case .power: return try Self.power(a, b)
        }
        guard !result.overflow else { throw .unsupported("an integer beyond 64 bits") }
        return .integer(result.partialValue)
    }

    private static func power(_ base: Int, _ exponent: Int) throws(JinjaProblem) -> JinjaValue {
        guard exponent >= 0 else {
            guard base != 0 else { throw .failed("zero to a negative power") }
            return .number(pow(Double(base), Double(exponent)))
        }
        var result = 1
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 {
                let (product, overflow) = result.multipliedReportingOverflow(by: square)
                guard !overflow else { throw .unsupported("an integer beyond 64 bits") }
                result = product
            }
            rest >>= 1
            if rest > 0 {
                let (product, overflow) = square.multipliedReportingOverflow(by: square)
                guard !overflow else { throw .unsupported("an integer beyond 64 bits") }
                square = product
            }
        }
        return .integer(result)
    }

    private func numbers(_ a: Double, _ b: Double) throws(JinjaProblem) -> JinjaValue {
        switch self {
        case .add: return .number(a + b)
        case .subtract: return .number(a - b)
        case .multiply: return .number(a * b)
        case .power: return .number(pow(a, b))
        case .divide, .floorDivide, .remainder:
            guard b != 0 else { throw .failed("division by zero") }
            if self == .divide { return .number(a / b) }
            var remainder = a.truncatingRemainder(dividingBy: b)
            if remainder != 0, (remainder < 0) != (b < 0) { remainder += b }
            if self == .remainder { return .number(remainder) }
            return .number(((a - remainder) / b).rounded())
        }
    }
}
