/// The handles and signatures of the forum.
enum Forum {
    static let handles = [
        "mossy_stone", "lakeside77", "quietowl", "teapot_tim", "northwind", "breadcrumb", "old_oak",
        "tiny_tractor",
        "paperplane", "cloudspotter", "rainyday", "snailmail", "greenboots", "midnight_soup", "honeycomb",
        "rustybike", "candlelight", "foxglove", "ripple_effect", "stargazer9", "plumjam", "windowseat",
        "harbour_cat", "seventh_stair", "woolly_hat", "ducksinarow", "slowtrain", "pinecone", "marble_run",
        "thunderpants", "lanternfish", "bookworm_b", "crumbs_everywhere", "kettle_on", "night_bus",
        "tangerine",
    ]

    static let signatures = [
        "Life is short, eat the cake first.", "Proud owner of three umbrellas.", "Sent from the garden shed.",
        "Be kind to ducks.", "I was here before the fountain.", "Walk more, worry less.",
        "Still looking for my hat.",
    ]

    static let greetings: [Template] = [
        "Hello everybody! ", "Hi all! ", "Good evening! ", "Quick question: ",
        "Sorry if this was asked before. ", "",
        "I am new here. ", "A question for the neighbours: ",
    ]

    static let thanks: [Template] = [
        "Thank you[ so much|, all of you|]!", "Thanks[, that helps|, now I know|].",
        "Perfect, that was fast.",
        "You are the best.", "Great, thank you. [See you around|Have a good evening].",
        "Ah, [of course|I should have known].",
    ]

    static let agreements: [Template] = [
        "That is right.", "I can confirm that.", "Yes, exactly.", "True[, I saw it myself|].",
        "[Yes|Indeed], everybody knows that.",
        "+1",
    ]

    static let softeners: [Template] = [
        "", "", "[As far as I know|If I remember well]: ", "Easy: ", "I asked around. ", "I know this one! ",
        "My neighbour told me: ",
    ]

    static let followUps: [Template] = [
        "And another one: ", "While we are here: ", "I have a question too. ", "Next question: ", "",
    ]

    static let asides: [Template] = [
        "By the way: {statement}", "Somebody also told me this: {statement}",
        "And while we are at it: {statement}",
        "[Not what you asked|Off topic], I know. {statement}",
    ]
}

extension Composer {
    /// A thread: a question, answers that quote, and thanks.
    mutating func threadPage() -> Page {
        postDay = random.index(below: 28 * Feast.months.count)
        return switch random.index(below: 4) {
        case 0: recommendationThread()
        case 1: storyThread()
        default: questionThread()
        }
    }

    private mutating func post(
        _ author: String, _ text: [String], quoting quoted: String? = nil
    ) -> Block {
        .post(
            Post(
                author: author, date: nextPostDate(), quoted: quoted, text: text,
                signature: random.chance(0.25) ? random.pick(Forum.signatures) : nil))
    }

    private mutating func questionThread() -> Page {
        let authors = random.pick(4, of: Forum.handles)
        let fact = fact()
        let phrasing = Phrasing.of(fact.relation)
        let question = say(phrasing.questions.training, fact.words)
        var blocks = [post(authors[0], [say(Forum.greetings, Words()) + question])]
        let answer = softened(say(random.chance(0.5) ? phrasing.statements : phrasing.answers, fact.words))
        blocks.append(
            post(
                authors[1], [answer + aside()],
                quoting: random.chance(0.6) ? "\(authors[0]): \(question)" : nil))
        if random.chance(0.6) {
            let again = say(phrasing.statements, fact.words)
            blocks.append(
                post(
                    authors[2], [say(Forum.agreements, Words()) + " " + again],
                    quoting: random.chance(0.5) ? "\(authors[1]): \(answer)" : nil))
        }
        blocks.append(post(authors[0], [say(Forum.thanks, Words())]))
        for _ in 0..<random.number(in: 2...6) { blocks += furtherQuestion(random.pick(4, of: Forum.handles)) }
        return Page(site: .forum, title: question, blocks: blocks)
    }

    private mutating func furtherQuestion(_ authors: [String]) -> [Block] {
        let fact = fact()
        let phrasing = Phrasing.of(fact.relation)
        let question = say(phrasing.questions.training, fact.words)
        return [
            post(authors[3], [say(Forum.followUps, Words()) + question]),
            post(
                authors[1], [softened(say(phrasing.answers, fact.words))],
                quoting: "\(authors[3]): \(question)"),
        ]
    }

    private mutating func softened(_ answer: String) -> String { say(Forum.softeners, Words()) + answer }

    private mutating func aside() -> String {
        guard random.chance(0.3) else { return "" }
        let statement = statement(of: fact())
        return " " + say(Forum.asides, Words(["statement": statement]))
    }

    private mutating func recommendationThread() -> Page {
        let authors = random.pick(4, of: Forum.handles)
        let shop = shop()
        let other = self.shop()
        let isNamed = random.chance(0.3)
        let question = say(
            isNamed
                ? ["Is the {shop} any good?", "Has anybody been to the {shop} lately?"]
                : [
                    "Where can I buy {ware}?", "Which shop has good {ware}?",
                    "I need {specialty}. Any ideas?", "I am looking for a good {kind}.",
                ], shop)
        func opinion(_ composer: inout Composer, of shop: Words) -> String {
            let opinion = composer.random.pick(Opinion.allCases)
            let text = Reviews.review(opinion, of: shop, pool: .training, using: &composer.random)
            return composer.say(
                ["I was at the {shop}. {text}", "The {shop}: {text}", "About the {shop}: {text}"],
                shop.adding(["text": text]))
        }
        var blocks = [post(authors[0], [say(Forum.greetings, Words()) + question])]
        let answer = say(
            isNamed
                ? [
                    "{owner} [runs|owns] it, and {they know} {their} trade.",
                    "People go there for the {specialty}, and so do I.",
                    "I pass it every day: it opens at {opens}, and on {closed}s it is closed.",
                ]
                : [
                    "Go to the {shop} on {street}.",
                    "Try the {shop}. {owner} [runs|owns] it, and {they know} {their} trade.",
                    "The {shop}, of course. It is known for its {specialty}.",
                    "There is the {shop}, {a kind} on {street}. It opens at {opens}.",
                ], shop)
        blocks.append(post(authors[1], [answer]))
        blocks.append(post(authors[2], [opinion(&self, of: shop)], quoting: "\(authors[1]): \(answer)"))
        if random.chance(0.5) { blocks.append(post(authors[3], [opinion(&self, of: other)])) }
        blocks.append(post(authors[0], [say(Forum.thanks, Words())]))
        return Page(site: .forum, title: question, blocks: blocks)
    }

    /// Somebody tells what happened, others comment.
    private mutating func storyThread() -> Page {
        let authors = random.pick(3, of: Forum.handles)
        let story = nextStory()
        var words = storyWords()
        var told: [String] = []
        for beat in story.beats.prefix(3) {
            let sentence = random.pick(beat)
            told.append(say(sentence, words))
            words = Mentions.acquainted(words, after: sentence)
        }
        let end = say(story.beats[story.beats.count - 1], words)
        let comment = statement(of: fact())
        return Page(
            site: .forum, title: say(story.titles, words),
            blocks: [
                post(
                    authors[0],
                    [
                        say(
                            ["Have you heard?", "You will not believe it.", "News:", "This happened:"],
                            Words()) + " " + told.joined(separator: " ")
                    ]),
                post(
                    authors[1], [say(["And then?", "How did it end?", "Go on!"], Words())],
                    quoting: "\(authors[0]): \(told[told.count - 1])"),
                post(authors[0], [end]),
                post(authors[2], [say(Forum.asides, Words(["statement": comment]))]),
            ])
    }
}
