/// The fact table: who lives in town, what they do, and where things are.
public struct Town: Sendable {
    /// "Lindenmere".
    public let name: String
    /// Everybody who lives there.
    public let residents: [Resident]
    /// All shops.
    public let shops: [Shop]
    /// The streets of the town.
    public let streets: [String]
    /// Places that belong to everybody.
    public let places: [Place]
    /// The dishes the town is proud of.
    public let recipes: [Recipe]
    /// The rules.
    public let rules: [Rule]
    /// The feasts of the year.
    public let events: [Event]
    /// The bus lines.
    public let buses: [BusLine]
}

extension Town {
    /// Every value a relation takes in town, each once, in order of first appearance.
    func values(of relation: Relation) -> [String] {
        var seen: Set<String> = []
        return facts.filter { $0.relation == relation }.map(\.value).filter { seen.insert($0).inserted }
    }
}

/// Somebody who lives in town.
public struct Resident: Sendable, Equatable {
    /// Given name, shared with nobody in town.
    public let firstName: String
    /// Family name, which relatives may share.
    public let familyName: String
    /// Their pronoun.
    public let pronoun: Pronoun
    /// Their job.
    public let job: String
    /// The street that they live in.
    public let street: String
    /// The animal that lives with them, and its name.
    public let pet: String, petName: String
    /// Their favorite dish and hobby.
    public let dish: String, hobby: String
    let details: Details

    /// "Ada Fenwick".
    public var name: String { firstName + " " + familyName }

    /// Words that go with the facts but are not asked for.
    struct Details: Sendable, Equatable { let does, doing, tool, likes, hobbyKeyword: String }
}

/// A shop.
public struct Shop: Sendable {
    /// Its name, said with "the".
    public let name: String
    /// "bakery".
    public let kind: String
    /// The owner.
    public let owner: Resident
    /// The street that it is in.
    public let street: String
    /// Its wares, with prices in cents; the first is the specialty.
    public let wares: [(name: String, price: Int)]
    /// Opening and closing hour, on the full hour.
    public let opens: Int, closes: Int
    /// The weekday on which it stays closed besides Sunday.
    public let closed: String
    let air: String
}

/// The recipe of a dish in this town.
public struct Recipe: Sendable {
    /// The dish.
    public let dish: Dish
    /// The secret ingredient.
    public let secret: String
    /// The minutes of its last long step.
    public let minutes: Int
}

/// A rule: a custom that is allowed here or not.
public struct Rule: Sendable {
    /// The custom.
    public let custom: Custom
    /// True if it is allowed.
    public let isAllowed: Bool
}

/// A feast of the year.
public struct Event: Sendable {
    /// With its article, if it has one.
    public let name: String
    /// When.
    public let month: String
    /// Where.
    public let place: Place
}

/// A bus line.
public struct BusLine: Sendable {
    /// "red".
    public let color: String
    /// Streets and, at the end, the place it goes to.
    public let stops: [String]
    /// Minutes between two buses.
    public let interval: Int
    /// The place at the end.
    public var destination: String { stops[stops.count - 1] }
}

/// The words that templates may use, for each kind of entry of the fact table.
extension Town {
    func words(for resident: Resident) -> Words {
        Words(
            [
                "town": name, "name": resident.name, "first": resident.firstName, "last": resident.familyName,
                "job": resident.job, "does": resident.details.does, "doing": resident.details.doing,
                "tool": resident.details.tool, "street": resident.street, "pet": resident.pet,
                "petName": resident.petName, "dish": resident.dish, "hobby": resident.hobby,
                "likes": resident.details.likes,
            ], pronoun: resident.pronoun)
    }

    func words(for shop: Shop) -> Words {
        Words(
            [
                "town": name, "shop": shop.name, "kind": shop.kind, "owner": shop.owner.name,
                "ownerFirst": shop.owner.firstName, "job": shop.owner.job, "street": shop.street,
                "opens": English.words(shop.opens), "closes": English.words(shop.closes - 12),
                "closed": shop.closed, "specialty": shop.wares[0].name, "air": shop.air,
                "ware": shop.wares[1].name, "other": shop.wares[2].name,
            ], pronoun: shop.owner.pronoun)
    }

    func words(for recipe: Recipe) -> Words {
        let isPlural = recipe.dish.name.hasSuffix("s")
        return Words([
            "town": name, "dish": recipe.dish.name, "secret": recipe.secret,
            "minutes": English.words(recipe.minutes) + " minutes",
            "count": English.words(recipe.minutes), "takes": isPlural ? "take" : "takes",
            "is": isPlural ? "are" : "is", "needs": isPlural ? "need" : "needs",
            "tastes": isPlural ? "taste" : "tastes", "it": isPlural ? "them" : "it",
        ])
    }

    func words(for bus: BusLine) -> Words {
        Words([
            "town": name, "color": bus.color, "destination": bus.destination, "start": bus.stops[0],
            "middle": bus.stops[2], "interval": English.words(bus.interval) + " minutes",
        ])
    }

    func words(for event: Event) -> Words {
        Words([
            "town": name, "event": event.name, "month": event.month, "place": event.place.name,
            "there": event.place.located,
        ])
    }

    func words(for rule: Rule) -> Words {
        let custom = rule.custom
        return Words([
            "town": name, "activity": custom.activity, "verb": custom.verb, "place": custom.place,
            "yes": rule.isAllowed ? "yes" : "no", "may": rule.isAllowed ? "may" : "may not",
            "is": rule.isAllowed ? "is" : "is not", "allowed": rule.isAllowed ? "allowed" : "not allowed",
            "reason": rule.isAllowed ? custom.reasonFor : custom.reasonAgainst,
        ])
    }
}
