extension Snippet {
    /// Lists of numbers and of words.
    static let lists: [Family] = [
        { noun, random in
            let values = numbers(&random)
            let name = random.pick(["total\(noun.Many)", "sumOf\(noun.Many)", "all\(noun.Many)"])
            let body = random.pick([
                "\(noun.many).reduce(0, +)",
                "var total = 0\nfor count in \(noun.many) {\n    total += count\n}\nreturn total",
            ])
            return .function(
                name, "adds up the numbers of \(noun.many) in a list",
                "(_ \(noun.many): [Int]) -> Int", body,
                [("(\(literal(values)))", "\(values.reduce(0, +))"), ("([])", "0")])
        },
        { noun, random in
            let values = numbers(&random)
            let name = random.pick(["most\(noun.Many)", "largestPileOf\(noun.Many)"])
            return .function(
                name, "returns the largest number of \(noun.many), or nil if there is none",
                "(_ piles: [Int]) -> Int?",
                "piles.max()",
                [("(\(literal(values)))", "\(values.max() ?? 0)"), ("([])", "nil")])
        },
        { noun, random in
            let values = numbers(&random)
            let limit = random.number(in: 4...12)
            let name = random.pick(["count\(noun.Many)Above\(limit)", "\(noun.many)Above\(limit)"])
            let body = random.pick([
                "prices.filter { $0 > \(limit) }.count",
                "var count = 0\nfor price in prices where price > \(limit) {\n    count += 1\n}\nreturn count",
            ])
            return .function(
                name, "counts the \(noun.many) that cost more than \(limit) crowns",
                "(_ prices: [Int]) -> Int", body,
                [("(\(literal(values)))", "\(values.filter { $0 > limit }.count)")])
        },
        { noun, random in
            let values = numbers(&random)
            let name = "average\(noun.One)Price"
            return .function(
                name, "returns the average price of the \(noun.many), rounded down, or nil for an empty list",
                "(_ prices: [Int]) -> Int?",
                """
                guard !prices.isEmpty else { return nil }
                return prices.reduce(0, +) / prices.count
                """,
                [
                    ("(\(literal(values)))", "\(values.reduce(0, +) / values.count)"),
                    ("([])", "nil"),
                ])
        },
        { noun, random in
            let values = numbers(&random)
            let name = random.pick(["cheap\(noun.Many)First", "sorted\(noun.One)Prices"])
            return .function(
                name, "sorts the prices of \(noun.many), the cheapest first", "(_ prices: [Int]) -> [Int]",
                "prices.sorted()", [("(\(literal(values)))", literal(values.sorted()))])
        },
        { noun, random in
            let values = numbers(&random)
            let more = random.number(in: 1...9)
            let name = random.pick(["raised\(noun.One)Prices", "\(noun.one)PricesNextYear"])
            return .function(
                name, "raises every price of \(English.withArticle(noun.one)) by \(more)",
                "(_ prices: [Int]) -> [Int]",
                "prices.map { $0 + \(more) }", [("(\(literal(values)))", literal(values.map { $0 + more }))])
        },
        { noun, random in
            let owners = words(&random, 3)
            let name = "unique\(noun.Many)"
            let list = owners + [owners[0]]
            return .function(
                name, "removes repeated \(noun.many) and keeps the order",
                "(_ \(noun.many): [String]) -> [String]",
                """
                var seen: Set<String> = []
                return \(noun.many).filter { seen.insert($0).inserted }
                """, [("(\(literal(list)))", literal(owners))])
        },
        { noun, random in
            let list = words(&random, 2)
            let name = "count\(noun.Many)ByKind"
            let all = [list[0], list[1], list[0]]
            return .function(
                name, "counts how often each kind of \(noun.one) occurs",
                "(_ kinds: [String]) -> [String: Int]",
                """
                var counts: [String: Int] = [:]
                for kind in kinds {
                    counts[kind, default: 0] += 1
                }
                return counts
                """, [("(\(literal(all)))", "[\"\(list[0])\": 2, \"\(list[1])\": 1]")])
        },
        { noun, random in
            let values = numbers(&random, 4...5)
            let name = "every\(["Second", "Third"][values.count % 2])\(noun.One)"
            let step = 2 + values.count % 2
            let expected = stride(from: 0, to: values.count, by: step).map { values[$0] }
            return .function(
                name, "returns every \(step == 2 ? "second" : "third") \(noun.one), starting with the first",
                "(_ \(noun.many): [Int]) -> [Int]",
                "stride(from: 0, to: \(noun.many).count, by: \(step)).map { \(noun.many)[$0] }",
                [("(\(literal(values)))", literal(expected))])
        },
        { noun, random in
            let values = numbers(&random)
            let wanted = random.chance(0.6) ? values[values.count - 1] : 99
            let name = random.pick(["positionOf\(noun.One)", "find\(noun.One)"])
            let expected = values.firstIndex(of: wanted).map(String.init) ?? "nil"
            return .function(
                name, "returns where the wanted \(noun.one) stands, or nil if it is missing",
                "(_ wanted: Int, in \(noun.many): [Int]) -> Int?",
                """
                for (index, number) in \(noun.many).enumerated() where number == wanted {
                    return index
                }
                return nil
                """, [("(\(wanted), in: \(literal(values)))", expected)])
        },
        { noun, random in
            let (a, b) = (numbers(&random, 3...3), numbers(&random, 3...3))
            let name = "costOf\(noun.Many)"
            let expected = zip(a, b).map { $0 * $1 }.reduce(0, +)
            return .function(
                name, "multiplies the numbers of \(noun.many) with their prices and adds it all up",
                "(_ counts: [Int], prices: [Int]) -> Int",
                "zip(counts, prices).map { $0 * $1 }.reduce(0, +)",
                [("(\(literal(a)), prices: \(literal(b)))", "\(expected)")])
        },
        { noun, random in
            let values = numbers(&random)
            let name = random.pick(["rotated\(noun.Many)", "move\(noun.One)ToEnd"])
            return .function(
                name, "moves the first \(noun.one) to the end of the row", "(_ row: [Int]) -> [Int]",
                """
                guard let first = row.first else { return [] }
                return Array(row.dropFirst()) + [first]
                """,
                [
                    ("(\(literal(values)))", literal(values.dropFirst() + [values[0]])),
                    ("([])", "[]"),
                ])
        },
    ]
}
