/// Everything that can be claimed about people and shops, to tell what is false of somebody and what is claimed at all.
struct ClaimTable: Sendable {
    private struct Claim: Sendable {
        let relation: Relation
        let value: String
        /// How it stands in a text.
        let phrases: [String]
    }

    private let claims: [Claim]
    private let truths: [String: Set<String>]

    init(_ town: Town) {
        var claims: [Claim] = []
        var truths: [String: Set<String>] = [:]
        var seen: Set<String> = []
        for fact in town.facts where fact.relation != .allowed {
            truths[fact.subject, default: []].insert(Self.key(fact.relation, fact.value))
            guard seen.insert(Self.key(fact.relation, fact.value)).inserted else { continue }
            claims.append(Claim(relation: fact.relation, value: fact.value, phrases: Self.phrases(fact)))
        }
        self.claims = claims
        self.truths = truths
    }

    private static func key(_ relation: Relation, _ value: String) -> String {
        "\(relation.rawValue): \(value)"
    }

    private static func phrases(_ fact: Fact) -> [String] {
        switch fact.relation {
        case .job, .pet: ["a ", "an ", "the ", "her ", "his ", "their ", "your "].map { $0 + fact.value }
        case .opens: ["opens at " + fact.value, "at \(fact.value) in the morning"]
        case .hobby: [fact.value] + fact.alsoAccepted.prefix(1)
        case .closed: [fact.value, fact.value + "s"]
        case .owner, .street, .petName, .dish, .shopStreet, .speciality, .secret, .minutes, .destination,
            .interval,
            .month, .place, .allowed:
            [fact.value]
        }
    }

    /// Whether `text` says of the fact's subject what is true only of others: another value of this relation, or of
    /// any other relation that is asked of the same kind of thing.
    func contradicts(_ fact: Fact, _ text: WordText) -> Bool {
        if fact.relation == .allowed {
            let isDenied = text.contains(any: ["no", "not", "forbidden"])
            return isDenied == (fact.value == "yes")
        }
        let family = Self.family(of: fact.relation)
        let own = truths[fact.subject] ?? []
        return claims.contains { claim in
            family.contains(claim.relation) && !own.contains(Self.key(claim.relation, claim.value))
                && !Self.isHomonym(claim.value, claim.relation, own) && text.contains(any: claim.phrases)
        }
    }

    /// A street that is right as a home is not wrong as the street of a shop.
    private static func isHomonym(_ value: String, _ relation: Relation, _ own: Set<String>) -> Bool {
        Relation.allCases.contains { own.contains(key($0, value)) }
    }

    private static func family(of relation: Relation) -> [Relation] {
        switch relation {
        case .job, .street, .pet, .petName, .dish, .hobby: Relation.ofResidents
        case .owner, .shopStreet, .opens, .closed, .speciality: Relation.ofShops
        case .secret, .minutes: [.secret, .minutes]
        case .destination, .interval: [.destination, .interval]
        case .month, .place: [.month, .place]
        case .allowed: [.allowed]
        }
    }

    /// Whether `text` claims anything about anybody that the question did not say already.
    func claimsAnything(_ text: WordText, besides question: String) -> Bool {
        let question = WordText(question)
        let relations = Relation.ofResidents + Relation.ofShops
        return claims.contains { claim in
            relations.contains(claim.relation) && !question.contains(claim.value)
                && text.contains(any: claim.phrases)
        }
    }
}
