/// A name and how its bearer is spoken of.
public struct Person: Sendable, Hashable, Codable {
    /// Given name.
    public let firstName: String
    /// Family name.
    public let familyName: String
    /// Their pronoun.
    public let pronoun: Pronoun

    /// "Ada Fenwick".
    public var name: String { firstName + " " + familyName }
}

/// Two collections that share nothing: one to train with, one kept for evaluation.
public struct Pools<Element: Sendable>: Sendable {
    /// May appear in any training text.
    public internal(set) var training: [Element]
    /// Appears in no training text.
    public let heldOut: [Element]

    /// One of the two collections.
    public subscript(pool: Pool) -> [Element] { pool == .training ? training : heldOut }
}

/// The collection to draw from.
public enum Pool: String, Sendable, Codable, CaseIterable {
    /// For training texts.
    case training
    /// For evaluation only.
    case heldOut = "held_out"
}

/// Everyone and everything that has a name but is not in the fact table.
public struct Strangers: Sendable {
    /// People whom nobody in town knows. They have first names of their own; some share a family name with a resident.
    public let people: Pools<Person>
    /// Shops that do not exist, with the kind one would guess.
    public let shops: Pools<String>
    /// Streets that do not exist.
    public let streets: Pools<String>
    /// Feasts that nobody celebrates.
    public let feasts: Pools<String>
    /// People who talk with the assistant and introduce themselves.
    public let guests: Pools<Person>
}

/// The names the seed gave to the town, before anybody lives there.
struct Drawn: Sendable {
    let town: String
    let streets: [String]
    let dishes: [Dish]
    let feasts: [String]
    let shopNames: [String: String]
}

/// Deals out all names of a setting: to the town, to strangers and guests, to training and evaluation.
struct Population: Sendable {
    let residents: [Person]
    let strangers: Strangers
    let drawn: Drawn

    init(_ setting: Setting, using source: WorldRandom) {
        var random = source.stream("population")
        var first = Self.firstNames(setting, using: &random)
        let family = random.shuffled(setting.familyNames)
        let known = Array(family.prefix(setting.residents * 5 / 8))
        let free = Array(family.dropFirst(known.count))
        let mixed = { (names: ArraySlice<String>) in Array(names) + known.prefix(names.count / 2) }
        let forTraining = mixed(free.prefix(free.count * 2 / 3))
        let forEvaluation = mixed(free.dropFirst(free.count * 2 / 3))
        func people(_ count: Int, _ surnames: [String]) -> [Person] {
            let taken = first.prefix(count)
            first.removeFirst(taken.count)
            return taken.enumerated().map { index, name in
                Person(
                    firstName: name.name, familyName: surnames[index % surnames.count], pronoun: name.pronoun)
            }
        }
        residents = people(setting.residents, random.shuffled(known))
        let rest = first.count
        var coinage = Coinage(setting, using: source.stream("coinage"))
        let strangers = Pools(
            training: people(rest * 45 / 100, random.shuffled(forTraining))
                + coinage.people(setting.coinedNames, familyNames: forTraining),
            heldOut: people(rest * 20 / 100, random.shuffled(forEvaluation)))
        let guests = Pools(
            training: people(rest * 23 / 100, random.shuffled(forTraining))
                + coinage.people(setting.coinedNames, familyNames: forTraining),
            heldOut: people(rest * 12 / 100, random.shuffled(forEvaluation)))
        func halves(_ names: [String], _ taken: Int) -> (taken: [String], rest: Pools<String>) {
            let shuffled = random.shuffled(names)
            let rest = Array(shuffled.dropFirst(taken))
            let pools = Pools(
                training: Array(rest.prefix(rest.count / 2)), heldOut: Array(rest.dropFirst(rest.count / 2)))
            return (Array(shuffled.prefix(taken)), pools)
        }
        let streets = halves(setting.streetNames, setting.streets)
        let feasts = halves(setting.feastNames, setting.feasts)
        var shopNames: [String: String] = [:]
        var otherShops: [String] = []
        for kind in setting.shopKinds {
            let names = random.shuffled(kind.names)
            shopNames[kind.name] = names[0]
            otherShops += names.dropFirst()
        }
        var shops = halves(otherShops, 0).rest
        shops.training += coinage.places(setting.coinedShops, from: setting.shopKinds.flatMap(\.names))
        var otherStreets = streets.rest
        otherStreets.training += coinage.places(setting.coinedStreets, from: setting.streetNames)
        self.strangers = Strangers(
            people: strangers, shops: shops, streets: otherStreets, feasts: feasts.rest, guests: guests)
        drawn = Drawn(
            town: random.pick(setting.towns), streets: streets.taken,
            dishes: random.pick(setting.dishes, of: setting.dishNames), feasts: feasts.taken,
            shopNames: shopNames)
    }

    private static func firstNames(
        _ setting: Setting, using random: inout WorldRandom
    ) -> [(name: String, pronoun: Pronoun)] {
        let women = setting.feminineNames.map { (name: $0, pronoun: Pronoun.she) }
        let men = setting.masculineNames.map { (name: $0, pronoun: Pronoun.he) }
        return random.shuffled(women + men).map { name in
            random.chance(0.05) ? (name: name.name, pronoun: .they) : name
        }
    }
}

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
