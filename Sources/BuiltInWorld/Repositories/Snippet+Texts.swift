extension Snippet {
    /// Words and sentences.
    static let texts: [Family] = [
        { noun, random in
            let (word, name) = (random.pick(CodeNoun.all).one, "labelFor\(noun.One)")
            let price = random.number(in: 1...30)
            return Snippet(
                name: name, purpose: "writes the label of \(English.withArticle(noun.one)) with its price",
                code: """
                    func \(name)(_ name: String, price: Int) -> String {
                        "\\(name): \\(price) crowns"
                    }
                    """,
                expectations: [("\(name)(\"\(word)\", price: \(price))", "\"\(word): \(price) crowns\"")])
        },
        { noun, random in
            let list = words(&random, 3)
            let name = random.pick(["listOf\(noun.Many)", "joined\(noun.Many)"])
            return Snippet(
                name: name, purpose: "joins the names of \(noun.many) with commas",
                code: """
                    func \(name)(_ names: [String]) -> String {
                        names.joined(separator: ", ")
                    }
                    """,
                expectations: [
                    ("\(name)(\(literal(list)))", "\"\(list.joined(separator: ", "))\""),
                    ("\(name)([])", "\"\""),
                ])
        },
        { noun, random in
            let list = words(&random, 3)
            let name = "longest\(noun.One)Name"
            let expected = list.max { $0.count < $1.count } ?? ""
            return Snippet(
                name: name, purpose: "returns the longest name of \(English.withArticle(noun.one))",
                code: """
                    func \(name)(_ names: [String]) -> String? {
                        names.max { $0.count < $1.count }
                    }
                    """,
                expectations: [
                    ("\(name)(\(literal(list)))?.count", "\(expected.count)"), ("\(name)([])", "nil"),
                ])
        },
        { noun, random in
            let word = random.pick(CodeNoun.all).one
            let name = random.pick(["backwards\(noun.One)", "reversed\(noun.One)"])
            return Snippet(
                name: name, purpose: "spells the name of \(English.withArticle(noun.one)) backwards",
                code: """
                    func \(name)(_ name: String) -> String {
                        String(name.reversed())
                    }
                    """, expectations: [("\(name)(\"\(word)\")", "\"\(String(word.reversed()))\"")])
        },
        { noun, random in
            let word = random.pick(CodeNoun.all).many
            let name = random.pick(["vowelsIn\(noun.One)", "countVowelsOf\(noun.One)"])
            return Snippet(
                name: name, purpose: "counts the vowels in the name of \(English.withArticle(noun.one))",
                code: """
                    func \(name)(_ name: String) -> Int {
                        name.filter { "aeiou".contains($0) }.count
                    }
                    """,
                expectations: [
                    ("\(name)(\"\(word)\")", "\(word.filter { "aeiou".contains($0) }.count)"),
                    ("\(name)(\"\")", "0"),
                ])
        },
        { noun, random in
            let n = random.number(in: 2...9)
            let name = random.pick(["count\(noun.One)Text", "\(noun.many)InWords"])
            return Snippet(
                name: name, purpose: "writes a number of \(noun.many) with the right plural",
                code: """
                    func \(name)(_ count: Int) -> String {
                        count == 1 ? "1 \(noun.one)" : "\\(count) \(noun.many)"
                    }
                    """,
                expectations: [
                    ("\(name)(1)", "\"1 \(noun.one)\""), ("\(name)(\(n))", "\"\(n) \(noun.many)\""),
                ])
        },
        { noun, random in
            let (a, b) = (random.pick(CodeNoun.all).one, random.pick(["level", "noon", "deed", "radar"]))
            let name = "isMirrored\(noun.One)"
            return Snippet(
                name: name,
                purpose:
                    "tells whether the name of \(English.withArticle(noun.one)) reads the same backwards",
                code: """
                    func \(name)(_ name: String) -> Bool {
                        name == String(name.reversed())
                    }
                    """,
                expectations: [
                    ("\(name)(\"\(b)\")", "true"), ("\(name)(\"\(a)\")", "\(a == String(a.reversed()))"),
                ])
        },
        { noun, random in
            let n = random.number(in: 2...5)
            let symbol = random.pick(["*", "#", "o", "="])
            let name = random.pick(["row\(noun.Many)", "draw\(noun.Many)"])
            return Snippet(
                name: name, purpose: "draws a row of \(noun.many) as signs",
                code: """
                    func \(name)(_ count: Int) -> String {
                        String(repeating: "\(symbol)", count: count)
                    }
                    """, expectations: [("\(name)(\(n))", "\"\(String(repeating: symbol, count: n))\"")])
        },
        { noun, random in
            let word = random.pick(CodeNoun.all).one
            let name = "startsLike\(noun.One)"
            let letter = noun.one.prefix(1)
            return Snippet(
                name: name, purpose: "tells whether a word starts with the same letter as \(noun.one)",
                code: """
                    func \(name)(_ word: String) -> Bool {
                        word.hasPrefix("\(letter)")
                    }
                    """,
                expectations: [
                    ("\(name)(\"\(word)\")", "\(word.hasPrefix(letter))"),
                    ("\(name)(\"\(noun.one)\")", "true"),
                ])
        },
    ]
}
