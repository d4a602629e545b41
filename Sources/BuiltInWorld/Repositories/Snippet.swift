/// A small correct function, with what it does in words and what its tests expect.
struct Snippet: Sendable {
    /// The name that is called: "totalApples".
    let name: String
    /// After "a function that": "adds up a list of apples".
    let purpose: String
    /// The function without its documentation.
    let code: String
    /// Calls and what they return, as Swift.
    let expectations: [(call: String, value: String)]

    /// With its documentation comment.
    var documented: String {
        let summary = purpose.hasPrefix("is ") ? String(purpose.dropFirst(3)) : purpose
        return "/// " + English.capitalized(summary) + ".\n" + code
    }
}

/// A thing that code counts, sorts and sells.
struct CodeNoun: Sendable {
    let one: String
    let many: String

    init(_ one: String) { (self.one, many) = (one, English.plural(one)) }

    var One: String { English.capitalized(one) }
    var Many: String { English.capitalized(many) }

    static let all: [CodeNoun] = [
        "apple", "loaf", "kite", "lantern", "ticket", "letter", "candle", "boat", "duck", "bicycle", "book",
        "cup",
        "coin", "stamp", "key", "basket", "chair", "clock", "coat", "cheese", "flower", "guest", "hammer",
        "jar",
        "lamp", "map", "needle", "oar", "page", "pear", "plate", "pumpkin", "ribbon", "rope", "seed", "shoe",
        "spoon", "star", "table", "tree",
    ].map(CodeNoun.init)
}

extension Snippet {
    typealias Family = @Sendable (CodeNoun, inout WorldRandom) -> Snippet

    static let families: [Family] = numbers + lists + texts + clocks + types

    /// A function.
    ///
    /// - Parameters:
    ///   - signature: Its parameters and result: "(_ count: Int) -> Int".
    ///   - body: Its statements.
    ///   - calls: The rest of each call after the name, with its result.
    static func function(
        _ name: String, _ purpose: String, _ signature: String, _ body: String, _ calls: [(String, String)]
    ) -> Snippet {
        let lines = body.split(separator: "\n").map { "    \($0)\n" }
        return Snippet(
            name: name, purpose: purpose, code: "func \(name)\(signature) {\n" + lines.joined() + "}",
            expectations: calls.map { (name + $0, $1) })
    }

    /// "[3, 1, 4]".
    static func literal(_ numbers: [Int]) -> String {
        "[" + numbers.map(String.init).joined(separator: ", ") + "]"
    }

    /// "["a", "b"]" with quotation marks.
    static func literal(_ words: [String]) -> String {
        "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }

    static func numbers(_ random: inout WorldRandom, _ count: ClosedRange<Int> = 3...5) -> [Int] {
        (0..<random.number(in: count)).map { _ in random.number(in: 1...20) }
    }

    static func words(_ random: inout WorldRandom, _ count: Int) -> [String] {
        random.pick(count, of: CodeNoun.all).map(\.one)
    }
}
