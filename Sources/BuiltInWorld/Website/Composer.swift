/// Writes page after page about the town, speaking of everybody equally often.
struct Composer {
    let town: Town
    var random: WorldRandom
    private var residents: Deck<Words>
    private var shops: Deck<Words>
    private var facts: Deck<Fact>
    private var stories: Deck<Story>
    private var kinds: Deck<Kind>
    var shopList: Deck<Shop>
    var recipes: Deck<Recipe>
    var buses: Deck<BusLine>
    var events: Deck<Event>
    var rules: Deck<Rule>
    var streets: Deck<String>
    /// The day of the thread's last post, counted in months of four weeks.
    var postDay = 0

    /// The kinds of pages, as often as they stand here.
    private enum Kind: CaseIterable {
        case news, portrait, interview, street, thread, quiz, letter, shop, recipe, almanac, notes

        static let mixture: [Kind] =
            [
                .news, .news, .news, .news, .portrait, .portrait, .interview, .street, .thread, .thread,
                .thread,
            ]
            + [.thread, .quiz, .letter, .shop, .shop, .recipe, .almanac, .notes]
    }

    init(town: Town, using source: WorldRandom) {
        self.town = town
        random = source.stream("composer")
        residents = Deck(town.residents.map(town.words(for:)), using: source.stream("residents"))
        shops = Deck(town.shops.map(town.words(for:)), using: source.stream("shops"))
        facts = Deck(town.facts, using: source.stream("facts"))
        stories = Deck(Story.all, using: source.stream("stories"))
        kinds = Deck(Kind.mixture, using: source.stream("kinds"))
        shopList = Deck(town.shops, using: source.stream("shop list"))
        recipes = Deck(town.recipes, using: source.stream("recipes"))
        buses = Deck(town.buses, using: source.stream("buses"))
        events = Deck(town.events, using: source.stream("events"))
        rules = Deck(town.rules, using: source.stream("rules"))
        streets = Deck(town.streets, using: source.stream("street list"))
    }

    /// A page of one kind; short kinds come two or three to a page.
    mutating func page() -> Page {
        let kind = kinds.deal()
        var page = section(kind)
        switch kind {
        case .news, .quiz, .shop, .recipe, .portrait: return page
        case .interview, .street, .thread, .letter, .almanac, .notes: break
        }
        for _ in 0..<random.number(in: 1...2) {
            let next = section(kind)
            guard next.site == page.site else { continue }
            page.blocks += [.heading(next.title)] + next.blocks
        }
        return page
    }

    private mutating func section(_ kind: Kind) -> Page {
        switch kind {
        case .news: newsPage()
        case .portrait: portraitPage()
        case .interview: interviewPage()
        case .street: streetPage()
        case .thread: threadPage()
        case .quiz: quizPage()
        case .letter: letterPage()
        case .shop: shopPage()
        case .recipe: recipePage()
        case .almanac: almanacPage()
        case .notes: notesPage()
        }
    }
}

extension Composer {
    mutating func resident() -> Words { residents.deal() }
    mutating func shop() -> Words { shops.deal() }
    mutating func fact() -> Fact { facts.deal() }
    mutating func nextStory() -> Story { stories.deal() }

    /// Different residents.
    mutating func cast(_ count: Int) -> [Words] {
        var result: [Words] = []
        while result.count < count {
            let next = resident()
            if !result.contains(where: { $0["name"] == next["name"] }) { result.append(next) }
        }
        return result
    }

    mutating func say(_ template: Template, _ words: Words) -> String {
        template.rendered(with: words, using: &random)
    }

    mutating func say(_ templates: [Template], _ words: Words) -> String {
        say(random.pick(templates), words)
    }

    mutating func paragraph(_ templates: [Template], _ words: Words) -> Block {
        .paragraph(say(templates, words))
    }

    /// A fact of the table as one sentence.
    mutating func statement(of fact: Fact) -> String {
        say(Phrasing.of(fact.relation).statements, fact.words)
    }

    /// "3 March".
    mutating func date() -> String { "\(random.number(in: 1...28)) \(random.pick(Feast.months))" }

    /// The date of a thread's next post: the same day or a few days later.
    mutating func nextPostDate() -> String {
        postDay += random.pick([0, 0, 0, 1, 1, 2, 4])
        return "\(postDay % 28 + 1) \(Feast.months[postDay / 28 % Feast.months.count])"
    }

    /// Words that stories share: people, a shop, a place, a day, some weather and a thing.
    mutating func storyWords() -> Words {
        let people = cast(3).map { Mentions.introduced($0, using: &random) }
        let days = random.pick(2, of: StoryWords.days)
        var words = townWords().adding([
            "where": random.pick(town.places).located, "day": days[0], "otherDay": days[1],
            "time": random.pick(StoryWords.times), "weather": random.pick(StoryWords.weather),
            "thing": random.pick(StoryWords.things), "mood": random.pick(StoryWords.moods),
            "letter": String(UnicodeScalar(UInt8(66 + random.index(below: 25)))),
            "hour": English.words(random.number(in: 3...12)),
            "count": English.words(random.number(in: 3...15)),
            "age": English.words(random.number(in: 30...90)),
            "contest": random.pick([
                "baking", "singing", "rowing", "chess", "pumpkin", "whistling", "gardening",
            ]),
        ])
        for (index, name) in ["a", "b", "c"].enumerated() { words = words.adding(name, people[index]) }
        return words.adding("s", shop())
    }

    mutating func townWords() -> Words { town.words(for: buses.deal()) }
}
