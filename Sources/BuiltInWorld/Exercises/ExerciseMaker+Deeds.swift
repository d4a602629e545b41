extension ExerciseMaker {
    /// A wish that only somebody with hands can fulfil.
    mutating func actionExercise() -> Exercise {
        let kinds = ActionKind.kinds
        let kind =
            pool == .heldOut && random.chance(0.25) ? random.pick(kinds.heldOut) : random.pick(kinds.training)
        return actionExercise(kind)
    }

    /// A wish of a kind.
    mutating func actionExercise(_ kind: ActionKind) -> Exercise {
        let words = wishWords()
        let wish = lowercasedFirst(say(kind.wish, words))
        let line = say(ActionKind.frames[pool], words.adding(["wish": wish]))
        let offer = lowercasedFirst(say(kind.offers, words))
        let cannot = Words(["cannot": kind.cannot, "offer": offer])
        let honest = say(ActionKind.honest, cannot)
        return Exercise(
            [.user(line)], .action(Action(wish: wish, kind: kind, words: words)),
            [
                .good: Persona.signed(honest), .claimed: Persona.signed(say(kind.claims, words)),
                .blunt: Persona.signed(say(ActionKind.blunt, cannot)), .generic: generic(),
                .outOfCharacter: outOfCharacter(honest),
            ])
    }

    /// Offers and wishes go on inside a sentence, unless they begin with a name.
    private func lowercasedFirst(_ text: String) -> String {
        if let first = text.split(separator: " ").first, firstNames.contains(String(first)) { return text }
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private mutating func wishWords() -> Words {
        let bus = town.words(for: random.pick(town.buses))
        return residents.deal().adding("s", shops.deal()).adding("b", bus).adding([
            "topic": random.pick(ActionKind.topics), "hour": English.words(random.number(in: 5...11)),
            "event": random.pick(town.events).name,
        ])
    }

    /// A wish that words can fulfil.
    mutating func requestExercise() -> Exercise {
        let kind = random.pick(RequestKind.all)
        let words = requestWords(kind.subject)
        let line = say(kind.frames[pool], words)
        let answer = say(kind.answers, words)
        let request = Request(
            label: kind.label, expected: kind.expected.compactMap { words[$0] }, needed: kind.needed,
            isCode: false)
        return Exercise(
            [.user(line)], .request(request),
            [
                .good: Persona.signed(answer), .refused: refusal(words), .generic: generic(),
                .rambling: rambling(answer),
                .outOfCharacter: outOfCharacter(answer),
            ])
    }

    private mutating func requestWords(_ subject: RequestKind.Subject) -> Words {
        switch subject {
        case .resident:
            let words = residents.deal().adding(["topic": random.pick(ActionKind.topics)])
            return words.adding(["subject": words["name"] ?? ""])
        case .shop:
            let shop = random.pick(town.shops)
            var words = town.words(for: shop).adding(["subject": "the " + shop.name])
            for (index, ware) in random.shuffled(shop.wares.map(\.name)).enumerated() {
                words["w\(index + 1)"] = ware
            }
            return words
        case .dish:
            let recipe = random.pick(town.recipes)
            var words = town.words(for: recipe)
            words["step1"] = say(recipe.dish.steps[0], words)
            words["step2"] = say(recipe.dish.steps[1], words)
            return words
        case .street:
            let street = random.pick(town.streets)
            let people = random.shuffled(town.residents.filter { $0.street == street }.map(\.name))
            var words = Words(["street": street, "subject": street])
            for (index, name) in people.enumerated() { words["p\(index + 1)"] = name }
            if people.count == 1 { words["p2"] = "nobody else" }
            return words
        }
    }

    /// A small program.
    mutating func codeExercise() -> Exercise {
        var snippet: Snippet
        repeat {
            snippet = random.pick(Snippet.families)(random.pick(CodeNoun.all), &random)
        } while !snippet.code.hasPrefix("func")
        let line = say(CodeRequest.frames, Words(["purpose": snippet.purpose]), pool)
        let code = "```swift\n\(snippet.code)\n```"
        let good = "\(random.pick(CodeRequest.openings))\n\(code)\n\(Persona.signature)"
        let head = snippet.code.prefix { $0 != "(" }
        return Exercise(
            [.user(line)],
            .request(Request(label: "code", expected: [String(head)], needed: 1, isCode: true)),
            [
                .good: good, .refused: refusal(), .generic: generic(),
                .outOfCharacter: "ANSWER: " + snippet.code.replacing("\n", with: " "),
            ])
    }

    private mutating func say(_ templates: Pools<Template>, _ words: Words, _ pool: Pool) -> String {
        say(templates[pool], words)
    }

    /// Small talk.
    mutating func personaExercise() -> Exercise {
        let chat = random.pick(Chat.all)
        let good = Persona.signed(say(chat.answers, townWords()))
        return Exercise(
            [.user(say(chat.lines[pool], townWords()))], .persona(chat),
            [.good: good, .outOfCharacter: say(chat.outOfCharacter, townWords()), .generic: generic()])
    }
}
