/// A small fictional town, made from a seed, with everything needed to raise a language model in it: websites and code
/// to read, conversations to imitate, preferences to learn from, and evaluations on names and phrasings that appear in
/// none of them.
public struct World: Sendable {
    /// The seed.
    public let seed: UInt64
    /// The fact table.
    public let town: Town
    /// Names that mean nothing in town.
    public let strangers: Strangers
    let random: WorldRandom

    /// Makes the world that belongs to `seed`.
    public init(seed: UInt64, setting: Setting = .smallTown) {
        self.seed = seed
        random = WorldRandom(seed: seed)
        let population = Population(setting, using: random)
        strangers = population.strangers
        town = Town(setting: setting, people: population.residents, drawn: population.drawn, using: random)
    }
}

extension Town {
    /// Draws a town.
    init(setting: Setting, people: [Person], drawn: Drawn, using source: WorldRandom) {
        var random = source.stream("town")
        name = drawn.town
        streets = drawn.streets
        places = setting.places
        let kinds = random.pick(setting.shops, of: setting.shopKinds)
        let residents = Self.residents(setting, people, kinds, drawn, using: &random)
        self.residents = residents
        let streetDeck = drawn.streets
        shops = kinds.enumerated().map { index, kind in
            var wares = random.shuffled(kind.wares).map { (name: $0, price: 20 * random.number(in: 6...60)) }
            wares.sort { $0.name < $1.name }
            wares.swapAt(0, random.index(below: wares.count))
            return Shop(
                name: drawn.shopNames[kind.name] ?? kind.names[0], kind: kind.name, owner: residents[index],
                street: streetDeck[index % streetDeck.count], wares: wares, opens: random.number(in: 6...11),
                closes: random.number(in: 16...20),
                closed: random.pick(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]), air: kind.air)
        }
        let secrets = random.shuffled(setting.secrets)
        recipes = drawn.dishes.enumerated().map { index, dish in
            Recipe(dish: dish, secret: secrets[index % secrets.count], minutes: 5 * random.number(in: 4...15))
        }
        rules = random.pick(setting.customs, of: setting.customList).enumerated().map { index, custom in
            Rule(custom: custom, isAllowed: index.isMultiple(of: 2))
        }
        let eventPlaces = random.shuffled(setting.places)
        let months = random.shuffled(Feast.months)
        events = drawn.feasts.enumerated().map { index, feast in
            Event(
                name: feast, month: months[index % months.count],
                place: eventPlaces[index % eventPlaces.count])
        }
        let ends = random.shuffled(setting.places.map(\.name).filter { $0.hasPrefix("the ") })
        buses = random.pick(setting.buses, of: setting.busColors).enumerated().map { index, color in
            BusLine(
                color: color, stops: random.pick(5, of: streetDeck) + [ends[index % ends.count]],
                interval: 5 * random.number(in: 2...9))
        }
    }

    private static func residents(
        _ setting: Setting, _ people: [Person], _ kinds: [ShopKind], _ drawn: Drawn,
        using random: inout WorldRandom
    ) -> [Resident] {
        let petNames = random.shuffled(setting.petNames)
        var jobs = Deck(setting.jobs, using: random.stream("jobs"))
        var streets = Deck(drawn.streets, using: random.stream("streets"))
        var pets = Deck(setting.pets, using: random.stream("pets"))
        var dishes = Deck(drawn.dishes, using: random.stream("dishes"))
        var hobbies = Deck(setting.hobbies, using: random.stream("hobbies"))
        return people.enumerated().map { index, person in
            let job = index < kinds.count ? kinds[index].owner : jobs.deal()
            let hobby = hobbies.deal()
            return Resident(
                firstName: person.firstName, familyName: person.familyName, pronoun: person.pronoun,
                job: job.name, street: streets.deal(), pet: pets.deal(),
                petName: petNames[index % petNames.count],
                dish: dishes.deal().name, hobby: hobby.doing,
                details: .init(
                    does: job.does, doing: job.doing, tool: job.tool, likes: hobby.infinitive,
                    hobbyKeyword: hobby.keyword))
        }
    }
}
