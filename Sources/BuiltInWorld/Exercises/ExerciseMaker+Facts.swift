extension ExerciseMaker {
    /// A question about the table.
    mutating func factExercise(_ fact: Fact) -> Exercise {
        let phrasing = Phrasing.of(fact.relation)
        let question = say(phrasing.questions[pool], fact.words)
        let answer = say(phrasing.answers, fact.words)
        let isOfSomebody = (Relation.ofResidents + Relation.ofShops).contains(fact.relation)
        let named = isOfSomebody ? fact.words.adding(["subject": fact.subject]) : Words()
        var replies: [Quality: String] = [
            .good: Persona.signed(answer), .refused: refusal(named), .generic: generic(),
            .rambling: rambling(answer),
            .outOfCharacter: outOfCharacter(answer),
        ]
        if let mistaken = mistaken(fact) {
            replies[.wrong] = Persona.signed(say(phrasing.answers, mistaken))
        }
        return Exercise([.user(question)], .fact(fact), replies)
    }

    /// The words of another entry under this one's name, so that the answer is confidently wrong.
    mutating func mistaken(_ fact: Fact) -> Words? {
        if fact.relation == .allowed { return contradicted(fact) }
        let others = alternatives[fact.relation, default: []].filter {
            $0.value != fact.value && !fact.isStated(in: $0.value)
        }
        guard !others.isEmpty else { return nil }
        return random.pick(others).words.renamed(as: fact.words, keys: fact.relation.identity)
    }

    private func contradicted(_ fact: Fact) -> Words {
        let isAllowed = fact.value == "yes"
        return fact.words.adding([
            "yes": isAllowed ? "no" : "yes", "may": isAllowed ? "may not" : "may",
            "is": isAllowed ? "is not" : "is",
            "reason": isAllowed ? "it disturbs people" : "nobody minds",
        ])
    }

    /// A question about somebody, a shop or a street that nobody has heard of.
    mutating func unknownExercise() -> Exercise {
        switch random.fraction() {
        case ..<0.7: unknownPerson()
        case ..<0.88: unknownShop()
        default: unknownStreet()
        }
    }

    private mutating func unknownPerson() -> Exercise {
        let words = words(of: strangers.deal())
        if random.chance(0.15) {
            let invented = say(RequestKind.all.first { $0.label == "about" }?.answers ?? [], words)
            return unknown(say(Unknown.whoQuestions[pool], words), nil, words, invented)
        }
        return unknown(random.pick(Relation.ofResidents), words)
    }

    /// A question about a person.
    mutating func unknownPerson(_ person: Person, asked relation: Relation) -> Exercise {
        unknown(relation, words(of: person))
    }

    /// What could be said of a person whom nobody knows, if it were true: another's life.
    private mutating func words(of person: Person) -> Words {
        residents.deal().renamed(
            as: Words(
                ["name": person.name, "first": person.firstName, "last": person.familyName],
                pronoun: person.pronoun),
            keys: Relation.job.identity
        ).adding(["subject": person.name])
    }

    private mutating func unknownShop() -> Exercise {
        let name = random.pick(world.strangers.shops[pool])
        let words = shops.deal().renamed(
            as: Words(["shop": name, "subject": "the " + name]), keys: ["shop", "subject"])
        return unknown(random.pick(Relation.ofShops), words)
    }

    private mutating func unknownStreet() -> Exercise {
        let street = random.pick(world.strangers.streets[pool])
        let words = residents.deal().adding(["street": street, "subject": street])
        let kind = RequestKind.all.first { $0.label == "neighbors" }
        return unknown(
            say(kind?.frames[pool] ?? [], words), nil, words, say(Unknown.neighbors, words))
    }

    private mutating func unknown(_ relation: Relation, _ words: Words) -> Exercise {
        let phrasing = Phrasing.of(relation)
        return unknown(
            say(phrasing.questions[pool], words), relation, words, say(phrasing.answers, words))
    }

    private mutating func unknown(
        _ question: String, _ relation: Relation?, _ words: Words, _ invented: String
    ) -> Exercise {
        let subject = words["subject"] ?? ""
        let honest = say(Unknown.honest, words)
        return Exercise(
            [.user(question)], .unknown(Unknown(subject: subject, relation: relation, words: words)),
            [
                .good: Persona.signed(honest), .invented: Persona.signed(invented), .generic: generic(),
                .outOfCharacter: outOfCharacter(honest),
            ])
    }
}

extension Relation {
    /// The words that say whom or what a fact of this relation is about.
    var identity: [String] {
        switch self {
        case .job, .street, .pet, .dish, .hobby: ["name", "first", "last", "subject"]
        case .petName: ["name", "first", "last", "subject", "pet"]
        case .owner, .shopStreet, .opens, .closed, .specialty: ["shop", "kind", "subject"]
        case .secret, .minutes: ["dish", "takes", "is", "needs", "tastes", "it"]
        case .destination, .interval: ["color", "start"]
        case .month, .place: ["event"]
        case .allowed: ["activity", "verb", "place"]
        }
    }
}

extension Words {
    /// These words with the given ones, and the pronoun, taken from `other`.
    func renamed(as other: Words, keys: [String]) -> Words {
        var result = Words(pronoun: other.pronoun, copying: self)
        for key in keys { if let word = other[key] { result[key] = word } }
        return result
    }
}
