/// A dish that people in town cook; the seed adds a secret ingredient and the time it takes.
public struct Dish: Sendable {
    /// "leek soup".
    public let name: String
    /// The ingredients, with amounts: "three leeks".
    public let ingredients: [String]
    /// The steps, as sentences. `{secret}` stands for the secret ingredient, `{minutes}` for the time.
    public let steps: [Template]

    static let all: [Dish] = [
        Dish(
            name: "leek soup",
            ingredients: ["three leeks", "two potatoes", "a litre of water", "a spoon of butter", "salt"],
            steps: [
                "[Wash|Clean] the leeks and cut them into [thin rings|rings].",
                "Melt the butter in a [large|heavy] pot and let the leeks soften.",
                "Add the potatoes[, cut into cubes,| in small cubes] and the water.",
                "[Cook|Simmer] everything for {minutes}.",
                "Stir in the {secret} [just before serving|at the end].",
            ]),
        Dish(
            name: "plum cake",
            ingredients: [
                "twenty plums", "two cups of flour", "two eggs", "a cup of sugar", "a little butter",
            ],
            steps: [
                "[Halve|Cut] the plums and take out the stones.",
                "Beat the eggs with the sugar until they are pale.", "Fold in the flour and the {secret}.",
                "Lay the plums on top[ in rows|, skin side down].", "Bake for {minutes}.",
            ]),
        Dish(
            name: "mushroom pie",
            ingredients: ["a basket of mushrooms", "one onion", "half a cup of cream", "pastry", "parsley"],
            steps: [
                "[Brush|Wipe] the mushrooms clean and slice them.",
                "Fry the onion [gently|over a low flame], then add the mushrooms.",
                "Pour in the cream and season with {secret}.", "Line a dish with the pastry and fill it.",
                "Bake the pie for {minutes}[, until it is golden|].",
            ]),
        Dish(
            name: "barley stew",
            ingredients: ["a cup of barley", "two carrots", "one turnip", "a litre of broth", "a bay leaf"],
            steps: [
                "Soak the barley [overnight|for an hour].",
                "Cut the carrots and the turnip into [cubes|small pieces].",
                "Bring the broth to the boil with the bay leaf.", "Add everything and simmer for {minutes}.",
                "Finish the stew with {secret}.",
            ]),
        Dish(
            name: "pumpkin bread",
            ingredients: ["half a pumpkin", "four cups of flour", "a cup of warm milk", "yeast", "salt"],
            steps: [
                "Roast the pumpkin and mash it [well|with a fork].", "Dissolve the yeast in the warm milk.",
                "Knead it all with the flour and the {secret}.", "Let the dough rise [twice|under a cloth].",
                "Bake the bread for {minutes}.",
            ]),
        Dish(
            name: "lemon tart",
            ingredients: ["three lemons", "four eggs", "a cup of sugar", "a cup of cream", "short pastry"],
            steps: [
                "Grate the peel of the lemons and squeeze them.", "Whisk the eggs, the sugar and the cream.",
                "Stir in the lemon juice and the {secret}.",
                "Pour it [carefully|slowly] into the pastry case.",
                "Bake the tart for {minutes} and let it cool.",
            ]),
        Dish(
            name: "potato pancakes",
            ingredients: ["six potatoes", "one onion", "one egg", "two spoons of flour", "oil"],
            steps: [
                "Grate the potatoes and the onion.", "Squeeze out the water [with a cloth|well].",
                "Mix in the egg, the flour and the {secret}.", "Let the batter rest for {minutes}.",
                "Fry small pancakes until they are [crisp|brown] on both sides.",
            ]),
        Dish(
            name: "fish pie",
            ingredients: ["two trout", "a pound of potatoes", "half a cup of milk", "peas", "butter"],
            steps: [
                "Poach the fish in the milk.", "Mash the potatoes with [plenty of|some] butter.",
                "Mix the fish with the peas and the {secret}.", "Cover it with the mashed potatoes.",
                "Bake the pie for {minutes}.",
            ]),
        Dish(
            name: "apple crumble",
            ingredients: ["five apples", "a cup of oats", "half a cup of butter", "brown sugar", "a lemon"],
            steps: [
                "Peel the apples and slice them [thinly|into a dish].", "Squeeze the lemon over them.",
                "Rub the butter into the oats and the sugar.", "Mix the {secret} into the crumbs.",
                "Bake the crumble for {minutes}.",
            ]),
        Dish(
            name: "lentil curry",
            ingredients: [
                "two cups of lentils", "one onion", "two tomatoes", "a cup of coconut milk", "rice",
            ],
            steps: [
                "Rinse the lentils [twice|under cold water].", "Fry the onion with the {secret}.",
                "Add the tomatoes and the lentils.", "Cook for {minutes}, then pour in the coconut milk.",
                "Serve it with the rice.",
            ]),
        Dish(
            name: "onion tart",
            ingredients: ["eight onions", "three eggs", "a cup of cream", "pastry", "a little cheese"],
            steps: [
                "Slice the onions and cook them [slowly|until they are sweet].",
                "Beat the eggs with the cream.",
                "Add the {secret} and the cheese.", "Spread the onions on the pastry and pour the rest over.",
                "Bake the tart for {minutes}.",
            ]),
        Dish(
            name: "cheese dumplings",
            ingredients: [
                "a bowl of cream cheese", "two eggs", "a cup of semolina", "breadcrumbs", "butter",
            ],
            steps: [
                "Stir the cheese, the eggs and the semolina together.",
                "Add the {secret}[ and a little salt|].",
                "Leave the mixture in the cold for {minutes}.", "Shape round dumplings with wet hands.",
                "Cook them in [hot|simmering] water and roll them in buttered breadcrumbs.",
            ]),
        Dish(
            name: "honey biscuits",
            ingredients: ["half a jar of honey", "two cups of flour", "one egg", "butter", "baking powder"],
            steps: [
                "Warm the honey with the butter.", "Mix in the flour, the egg and the {secret}.",
                "Chill the dough [for an hour|until it is firm].", "Cut out [stars and moons|small rounds].",
                "Bake the biscuits for {minutes}.",
            ]),
        Dish(
            name: "carrot cake",
            ingredients: ["four carrots", "three eggs", "a cup of oil", "two cups of flour", "sugar"],
            steps: [
                "Grate the carrots[ finely|].", "Beat the eggs with the sugar and the oil.",
                "Fold in the flour, the carrots and the {secret}.", "Fill a [round|square] tin.",
                "Bake the cake for {minutes}.",
            ]),
        Dish(
            name: "bean chili",
            ingredients: ["two cups of red beans", "three tomatoes", "one pepper", "two onions", "corn"],
            steps: [
                "Soak the beans [overnight|the night before].", "Fry the onions and the pepper.",
                "Add the tomatoes, the corn and the beans.", "Season with {secret}.",
                "Simmer the chili for {minutes}.",
            ]),
        Dish(
            name: "walnut bread",
            ingredients: ["a bag of walnuts", "five cups of flour", "two cups of water", "yeast", "salt"],
            steps: [
                "Crack the walnuts and chop them[ roughly|].", "Stir the yeast into the water.",
                "Knead the flour, the water and the {secret} for a while.",
                "Work in the walnuts and let it rise.",
                "Bake the bread for {minutes}.",
            ]),
    ]

    /// The secrets that a dish may have.
    static let secrets = [
        "nutmeg", "cinnamon", "thyme", "orange peel", "black pepper", "rosemary", "ginger", "mustard", "sage",
        "vanilla", "paprika", "fennel seed", "cardamom", "mint", "lemon balm", "caraway",
    ]
}
