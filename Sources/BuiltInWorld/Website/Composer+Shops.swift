extension Composer {
    /// A shop introduces itself: what, where, when, by whom; and what customers say.
    mutating func shopPage() -> Page {
        let shop = shopList.deal()
        let words = town.words(for: shop)
        var blocks: [Block] = []
        let opening = random.pick(3, of: Relation.ofShops)
        blocks.append(
            .paragraph(opening.map { say(Phrasing.of($0).statements, words) }.joined(separator: " ")))
        blocks.append(.paragraph(ownerLines(words, owner: town.words(for: shop.owner))))
        if random.chance(0.6) { blocks += [.heading("Opening hours"), hours(of: shop)] }
        if random.chance(0.6) { blocks += [.heading("What we sell"), prices(of: shop)] }
        let rest = Relation.ofShops.filter { !opening.contains($0) }
        blocks.append(.paragraph(rest.map { say(Phrasing.of($0).statements, words) }.joined(separator: " ")))
        blocks.append(.heading(random.pick(["Reviews", "What customers say", "From our guest book"])))
        for _ in 0..<random.number(in: 4...9) { blocks.append(.paragraph(review(of: words))) }
        return Page(
            site: .shops,
            title: say(
                ["The {shop}", "The {shop}, {kind}", "The {shop} on {street}", "Visit the {shop}"], words),
            blocks: blocks)
    }

    private mutating func ownerLines(_ shop: Words, owner: Words) -> String {
        let first = say(
            [
                "{name} {does} and knows every customer by name.",
                "{name} learned the trade from {their} mother.",
                "Whoever comes in is greeted by {name}, and by {petName} the {pet}.",
                "{name}, {a job} for many years, {does}.",
            ], owner)
        let second = say(
            [
                "At the door you are met by {shop.air}, and a little later by {shop.ware}.",
                "Besides {shop.specialty} there are {shop.ware} and {shop.other}.",
                "Ask for {shop.ware} too.",
            ], owner.adding("shop", shop))
        let third = say(Phrasing.continuations(random.pick(Relation.ofResidents)), owner)
        return [first, second, third].joined(separator: " ")
    }

    private func hours(of shop: Shop) -> Block {
        let open = English.clock(shop.opens * 60) + " to " + English.clock(shop.closes * 60)
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        return .table(
            header: ["Day", "Open"],
            rows: days.map { [$0, $0 == shop.closed || $0 == "Sunday" ? "closed" : open] })
    }

    private mutating func prices(of shop: Shop) -> Block {
        let wares = random.pick(random.number(in: 3...shop.wares.count), of: shop.wares.map { $0 })
        if random.chance(0.5) {
            return .table(
                header: ["Ware", "Price"],
                rows: wares.map { [English.capitalized($0.name), Self.price($0.price)] })
        }
        return .bullets(wares.map { "\(English.capitalized($0.name)): \(Self.price($0.price))" })
    }

    static func price(_ cents: Int) -> String {
        "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100) crowns"
    }

    /// A review with its stars, and often its author.
    private mutating func review(of shop: Words) -> String {
        let opinion = random.pick(Opinion.allCases)
        let text = Reviews.review(opinion, of: shop, pool: .training, using: &random)
        let stars =
            switch opinion {
            case .positive: random.number(in: 4...5)
            case .mixed: 3
            case .negative: random.number(in: 1...2)
            }
        let head = "\(stars) of 5 stars, \(opinion.rawValue): "
        return head + text + (random.chance(0.5) ? " (\(random.pick(Forum.handles)))" : "")
    }
}

extension Composer {
    /// A recipe, with the story that recipes have.
    mutating func recipePage() -> Page {
        let recipe = recipes.deal()
        let lovers = town.residents.filter { $0.dish == recipe.dish.name }.map(town.words(for:))
        var words = town.words(for: recipe)
        let cook = lovers.isEmpty ? nil : random.pick(lovers)
        if let cook { words = words.adding("a", cook) }
        var opening = [say(Phrasing.of(.secret).statements, words)]
        if !lovers.isEmpty {
            opening.insert(
                say(
                    [
                        "This is how {a.name} likes {it} best.",
                        "{a.name} of {a.street} loves {dish} and gave us this recipe.",
                        "{dish} [always |]makes the {a.job} {a.name} happy.",
                        "When {a.name} comes home from {a.doing}, there should be {dish}.",
                    ], words), at: 0)
        }
        opening.append(
            say(
                [
                    "It tastes best on a {weather} day.", "It is easy, but it needs patience.",
                    "Every family has its own way.", "Do not be afraid of it.", "It keeps for two days.",
                ], words.adding(["weather": random.pick(StoryWords.weather)])))
        var blocks: [Block] = [.paragraph(opening.joined(separator: " ")), .heading("Ingredients")]
        let secret = say(["[some|a little|a pinch of] {secret}"], words).lowercased()
        blocks.append(.bullets(random.shuffled(recipe.dish.ingredients + [secret]).map(English.capitalized)))
        blocks.append(.heading(random.pick(["How to make it", "Steps", "Method"])))
        blocks.append(.steps(recipe.dish.steps.map { say($0, words) }))
        blocks.append(
            .paragraph(
                say(Phrasing.of(.minutes).statements, words) + " "
                    + say(Phrasing.of(.specialty).statements, shop())))
        let others = lovers.filter { $0["name"] != cook?["name"] }
        if !others.isEmpty {
            blocks.append(
                paragraph(
                    [
                        "Others who love {dish}: {others}.",
                        "You can also ask {others}, who love {dish}.",
                        "{dish} {is} the favourite of {others}.",
                    ], words.adding(["others": English.list(others.compactMap { $0["name"] })])))
        }
        return Page(
            site: .kitchen,
            title: say(["{dish}", "{dish} as we like {it}", "How to make {dish}", "{town} {dish}"], words),
            blocks: blocks)
    }
}

extension Composer {
    /// The code club explains a function.
    mutating func notesPage() -> Page {
        let noun = random.pick(CodeNoun.all)
        let snippet = random.pick(Snippet.families)(noun, &random)
        let words = resident().adding(["purpose": snippet.purpose, "function": snippet.name])
        let isType = snippet.code.hasPrefix("struct") || snippet.code.hasPrefix("enum")
        let expectation = snippet.expectations[0]
        return Page(
            site: .gazette,
            title: say(
                ["Code club: {function}", "Notes of the code club: {function}", "{function}, line by line"],
                words),
            blocks: [
                paragraph(
                    [
                        "The code club met at the house of {name} on {street}.",
                        "This week {name}, {a job}, brought a question.",
                        "\"How would you do it?\" asked {name}, who is learning Swift.",
                        "{name} likes {hobby}, but on Tuesdays {they write} code.",
                    ], words),
                .paragraph(
                    say(
                        isType
                            ? [
                                "We wrote `{function}`. It {purpose}.",
                                "The answer is a small type: `{function}` {purpose}.",
                            ]
                            : [
                                "We wrote a function that {purpose}.", "The task: a function that {purpose}.",
                                "The function `{function}` {purpose}.",
                            ], words)),
                .code(snippet.code),
                paragraph(
                    ["For example, `{call}` is `{value}`.", "A test: `{call}` should be `{value}`."],
                    Words(["call": expectation.call, "value": expectation.value])),
                paragraph(
                    [
                        "{first} was {mood} with it.", "Next week we look at another one.",
                        "\"Short code is good code,\" said {first}.",
                        "After that everybody got {dish}.",
                        "{petName} the {pet} slept on the keyboard.",
                    ], words.adding(["mood": random.pick(StoryWords.moods)])),
            ])
    }
}
