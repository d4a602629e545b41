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
