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
                "Besides {shop.speciality} there are {shop.ware} and {shop.other}.",
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
