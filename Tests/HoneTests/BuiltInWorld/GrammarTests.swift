import BuiltInWorld
import Testing

@Suite struct GrammarTests {
    private func rendered(_ template: Template, _ words: Words) -> String {
        var random = WorldRandom(seed: 1)
        return template.rendered(with: words, using: &random)
    }

    @Test(arguments: [
        ("apple", "an apple"), ("baker", "a baker"), ("hour", "an hour"), ("unicorn", "a unicorn"),
        ("optician", "an optician"), ("old oak", "an old oak"), ("umbrella", "an umbrella"),
        ("one-way street", "a one-way street"),
    ])
    func nounsGetTheirArticle(noun: String, expected: String) {
        #expect(English.withArticle(noun) == expected)
    }

    @Test(arguments: [
        ("loaf", "loaves"), ("goose", "geese"), ("berry", "berries"), ("boy", "boys"), ("box", "boxes"),
        ("loaf of rye", "loaves of rye"), ("pocket watch", "pocket watches"), ("goldfish", "goldfish"),
    ])
    func nounsGetTheirPlural(noun: String, expected: String) {
        #expect(English.plural(noun) == expected)
    }

    @Test func listsHaveTheirConjunctionLast() {
        #expect(English.list([]) == "")
        #expect(English.list(["salt"]) == "salt")
        #expect(English.list(["salt", "honey"]) == "salt and honey")
        #expect(English.list(["flour", "salt", "honey"]) == "flour, salt and honey")
    }

    @Test func numbersHaveWords() {
        #expect(
            [0, 7, 12, 20, 45, 99].map(English.words) == [
                "zero", "seven", "twelve", "twenty", "forty-five", "ninety-nine",
            ])
        #expect(
            [1, 2, 12, 20, 21].map(English.ordinal) == [
                "first", "second", "twelfth", "twentieth", "twenty-first",
            ])
    }

    @Test func verbsAgreeWithPronouns() {
        let template: Template =
            "{They have} a cat, {they be} kind, and {do they} sleep? {Their} bed is {theirs}."
        #expect(
            rendered(template, Words(pronoun: .she))
                == "She has a cat, she is kind, and does she sleep? Her bed is hers.")
        #expect(
            rendered(template, Words(pronoun: .they))
                == "They have a cat, they are kind, and do they sleep? Their bed is theirs.")
    }

    @Test func sentencesBeginWithACapital() {
        let words = Words(["kind": "optician", "name": "ada"])
        #expect(
            rendered("{a kind} is here. {name} came! really? yes.", words)
                == "An optician is here. Ada came! Really? Yes.")
        #expect(rendered("\"is it open?\" asked {Name}.", words) == "\"Is it open?\" asked Ada.")
    }

    @Test func alternativesNestAndMayBeEmpty() {
        var seen: Set<String> = []
        var random = WorldRandom(seed: 3)
        let template: Template = "[one[ two|]|three]"
        for _ in 0..<100 { seen.insert(template.rendered(with: Words(), using: &random)) }
        #expect(seen == ["One two", "One", "Three"])
    }

    @Test func scopesReachOtherPeople() {
        let ada = Words(["name": "Ada", "job": "actor"], pronoun: .she)
        let words = Words(["name": "Bo"], pronoun: .he).adding("friend", ada)
        #expect(
            rendered("{name} knows {friend.name}, {a friend.job}; {friend.they like} {them}.", words)
                == "Bo knows Ada, an actor; she likes him.")
    }

    @Test func aSlotWithoutAWordEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var random = WorldRandom(seed: 1)
            _ = Template("{nothing}").rendered(with: Words(), using: &random)
        }
    }
}
