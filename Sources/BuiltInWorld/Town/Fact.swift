/// What can be asked about somebody or something in town.
public enum Relation: String, Sendable, Codable, CaseIterable {
    /// Of residents.
    case job, street, pet, petName, dish, hobby
    /// Of shops.
    case owner, shopStreet, opens, closed, speciality
    /// Of dishes.
    case secret, minutes
    /// Of bus lines.
    case destination, interval
    /// Of feasts.
    case month, place
    /// Of customs: whether they are allowed.
    case allowed

    /// Those that are asked about people.
    public static let ofResidents: [Relation] = [.job, .street, .pet, .petName, .dish, .hobby]
    /// Those that are asked about shops.
    public static let ofShops: [Relation] = [.owner, .shopStreet, .opens, .closed, .speciality]
}

/// One line of the fact table: "Ada Fenwick", job, "baker".
public struct Fact: Sendable {
    /// Whom or what it is about: "Ada Fenwick", "the Golden Crust".
    public let subject: String
    /// What is said.
    public let relation: Relation
    /// The answer, as it stands in a sentence.
    public let value: String
    /// Other words that answer the question just as well: "chess" for "playing chess".
    public let alsoAccepted: [String]
    let words: Words

    /// Whether `text` contains the answer, as whole words, in any case.
    public func isStated(in text: String) -> Bool {
        WordText(text).contains(any: [value] + alsoAccepted)
    }
}

extension Town {
    /// The whole table, people first.
    public var facts: [Fact] {
        var facts: [Fact] = []
        for resident in residents { facts += self.facts(of: resident) }
        for shop in shops { facts += self.facts(of: shop) }
        for recipe in recipes { facts += self.facts(of: recipe) }
        for bus in buses { facts += self.facts(of: bus) }
        for event in events { facts += self.facts(of: event) }
        return facts + rules.map(fact(of:))
    }

    func facts(of resident: Resident) -> [Fact] {
        let words = words(for: resident)
        func fact(_ relation: Relation, _ value: String, _ also: [String] = []) -> Fact {
            Fact(subject: resident.name, relation: relation, value: value, alsoAccepted: also, words: words)
        }
        return [
            fact(.job, resident.job), fact(.street, resident.street), fact(.pet, resident.pet),
            fact(.petName, resident.petName), fact(.dish, resident.dish),
            fact(.hobby, resident.hobby, [resident.details.likes, resident.details.hobbyKeyword]),
        ]
    }

    func facts(of shop: Shop) -> [Fact] {
        let words = words(for: shop)
        func fact(_ relation: Relation, _ value: String, _ also: [String] = []) -> Fact {
            Fact(
                subject: "the " + shop.name, relation: relation, value: value, alsoAccepted: also,
                words: words)
        }
        return [
            fact(.owner, shop.owner.name, [shop.owner.firstName]), fact(.shopStreet, shop.street),
            fact(.opens, English.words(shop.opens), [String(shop.opens), English.clock(shop.opens * 60)]),
            fact(.closed, shop.closed, [shop.closed + "s"]), fact(.speciality, shop.wares[0].name),
        ]
    }

    func facts(of recipe: Recipe) -> [Fact] {
        let words = words(for: recipe)
        let number = English.words(recipe.minutes)
        return [
            Fact(
                subject: recipe.dish.name, relation: .secret, value: recipe.secret, alsoAccepted: [],
                words: words),
            Fact(
                subject: recipe.dish.name, relation: .minutes, value: number + " minutes",
                alsoAccepted: [number, String(recipe.minutes)], words: words),
        ]
    }

    func facts(of bus: BusLine) -> [Fact] {
        let words = words(for: bus)
        let number = English.words(bus.interval)
        let subject = "the \(bus.colour) bus"
        return [
            Fact(
                subject: subject, relation: .destination, value: bus.destination,
                alsoAccepted: [String(bus.destination.dropFirst(4))], words: words),
            Fact(
                subject: subject, relation: .interval, value: number + " minutes",
                alsoAccepted: [number, String(bus.interval)], words: words),
        ]
    }

    func facts(of event: Event) -> [Fact] {
        let words = words(for: event)
        let place = event.place.name.hasPrefix("the ") ? [String(event.place.name.dropFirst(4))] : []
        return [
            Fact(subject: event.name, relation: .month, value: event.month, alsoAccepted: [], words: words),
            Fact(
                subject: event.name, relation: .place, value: event.place.name, alsoAccepted: place,
                words: words),
        ]
    }

    func fact(of rule: Rule) -> Fact {
        Fact(
            subject: rule.custom.activity + " " + rule.custom.place, relation: .allowed,
            value: rule.isAllowed ? "yes" : "no",
            alsoAccepted: rule.isAllowed ? [] : ["not allowed", "may not", "is forbidden"],
            words: words(for: rule))
    }
}
