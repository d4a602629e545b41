/// The little English that templates need: articles, plurals, lists, numbers in words, times of day.
package enum English {
    /// "an apple", "a pear", "an hour", "a unicorn".
    package static func withArticle(_ noun: String) -> String { article(for: noun) + " " + noun }

    static func article(for noun: String) -> String {
        let lower = noun.lowercased()
        if ["hour", "honest", "heir"].contains(where: lower.hasPrefix) { return "an" }
        if ["uni", "use", "usu", "one", "euro", "ukulele"].contains(where: lower.hasPrefix) { return "a" }
        return "aeiou".contains(lower.first ?? "x") ? "an" : "a"
    }

    /// The plural of a noun, or of the last word of a noun phrase ("loaf of rye" → "loaves of rye").
    package static func plural(_ noun: String) -> String {
        if let of = noun.firstRange(of: " of ") {
            return plural(String(noun[..<of.lowerBound])) + noun[of.lowerBound...]
        }
        if let space = noun.lastIndex(of: " ") {
            return noun[...space] + plural(String(noun[noun.index(after: space)...]))
        }
        if let irregular = irregularPlurals[noun] { return irregular }
        if ["s", "x", "ch", "sh"].contains(where: noun.hasSuffix) { return noun + "es" }
        if noun.hasSuffix("y"), let before = noun.dropLast().last, !"aeiou".contains(before) {
            return noun.dropLast() + "ies"
        }
        return noun + "s"
    }

    private static let irregularPlurals = [
        "loaf": "loaves", "knife": "knives", "shelf": "shelves", "goose": "geese", "child": "children",
        "fish": "fish", "goldfish": "goldfish", "sheep": "sheep", "bread": "breads", "potato": "potatoes",
        "tomato": "tomatoes", "person": "people", "leaf": "leaves", "scarf": "scarves", "half": "halves",
        "information": "information",
    ]

    /// "flour", "flour and salt", "flour, salt and honey".
    package static func list(_ items: [String], conjunction: String = "and") -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }

    /// "Flour" from "flour".
    static func capitalized(_ text: String) -> String {
        guard let first = text.first else { return text }
        return first.uppercased() + text.dropFirst()
    }

    /// Whole numbers from zero to ninety-nine in words; digits beyond.
    package static func words(_ number: Int) -> String {
        guard (0..<100).contains(number) else { return String(number) }
        if number < 20 { return small[number] }
        let ten = tens[number / 10]
        return number % 10 == 0 ? ten : ten + "-" + small[number % 10]
    }

    /// "first" to "thirty-first".
    package static func ordinal(_ number: Int) -> String {
        let irregular = [
            1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth",
            20: "twentieth", 30: "thirtieth",
        ]
        if let word = irregular[number] { return word }
        if number > 20, number < 100, number % 10 != 0 {
            return tens[number / 10] + "-" + ordinal(number % 10)
        }
        return words(number) + "th"
    }

    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ]

    /// "09:05" from minutes after midnight.
    static func clock(_ minutes: Int) -> String {
        let (hour, minute) = (minutes / 60 % 24, minutes % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// The third person singular of a verb in its base form: "lives", "goes", "has".
    package static func thirdPerson(_ verb: String) -> String {
        if let irregular = ["be": "is", "have": "has", "do": "does", "go": "goes", "were": "was"][verb] {
            return irregular
        }
        if ["s", "x", "ch", "sh"].contains(where: verb.hasSuffix) { return verb + "es" }
        if verb.hasSuffix("y"), let before = verb.dropLast().last, !"aeiou".contains(before) {
            return verb.dropLast() + "ies"
        }
        return verb + "s"
    }
}

/// Text made comparable: lower-case words with single spaces, so that "Mill Lane" is found in "… on Mill Lane.", but
/// "mill" is not found in "miller".
struct WordText: Sendable {
    private let bytes: [UInt8]

    init(_ text: String) {
        var bytes: [UInt8] = [UInt8(ascii: " ")]
        bytes.reserveCapacity(text.utf8.count + 2)
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
        self.bytes = bytes
    }

    /// True if the words of `phrase` stand here in a row.
    func contains(_ phrase: WordText) -> Bool {
        guard bytes.count >= phrase.bytes.count, phrase.bytes.count > 1 else { return false }
        return bytes.withUnsafeBufferPointer { text in
            phrase.bytes.withUnsafeBufferPointer { phrase in
                let first = phrase[1]
                for start in 0...(text.count - phrase.count) where text[start + 1] == first {
                    var length = 0
                    while length < phrase.count, text[start + length] == phrase[length] { length += 1 }
                    if length == phrase.count { return true }
                }
                return false
            }
        }
    }

    func contains(any phrases: [WordText]) -> Bool { phrases.contains(where: contains) }

    func contains(any phrases: [String]) -> Bool { phrases.contains { contains(WordText($0)) } }

    /// The number of words.
    var count: Int { bytes.count(where: { $0 == UInt8(ascii: " ") }) - 1 }
}
