/// The ways to state a fact, to ask for it, and to answer.
struct Phrasing: Sendable {
    /// For websites: sentences that stand anywhere.
    let statements: [Template]
    /// Questions. The held-out ones appear in no training text.
    let questions: Pools<Template>
    /// The assistant's answers.
    let answers: [Template]

    init(statements: [Template], questions: [Template], heldOut: [Template], answers: [Template]) {
        self.statements = statements
        self.questions = Pools(training: questions, heldOut: heldOut)
        self.answers = answers
    }

    /// The phrasing of each relation.
    static func of(_ relation: Relation) -> Phrasing {
        switch relation {
        case .job: job
        case .street: street
        case .pet: pet
        case .petName: petName
        case .dish: dish
        case .hobby: hobby
        case .owner: owner
        case .shopStreet: shopStreet
        case .opens: opens
        case .closed: closed
        case .specialty: specialty
        case .secret: secret
        case .minutes: minutes
        case .destination: destination
        case .interval: interval
        case .month: month
        case .place: place
        case .allowed: allowed
        }
    }
}

/// Introductions of people in a text, with a fact beside the name, as in newspapers.
enum Mentions {
    /// Before a verb; closes its own commas.
    static let subjects: [Template] = [
        "{name}, the {job} from {street},", "{name}, {a job} by trade,", "{name}, who lives on {street},",
        "{name}, who likes {hobby},", "the {job} {name}", "{name} from {street}",
        "{name}, whose {pet} is called {petName},", "{name}, who has {a pet} called {petName},",
        "{name}, who loves {dish},", "{name}, who works as {a job},", "{name}, the {job},",
    ]

    /// At the end of a clause.
    static let objects: [Template] = [
        "the {job} {name}", "{name} from {street}", "{name}, the {job}", "{name}, who lives on {street}",
        "{name}, who likes {hobby}", "{name} and {their} {pet} {petName}", "{name}, who keeps {a pet}",
        "{name}, who loves {dish}",
    ]

    /// Adds `who` and `whom` to the words of a resident.
    static func introduced(_ words: Words, using random: inout WorldRandom) -> Words {
        var words = words
        let subject = random.pick(subjects).rendered(with: words, using: &random)
        let object = random.pick(objects).rendered(with: words, using: &random)
        words["who"] = lowercasedArticle(subject)
        words["whom"] = lowercasedArticle(object)
        return words
    }

    /// Who has been introduced by `sentence` goes by the first name from then on.
    static func acquainted(_ words: Words, after sentence: Template) -> Words {
        var words = words
        for name in ["a", "b", "c"] where sentence.source.contains("{\(name).who") {
            guard let person = words.scope(name), let first = person["first"] else { continue }
            words = words.adding(name, person.adding(["who": first, "whom": first]))
        }
        return words
    }

    /// Rendering begins every text with a capital; inside a sentence an article has none.
    private static func lowercasedArticle(_ text: String) -> String {
        text.hasPrefix("The ") ? "the" + text.dropFirst(3) : text
    }
}
