extension Composer {
    /// A recipe, with the story that recipes have.
    mutating func recipePage() -> Page {
        let recipe = recipes.deal()
        let lovers = town.residents.filter { $0.dish == recipe.dish.name }.map(town.words(for:))
        var words = town.words(for: recipe)
        let cook = lovers.isEmpty ? nil : random.pick(lovers)
        if let cook { words = words.adding("a", cook) }
        var opening = [say(Phrasing.of(.secret).statements, words)]
        if !lovers.isEmpty {
            opening.insert(
                say(
                    [
                        "This is how {a.name} likes {it} best.",
                        "{a.name} of {a.street} loves {dish} and gave us this recipe.",
                        "{dish} [always |]makes the {a.job} {a.name} happy.",
                        "When {a.name} comes home from {a.doing}, there should be {dish}.",
                    ], words), at: 0)
        }
        opening.append(
            say(
                [
                    "It tastes best on a {weather} day.", "It is easy, but it needs patience.",
                    "Every family has its own way.", "Do not be afraid of it.", "It keeps for two days.",
                ], words.adding(["weather": random.pick(StoryWords.weather)])))
        var blocks: [Block] = [.paragraph(opening.joined(separator: " ")), .heading("Ingredients")]
        let secret = say(["[some|a little|a pinch of] {secret}"], words).lowercased()
        blocks.append(.bullets(random.shuffled(recipe.dish.ingredients + [secret]).map(English.capitalized)))
        blocks.append(.heading(random.pick(["How to make it", "Steps", "Method"])))
        blocks.append(.steps(recipe.dish.steps.map { say($0, words) }))
        blocks.append(
            .paragraph(
                say(Phrasing.of(.minutes).statements, words) + " "
                    + say(Phrasing.of(.speciality).statements, shop())))
        let others = lovers.filter { $0["name"] != cook?["name"] }
        if !others.isEmpty {
            blocks.append(
                .paragraph(
                    say(
                        [
                            "Others who love {dish}: {others}.",
                            "You can also ask {others}, who love {dish}.",
                            "{dish} {is} the favourite of {others}.",
                        ], words.adding(["others": English.list(others.compactMap { $0["name"] })]))))
        }
        return Page(
            site: .kitchen,
            title: say(["{dish}", "{dish} as we like {it}", "How to make {dish}", "{town} {dish}"], words),
            blocks: blocks)
    }
}
