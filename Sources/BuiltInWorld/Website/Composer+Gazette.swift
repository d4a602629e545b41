extension Composer {
    /// One to three pieces of news.
    mutating func newsPage() -> Page {
        var blocks: [Block] = []
        let count = random.number(in: 3...6)
        var title = ""
        for index in 0..<count {
            let story = nextStory()
            let words = storyWords()
            let heading = say(story.titles, words)
            if index == 0 { title = heading } else { blocks.append(.heading(heading)) }
            blocks += paragraphs(of: story, words)
        }
        return Page(site: .gazette, title: title, blocks: blocks)
    }

    private mutating func paragraphs(of story: Story, _ storyWords: Words) -> [Block] {
        var words = storyWords
        let isToldInFull = random.chance(0.7)
        let left =
            isToldInFull || story.beats.count < 4 ? nil : random.number(in: 2...(story.beats.count - 2))
        var paragraphs: [[String]] = [[]]
        for (index, beat) in story.beats.enumerated() where index != left {
            if index > 0, random.chance(0.4) { paragraphs.append([]) }
            let count = index > 0 && index < story.beats.count - 1 && random.chance(0.15) ? 2 : 1
            for sentence in random.pick(count, of: beat) {
                paragraphs[paragraphs.count - 1].append(say(sentence, words))
                words = Mentions.acquainted(words, after: sentence)
            }
        }
        return paragraphs.filter { !$0.isEmpty }.map { .paragraph($0.joined(separator: " ")) }
    }

    /// Some sentences on everything that is known of somebody.
    mutating func portrait(of words: Words, relations: Int = 6) -> [String] {
        let order = random.pick(relations, of: Relation.ofResidents)
        var sentences = [say(Phrasing.of(order[0]).statements, words)]
        for relation in order.dropFirst() where !isTold(relation, of: words, in: sentences) {
            sentences.append(say(Phrasing.continuations(relation), words))
        }
        return sentences
    }

    /// True if sentences name somebody's pet and its kind already, as those about either often do.
    private func isTold(_ relation: Relation, of words: Words, in sentences: [String]) -> Bool {
        guard relation == .pet || relation == .petName, let pet = words["pet"], let name = words["petName"]
        else {
            return false
        }
        let text = WordText(sentences.joined(separator: " "))
        return text.contains(any: [name]) && text.contains(any: [pet])
    }

    mutating func portraitPage() -> Page {
        let people = cast(random.number(in: 3...6))
        var blocks: [Block] = [
            paragraph(
                [
                    "[This week|Today] we [introduce|present] some of our neighbours.",
                    "Who lives next door? [Some answers|Here are some answers].",
                    "{town} is small, but not everybody knows everybody.",
                    "[A town is|Towns are] made of people. [Meet some of ours|These are some of ours].",
                ], people[0])
        ]
        for person in people {
            blocks.append(.heading(person["name"] ?? ""))
            let sentences = portrait(of: person)
            blocks.append(.paragraph(sentences.prefix(3).joined(separator: " ")))
            blocks.append(.paragraph(sentences.dropFirst(3).joined(separator: " ")))
            if random.chance(0.4) { blocks.append(.quote(saying(of: person))) }
        }
        let names = people.compactMap { $0["first"] }
        return Page(
            site: .gazette,
            title: say("[Meet|Getting to know|Neighbours:] {names}", Words(["names": English.list(names)])),
            blocks: blocks)
    }

    /// A sentence of somebody about themselves.
    private mutating func saying(of words: Words) -> String {
        say(
            [
                "I am {a job}, and I would choose it again.",
                "My {pet} {petName} is the best company I know.",
                "Give me {dish} and I need nothing else.", "When I {likes}, I forget the time.",
                "I was a child when I came to {street}, and I never left.",
                "People ask whether {doing} is dull. It is not.", "A day without my {pet} is a lost day.",
                "I love {hobby}. It keeps me young.", "There is no street like {street}.",
            ], words)
    }

    mutating func interviewPage() -> Page {
        let words = resident()
        let exchanges: [(Relation, [Template], [Template])] = [
            (
                .job, ["What do you do for a living?", "What is your job?", "What does your day look like?"],
                [
                    "I am {a job}.", "I work as {a job}. Mostly that means {doing}.",
                    "I am {a job}. My {tool} is my best friend.",
                ]
            ),
            (
                .street, ["Where do you live?", "Which street is yours?", "Where is home?"],
                ["On {street}.", "I live on {street}, and I like it there.", "My house is on {street}."]
            ),
            (
                .pet, ["Do you have a pet?", "Who lives with you?", "Any animals?"],
                [
                    "Yes, {a pet}.", "I have {a pet}. It is called {petName}.",
                    "{petName}, my {pet}, runs the house.",
                ]
            ),
            (
                .petName, ["What is your pet called?", "How did your {pet} get its name?"],
                [
                    "The {pet} is called {petName}.", "{petName}. It was my grandfather's idea.",
                    "{petName}. It came to me in a dream.",
                ]
            ),
            (
                .dish, ["What do you like to eat?", "Your favourite dish?", "What is for dinner?"],
                ["{dish}, always.", "Nothing is better than {dish}.", "My favourite dish is {dish}."]
            ),
            (
                .hobby, ["What do you do in your free time?", "And after work?", "Do you have a hobby?"],
                ["I like {hobby}.", "I like to {likes}.", "{hobby}. I could do it all day."]
            ),
        ]
        var blocks: [Block] = [
            paragraph(
                [
                    "We met {name} on {street} and asked [a few|some] questions.",
                    "{name} {does}. We asked {them} [a few|some] questions.",
                    "Today our guest is {name}, known to many as the {job} of {street}.",
                ], words)
        ]
        // Either question about the pet may be answered with all there is to know of it.
        let omitted: Relation = random.chance(0.5) ? .pet : .petName
        let asked = random.shuffled(exchanges.filter { $0.0 != omitted })
        for (_, questions, answers) in asked.prefix(random.number(in: 4...5)) {
            let question = say(questions, words)
            blocks.append(.paragraph("Gazette: \(question)"))
            blocks.append(.paragraph("\(words["first"] ?? ""): \(say(answers, words))"))
        }
        blocks.append(
            paragraph(
                [
                    "Thank you, {first}!", "We thank {name} for the talk.",
                    "Then {petName} the {pet} wanted to go out, and we said goodbye.",
                ], words))
        return Page(
            site: .gazette,
            title: say(
                ["A few questions for {name}", "Talking with {name}", "{name} in conversation"], words),
            blocks: blocks)
    }

    mutating func letterPage() -> Page {
        let words = storyWords()
        let story = nextStory()
        let news = story.beats.prefix(4).map { say($0, words) }
        let people = cast(2)
        let writer = people[0]
        let reader = people[1]
        let both = reader.adding("w", writer)
        let blocks: [Block] = [
            .paragraph("Dear \(reader["first"] ?? ""),"),
            paragraph(
                [
                    "how are you, and how is {petName}? I hope your {pet} is well again.",
                    "it was good to see you on {street} [last week|the other day].",
                    "I have not written for so long, and you must be busy {doing}.",
                    "yesterday I cooked {dish}, and of course I thought of you, as nobody likes it more.",
                    "do you still find time for {hobby}?",
                ], both),
            .paragraph("Here is the news. " + news.joined(separator: " ")),
            paragraph(
                [
                    "My {w.pet} {w.petName} sends greetings.",
                    "I am off to {w.street} now, home to {w.petName}.",
                    "I must stop now and look after the {w.dish}. You know that I like nothing better.",
                    "Work calls: {a w.job} has no holidays.",
                ], both),
            paragraph(
                ["Yours, {w.name}", "Your friend {w.name}", "Greetings from {w.street}, {w.name}"], both),
        ]
        return Page(
            site: .gazette,
            title: say(["A letter to {name}", "Dear {first}", "Letters: {w.name} to {name}"], both),
            blocks: blocks)
    }
}
