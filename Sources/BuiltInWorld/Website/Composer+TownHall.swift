extension Composer {
    /// A walk down a street, or its register.
    mutating func streetPage() -> Page {
        let street = streets.deal()
        let people = random.shuffled(town.residents.filter { $0.street == street }).map(town.words(for:))
        let words = Words(["street": street, "town": town.name])
        guard people.count > 1 else { return portraitPage() }
        var blocks: [Block] = []
        if random.chance(0.6) {
            blocks.append(
                paragraph(
                    [
                        "Let us walk down {street}[, house by house|].",
                        "{street} is [quiet|long and narrow|short but lively].",
                        "Who lives on {street}?", "[Today|This time] we take a walk down {street}.",
                    ], words))
            blocks += walk(past: people)
        } else {
            blocks.append(
                paragraph(
                    [
                        "These people live on {street}.", "The register of {street}:",
                        "Who is who on {street}:",
                    ], words))
            blocks.append(
                .table(
                    header: ["Name", "Occupation", "Pet", "Favourite dish"],
                    rows: people.map { row($0, ["name", "job", "pet", "dish"]) }))
            blocks.append(
                .paragraph(people.map { say(Phrasing.of(.street).statements, $0) }.joined(separator: " ")))
        }
        let shops = town.shops.filter { $0.street == street }.map(town.words(for:))
        for shop in shops {
            blocks.append(.paragraph(say(Phrasing.of(.shopStreet).statements, shop)))
        }
        return Page(
            site: .townHall,
            title: say(
                ["A walk down {street}", "The people of {street}", "{street}, house by house"], words),
            blocks: blocks)
    }

    private func row(_ words: Words, _ keys: [String]) -> [String] { keys.map { words[$0] ?? "" } }

    private mutating func walk(past people: [Words]) -> [Block] {
        let openings: [Template] = [
            "In the first house lives {name}, {a job}.", "First we meet {name}, {a job}.",
            "The first door belongs to {name}, who is {a job}.",
        ]
        let further: [Template] = [
            "Next door lives {name}, {a job}.", "The next house is that of {name}, {a job}.",
            "Then comes {name}, who works as {a job}.", "Behind the green gate lives the {job} {name}.",
            "A few steps on, {name}, {a job}, waves from the window.",
        ]
        let order = random.shuffled(further)
        return people.enumerated().map { index, person in
            let first = index == 0 ? say(openings, person) : say(order[(index - 1) % order.count], person)
            // Either sentence about the pet may say all there is to know of it.
            let pet = random.pick([.pet, .petName] as [Relation])
            let more = random.pick(random.number(in: 1...3), of: [pet, .dish, .hobby] as [Relation])
                .map { say(Phrasing.continuations($0), person) }
            return .paragraph(([first] + more).joined(separator: " "))
        }
    }

    /// Questions and answers about anything in the table.
    mutating func quizPage() -> Page {
        let facts = (0..<random.number(in: 8...16)).map { _ in fact() }
        let isQuiz = random.chance(0.5)
        var blocks: [Block] = [
            .paragraph(
                isQuiz
                    ? say(
                        [
                            "How well do you know {town}?",
                            "[Eight|A few|Some] questions for true neighbours.",
                        ], townWords())
                    : say(
                        ["You asked, the town hall answers.", "What people ask us, and what we answer."],
                        townWords()))
        ]
        for fact in facts {
            let phrasing = Phrasing.of(fact.relation)
            let question = say(phrasing.questions.training, fact.words)
            blocks.append(.paragraph((isQuiz ? "Question: " : "Q: ") + question))
            blocks.append(.paragraph((isQuiz ? "Answer: " : "A: ") + say(phrasing.answers, fact.words)))
        }
        return Page(
            site: .townHall,
            title: isQuiz
                ? "Town quiz number \(random.number(in: 1...999))" : "Questions and answers, \(date())",
            blocks: blocks)
    }

    /// Buses, feasts and rules.
    mutating func almanacPage() -> Page {
        switch random.index(below: 3) {
        case 0: timetablePage()
        case 1: eventsPage()
        default: rulesPage()
        }
    }

    private mutating func timetablePage() -> Page {
        let bus = buses.deal()
        let words = town.words(for: bus)
        let first = 6 * 60 + 5 * random.index(below: 6)
        let rows = bus.stops.enumerated().map { index, stop in
            [English.capitalized(stop)]
                + (0..<4).map { English.clock(first + index * 4 + $0 * bus.interval) }
        }
        let person = resident()
        return Page(
            site: .townHall,
            title: say(
                ["The {color} bus", "Timetable of the {color} bus", "Riding the {color} bus"], words),
            blocks: [
                .paragraph(
                    say(Phrasing.of(.destination).statements, words) + " "
                        + say(Phrasing.of(.interval).statements, words)),
                .table(header: ["Stop", "1", "2", "3", "4"], rows: rows),
                paragraph(
                    [
                        "{name} takes it every day from {street}.",
                        "The {job} {name} likes the seat behind the driver.",
                        "{name} and {petName} the {pet} ride [for free|in the last row].",
                    ], person),
                .paragraph(say(Phrasing.of(.destination).statements, words)),
            ])
    }

    private mutating func eventsPage() -> Page {
        let chosen = events.deal(random.number(in: 1...3))
        var blocks: [Block] = []
        for event in chosen {
            let words = town.words(for: event).adding("a", resident()).adding("s", shop())
            blocks.append(.heading(say("{event}", words)))
            blocks.append(
                .paragraph(
                    say(Phrasing.of(.month).statements, words) + " "
                        + say(Phrasing.of(.place).statements, words)))
            blocks.append(
                .paragraph(
                    say(
                        [
                            "{a.name}, the {a.job}, helps to [prepare it|put up the tables].",
                            "{a.name} will bring {a.dish}, as every year.",
                            "The {s.shop} sends its {s.specialty}.",
                            "{a.name} of {a.street} will show what {a.hobby} can be.",
                            "Last year {a.petName}, {a.name}'s {a.pet}, won a prize.",
                        ], words) + " "
                        + say(
                            [
                                "Everybody is welcome.", "There will be music.", "Bring your own cup.",
                                "Bring the children.",
                            ], words)))
        }
        return Page(
            site: .townHall,
            title: say(["What is on in {town}", "Feasts of the year", "Save the date"], townWords()),
            blocks: blocks)
    }

    private mutating func rulesPage() -> Page {
        let chosen = rules.deal(random.number(in: 3...5))
        var blocks: [Block] = [
            paragraph(
                [
                    "A few rules make life easier.", "What is allowed, and what is not?",
                    "The mayor reminds everybody:",
                ], townWords())
        ]
        let statements = chosen.map { say(Phrasing.of(.allowed).statements, town.words(for: $0)) }
        blocks.append(
            random.chance(0.5) ? .bullets(statements) : .paragraph(statements.joined(separator: " ")))
        let rule = chosen[0]
        let words = town.words(for: rule).adding("a", resident())
        blocks.append(
            paragraph(
                [
                    "\"May one {verb} {place}?\" {a.name} asked at the town hall. {yes}, because {reason}.",
                    "{a.name}, {a a.job}, asked whether {activity} is allowed {place}. The answer: {yes}, since {reason}.",
                ], words))
        return Page(
            site: .townHall,
            title: say(["Rules of the town", "What is allowed in {town}", "Please note"], townWords()),
            blocks: blocks)
    }
}
