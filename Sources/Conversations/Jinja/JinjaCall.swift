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
