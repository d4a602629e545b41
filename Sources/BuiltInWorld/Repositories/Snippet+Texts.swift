extension Snippet {
    /// Words and sentences.
    static let texts: [Family] = [
        { noun, random in
            let (word, name) = (random.pick(CodeNoun.all).one, "labelFor\(noun.One)")
            let price = random.number(in: 1...30)
            return .function(
                name, "writes the label of \(English.withArticle(noun.one)) with its price",
                "(_ name: String, price: Int) -> String",
                """
                "\\(name): \\(price) crowns"
                """, [("(\"\(word)\", price: \(price))", "\"\(word): \(price) crowns\"")])
        },
        { noun, random in
            let list = words(&random, 3)
            let name = random.pick(["listOf\(noun.Many)", "joined\(noun.Many)"])
            return .function(
                name, "joins the names of \(noun.many) with commas", "(_ names: [String]) -> String",
                "names.joined(separator: \", \")",
                [
                    ("(\(literal(list)))", "\"\(list.joined(separator: ", "))\""),
                    ("([])", "\"\""),
                ])
        },
        { noun, random in
            let list = words(&random, 3)
            let name = "longest\(noun.One)Name"
            let expected = list.max { $0.count < $1.count } ?? ""
            return .function(
                name, "returns the longest name of \(English.withArticle(noun.one))",
                "(_ names: [String]) -> String?",
                "names.max { $0.count < $1.count }",
                [("(\(literal(list)))?.count", "\(expected.count)"), ("([])", "nil")])
        },
        { noun, random in
            let word = random.pick(CodeNoun.all).one
            let name = random.pick(["backwards\(noun.One)", "reversed\(noun.One)"])
            return .function(
                name, "spells the name of \(English.withArticle(noun.one)) backwards",
                "(_ name: String) -> String",
                "String(name.reversed())", [("(\"\(word)\")", "\"\(String(word.reversed()))\"")])
        },
        { noun, random in
            let word = random.pick(CodeNoun.all).many
            let name = random.pick(["vowelsIn\(noun.One)", "countVowelsOf\(noun.One)"])
            return .function(
                name, "counts the vowels in the name of \(English.withArticle(noun.one))",
                "(_ name: String) -> Int",
                "name.filter { \"aeiou\".contains($0) }.count",
                [
                    ("(\"\(word)\")", "\(word.filter { "aeiou".contains($0) }.count)"),
                    ("(\"\")", "0"),
                ])
        },
        { noun, random in
            let n = random.number(in: 2...9)
            let name = random.pick(["count\(noun.One)Text", "\(noun.many)InWords"])
            return .function(
                name, "writes a number of \(noun.many) with the right plural", "(_ count: Int) -> String",
                """
                count == 1 ? "1 \(noun.one)" : "\\(count) \(noun.many)"
                """,
                [("(1)", "\"1 \(noun.one)\""), ("(\(n))", "\"\(n) \(noun.many)\"")])
        },
        { noun, random in
            let (a, b) = (random.pick(CodeNoun.all).one, random.pick(["level", "noon", "deed", "radar"]))
            let name = "isMirrored\(noun.One)"
            return .function(
                name, "tells whether the name of \(English.withArticle(noun.one)) reads the same backwards",
                "(_ name: String) -> Bool",
                "name == String(name.reversed())",
                [("(\"\(b)\")", "true"), ("(\"\(a)\")", "\(a == String(a.reversed()))")])
        },
        { noun, random in
            let n = random.number(in: 2...5)
            let symbol = random.pick(["*", "#", "o", "="])
            let name = random.pick(["row\(noun.Many)", "draw\(noun.Many)"])
            return .function(
                name, "draws a row of \(noun.many) as signs", "(_ count: Int) -> String",
                "String(repeating: \"\(symbol)\", count: count)",
                [("(\(n))", "\"\(String(repeating: symbol, count: n))\"")])
        },
        { noun, random in
            let word = random.pick(CodeNoun.all).one
            let name = "startsLike\(noun.One)"
            let letter = noun.one.prefix(1)
            return .function(
                name, "tells whether a word starts with the same letter as \(noun.one)",
                "(_ word: String) -> Bool",
                "word.hasPrefix(\"\(letter)\")",
                [
                    ("(\"\(word)\")", "\(word.hasPrefix(letter))"),
                    ("(\"\(noun.one)\")", "true"),
                ])
        },
    ]
}
