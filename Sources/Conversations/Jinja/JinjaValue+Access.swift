/// Reaching into values: attributes, items, slices.
extension JinjaValue {
    /// `value.name`: a method of the value, else what lies under that name.
    ///
    /// - Parameter withItems: True if a mapping's members count; they do not for the filter `attr`.
    func attribute(_ name: String, withItems: Bool = true) throws(JinjaProblem) -> JinjaValue {
        if name.hasPrefix("__") { throw .unsupported("the attribute '\(name)'") }
        switch self {
        case .undefined(let hint): throw .failed("'\(hint)' is undefined")
        case .namespace(let namespace): return namespace.attributes[name] ?? .undefined(name)
        case .loop(let loop):
            if let value = loop.attribute(name) { return value }
        default: break
        }
        if try JinjaMethods.has(name, self) { return .method(self, name) }
        if withItems, case .mapping(let mapping) = self, let value = mapping.members[name] { return value }
        return .undefined(name)
    }

    /// `value[index]`.
    func item(_ index: JinjaValue) throws(JinjaProblem) -> JinjaValue {
        switch (self, index) {
        case (.undefined(let hint), _): throw .failed("'\(hint)' is undefined")
        case (.mapping(let mapping), .string(let key)):
            if let value = mapping.members[key] { return value }
            return try attribute(key)
        case (_, .string(let name)): return try attribute(name)
        case (.sequence(let sequence), _) where sequence.kind != .view && sequence.kind != .iterator:
            guard let place = index.whole.flatMap({ Self.place($0, of: sequence.elements.count) }) else {
                return .undefined("an element out of range")
            }
            return sequence.elements[place]
        case (.string(let text), _):
            let scalars = text.unicodeScalars
            guard let place = index.whole.flatMap({ Self.place($0, of: scalars.count) }) else {
                return .undefined("a character out of range")
            }
            return .string(String(Character(scalars[scalars.index(scalars.startIndex, offsetBy: place)])))
        default: return .undefined("an element of \(typeName)")
        }
    }

    /// The place that a Python index means; negative ones count from the end.
    private static func place(_ index: Int, of count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    /// `value[start:stop:step]`.
    func slice(
        _ start: JinjaValue?, _ stop: JinjaValue?, _ step: JinjaValue?, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> JinjaValue {
        func bound(_ value: JinjaValue?) throws(JinjaProblem) -> Int? {
            switch value {
            case nil, .some(.none): return nil
            case .some(let value):
                guard let whole = value.whole else {
                    throw .failed("a slice asks for int, found \(value.typeName)")
                }
                return whole
            }
        }
        let step = try bound(step) ?? 1
        guard step != 0 else { throw .failed("a slice by steps of zero") }
        let places = { (count: Int) throws(JinjaProblem) in
            Self.places(try bound(start), try bound(stop), step, of: count)
        }
        switch self {
        case .undefined(let hint): throw .failed("'\(hint)' is undefined")
        case .string(let text):
            try budget.spend(bytes: 4 * text.utf8.count)
            let scalars = Array(text.unicodeScalars)
            return .string(String(try places(scalars.count).map { scalars[$0] }))
        case .sequence(let sequence) where sequence.kind != .view && sequence.kind != .iterator:
            try budget.spend(bytes: 16, times: sequence.elements.count)
            return .sequence(
                JinjaSequence(
                    try places(sequence.elements.count).map { sequence.elements[$0] }, sequence.kind))
        default: return .undefined("a slice of \(typeName)")
        }
    }

    private static func places(_ start: Int?, _ stop: Int?, _ step: Int, of count: Int) -> [Int] {
        func clamped(_ bound: Int, _ low: Int, _ high: Int) -> Int {
            min(max(bound < 0 ? bound + count : bound, low), high)
        }
        if step > 0 {
            let first = start.map { clamped($0, 0, count) } ?? 0
            let end = stop.map { clamped($0, 0, count) } ?? count
            return Array(stride(from: first, to: end, by: min(step, count + 1)))
        }
        let first = start.map { clamped($0, -1, count - 1) } ?? count - 1
        let end = stop.map { clamped($0, -1, count - 1) } ?? -1
        return Array(stride(from: first, to: end, by: max(step, -count - 1)))
    }
}

extension JinjaLoop {
    /// `loop.name`.
    func attribute(_ name: String) -> JinjaValue? {
        switch name {
        case "index": .integer(index + 1)
        case "index0": .integer(index)
        case "revindex": .integer(elements.count - index)
        case "revindex0": .integer(elements.count - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(index == elements.count - 1)
        case "length": .integer(elements.count)
        // Only recursive loops have a depth in Jinja, however many loops are around this one.
        case "depth": .integer(1)
        case "depth0": .integer(0)
        case "previtem": index > 0 ? elements[index - 1] : .undefined("there is no previous item")
        case "nextitem":
            index + 1 < elements.count ? elements[index + 1] : .undefined("there is no next item")
        default: nil
        }
    }
}
