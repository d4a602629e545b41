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
        let text = WordText(text)
        return ([value] + alsoAccepted).contains(where: text.contains)
    }
}

/// Text made comparable: lower-case words with single spaces, so that "Mill Lane" is found in "… on Mill Lane."
struct WordText: Sendable {
    private let padded: String

    init(_ text: String) {
        var bytes: [UInt8] = [UInt8(ascii: " ")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte + 32)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "'"), 0x80...0xFF:
                bytes.append(byte)
            default: if bytes.last != UInt8(ascii: " ") { bytes.append(UInt8(ascii: " ")) }
            }
        }
        if bytes.last != UInt8(ascii: " ") { bytes.append(UInt8(ascii: " ")) }
        padded = String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the words of `phrase` stand here in a row.
    func contains(_ phrase: String) -> Bool { padded.contains(WordText(phrase).padded) }

    func contains(any phrases: [String]) -> Bool { phrases.contains(where: contains) }

    var words: [Substring] { padded.split(separator: " ") }
}
