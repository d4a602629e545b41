extension Story {
    static let troubles: [Story] = [
        Story(
            ["The storm of {day}", "A stormy night", "After the storm"],
            [
                "The storm of {day} blew {count} trees over.",
                "On {day} the wind took the roof off a shed {where}.",
                "The whole night of {day} it rained without end.",
            ],
            [
                "{a.who} was out with {a.their} {a.tool} before breakfast.",
                "On {a.street} the water stood as high as the door of {a.whom}.",
                "{a.name} and {b.name} carried sand to {s.street}.",
            ],
            [
                "The {s.shop} stayed dry, because {s.owner} had closed the shutters.",
                "{s.owner} gave {s.ware} to everybody who helped.",
                "The {color} bus did not run until {hour}.",
            ],
            [
                "{b.petName}, {b.first}'s {b.pet}, hid under the bed.",
                "\"My {c.pet} was braver than I was,\" said {c.whom}.",
                "{c.name} cooked {c.dish} for all the helpers.",
            ],
            [
                "By {otherDay} everything was dry again.", "Only {a thing} is still missing.",
                "\"We have seen worse,\" said {a.first}, {mood}.",
            ]),
        Story(
            ["The {color} bus breaks down", "Late again", "A walk instead of a ride"],
            [
                "On {day} the {color} bus stopped on {a.street} and did not go on.",
                "The {color} bus, which goes to {destination}, broke down on {day}.",
                "People waited for the {color} bus on {day}, but it did not come.",
            ],
            [
                "It usually comes every {interval}.",
                "\"Every {interval} there should be one,\" said {a.whom}.",
                "{a.who} was on the way to {destination} with {a thing}.",
            ],
            [
                "{b.who} looked at the engine and took out {b.their} {b.tool}.",
                "{b.name} is {a b.job}, but {b.they} could not help.",
                "{a.first} and {b.first} got out and walked.",
            ],
            [
                "On the way they talked about {a.hobby}.",
                "On foot they met {c.name}, who carried {c.petName} the {c.pet} in a basket.",
                "{c.who} offered everybody {c.dish}.",
            ],
            [
                "They reached {destination} at {hour}, wet but {mood}.",
                "On {otherDay} the {color} bus was back.",
                "\"Walking is healthy,\" said {b.first}.",
            ]),
        Story(
            ["A quarrel about a tree", "Peace on {a.street}", "{a.name} and {b.name} make up"],
            [
                "For years {a.name} and {b.name} had quarrelled about a pear tree.",
                "The tree stands between {a.street} and {b.street}, and each side claimed the pears.",
                "{a.who} said the tree was too high, {b.who} said it was not.",
            ],
            [
                "{c.who} was asked to settle it.", "Nobody could help, until {c.who} had an idea.",
                "Even the mayor had given up.",
            ],
            [
                "\"Share the pears,\" said {c.first}, \"and share the work.\"",
                "{c.first} invited both to a plate of {c.dish}.",
                "{c.first} asked what they like to do: {a.hobby} and {b.hobby}.",
            ],
            [
                "{a.first}, who is {a a.job}, and {b.first}, who is {a b.job}, shook hands.",
                "Now {a.petName} the {a.pet} and {b.petName} the {b.pet} play under the tree.",
                "They found out that they both like {s.specialty} from the {s.shop}.",
            ],
            [
                "The pears were good this year.", "\"It was silly,\" said {a.first}, {mood}.",
                "On {otherDay} they picked the last pears together.",
            ]),
        Story(
            ["The clock stands still", "Who stopped the clock?", "No bells on {day}"],
            [
                "On {day} the clock of the town hall stood still at {hour}.",
                "Nobody heard the bells on {day}, because the clock had stopped.",
            ],
            [
                "{a.who} came late to work.", "{a.name}, {a a.job} who is never late, was late.",
                "The {s.shop} should open at {s.opens}, but {s.owner} was still asleep.",
            ],
            [
                "{b.who} climbed the tower with {b.their} {b.tool}.",
                "{b.name} found {a thing} between the wheels.",
                "In the tower sat {b.petName}, {b.name}'s {b.pet}.",
            ],
            [
                "\"So that is where it was,\" said {c.whom}.", "{c.who} had lost it in the spring.",
                "{c.name} had already begun to write a poem about it.",
            ],
            [
                "At {hour} the bells rang again.",
                "Now the clock goes, and {b.first} got {b.dish} from the mayor.",
                "The whole of {a.street} was {mood}.",
            ]),
        Story(
            ["Snow on {a.street}", "The first snow", "Winter comes to {town}"],
            [
                "On {day} the first snow fell on {a.street}.",
                "It snowed the whole {time}, and {where} everything was white.",
            ],
            [
                "{a.who} built a snowman with {a thing}.",
                "{a.name}'s {a.pet} {a.petName} had never seen snow.",
                "{a.name} and {b.name} cleared the steps of the {s.shop}.",
            ],
            [
                "The snowman looked like {b.whom}.", "{b.who} laughed until {b.they} had to sit down.",
                "{b.first} slipped, but {c.first} caught {b.them}.",
            ],
            [
                "At the {s.shop} there was a fire in the stove, and {s.owner} gave away {s.ware}.",
                "{c.name}, {a c.job} by trade, brought hot {c.dish} to the neighbours.",
                "\"A day like this is good for {c.hobby},\" said {c.whom}.",
            ],
            [
                "By {otherDay} it had melted.", "In the evening the town was quiet and {a.first} was {mood}.",
                "The children hoped that it would stay until {otherDay}.",
            ]),
        Story(
            ["A boat trip with {a.name}", "Across the lake", "{a.name} takes the boat out"],
            [
                "On {day} {a.who} took the boat out, though it was {weather}.",
                "{a.name} had wanted to see the other shore for years.",
            ],
            [
                "{b.who} came along with {b.petName} the {b.pet}.",
                "With {a.them} in the boat sat {b.name}, {a b.job}, and {b.their} {b.pet}.",
                "{b.first} only came because of the {b.dish} in the basket.",
            ],
            [
                "They talked about {a.hobby} and forgot the time.",
                "In the middle of the lake they found {a thing}.",
                "\"It is quieter here than at work,\" said {a.first}, who is {a a.job}.",
            ],
            [
                "{c.who} waved from the harbour.",
                "From the harbour {c.name}, the {c.job}, called out that it was already {hour}.",
                "On the way back the wind turned.",
            ],
            [
                "They came home {mood}.", "Afterwards they ate {a.dish} on {a.street}.",
                "\"Next time we take {c.first} too,\" said {b.first}.",
            ]),
    ]
}
