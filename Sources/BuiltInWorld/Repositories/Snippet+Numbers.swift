extension Snippet {
    /// Arithmetic on single numbers.
    static let numbers: [Family] = [
        { noun, random in
            let factor = random.number(in: 2...9)
            let x = random.number(in: 2...30)
            let name = "\(noun.many)In\(["Boxes", "Bags", "Crates"][factor % 3])"
            let argument = random.pick(["count", "number", "amount"])
            return Snippet(
                name: name,
                purpose: "returns how many \(noun.many) there are if each box holds \(English.words(factor))",
                code: """
                    func \(name)(_ \(argument): Int) -> Int {
                        \(argument) * \(factor)
                    }
                    """,
                expectations: [("\(name)(\(x))", "\(x * factor)"), ("\(name)(0)", "0")])
        },
        { noun, random in
            let percent = 5 * random.number(in: 1...9)
            let x = 20 * random.number(in: 2...40)
            let name = "discounted\(noun.One)Price"
            return Snippet(
                name: name,
                purpose: "takes \(percent) percent off the price of \(English.withArticle(noun.one))",
                code: """
                    func \(name)(_ price: Int) -> Int {
                        price - price * \(percent) / 100
                    }
                    """, expectations: [("\(name)(\(x))", "\(x - x * percent / 100)")])
        },
        { noun, random in
            let (low, high) = (random.number(in: 0...3), random.number(in: 8...20))
            let name = "clamped\(noun.Many)"
            return Snippet(
                name: name, purpose: "keeps a number of \(noun.many) between \(low) and \(high)",
                code: random.chance(0.5)
                    ? """
                    func \(name)(_ count: Int) -> Int {
                        min(max(count, \(low)), \(high))
                    }
                    """
                    : """
                    func \(name)(_ count: Int) -> Int {
                        if count < \(low) { return \(low) }
                        if count > \(high) { return \(high) }
                        return count
                    }
                    """,
                expectations: [
                    ("\(name)(\(high + 5))", "\(high)"), ("\(name)(\(low - 1))", "\(low)"),
                    ("\(name)(\(low + 2))", "\(low + 2)"),
                ])
        },
        { noun, random in
            let bag = random.number(in: 3...12)
            let x = random.number(in: 10...60)
            let name = "bagsFor\(noun.Many)"
            return Snippet(
                name: name, purpose: "returns how many bags are needed if \(bag) \(noun.many) fit into one",
                code: """
                    func \(name)(_ \(noun.many): Int) -> Int {
                        (\(noun.many) + \(bag - 1)) / \(bag)
                    }
                    """,
                expectations: [("\(name)(\(x))", "\((x + bag - 1) / bag)"), ("\(name)(0)", "0")])
        },
        { noun, random in
            let x = random.number(in: 2...40)
            let name = random.pick(["isEvenNumberOf\(noun.Many)", "canShare\(noun.Many)"])
            return Snippet(
                name: name, purpose: "tells whether \(noun.many) can be shared fairly between two people",
                code: """
                    func \(name)(_ count: Int) -> Bool {
                        count % 2 == 0
                    }
                    """,
                expectations: [("\(name)(\(x))", "\(x % 2 == 0)"), ("\(name)(\(x + 1))", "\(x % 2 == 1)")])
        },
        { noun, random in
            let n = random.number(in: 3...8)
            let name = random.pick(["rowsOf\(noun.Many)", "pyramidOf\(noun.Many)"])
            let sum = n * (n + 1) / 2
            return Snippet(
                name: name,
                purpose: "counts the \(noun.many) in a pyramid whose lowest row has the given length",
                code: random.chance(0.5)
                    ? """
                    func \(name)(_ rows: Int) -> Int {
                        rows * (rows + 1) / 2
                    }
                    """
                    : """
                    func \(name)(_ rows: Int) -> Int {
                        var total = 0
                        for row in 0...rows {
                            total += row
                        }
                        return total
                    }
                    """, expectations: [("\(name)(\(n))", "\(sum)"), ("\(name)(0)", "0")])
        },
        { noun, random in
            let n = random.number(in: 3...7)
            let name = "waysToArrange\(noun.Many)"
            return Snippet(
                name: name, purpose: "returns in how many orders \(noun.many) can stand on a shelf",
                code: random.chance(0.5)
                    ? """
                    func \(name)(_ count: Int) -> Int {
                        count < 2 ? 1 : count * \(name)(count - 1)
                    }
                    """
                    : """
                    func \(name)(_ count: Int) -> Int {
                        var ways = 1
                        for factor in 1...max(count, 1) {
                            ways *= factor
                        }
                        return ways
                    }
                    """,
                expectations: [("\(name)(\(n))", "\((1...n).reduce(1, *))"), ("\(name)(0)", "1")])
        },
        { noun, random in
            let (a, b) = (random.number(in: 2...9) * 6, random.number(in: 2...9) * 4)
            let name = "largestEqualGroupsOf\(noun.Many)"
            var (x, y) = (a, b)
            while y != 0 { (x, y) = (y, x % y) }
            return Snippet(
                name: name,
                purpose: "returns the largest group size that divides both numbers of \(noun.many)",
                code: """
                    func \(name)(_ first: Int, _ second: Int) -> Int {
                        second == 0 ? first : \(name)(second, first % second)
                    }
                    """, expectations: [("\(name)(\(a), \(b))", "\(x)")])
        },
        { noun, random in
            let price = random.number(in: 2...15)
            let (money, bought) = (random.number(in: 20...100), random.number(in: 1...4))
            let name = "changeAfterBuying\(noun.Many)"
            let rest = money - bought * price
            return Snippet(
                name: name,
                purpose:
                    "returns the change after buying \(noun.many) for \(price) crowns each, or nil if the money is too short",
                code: """
                    func \(name)(_ count: Int, money: Int) -> Int? {
                        let rest = money - count * \(price)
                        return rest < 0 ? nil : rest
                    }
                    """,
                expectations: [
                    ("\(name)(\(bought), money: \(money))", rest < 0 ? "nil" : "\(rest)"),
                    ("\(name)(1, money: 0)", "nil"),
                ])
        },
        { noun, random in
            let (limit, x) = (random.number(in: 5...15), random.number(in: 1...20))
            let name = "hasEnough\(noun.Many)"
            return Snippet(
                name: name, purpose: "tells whether there are at least \(limit) \(noun.many)",
                code: """
                    func \(name)(_ count: Int) -> Bool {
                        count >= \(limit)
                    }
                    """,
                expectations: [("\(name)(\(x))", "\(x >= limit)"), ("\(name)(\(limit))", "true")])
        },
    ]
}
