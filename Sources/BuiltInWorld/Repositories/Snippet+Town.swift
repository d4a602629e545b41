extension Snippet {
    /// Opening hours, timetables, temperatures.
    static let clocks: [Family] = [
        { noun, random in
            let (opens, closes) = (random.number(in: 6...10), random.number(in: 16...20))
            let hour = random.number(in: 0...23)
            let name = "is\(noun.One)ShopOpen"
            return .function(
                name, "tells whether the shop for \(noun.many) is open at the given hour",
                "(at hour: Int) -> Bool",
                random.chance(0.5)
                    ? "hour >= \(opens) && hour < \(closes)" : "(\(opens)..<\(closes)).contains(hour)",
                [
                    ("(at: \(hour))", "\((opens..<closes).contains(hour))"), ("(at: \(opens))", "true"),
                    ("(at: \(closes))", "false"),
                ])
        },
        { noun, random in
            let interval = 5 * random.number(in: 2...9)
            let now = random.number(in: 0...59)
            let name = "minutesUntilNext\(noun.One)Bus"
            return .function(
                name,
                "returns the minutes until the next bus, which brings \(noun.many) every \(interval) minutes",
                "(now: Int) -> Int",
                """
                let passed = now % \(interval)
                return passed == 0 ? 0 : \(interval) - passed
                """,
                [
                    ("(now: \(now))", "\(now % interval == 0 ? 0 : interval - now % interval)"),
                    ("(now: 0)", "0"),
                ])
        },
        { noun, random in
            let minutes = random.number(in: 61...300)
            let name = random.pick(["timeFor\(noun.Many)", "durationOf\(noun.One)Tour"])
            return .function(
                name, "writes minutes spent on \(noun.many) as hours and minutes",
                "(_ minutes: Int) -> String",
                """
                "\\(minutes / 60) h \\(minutes % 60) min"
                """, [("(\(minutes))", "\"\(minutes / 60) h \(minutes % 60) min\"")])
        },
        { noun, random in
            let year = random.number(in: 1990...2040)
            let name = "is\(noun.One)LeapYear"
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return .function(
                name, "tells whether the calendar with the \(noun.many) needs a 29 February",
                "(_ year: Int) -> Bool",
                "year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)",
                [("(\(year))", "\(isLeap)"), ("(2000)", "true"), ("(1900)", "false")])
        },
        { noun, random in
            let name = random.pick(["seasonFor\(noun.Many)", "\(noun.one)Season"])
            let month = random.number(in: 1...12)
            let season = ["winter", "spring", "summer", "autumn"][month % 12 / 3]
            return .function(
                name, "returns the season in which \(noun.many) are sold, given the month",
                "(month: Int) -> String",
                """
                switch month {
                case 3...5: "spring"
                case 6...8: "summer"
                case 9...11: "autumn"
                default: "winter"
                }
                """,
                [("(month: \(month))", "\"\(season)\""), ("(month: 1)", "\"winter\"")])
        },
        { noun, random in
            let (first, later) = (5 * random.number(in: 4...8), random.number(in: 2...6))
            let count = random.number(in: 2...6)
            let name = "\(noun.one)RentalPrice"
            return .function(
                name,
                "returns what it costs to borrow \(English.withArticle(noun.one)): \(first) crowns for the first day and \(later) for every further day",
                "(days: Int) -> Int",
                """
                guard days > 0 else { return 0 }
                return \(first) + (days - 1) * \(later)
                """,
                [("(days: \(count))", "\(first + (count - 1) * later)"), ("(days: 0)", "0")])
        },
    ]

    /// Small types.
    static let types: [Family] = [
        { noun, random in
            let (price, count) = (random.number(in: 1...20), random.number(in: 2...9))
            let type = "\(noun.One)Order"
            return Snippet(
                name: type, purpose: "is an order of \(noun.many) that knows its total price",
                code: """
                    struct \(type) {
                        let count: Int
                        let price: Int

                        var total: Int { count * price }
                    }
                    """,
                expectations: [("\(type)(count: \(count), price: \(price)).total", "\(count * price)")])
        },
        { noun, random in
            let (a, b) = (random.number(in: 1...9), random.number(in: 1...9))
            let type = "\(noun.One)Shelf"
            return Snippet(
                name: type,
                purpose:
                    "is a shelf to which \(noun.many) can be added and from which the last one can be taken",
                code: """
                    struct \(type) {
                        private var \(noun.many): [Int] = []

                        var isEmpty: Bool { \(noun.many).isEmpty }

                        mutating func add(_ \(noun.one): Int) {
                            \(noun.many).append(\(noun.one))
                        }

                        mutating func takeLast() -> Int? {
                            \(noun.many).popLast()
                        }
                    }
                    """,
                expectations: [
                    (
                        "{ var shelf = \(type)(); shelf.add(\(a)); shelf.add(\(b)); return shelf.takeLast() }()",
                        "\(b)"
                    ),
                    ("\(type)().isEmpty", "true"),
                ])
        },
        { noun, random in
            let prices = [random.number(in: 1...5), random.number(in: 6...9), random.number(in: 10...15)]
            let type = "\(noun.One)Size"
            return Snippet(
                name: type,
                purpose: "is the size of \(English.withArticle(noun.one)), which decides its price",
                code: """
                    enum \(type) {
                        case small, medium, large

                        var price: Int {
                            switch self {
                            case .small: \(prices[0])
                            case .medium: \(prices[1])
                            case .large: \(prices[2])
                            }
                        }
                    }
                    """,
                expectations: [
                    ("\(type).small.price", "\(prices[0])"), ("\(type).large.price", "\(prices[2])"),
                ])
        },
    ]
}
