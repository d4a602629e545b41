import Foundation

/// The values a function, filter, test or method is called with.
struct JinjaCall {
    var positional: [JinjaValue] = []
    var named = OrderedMembers<JinjaValue>()

    /// Throws unless every value goes to one of the parameters.
    func check(_ function: String, takes parameters: [String]) throws(JinjaProblem) {
        guard positional.count <= parameters.count else {
            throw .failed("\(function) takes at most \(parameters.count) arguments")
        }
        for name in named.keys where !parameters.contains(name) {
            throw .failed("\(function) has no parameter '\(name)'")
        }
    }

    /// The value at a place or under a name, nil when it is not given.
    func value(_ position: Int, _ name: String) -> JinjaValue? {
        position < positional.count ? positional[position] : named[name]
    }

    /// A value that must be given.
    func required(_ position: Int, _ name: String) throws(JinjaProblem) -> JinjaValue {
        guard let value = value(position, name) else { throw .failed("the argument '\(name)' is missing") }
        return value
    }

    /// A whole number, or the default.
    func integer(_ position: Int, _ name: String, default value: Int) throws(JinjaProblem) -> Int {
        guard let given = self.value(position, name) else { return value }
        guard let whole = given.whole else {
            throw .failed("'\(name)' should be int, found \(given.typeName)")
        }
        return whole
    }

    /// A string, or nil when none or `None` is given.
    func string(_ position: Int, _ name: String) throws(JinjaProblem) -> String? {
        switch value(position, name) {
        case nil, .some(.none): return nil
        case .string(let text): return text
        case .some(let other): throw .failed("'\(name)' should be str, found \(other.typeName)")
        }
    }

    /// A truth value, or the default.
    func flag(_ position: Int, _ name: String, default flag: Bool = false) -> Bool {
        value(position, name)?.isTrue ?? flag
    }
}

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

/// A moment written down as Python's `strftime` does, in the local time zone and in English.
enum PythonDate {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The text for a format.
    static func text(_ format: String, of date: Date) throws(JinjaProblem) -> String {
        let calendar = Calendar(identifier: .gregorian)
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
        let hour = parts.hour ?? 0
        var text = ""
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%", var letter = scalars.popFirst() else {
                text.unicodeScalars.append(scalar)
                continue
            }
            var pads = true
            if letter == "-", let next = scalars.popFirst() {
                pads = false
                letter = next
            }
            func number(_ value: Int?, _ width: Int = 2) -> String {
                let digits = String(value ?? 0)
                return pads ? String(repeating: "0", count: max(0, width - digits.count)) + digits : digits
            }
            let month = months[((parts.month ?? 1) - 1) % 12]
            let day = days[((parts.weekday ?? 1) - 1) % 7]
            switch letter {
            case "Y": text += number(parts.year, 4)
            case "y": text += number((parts.year ?? 0) % 100)
            case "m": text += number(parts.month)
            case "B": text += month
            case "b", "h": text += String(month.prefix(3))
            case "d": text += number(parts.day)
            case "A": text += day
            case "a": text += String(day.prefix(3))
            case "H": text += number(hour)
            case "I": text += number((hour + 11) % 12 + 1)
            case "p": text += hour < 12 ? "AM" : "PM"
            case "M": text += number(parts.minute)
            case "S": text += number(parts.second)
            case "j": text += number(calendar.ordinality(of: .day, in: .year, for: date), 3)
            case "F": text += "\(number(parts.year, 4))-\(number(parts.month))-\(number(parts.day))"
            case "T": text += "\(number(hour)):\(number(parts.minute)):\(number(parts.second))"
            case "%": text += "%"
            default: throw .unsupported("the date format '%\(letter)'")
            }
        }
        return text
    }
}
