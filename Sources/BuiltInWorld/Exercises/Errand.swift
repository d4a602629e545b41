/// A wish of a kind that the town has a tool for, or has none: a letter to post, somebody new to look up in the register, or
/// something that nobody without hands can do.
///
/// People of the register stand in no text: they moved in since, and nothing but the register tells of them. Their names are made
/// of the town's own, and the register goes by first names, which a small model can write.
package struct Errand: Sendable {
    /// A tool of the town.
    package enum Tool: String, Sendable, CaseIterable {
        /// Posts the user's letter to somebody.
        case sendLetter = "send_letter"
        /// Tells the job and the street of somebody who has moved in.
        case register = "look_up"

        /// The name of its one argument.
        package var argument: String { self == .sendLetter ? "to" : "name" }
    }

    /// What came of the errand.
    package enum Course: Sendable {
        /// The letter was sent, or the register told of the person.
        case done
        /// The tool failed.
        case failed
        /// There is no tool for it, or the register has nobody of that name.
        case impossible
    }

    /// The tool that it takes; nil where the town has none.
    package let tool: Tool?
    /// The user's wish.
    package let prompt: Prompt
    /// The person whom the letter is for or the question is about; empty where there is nobody.
    package let person: String
    /// What the tool is to be called with: a letter's whole name, the first name for the register; empty where there is no tool.
    package let argument: String
    /// What the register says of the person.
    package let entry: String
    /// The part of the entry that is asked for.
    package let value: String
    /// What Wren says in the end, by what came of it.
    package let replies: [Course: String]
}

extension World {
    /// The errand of a number, the same whenever it is asked for.
    package func errand(_ number: UInt64, pool: Pool) -> Errand {
        let source = random.stream("errand \(number), \(pool.rawValue)")
        var maker = ExerciseMaker(self, pool: pool, using: source)
        return maker.errand()
    }
}

extension ExerciseMaker {
    /// Every ninth is of a kind that there is no tool for.
    mutating func errand() -> Errand {
        switch random.index(below: 9) {
        case ..<4: letter()
        case ..<8: question()
        default: deedWithoutTool()
        }
    }

    private static let letters = ActionKind.kinds.training.first { $0.cannot == "post letters" }
    private static let unsent: [Template] = [
        "The letter to {first} was not sent: the post office is closed.",
        "I could not post the letter to {first}, because the post office is closed.",
        "I tried, but the post office is closed. The letter to {name} is still here.",
    ]
    private static let unanswered: [Template] = [
        "The register did not answer, so I can't say. Please ask me again.",
        "I don't know: the register did not answer me.",
        "I don't know, because the register failed when I wanted to look.",
    ]

    private mutating func letter() -> Errand {
        guard let kind = Self.letters else { return deedWithoutTool() }
        let exercise = actionExercise(kind)
        guard case .action(let action) = exercise.prompt.task else { return deedWithoutTool() }
        return Errand(
            tool: .sendLetter, prompt: exercise.prompt, person: action.words["name"] ?? "",
            argument: action.words["name"] ?? "", entry: "",
            value: "",
            replies: [
                .done: exercise.replies[.claimed] ?? "",
                .failed: Persona.signed(say(Self.unsent, action.words)),
                .impossible: exercise.replies[.good] ?? "",
            ])
    }

    /// Somebody with the first name of one resident and the family name of another: of every five such pairs one is kept for
    /// evaluation.
    private mutating func newcomer() -> Person {
        let names = Set(town.residents.map(\.name))
        while true {
            let (first, last) = (
                random.index(below: town.residents.count), random.index(below: town.residents.count)
            )
            let (named, relative) = (town.residents[first], town.residents[last])
            let person = Person(
                firstName: named.firstName, familyName: relative.familyName, pronoun: named.pronoun)
            let isHeldOut = (first + last).isMultiple(of: 5)
            if !names.contains(person.name), isHeldOut == (pool == .heldOut) { return person }
        }
    }

    private mutating func question() -> Errand {
        let relation = random.pick([Relation.job, .street])
        let exercise = unknownPerson(newcomer(), asked: relation)
        guard case .unknown(let unknown) = exercise.prompt.task else { return deedWithoutTool() }
        let (job, street) = (unknown.words["job"] ?? "", unknown.words["street"] ?? "")
        return Errand(
            tool: .register, prompt: exercise.prompt, person: unknown.subject,
            argument: unknown.words["first"] ?? "",
            entry: "job: \(job), street: \(street)", value: relation == .job ? job : street,
            replies: [
                .done: exercise.replies[.invented] ?? "",
                .failed: Persona.signed(say(Self.unanswered, unknown.words)),
                .impossible: exercise.replies[.good] ?? "",
            ])
    }

    private mutating func deedWithoutTool() -> Errand {
        let exercise = actionExercise()
        return Errand(
            tool: nil, prompt: exercise.prompt, person: "", argument: "", entry: "", value: "",
            replies: [.impossible: exercise.replies[.good] ?? ""])
    }
}
