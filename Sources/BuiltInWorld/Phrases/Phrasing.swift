/// The ways to state a fact, to ask for it, and to answer.
struct Phrasing: Sendable {
    /// For websites: sentences that stand anywhere.
    let statements: [Template]
    /// What people ask. The held-out ones appear in no training text.
    let questions: Pools<Template>
    /// What the assistant answers.
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
        case .speciality: speciality
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
