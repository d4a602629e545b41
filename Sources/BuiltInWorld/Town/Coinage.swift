/// Coins names that sound like names: the beginning of one and the end of another. "Lennart" and "Sergei" give "Sergart",
/// the "Golden Crust" and the "Paper Boat" the "Golden Boat".
///
/// None of them is in the setting's lists, so that nobody in town and nobody in an evaluation bears one, and none comes
/// twice.
struct Coinage: Sendable {
    private let feminine: [String]
    private let masculine: [String]
    private var taken: Set<String>
    private var random: WorldRandom

    init(_ setting: Setting, using source: WorldRandom) {
        (feminine, masculine) = (setting.feminineNames, setting.masculineNames)
        taken = Set(feminine + masculine + setting.familyNames + setting.petNames)
        random = source
    }

    /// People with coined first names, and coined family names or such as others bear too; fewer than `count` where
    /// the setting has too few names to coin others from.
    mutating func people(_ count: Int, familyNames: [String]) -> [Person] {
        var people: [Person] = []
        while people.count < count {
            let isWoman = random.chance(0.5)
            let pronoun: Pronoun = random.chance(0.05) ? .they : isWoman ? .she : .he
            guard let firstName = name(from: isWoman ? feminine : masculine), !familyNames.isEmpty else {
                break
            }
            let coined = random.chance(0.5) ? name(from: familyNames) : nil
            people.append(
                Person(
                    firstName: firstName, familyName: coined ?? random.pick(familyNames), pronoun: pronoun))
        }
        return people
    }

    /// Places named by the first word of one and the last of another, of names of two words; fewer than `count` where
    /// there are too few to coin others from.
    mutating func places(_ count: Int, from names: [String]) -> [String] {
        taken.formUnion(names)
        let words = names.map { $0.split(separator: " ") }.filter { $0.count == 2 }
        let all = words.flatMap { first in words.map { "\(first[0]) \($0[1])" } }
        return random.shuffled(all).filter { taken.insert($0).inserted }.prefix(count).map(\.self)
    }

    /// The beginning of one name and the end of another; nil when none is found that is new.
    private mutating func name(from names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        let tries = 1_000
        for _ in 0..<tries {
            let (first, second) = (random.pick(names), random.pick(names))
            let name = String(Self.parts(of: first).head + Self.parts(of: second).tail)
            if (4...11).contains(name.count), taken.insert(name).inserted { return name }
        }
        return nil
    }

    /// A name cut before its second group of vowels: "Lenn" and "art", "Serg" and "ei".
    static func parts(of name: String) -> (head: Substring, tail: Substring) {
        func isVowel(_ letter: Character) -> Bool { "aeiouy".contains(letter.lowercased()) }
        let first = name.firstIndex(where: isVowel) ?? name.startIndex
        let consonants = name[first...].firstIndex { !isVowel($0) } ?? name.endIndex
        let cut = name[consonants...].firstIndex(where: isVowel) ?? name.endIndex
        return (name[..<cut], name[cut...])
    }
}
