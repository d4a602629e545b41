/// The methods of Python's `str`.
enum StringMethod: String {
    case strip, lstrip, rstrip, split, rsplit, splitlines, startswith, endswith, upper, lower, title,
        capitalize
    case swapcase, replace, find, rfind, index, rindex, count, join, isdigit, isdecimal, isnumeric, isalpha,
        isalnum
    case isspace, isupper, islower, removeprefix, removesuffix, zfill, center, ljust, rjust, partition,
        rpartition
    case format

    /// Calls the method.
    func called(
        on text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        try budget.spend(bytes: text.utf8.count)
        switch self {
        case .strip: return .string(text.stripped(of: try call.string(0, "chars")))
        case .lstrip: return .string(text.stripped(of: try call.string(0, "chars"), atEnd: false))
        case .rstrip: return .string(text.stripped(of: try call.string(0, "chars"), atStart: false))
        case .upper: return .string(text.uppercased())
        case .lower: return .string(text.lowercased())
        case .capitalize: return .string(text.pythonCapitalized)
        case .title, .swapcase: return .string(recased(text))
        case .split, .rsplit: return try split(text, call, budget)
        case .splitlines: return .list(text.pythonLines().map { .string($0) })
        case .startswith, .endswith: return .bool(try hasAffix(text, call, budget))
        case .removeprefix, .removesuffix: return .string(try withoutAffix(text, call))
        case .replace: return try replaced(text, call, budget)
        case .find, .rfind, .index, .rindex, .count: return try found(text, call, budget)
        case .join: return try joined(text, call, budget)
        case .isdigit, .isdecimal, .isnumeric, .isalpha, .isalnum, .isspace, .isupper, .islower:
            return .bool(isAll(text))
        case .zfill, .center, .ljust, .rjust: return try padded(text, call, budget)
        case .partition, .rpartition: return try partitioned(text, call, budget)
        case .format: return .string(try BraceFormat.apply(text, call, budget))
        }
    }

    private func recased(_ text: String) -> String {
        var result = ""
        var isInside = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            if self == .swapcase {
                result += properties.isUppercase ? properties.lowercaseMapping : properties.uppercaseMapping
            } else {
                result += isInside ? properties.lowercaseMapping : properties.titlecaseMapping
                isInside = properties.isCased
            }
        }
        return result
    }

    private func split(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        try call.check(rawValue, takes: ["sep", "maxsplit"])
        let limit = try call.integer(1, "maxsplit", default: -1)
        let most = limit < 0 ? Int.max : limit
        try budget.spend(bytes: 16, times: text.utf8.count)
        guard let separator = try call.string(0, "sep") else {
            guard self == .split || limit < 0 else { throw .unsupported("rsplit at spaces with a limit") }
            return .list(text.splitAtSpaces(limit: most).map { .string($0) })
        }
        guard !separator.isEmpty else { throw .failed("an empty separator") }
        try budget.spend(search: separator, in: text)
        let cuts = text.occurrences(of: separator, limit: most, fromEnd: self == .rsplit)
        return .list(text.pieces(between: cuts).map { .string($0) })
    }

    private func affixes(_ call: JinjaCall) throws(JinjaProblem) -> [String] {
        guard call.positional.count == 1 else { throw .unsupported("\(rawValue) with a range") }
        var affixes: [String] = []
        var candidates = [call.positional[0]]
        if case .sequence(let tuple) = call.positional[0], tuple.kind == .tuple {
            candidates = tuple.elements
        }
        for candidate in candidates {
            guard case .string(let affix) = candidate else {
                throw .failed("\(rawValue) asks for str, found \(candidate.typeName)")
            }
            affixes.append(affix)
        }
        return affixes
    }

    private func hasAffix(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> Bool {
        for affix in try affixes(call) {
            if self == .startswith ? text.utf8.starts(with: affix.utf8) : text.utf8.hasSuffix(affix.utf8) {
                return true
            }
        }
        return false
    }

    private func withoutAffix(_ text: String, _ call: JinjaCall) throws(JinjaProblem) -> String {
        let affix = try affixes(call)[0]
        if self == .removeprefix, text.utf8.starts(with: affix.utf8) {
            return String(text.unicodeScalars.dropFirst(affix.unicodeScalars.count))
        }
        if self == .removesuffix, text.utf8.hasSuffix(affix.utf8) {
            return String(text.unicodeScalars.dropLast(affix.unicodeScalars.count))
        }
        return text
    }

    private func replaced(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        try call.check("replace", takes: ["old", "new", "count"])
        guard let old = try call.string(0, "old"), let new = try call.string(1, "new") else {
            throw .failed("replace asks for two strings")
        }
        let count = try call.integer(2, "count", default: -1)
        return .string(try text.replacing(old, with: new, count: count, budget))
    }

    private func found(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        guard call.positional.count == 1 else { throw .unsupported("\(rawValue) with a range") }
        guard let part = try call.string(0, "sub") else { throw .failed("\(rawValue) asks for a string") }
        let length = text.unicodeScalars.count
        if part.isEmpty {
            return .integer(self == .count ? length + 1 : self == .rfind || self == .rindex ? length : 0)
        }
        try budget.spend(search: part, in: text)
        if self == .count { return .integer(text.occurrences(of: part).count) }
        let isFromEnd = self == .rfind || self == .rindex
        let bytes = text.occurrences(of: part, limit: 1, fromEnd: isFromEnd).first?.lowerBound
        guard let bytes else {
            if self == .index || self == .rindex { throw .failed("substring not found") }
            return .integer(-1)
        }
        return .integer(String(decoding: text.utf8.prefix(bytes), as: UTF8.self).unicodeScalars.count)
    }

    private func joined(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        var parts: [String] = []
        for element in try call.required(0, "iterable").elements(budget) {
            guard case .string(let part) = element else {
                throw .failed("join asks for str, found \(element.typeName)")
            }
            try budget.spend(bytes: part.utf8.count + text.utf8.count)
            parts.append(part)
        }
        return .string(parts.joined(separator: text))
    }

    private func isAll(_ text: String) -> Bool {
        if self == .isupper || self == .islower { return text.isCased(upper: self == .isupper) }
        return !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                let category = scalar.properties.generalCategory
                let isLetter = [
                    .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                ]
                .contains(category)
                switch self {
                case .isspace: return scalar.isPythonSpace
                case .isalpha: return isLetter
                case .isdecimal: return category == .decimalNumber
                case .isdigit:
                    return scalar.properties.numericType == .decimal
                        || scalar.properties.numericType == .digit
                case .isnumeric: return scalar.properties.numericType != nil
                default: return isLetter || scalar.properties.numericType != nil
                }
            }
    }

    private func padded(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        let width = try call.integer(0, "width", default: 0)
        let fill = try call.string(1, "fillchar") ?? (self == .zfill ? "0" : " ")
        let missing = max(0, width - text.unicodeScalars.count)
        try budget.spend(bytes: fill.utf8.count, times: missing)
        func filling(_ count: Int) -> String { String(repeating: fill, count: count) }
        switch self {
        case .ljust: return .string(text + filling(missing))
        case .rjust: return .string(filling(missing) + text)
        case .zfill:
            guard let sign = text.unicodeScalars.first, sign == "-" || sign == "+" else {
                return .string(filling(missing) + text)
            }
            return .string(
                String(Character(sign)) + filling(missing) + String(text.unicodeScalars.dropFirst()))
        default:
            let left = missing / 2 + (missing & width & 1)
            return .string(filling(left) + text + filling(missing - left))
        }
    }

    private func partitioned(
        _ text: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        guard let separator = try call.string(0, "sep"), !separator.isEmpty else {
            throw .failed("an empty separator")
        }
        try budget.spend(search: separator, in: text)
        let isFirst = self == .partition
        let start = text.occurrences(of: separator, limit: 1, fromEnd: !isFirst).first?.lowerBound
        guard let start else {
            return .tuple([.string(isFirst ? text : ""), .string(""), .string(isFirst ? "" : text)])
        }
        let pieces = text.pieces(between: [start..<start + separator.utf8.count])
        return .tuple([.string(pieces[0]), .string(separator), .string(pieces[1])])
    }
}

extension String {
    /// `replace(old, new, count)`; a negative count replaces all.
    func replacing(
        _ old: String, with new: String, count: Int, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        let most = count < 0 ? Int.max : count
        if old.isEmpty {
            let places = Swift.min(most, unicodeScalars.count + 1)
            try budget.spend(bytes: new.utf8.count, times: places)
            var result = ""
            for (position, scalar) in unicodeScalars.enumerated() {
                if position < places { result += new }
                result.unicodeScalars.append(scalar)
            }
            return places > unicodeScalars.count ? result + new : result
        }
        try budget.spend(search: old, in: self)
        let places = occurrences(of: old, limit: most)
        try budget.spend(bytes: utf8.count)
        try budget.spend(bytes: new.utf8.count, times: places.count)
        return pieces(between: places).joined(separator: new)
    }
}

extension BidirectionalCollection<UInt8> {
    /// True if the bytes end so.
    func hasSuffix(_ suffix: some BidirectionalCollection<UInt8>) -> Bool {
        reversed().starts(with: suffix.reversed())
    }
}
