extension Composer {
    /// The code club explains a function.
    mutating func notesPage() -> Page {
        let noun = random.pick(CodeNoun.all)
        let snippet = random.pick(Snippet.families)(noun, &random)
        let words = resident().adding(["purpose": snippet.purpose, "function": snippet.name])
        let isType = snippet.code.hasPrefix("struct") || snippet.code.hasPrefix("enum")
        let expectation = snippet.expectations[0]
        return Page(
            site: .gazette,
            title: say(
                ["Code club: {function}", "Notes of the code club: {function}", "{function}, line by line"],
                words),
            blocks: [
                .paragraph(
                    say(
                        [
                            "The code club met at the house of {name} on {street}.",
                            "This week {name}, {a job}, brought a question.",
                            "\"How would you do it?\" asked {name}, who is learning Swift.",
                            "{name} likes {hobby}, but on Tuesdays {they write} code.",
                        ], words)),
                .paragraph(
                    say(
                        isType
                            ? [
                                "We wrote `{function}`. It {purpose}.",
                                "The answer is a small type: `{function}` {purpose}.",
                            ]
                            : [
                                "We wrote a function that {purpose}.", "The task: a function that {purpose}.",
                                "The function `{function}` {purpose}.",
                            ], words)),
                .code(snippet.code),
                .paragraph(
                    say(
                        ["For example, `{call}` is `{value}`.", "A test: `{call}` should be `{value}`."],
                        Words(["call": expectation.call, "value": expectation.value]))),
                .paragraph(
                    say(
                        [
                            "{first} was {mood} with it.", "Next week we look at another one.",
                            "\"Short code is good code,\" said {first}.",
                            "After that everybody got {dish}.",
                            "{petName} the {pet} slept on the keyboard.",
                        ], words.adding(["mood": random.pick(StoryWords.moods)]))),
            ])
    }
}
