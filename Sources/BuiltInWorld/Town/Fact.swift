/// A relation that can be asked for.
public enum Relation: String, Sendable, Codable, CaseIterable {
    /// About residents.
    case job, street, pet, petName, dish, hobby
    /// About shops.
    case owner, shopStreet, opens, closed, specialty
    /// About dishes.
    case secret, minutes
    /// About bus lines.
    case destination, interval
    /// About feasts.
    case month, place
    /// About customs: whether they are allowed.
    case allowed

    /// Those that are asked about people.
    public static let ofResidents: [Relation] = [.job, .street, .pet, .petName, .dish, .hobby]
    /// Those that are asked about shops.
    public static let ofShops: [Relation] = [.owner, .shopStreet, .opens, .closed, .specialty]
}

/// One line of the fact table: "Ada Fenwick", job, "baker".
public struct Fact: Sendable {
    /// Whom or what it is about: "Ada Fenwick", "the Golden Crust".
    public let subject: String
    /// The relation.
    public let relation: Relation
    /// The answer, as it stands in a sentence.
    public let value: String
    /// Other words that answer the question just as well: "chess" for "playing chess".
    public let alsoAccepted: [String]
    let words: Words

    /// True if `text` contains the answer, as whole words, in any case.
    public func isStated(in text: String) -> Bool {
        WordText(text).contains(any: [value] + alsoAccepted)
    }
}

extension Town {
    /// The whole table, people first.
    public var facts: [Fact] {
        let people: [Fact] = residents.flatMap(facts(of:))
        let places: [Fact] =
            shops.flatMap(facts(of:)) + recipes.flatMap(facts(of:)) + buses.flatMap(facts(of:))
        return people + places + events.flatMap(facts(of:)) + rules.flatMap(facts(of:))
    }

    func facts(of resident: Resident) -> [Fact] {
        let details = resident.details
        return facts(
            of: resident.name, words(for: resident),
            (.job, resident.job, []), (.street, resident.street, []), (.pet, resident.pet, []),
            (.petName, resident.petName, []), (.dish, resident.dish, []),
            (.hobby, resident.hobby, [details.likes, details.hobbyKeyword]))
    }

    func facts(of shop: Shop) -> [Fact] {
        facts(
            of: "the " + shop.name, words(for: shop),
            (.owner, shop.owner.name, [shop.owner.firstName]), (.shopStreet, shop.street, []),
            (.opens, English.words(shop.opens), [String(shop.opens), English.clock(shop.opens * 60)]),
            (.closed, shop.closed, [shop.closed + "s"]), (.specialty, shop.wares[0].name, []))
    }

    func facts(of recipe: Recipe) -> [Fact] {
        let number = English.words(recipe.minutes)
        return facts(
            of: recipe.dish.name, words(for: recipe), (.secret, recipe.secret, []),
            (.minutes, number + " minutes", [number, String(recipe.minutes)]))
    }

    func facts(of bus: BusLine) -> [Fact] {
        let number = English.words(bus.interval)
        return facts(
            of: "the \(bus.color) bus", words(for: bus),
            (.destination, bus.destination, [String(bus.destination.dropFirst(4))]),
            (.interval, number + " minutes", [number, String(bus.interval)]))
    }

    func facts(of event: Event) -> [Fact] {
        let place = event.place.name
        return facts(
            of: event.name, words(for: event), (.month, event.month, []),
            (.place, place, place.hasPrefix("the ") ? [String(place.dropFirst(4))] : []))
    }

    func facts(of rule: Rule) -> [Fact] {
        facts(
            of: rule.custom.activity + " " + rule.custom.place, words(for: rule),
            rule.isAllowed
                ? (.allowed, "yes", []) : (.allowed, "no", ["not allowed", "may not", "is forbidden"]))
    }

    private func facts(
        of subject: String, _ words: Words, _ entries: (Relation, value: String, also: [String])...
    ) -> [Fact] {
        entries.map { relation, value, also in
            Fact(subject: subject, relation: relation, value: value, alsoAccepted: also, words: words)
        }
    }
}
