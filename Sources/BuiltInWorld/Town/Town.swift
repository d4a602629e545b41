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
    /// What is allowed where, and what is not.
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
    /// How they are spoken of.
    public let pronoun: Pronoun
    /// What they do for a living; its name for short.
    public let job: String
    /// Where they live.
    public let street: String
    /// The animal that lives with them, and its name.
    public let pet: String, petName: String
    /// What they like best to eat and to do.
    public let dish: String, hobby: String
    let details: Details

    /// "Ada Fenwick".
    public var name: String { firstName + " " + familyName }

    /// Words that go with the facts but are not asked for.
    struct Details: Sendable, Equatable { let does, doing, tool, likes, hobbyKeyword: String }
}

/// A shop.
public struct Shop: Sendable {
    /// What it is called, said with "the".
    public let name: String
    /// "bakery".
    public let kind: String
    /// Who owns it.
    public let owner: Resident
    /// Where it is.
    public let street: String
    /// What it sells, with prices in cents; the first is the speciality.
    public let wares: [(name: String, price: Int)]
    /// Opening and closing hour, on the full hour.
    public let opens: Int, closes: Int
    /// The weekday on which it stays closed besides Sunday.
    public let closed: String
    let air: String
}

/// How a dish is cooked in this town.
public struct Recipe: Sendable {
    /// The dish.
    public let dish: Dish
    /// What makes it special here.
    public let secret: String
    /// How long its last long step takes.
    public let minutes: Int
}

/// Whether a custom is allowed here.
public struct Rule: Sendable {
    /// What it is about.
    public let custom: Custom
    /// Whether one may.
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
    public let colour: String
    /// Streets and, at the end, the place it goes to.
    public let stops: [String]
    /// Minutes between two buses.
    public let interval: Int
    /// The place at the end.
    public var destination: String { stops[stops.count - 1] }
}
