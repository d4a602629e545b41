extension Story {
    static let evenings: [Story] = [
        Story(
            ["{a.name} teaches {a.hobby}", "Learning from {a.name}", "{b.name} tries something new"],
            [
                "{a.name} likes {a.hobby}, and now {a.they want} company.",
                "Since {day}, {a.who} has given lessons {where}.",
                "\"Anyone can learn it,\" says {a.name}, whose great love is {a.hobby}.",
            ],
            [
                "{b.who} was the first to come.", "{b.name} had never tried {a.hobby} before.",
                "{b.name} usually prefers {b.hobby}.", "{c.who} came only to watch, and stayed.",
            ],
            [
                "\"It is harder than {b.doing},\" said {b.first}, who is {a b.job}.",
                "The first hour was difficult, the second was fun.",
                "{b.first}'s {b.pet} was the only one who laughed.",
                "{a.first} is patient, as {a a.job} has to be.",
            ],
            [
                "In the break everybody wanted {s.ware} from the {s.shop}.",
                "In the break they shared {a.dish} and {b.dish}.",
                "{c.first} asked so many questions that the bells rang {hour} before it was over.",
            ],
            [
                "The next lesson is on {otherDay}.", "{b.first} will come again on {otherDay}.",
                "\"My {c.pet} {c.petName} could do it better,\" said {c.first}.",
            ]),
        Story(
            ["{a.name}'s birthday", "A birthday on {a.street}", "Many happy returns, {a.first}"],
            [
                "On {day} {a.who} turned {age}.",
                "{a.street} was full of lanterns on {day}: {a.name} turned {age}.",
                "{a.name}, {a a.job}, does not like to make a fuss, but {a.they} turned {age} on {day}.",
            ],
            [
                "Everybody ate {a.dish}, because {a.first} loves nothing more.",
                "{b.who} had cooked {a.dish}, which {a.first} likes best.",
                "Instead of a cake {a.they} had {a.dish}.",
            ],
            [
                "{b.first} gave {a.them} {a thing}.", "From {c.whom}, there came {a thing} in blue paper.",
                "{s.owner} sent {s.specialty} from the {s.shop}.",
                "{a.first} got a book about {a.hobby}, and {a.petName} got a new bowl.",
            ],
            [
                "{c.name} and {b.name} sang, and {a.petName} the {a.pet} joined in.",
                "{c.first}, who likes {c.hobby}, told stories until late.",
                "Later {b.first} and {c.first} did the dishes.",
            ],
            [
                "\"The same again next year,\" said {a.first}, {mood}.",
                "When the bells rang {hour}, the last guests left.",
                "It was {weather} outside, but nobody noticed.",
            ]),
        Story(
            ["A talk at the library", "{a.name} talks about {a.hobby}", "Full house for {a.name}"],
            [
                "On {day} {time} {a.who} gave a talk at the library.",
                "The library was full on {day}: {a.name}, {a a.job} from {a.street}, spoke about {a.hobby}.",
            ],
            [
                "The title was \"{a.Hobby}, and why it matters\".",
                "{a.They} brought {a thing} and held it up.",
                "\"{a.hobby} has taught me more than school,\" {a.they} said.",
            ],
            [
                "{b.who} asked whether it was expensive.", "{b.who} wanted to know how to begin.",
                "{b.name} fell asleep, but {b.they} liked it.", "{c.who} made notes.",
            ],
            [
                "{a.first} answered that one only needs time.", "\"Start small,\" was the answer.",
                "\"It is like being {a a.job}: every day a little,\" said {a.first}.",
            ],
            [
                "Next week {c.name} will talk about {c.hobby}.",
                "On {otherDay}, {b.name} follows with {b.hobby}.",
                "Afterwards everyone went to the {s.shop} for {s.ware}.",
            ]),
        Story(
            ["Two visitors lose their way", "How to find the {s.shop}", "The way to {s.street}"],
            [
                "Two visitors stood {where} on {day} and turned their map round and round.",
                "It was {weather}, and two visitors were looking for the {s.shop}.",
                "\"Excuse me, where is the {s.shop}?\" asked a visitor {where}.",
            ],
            [
                "{a.who} stopped to help.", "Luckily {a.who} came along.",
                "{a.name} was out with {a.petName}, {a.their} {a.pet}.",
            ],
            [
                "\"The {s.shop} is on {s.street},\" {a.they} said, \"and it belongs to {s.owner}.\"",
                "\"Go to {s.street},\" said {a.first}. \"You cannot miss it, because of {s.air}.\"",
                "{a.first} explained that the {s.kind} on {s.street} opens at {s.opens}.",
            ],
            [
                "\"But not on a {s.closed},\" called {b.name} from the other side.",
                "{b.who} added that one has to try the {s.specialty}.",
                "{b.first}, who is {a b.job}, walked with them.",
            ],
            [
                "They came back with {s.specialty} and {s.ware}.",
                "In the end they stayed until {otherDay}.",
                "\"People are kind here,\" one of them wrote in a letter.",
            ]),
        Story(
            ["{a.name} at the school", "A visit to the school", "What {a a.job} does all day"],
            [
                "On {day} {a.who} visited the school.",
                "The children asked, and {a.name} came: what does {a a.job} do all day?",
                "{a.name} showed the children on {day} what it means to be {a a.job}.",
            ],
            [
                "\"Mostly {a.doing},\" said {a.first}.",
                "{a.They} had brought {a.their} {a.tool}, and everybody could touch it.",
                "{a.first} {a.does}, and that is not easy.",
            ],
            [
                "A boy asked whether {a a.job} may have {a a.pet}.",
                "A girl wanted to know how {a.petName} the {a.pet} was doing.",
                "One child asked: \"What do you like to eat?\" The answer was {a.dish}.",
            ],
            [
                "\"{a.petName} is well and lives on {a.street} like me,\" said {a.first}.",
                "\"I have {a a.pet}, so it must be allowed,\" said {a.first}.",
                "Half of the class now wants to become {a a.job}.",
            ],
            [
                "Next week {b.name}, the {b.job}, will come.",
                "{c.name}, {a c.job}, will visit the school on {otherDay}.",
                "At the end they all sang for {a.first}, who was {mood}.",
            ]),
        Story(
            ["Portrait: {a.name}", "A morning with {a.name}", "{a.name} of {a.street}"],
            [
                "It is {hour} in the morning on {a.street}, and {a.name} is already awake.",
                "The day of {a.name} begins early, as {a.they be} {a a.job}.",
                "Whoever visits {a.name} on {a.street} meets {a.petName} first.",
            ],
            [
                "{a.petName} the {a.pet} wants breakfast.",
                "First comes breakfast for {a.petName}, {a.their} {a.pet}.",
                "{a.They feed} the {a.pet} and {a.they open} the window: a {weather} day.",
            ],
            [
                "Then {a.they take} {a.their} {a.tool} and {a.they go} to work.",
                "{a.first} {a.does}; it is {a.doing} that {a.they like} best about it.",
                "On the way {a.they meet} {b.whom}.",
            ],
            [
                "At noon {a.they eat} {a.dish}, if possible.",
                "At noon {a.they meet} {c.name}, {a c.job}, for a plate of {a.dish}.",
                "Nothing makes {a.first} happier than {a.dish} at noon.",
            ],
            [
                "The evening belongs to {a.hobby}.",
                "In the evening {a.they like} to {a.likes}, with {a.petName} beside {a.them}.",
                "\"After work I like {a.hobby},\" {a.they} said, {mood}.",
            ]),
        Story(
            ["{a.name} and {b.name} swap", "A day in another life", "{a.name} becomes {a b.job}"],
            [
                "For one day {a.name} and {b.name} have swapped their jobs.",
                "{a.name} is {a a.job}, {b.name} is {a b.job}. On {day} it was the other way round.",
            ],
            [
                "{a.first} spent the {time} {b.doing}.",
                "\"I never knew how hard {b.doing} is,\" said {a.first}.",
                "{a.first} did not know how to hold the {b.tool}.",
            ],
            [
                "{b.first} had more luck with {a.doing}.",
                "{b.first} picked up the {a.tool} and put it down again.",
                "\"{a.doing}, that would be something for me,\" said {b.first}.",
            ],
            [
                "Even the pets were confused: {a.petName} the {a.pet} went to {b.street}.",
                "{c.who} only shook {c.their} head.",
                "At noon they ate {a.dish}, and in the evening {b.dish}.",
            ],
            [
                "On {otherDay} {a.first} was {a a.job} again, and {b.first} {a b.job}.",
                "\"From now on I stay {a a.job},\" said {a.first}.", "Both were {mood} to be home again.",
            ]),
    ]
}
