extension ExerciseMaker {
    /// A question with a form for the answer.
    mutating func formExercise() -> Exercise {
        switch random.index(below: 8) {
        case 0: oneWordExercise()
        case 1: capitalsExercise()
        case 2: endingExercise()
        case 3: beginningExercise()
        case 4: jsonExercise()
        case 5: wordCountExercise()
        case 6: bulletsExercise()
        default: yesOrNoExercise()
        }
    }

    private func exercise(
        _ line: String, _ rule: FormRule, expected: [String], good: String, formless: String, wrong: String?
    ) -> Exercise {
        var replies: [Quality: String] = [.good: good, .formless: formless]
        if let wrong { replies[.wrong] = wrong }
        return Exercise([.user(line)], .form(Form(rule: rule, expected: expected)), replies)
    }

    /// A fact whose value is one word, with a question in training phrasing; forms have held-out phrasings of their own.
    private mutating func shortFact() -> (fact: Fact, question: String) {
        while true {
            let fact = facts.deal()
            guard !fact.value.contains(" "), !["yes", "no"].contains(fact.value) else { continue }
            return (fact, say(Phrasing.of(fact.relation).questions.training, fact.words))
        }
    }

    private mutating func accepted(_ fact: Fact) -> [String] { [fact.value] + fact.alsoAccepted }

    private mutating func oneWordExercise() -> Exercise {
        let (fact, question) = shortFact()
        let mistaken = mistakenValue(fact)
        return exercise(
            say(FormPhrases.oneWord[pool], Words(["question": question])), .oneWord, expected: accepted(fact),
            good: English.capitalized(fact.value),
            formless: Persona.signed(say(Phrasing.of(fact.relation).answers, fact.words)),
            wrong: mistaken.map(English.capitalized))
    }

    private mutating func mistakenValue(_ fact: Fact) -> String? {
        let values = alternatives[fact.relation, default: []].map(\.value).filter {
            $0 != fact.value && !$0.contains(" ")
        }
        return values.isEmpty ? nil : random.pick(values)
    }

    /// A fact of a resident or shop, as question, answer and confidently wrong answer.
    private mutating func plainFact() -> (fact: Fact, question: String, answer: String, wrong: String?) {
        var fact = facts.deal()
        while !(Relation.ofResidents + Relation.ofShops).contains(fact.relation) { fact = facts.deal() }
        let phrasing = Phrasing.of(fact.relation)
        let wrong = mistaken(fact).map { say(phrasing.answers[0], $0) }
        return (
            fact, say(phrasing.questions.training, fact.words), say(phrasing.answers[0], fact.words), wrong
        )
    }

    private mutating func capitalsExercise() -> Exercise {
        let (fact, question, answer, wrong) = plainFact()
        return exercise(
            say(FormPhrases.capitals[pool], Words(["question": question])), .capitals,
            expected: accepted(fact),
            good: answer.uppercased(), formless: Persona.signed(answer), wrong: wrong?.uppercased())
    }

    private mutating func endingExercise() -> Exercise {
        let (fact, question, answer, wrong) = plainFact()
        let word = random.pick(FormPhrases.lastWords)
        let ended = { (text: String) in text.dropLast() + ", \(word)." }
        return exercise(
            say(FormPhrases.ending[pool], Words(["question": question, "word": word])), .ending(word),
            expected: accepted(fact), good: String(ended(answer)), formless: Persona.signed(answer),
            wrong: wrong.map { String(ended($0)) })
    }

    private mutating func beginningExercise() -> Exercise {
        let (fact, question, answer, wrong) = plainFact()
        let word = random.pick(FormPhrases.firstWords)
        let begun = { (text: String) in
            "\(word), " + (text.hasPrefix("The ") ? "the " + text.dropFirst(4) : text)
        }
        return exercise(
            say(FormPhrases.beginning[pool], Words(["question": question, "word": word])), .beginning(word),
            expected: accepted(fact), good: begun(answer), formless: Persona.signed(answer),
            wrong: wrong.map(begun))
    }

    private mutating func jsonExercise() -> Exercise {
        let words = residents.deal()
        let others = ["job", "street", "pet", "dish"]
        let key = random.pick(others)
        let value = words[key] ?? ""
        let mistake = random.pick(
            town.residents.map(town.words(for:)).compactMap { $0[key] }.filter { $0 != value })
        let name = words["name"] ?? ""
        func object(_ value: String) -> String { "{\"name\": \"\(name)\", \"\(key)\": \"\(value)\"}" }
        return exercise(
            say(FormPhrases.json[pool], words.adding(["k1": "name", "k2": key])), .json(keys: ["name", key]),
            expected: [value], good: object(value),
            formless: Persona.signed(
                say(
                    ["{name}, {key}: {value}.", "{name}: {value}."],
                    words.adding(["key": key, "value": value]))),
            wrong: object(mistake))
    }

    private mutating func wordCountExercise() -> Exercise {
        let words = residents.deal()
        let text = say(FormPhrases.descriptions, words)
        let count = text.split(separator: " ").count
        let values = ["job", "street", "pet", "dish", "hobby"].compactMap { words[$0] }
        let fuller = say(RequestKind.all.first { $0.label == "about" }?.answers ?? [], words)
        var wrong: String?
        for _ in 0..<5 {
            let other = residents.deal().renamed(as: words, keys: Relation.job.identity)
            let candidate = say(FormPhrases.descriptions, other)
            let isFalse = !WordText(candidate).contains(any: values)
            if candidate.split(separator: " ").count == count, isFalse { wrong = candidate }
        }
        return exercise(
            say(FormPhrases.words[pool], words.adding(["count": English.words(count)])), .words(count),
            expected: values, good: text, formless: Persona.signed(fuller), wrong: wrong)
    }

    private mutating func bulletsExercise() -> Exercise {
        let shop = random.pick(town.shops)
        let others = town.shops.filter { $0.kind != shop.kind }.flatMap { $0.wares.map(\.name) }
        let wares = random.pick(3, of: shop.wares.map(\.name))
        func list(_ wares: [String]) -> String { wares.map { "- " + $0 }.joined(separator: "\n") }
        return exercise(
            say(FormPhrases.bullets[pool], town.words(for: shop)), .bullets(3),
            expected: shop.wares.map(\.name),
            good: list(wares), formless: Persona.signed("The \(shop.name) sells \(English.list(wares))."),
            wrong: list(random.pick(3, of: others)))
    }

    private mutating func yesOrNoExercise() -> Exercise {
        let words = residents.deal()
        let job = words["job"] ?? ""
        let isTrue = random.chance(0.5)
        let guess = isTrue ? job : random.pick(town.residents.map(\.job).filter { $0 != job })
        let answer = say(["{first} is {a job}."], words)
        return exercise(
            say(FormPhrases.yesOrNo[pool], words.adding(["guess": guess])), .yesOrNo,
            expected: [isTrue ? "yes" : "no"],
            good: isTrue ? "Yes" : "No", formless: Persona.signed(answer), wrong: isTrue ? "No" : "Yes")
    }
}
