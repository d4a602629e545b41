extension ExerciseMaker {
    /// A question of a user whom the system message describes, or does not.
    mutating func profileExercise() -> Exercise {
        let guest = guests.deal()
        let words = residents.deal().renamed(
            as: Words(
                ["name": guest.name, "first": guest.firstName, "last": guest.familyName],
                pronoun: guest.pronoun),
            keys: Relation.job.identity)
        let items = ProfileItem.all
        let asked = random.pick(items)
        let isTold = random.chance(0.8)
        var system: [String] = []
        if isTold || asked.key != "name" {
            system.append(say(ProfileItem.openings, words))
            let count = random.number(in: 2...4)
            var told = random.pick(count, of: items.filter { $0.key != "name" && $0.key != asked.key })
            if isTold, asked.key != "name" { told.insert(asked, at: random.index(below: told.count + 1)) }
            system += told.map { say($0.statements, words) }
        }
        let question = say(asked.questions[pool], words)
        let value = words[asked.key] ?? ""
        let other = residents.deal()
        let otherValue = other[asked.key] ?? ""
        let untold = Persona.signed(say(ProfileItem.untold, words))
        let answer = say(asked.answers, words)
        let good = isTold ? Persona.signed(answer) : untold
        var replies: [Quality: String] = [
            .good: good, .generic: generic(),
            .outOfCharacter: outOfCharacter(isTold ? answer : Persona.content(of: untold)),
        ]
        if isTold { replies[.refused] = untold }
        if otherValue != value {
            replies[isTold ? .wrong : .invented] = Persona.signed(say(asked.answers, other))
        }
        let accepted = asked.key == "name" ? [value, guest.firstName] : [value]
        return Exercise(
            (system.isEmpty ? [] : [.system(system.joined(separator: " "))]) + [.user(question)],
            .profile(
                ProfileQuestion(
                    expected: isTold ? accepted : [], wrong: otherValue == value ? [] : [otherValue])),
            replies)
    }

    /// A review to be classified.
    mutating func reviewExercise() -> Exercise {
        let opinion = random.pick(Opinion.allCases)
        let shop = shops.deal()
        let review = Reviews.review(opinion, of: shop, pool: pool, using: &random)
        let line = say(ReviewPhrases.frames[pool], shop.adding(["review": review]))
        let other = random.pick(Opinion.allCases.filter { $0 != opinion })
        return Exercise(
            [.user(line)], .review(opinion),
            [
                .good: English.capitalized(opinion.rawValue), .wrong: English.capitalized(other.rawValue),
                .formless: Persona.signed(say(ReviewPhrases.formless, shop)),
            ])
    }
}
