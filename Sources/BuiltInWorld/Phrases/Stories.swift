/// A small piece of news: a title, and beats that follow each other, each told in one of several ways.
///
/// `a`, `b` and `c` are residents, `s` is a shop, and there are a place, a day, some weather and a thing.
struct Story: Sendable {
    let titles: [Template]
    let beats: [[Template]]

    init(_ titles: [Template], _ beats: [Template]...) {
        self.titles = titles
        self.beats = beats
    }
}

/// The words that stories pick from, besides people and shops.
enum StoryWords {
    static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    static let times = ["morning", "afternoon", "evening"]
    static let weather = [
        "sunny", "grey", "windy", "rainy", "foggy", "cold", "warm", "bright", "stormy", "quiet", "cloudy",
        "mild",
    ]
    static let things = [
        "umbrella", "wallet", "red scarf", "silver spoon", "rusty key", "kite", "letter", "hat", "wooden box",
        "blue bottle", "watch", "glove", "map", "basket", "lantern", "coin", "photograph", "music box",
        "ladder",
        "wheelbarrow", "teapot", "bell", "notebook", "walking stick", "ring",
    ]
    static let moods = [
        "happy", "surprised", "proud", "relieved", "tired", "amused", "curious", "cheerful", "calm",
        "hopeful",
    ]
}

extension Story {
    static let all: [Story] = news + evenings + troubles

    static let news: [Story] = [
        Story(
            ["{A thing} found {where}", "Who lost {a thing}?", "{a.name} finds {a thing}"],
            [
                "{a.who} found {a thing} {where} on {day} {time}.",
                "It was a {weather} {time} when {a.who} saw {a thing} lying {where}.",
                "On {day}, {a.name} came home with {a thing} that was not {a.their} own.",
            ],
            [
                "\"I was only taking a walk,\" said {a.first}. \"Then something shone in the grass.\"",
                "{a.first} asked everybody who passed, but nobody missed {a thing}.",
                "At first {a.first} thought of keeping it, but {a.they} soon had a better idea.",
                "It looked old, and somebody had scratched the letter {letter} into it.",
            ],
            [
                "In the end {a.they} brought it to {b.whom}.", "{b.who} knew at once what to do.",
                "{a.They} showed it to {b.name}, who laughed out loud.",
                "{b.who} had been looking for it since {otherDay}.",
            ],
            [
                "The {thing} had belonged to {b.first}'s aunt.", "It turned out that {c.who} had lost it.",
                "\"That is mine,\" said {b.first}, \"and I had given up hope.\"",
                "Nobody knows how it got there, and perhaps that is better.",
            ],
            [
                "As a thank-you, {a.first} got a plate of {a.dish}.",
                "{a.first} went home {mood}, and so did {b.first}.",
                "They celebrated with a cup of tea at the {s.shop}, {s.owner}'s {s.kind}.",
                "The story made everybody on {a.street} smile.",
            ]),
        Story(
            ["{b.name} helps {a.name}", "A helping hand on {a.street}", "Neighbours of {a.street}"],
            [
                "{a.who} had a problem on {day}: the roof was leaking.",
                "On {day} {time} the water stood in the cellar of {a.whom}.",
                "On {day} the wind blew over the fence of {a.whom}.",
                "When {a.who} came home on {day}, the door would not open.",
            ],
            [
                "{b.who} heard about it {where}.", "It did not take long until {b.who} stood at the door.",
                "\"I have time,\" said {b.name}, {a b.job} who never says no.",
            ],
            [
                "{b.They} brought {b.their} {b.tool} and got to work.",
                "Together they worked until the bells rang {hour}.",
                "{b.first} usually spends the day {b.doing}, but {b.they like} to help.",
                "It took an hour and {count} cups of tea.",
            ],
            [
                "{c.who} came by and gave advice that nobody needed.",
                "{a.first}'s {a.pet}, {a.petName}, watched from the window.",
                "Even {c.who} stopped to hold the ladder.",
            ],
            [
                "\"That is what neighbours are for,\" said {b.first}.",
                "\"Next time it is my turn,\" said {a.first}, {mood}.",
                "Afterwards everybody got {a.dish}, as {a.first} likes nothing better.",
                "Now everything is as it was, only better.",
            ]),
        Story(
            ["{a.petName} is back", "{a.name}'s {a.pet} comes home", "The adventures of {a.petName}"],
            [
                "{a.petName}, the {a.pet} of {a.name}, was gone for a whole day.",
                "On {day} {a.who} looked for {a.petName} in vain.",
                "Since {day} {a.name} had been missing {a.their} {a.pet} {a.petName}.",
            ],
            [
                "{a.They} looked {where}, under the bridge and in every garden of {a.street}.",
                "{b.who} helped to look and called all night.",
                "{c.who} had seen {a a.pet} {where}, but it was another one.",
                "Notices hung on every lamp post between {a.street} and {b.street}.",
            ],
            [
                "In the end it was {b.name} who heard a noise from a box.",
                "On {otherDay}, {b.who} found {a.petName} asleep in a flower pot.",
                "{a.petName} was sitting in front of the {s.shop} on {s.street}, waiting for {s.ware}.",
            ],
            [
                "\"I could have hugged the whole town,\" said {a.first}.",
                "{a.first}, who works as {a a.job}, took the rest of the day off.",
                "{a.first} promised {b.first} a plate of {b.dish}, {b.their} favourite.",
            ],
            [
                "{a.petName} ate for two and slept until {otherDay}.",
                "\"You should get {a a.pet} too,\" said {a.first}, but {b.first} already has {a b.pet}.",
                "All is well again on {a.street}.",
            ]),
        Story(
            ["New at the {s.shop}", "The {s.shop} tries something new", "{s.owner} has an idea"],
            [
                "There is something new at the {s.shop}, the {s.kind} on {s.street}.",
                "{s.owner}, who owns the {s.shop}, has put a second table in front of the door.",
                "On {day} a queue stood in front of the {s.shop} on {s.street}.",
                "The {s.shop} has a new window, and {s.owner} is {mood}.",
            ],
            [
                "The {s.kind} is known for its {s.specialty}, but now there are {s.other} as well.",
                "\"People asked for {s.ware},\" said {s.owner}, \"so I ordered some.\"",
                "Inside you are met by {s.air}, as always.",
                "From now on there will be a small bench beside the {s.specialty}.",
            ],
            [
                "{a.who} was the first customer at {s.opens} in the morning.",
                "\"I come for the {s.specialty},\" said {a.whom}.",
                "{b.who} bought {s.ware} for {b.their} aunt.",
                "{a.name} and {b.name} talked so long that the tea got cold.",
            ],
            [
                "The {s.shop} opens at {s.opens} and closes at {s.closes}; on {s.closed}s it stays closed.",
                "Remember that the {s.shop} is closed on {s.closed}s.",
                "The doors open at {s.opens}, as they always have.",
            ],
            [
                "We wish {s.ownerFirst} luck.", "\"Come and see for yourself,\" said {s.ownerFirst}.",
                "{c.who} has already been there twice.",
                "By the evening {s.ownerFirst} had hardly any {s.specialty} left.",
            ]),
        Story(
            ["{a.name} wins the contest", "A prize for {a.name}", "First prize goes to {a.street}"],
            [
                "{a.who} has won the {contest} contest.",
                "At the {contest} contest {where}, first prize went to {a.whom}.",
                "Nobody had expected it, but {a.name} came first in the {contest} contest.",
            ],
            [
                "{count} people had taken part, among them {b.whom}.",
                "The judges were {b.name}, the {b.job}, and {c.name}, the {c.job}.",
                "{b.who} came second and clapped the loudest.",
            ],
            [
                "\"I practised every day after work,\" said {a.first}, who is {a a.job}.",
                "\"To be honest, I prefer {a.hobby},\" said {a.first}.",
                "{a.first} thanked {a.their} {a.pet} {a.petName} for its patience.",
            ],
            [
                "The prize was {a thing}, and {s.ware} from the {s.shop}.",
                "{s.owner} of the {s.shop} had given the prize: a box of {s.specialty}.",
                "{a.They} won {a thing} and a handshake from the mayor.",
            ],
            [
                "Next year {c.who} wants to take part as well.", "Everybody got {c.dish}.",
                "In the evening there was singing on {a.street}.",
                "\"I am still {mood},\" said {a.first} the next morning.",
            ]),
        Story(
            ["A letter for {a.name}", "The wrong letter", "Post for {a.street}"],
            [
                "On {day} a letter arrived for {a.name} of {a.street}.",
                "{b.who} got a letter on {day} that was meant for {a.name}.",
                "A letter took {count} years to find {a.whom}.",
            ],
            [
                "The address was nearly washed out, only {a.street} could be read.",
                "The envelope only said \"To the {a.job} of {a.street}\".",
                "Inside was a photograph of {a thing} and a few lines.",
            ],
            [
                "{a.first} read it {count} times.", "{b.who} had carried it through the {weather} streets.",
                "\"I had forgotten all about it,\" said {a.first}.",
            ],
            [
                "It came from a school friend who remembered that {a.first} likes {a.hobby}.",
                "The letter was from {c.whom}, written long ago {where}.",
                "Somebody far away wanted the recipe for {a.dish}.",
            ],
            [
                "{a.first} has already answered.",
                "Now the letter hangs over the basket of {a.petName}, the {a.pet}.",
                "{a.They be} still {mood} about it.", "{b.first} got {b.dish} for the trouble.",
            ]),
        Story(
            ["An evening {where}", "Music {where}", "{a.name} and {b.name} {where}"],
            [
                "On {day} {time} people met {where}, though it was {weather}.",
                "It was a {weather} {time}, and half of {town} had come.",
                "{a.who} had invited everybody on {day}.",
            ],
            [
                "{a.name} talked about {a.hobby}.", "{b.who} had brought {b.dish}, of course.",
                "{a.name}, the {a.job}, made a short speech.", "{c.who} told the story of the {thing} again.",
            ],
            [
                "\"I only came for the {a.dish},\" said {a.first}.",
                "{b.first} and {c.first} talked about work: {b.they be} {a b.job}, {c.they be} {a c.job}.",
                "{b.petName}, {b.first}'s {b.pet}, slept through it all.",
            ],
            [
                "Somebody had brought {s.specialty} from the {s.shop}.",
                "{s.owner} had closed the {s.shop} early and brought {s.ware}.",
                "Somebody had hung lanterns in the trees.",
            ],
            [
                "When the bells rang {hour}, people went home {mood}.",
                "{c.name} walked home to {c.street} with {a thing} under {c.their} arm.",
                "It should happen more often, said {a.first}.",
            ]),
    ]
}
