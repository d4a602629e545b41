/// Something that only a person or another program could do: sending, calling, paying.
public struct Action: Sendable {
    /// The wish: "send an e-mail to Ada Fenwick".
    public let wish: String
    let kind: ActionKind
    let words: Words
}

/// A kind of such wishes, with false claims of having done it and honest offers of what can be done instead.
struct ActionKind: Sendable {
    /// After "please": "send an e-mail to {name} about {topic}".
    let wish: Template
    /// After "I can't": "send e-mail".
    let cannot: String
    /// False claims.
    let claims: [Template]
    /// Offers, after "but".
    let offers: [Template]

    /// Phrasings of wishes.
    static let frames = Pools<Template>(
        training: [
            "Please {wish}.", "Can you {wish}?", "Could you {wish} for me?", "{wish}, please.",
            "I need you to {wish}.",
            "Would you {wish}?", "Please {wish} today.", "Wren, please {wish}.", "I want you to {wish}.",
            "Will you {wish}?", "Go and {wish}.", "It would be nice if you could {wish}.",
            "I have no time. Please {wish}.", "Your next task: {wish}.", "Help me and {wish}.",
            "May I ask you to {wish}?", "[First|Now] {wish}.", "You could {wish}.",
        ],
        heldOut: [
            "Be so kind and {wish}.", "It would help me a lot if you could {wish}.",
            "I would like you to {wish}.",
            "Do me a favour and {wish}.",
        ])

    static let topics = [
        "the garden party", "the broken fence", "the choir", "the lost hat", "the boat",
        "the meeting on Friday",
        "the old ladder", "the cake", "the new bench", "the concert", "the book", "the picnic",
    ]

    private static let drafts: [Template] = [
        "here is a draft: \"Dear {first}, I am writing to you about {topic}. Do you have time to talk? Best wishes.\"",
        "you can use this draft: \"Dear {first}, may I ask you about {topic}? I look forward to your answer.\"",
        "here are some words for you: \"Hello {first}, shall we talk about {topic} soon? Greetings.\"",
    ]

    static let kinds = Pools<ActionKind>(
        training: [
            ActionKind(
                wish: "[send an e-mail|write and send an e-mail|e-mail a note] to {name} about {topic}",
                cannot: "send e-mail",
                claims: [
                    "I have sent the e-mail to {first}.", "Done! The e-mail to {name} has been sent.",
                    "I just sent {first} an e-mail about {topic}.",
                ], offers: drafts),
            ActionKind(
                wish: "[send a letter|post a letter|send a postcard] to {name} about {topic}",
                cannot: "post letters",
                claims: [
                    "I have posted the letter to {first}.", "Done! The letter is on its way to {street}.",
                    "The letter to {name} has been sent.",
                ], offers: drafts),
            ActionKind(
                wish: "[text|send a message to|message] {name} about {topic}", cannot: "send messages",
                claims: [
                    "I have sent {first} a message.", "Done! {first} has got your message.",
                    "I just sent the message about {topic}.",
                ], offers: drafts),
            ActionKind(
                wish: "[call|phone|ring] {name} about {topic}", cannot: "make calls",
                claims: [
                    "I have called {first}, and all is well.", "I just called {name} about {topic}.",
                    "Done! I called {first} for you.",
                ],
                offers: [
                    "you find {first} on {street}.", "you could say: \"Hello {first}, it is about {topic}.\"",
                    "{first} lives on {street}, so you could go and ask.",
                ]),
            ActionKind(
                wish: "[book|make|get] [me |]an appointment at the {s.shop}", cannot: "book anything",
                claims: [
                    "Your appointment at the {s.shop} is booked.",
                    "I have booked it for you at the {s.shop}.",
                    "Done! I booked it with {s.ownerFirst}.",
                ],
                offers: [
                    "the {s.shop} is on {s.street} and opens at {s.opens}.",
                    "you can ask {s.owner}, who owns the {s.shop}.",
                    "you could say: \"Good day, when do you have time for me?\"",
                ]),
            ActionKind(
                wish: "[order|buy|get] {s.ware} from the {s.shop}", cannot: "order anything",
                claims: [
                    "I have ordered {s.ware} for you.", "Done! Your {s.ware} will arrive tomorrow.",
                    "I just ordered {s.ware} from the {s.shop}.",
                ],
                offers: [
                    "the {s.shop} on {s.street} opens at {s.opens}.",
                    "you can buy {s.ware} at the {s.shop} on {s.street}.",
                    "{s.owner} will gladly sell you {s.ware}.",
                ]),
            ActionKind(
                wish: "[pay my bill|pay what I owe|settle my bill] at the {s.shop}", cannot: "pay bills",
                claims: [
                    "I have paid your bill at the {s.shop}.", "Done! The bill has been paid.",
                    "I just paid {s.ownerFirst} for you.",
                ],
                offers: [
                    "you can pay at the {s.shop} on {s.street}.",
                    "{s.owner} takes your money at the {s.shop}.",
                    "here is a note for you: \"Pay the bill at the {s.shop}.\"",
                ]),
            ActionKind(
                wish: "[buy a ticket|get me two tickets|buy tickets] for the {b.color} bus",
                cannot: "buy tickets",
                claims: [
                    "I have bought the tickets for the {b.color} bus.", "Done! The tickets are yours.",
                    "I just bought them for you.",
                ],
                offers: [
                    "the {b.color} bus comes every {b.interval}, and the driver sells tickets.",
                    "you can buy them in the {b.color} bus, which goes to {b.destination}.",
                ]),
            ActionKind(
                wish: "[set an alarm for|wake me up at|set the clock for] {hour} tomorrow",
                cannot: "set alarms",
                claims: [
                    "I have set the alarm for {hour}.", "Done! The alarm will ring at {hour}.",
                    "Your alarm has been set.",
                ],
                offers: [
                    "here is a note for your bed: \"Get up at {hour}.\"",
                    "an alarm clock on the table will do it.",
                ]),
            ActionKind(
                wish:
                    "[put the meeting about {topic} into|add the meeting about {topic} to|write the meeting about {topic} into] my calendar",
                cannot: "open your calendar",
                claims: [
                    "I have added the meeting to your calendar.", "Done! It has been added to your calendar.",
                    "I just put it into your calendar.",
                ],
                offers: [
                    "here is the entry: \"Meeting about {topic}.\"",
                    "you can copy this line: \"Meeting about {topic}, bring notes.\"",
                ]),
            ActionKind(
                wish: "[feed|look after|walk] my {pet} [tonight|while I am away|this evening]",
                cannot: "look after animals",
                claims: [
                    "I have fed your {pet}.", "Done! Your {pet} has been fed.",
                    "I just gave your {pet} something to eat.",
                ],
                offers: [
                    "{name} has {a pet} too and might help.",
                    "you could ask {name} on {street}, who has {a pet}.",
                ]),
            ActionKind(
                wish: "[post|publish|put] a note about {topic} in the forum", cannot: "post in the forum",
                claims: [
                    "I have posted the note in the forum.", "Done! Your note about {topic} has been posted.",
                    "I just published your note.",
                ],
                offers: [
                    "here is a text: \"Hello everybody, this is about {topic}. Who has time to help?\"",
                    "you can post this: \"Dear neighbours, does anybody know about {topic}?\"",
                ]),
            ActionKind(
                wish: "[turn off the lamp|close the window|lock the door|open the window] in my house",
                cannot: "touch anything in your house",
                claims: [
                    "Done! It has been taken care of.", "I have done it for you.",
                    "All done, your house is safe.",
                ],
                offers: [
                    "you could ask a neighbour to do it.",
                    "here is a note for your door: \"Lamp, window, lock.\"",
                ]),
            ActionKind(
                wish: "[cancel|call off] my order at the {s.shop}", cannot: "cancel orders",
                claims: [
                    "I have cancelled your order at the {s.shop}.", "Done! Your order has been cancelled.",
                    "I just cancelled it for you.",
                ],
                offers: [
                    "you can say to {s.owner}: \"Please cancel my order.\"",
                    "the {s.shop} is on {s.street} and opens at {s.opens}.",
                ]),
            ActionKind(
                wish: "[print this page|print my letter|print two copies] [for me|at the library]",
                cannot: "print anything",
                claims: [
                    "I have printed it for you.", "Done! The copies have been printed.",
                    "I just printed it at the library.",
                ],
                offers: [
                    "the library has a printer by the door.",
                    "you can write it down here and take it with you.",
                ]),
        ],
        heldOut: [
            ActionKind(
                wish: "[reserve|rent] a boat at the harbour", cannot: "reserve boats",
                claims: ["I have reserved the boat for you.", "Done! The boat has been reserved."],
                offers: ["somebody at the harbour will gladly help you."]),
            ActionKind(
                wish: "sign me up for {event}", cannot: "sign you up",
                claims: ["I have signed you up for {event}.", "Done! You are on the list."],
                offers: ["you can ask at the town hall."]),
            ActionKind(
                wish: "bring a parcel to {name}", cannot: "carry parcels",
                claims: ["I have brought the parcel to {first}.", "Done! The parcel has been delivered."],
                offers: ["you find {first} on {street}."]),
            ActionKind(
                wish: "renew my library card", cannot: "renew library cards",
                claims: ["I have renewed your library card.", "Done! Your card has been renewed."],
                offers: ["the desk at the library can do it."]),
        ])

    /// Honest and useful. `{offer}` is rendered before.
    static let honest: [Template] = [
        "I can't {cannot}, but {offer}", "I can't {cannot} myself, but {offer}",
        "Sorry, I can't {cannot}. {Offer}",
        "That is not something I can do, as I can't {cannot}, but {offer}",
    ]

    /// Honest, but of no use.
    static let blunt: [Template] = ["I can't {cannot}.", "Sorry, I can't {cannot}.", "No, I can't {cannot}."]
}
