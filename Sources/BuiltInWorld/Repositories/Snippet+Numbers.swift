extension Snippet {
    /// Arithmetic on single numbers.
    static let numbers: [Family] = [
        { noun, random in
            let factor = random.number(in: 2...9)
            let x = random.number(in: 2...30)
            let name = "\(noun.many)In\(["Boxes", "Bags", "Crates"][factor % 3])"
            let argument = random.pick(["count", "number", "amount"])
            return .function(
                name, "returns how many \(noun.many) there are if each box holds \(English.words(factor))",
                "(_ \(argument): Int) -> Int",
                "\(argument) * \(factor)", [("(\(x))", "\(x * factor)"), ("(0)", "0")])
        },
        { noun, random in
            let percent = 5 * random.number(in: 1...9)
            let x = 20 * random.number(in: 2...40)
            let name = "discounted\(noun.One)Price"
            return .function(
                name, "takes \(percent) percent off the price of \(English.withArticle(noun.one))",
                "(_ price: Int) -> Int",
                "price - price * \(percent) / 100", [("(\(x))", "\(x - x * percent / 100)")])
        },
        { noun, random in
            let (low, high) = (random.number(in: 0...3), random.number(in: 8...20))
            let name = "clamped\(noun.Many)"
            return .function(
                name, "keeps a number of \(noun.many) between \(low) and \(high)", "(_ count: Int) -> Int",
                random.chance(0.5)
                    ? "min(max(count, \(low)), \(high))"
                    : """
                    if count < \(low) { return \(low) }
                    if count > \(high) { return \(high) }
                    return count
                    """,
                [
                    ("(\(high + 5))", "\(high)"), ("(\(low - 1))", "\(low)"),
                    ("(\(low + 2))", "\(low + 2)"),
                ])
        },
        { noun, random in
            let bag = random.number(in: 3...12)
            let x = random.number(in: 10...60)
            let name = "bagsFor\(noun.Many)"
            return .function(
                name, "returns how many bags are needed if \(bag) \(noun.many) fit into one",
                "(_ \(noun.many): Int) -> Int",
                "(\(noun.many) + \(bag - 1)) / \(bag)", [("(\(x))", "\((x + bag - 1) / bag)"), ("(0)", "0")])
        },
        { noun, random in
            let x = random.number(in: 2...40)
            let name = random.pick(["isEvenNumberOf\(noun.Many)", "canShare\(noun.Many)"])
            return .function(
                name, "tells whether \(noun.many) can be shared fairly between two people",
                "(_ count: Int) -> Bool",
                "count % 2 == 0", [("(\(x))", "\(x % 2 == 0)"), ("(\(x + 1))", "\(x % 2 == 1)")])
        },
        { noun, random in
            let n = random.number(in: 3...8)
            let name = random.pick(["rowsOf\(noun.Many)", "pyramidOf\(noun.Many)"])
            let sum = n * (n + 1) / 2
            return .function(
                name, "counts the \(noun.many) in a pyramid whose lowest row has the given length",
                "(_ rows: Int) -> Int",
                random.chance(0.5)
                    ? "rows * (rows + 1) / 2"
                    : """
                    var total = 0
                    for row in 0...rows {
                        total += row
                    }
                    return total
                    """, [("(\(n))", "\(sum)"), ("(0)", "0")])
        },
        { noun, random in
            let n = random.number(in: 3...7)
            let name = "waysToArrange\(noun.Many)"
            return .function(
                name, "returns in how many orders \(noun.many) can stand on a shelf", "(_ count: Int) -> Int",
                random.chance(0.5)
                    ? "count < 2 ? 1 : count * \(name)(count - 1)"
                    : """
                    var ways = 1
                    for factor in 1...max(count, 1) {
                        ways *= factor
                    }
                    return ways
                    """, [("(\(n))", "\((1...n).reduce(1, *))"), ("(0)", "1")])
        },
        { noun, random in
            let (a, b) = (random.number(in: 2...9) * 6, random.number(in: 2...9) * 4)
            let name = "largestEqualGroupsOf\(noun.Many)"
            var (x, y) = (a, b)
            while y != 0 { (x, y) = (y, x % y) }
            return .function(
                name, "returns the largest group size that divides both numbers of \(noun.many)",
                "(_ first: Int, _ second: Int) -> Int",
                "second == 0 ? first : \(name)(second, first % second)", [("(\(a), \(b))", "\(x)")])
        },
        { noun, random in
            let price = random.number(in: 2...15)
            let (money, bought) = (random.number(in: 20...100), random.number(in: 1...4))
            let name = "changeAfterBuying\(noun.Many)"
            let rest = money - bought * price
            return .function(
                name,
                "returns the change after buying \(noun.many) for \(price) crowns each, or nil if the money is too short",
                "(_ count: Int, money: Int) -> Int?",
                """
                let rest = money - count * \(price)
                return rest < 0 ? nil : rest
                """,
                [
                    ("(\(bought), money: \(money))", rest < 0 ? "nil" : "\(rest)"),
                    ("(1, money: 0)", "nil"),
                ])
        },
        { noun, random in
            let (limit, x) = (random.number(in: 5...15), random.number(in: 1...20))
            let name = "hasEnough\(noun.Many)"
            return .function(
                name, "tells whether there are at least \(limit) \(noun.many)", "(_ count: Int) -> Bool",
                "count >= \(limit)", [("(\(x))", "\(x >= limit)"), ("(\(limit))", "true")])
        },
    ]
}
