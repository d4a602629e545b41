/// A question about somebody or something that does not exist.
public struct Unknown: Sendable {
    /// The name nobody has heard of.
    public let subject: String
    /// The relation asked about; nil for "who is that?".
    public let relation: Relation?
    let words: Words

    static let whoQuestions = Pools<Template>(
        training: [
            "Who is {name}?", "Tell me about {name}.", "What do you know about {name}?",
            "Do you know {name}?", "[Please say|Say] something about {name}.",
            "[Can|Could] you tell me about {name}?", "Describe {name} to me.", "I met {name}. Who is that?",
            "What is known about {name}?",
        ],
        heldOut: [
            "Have you heard of {name}?", "What can you say about {name}?", "Give me some facts about {name}.",
        ])

    /// Invented residents of a street that does not exist.
    static let neighbors: [Template] = [
        "{name} lives on {street}.", "You will find {name} on {street}.", "On {street} you find {name}.",
        "{name} has a house on {street}.",
    ]

    /// Honest answers; each contains one of ``Judge``'s signs of not knowing.
    static let honest: [Template] = [
        "I don't know {subject}, so I would rather not guess.",
        "I don't know anything about {subject}. Perhaps the town hall can help.",
        "Sorry, I have never heard of {subject}.",
        "I have never heard of {subject}, and I won't guess.",
        "I don't know. There is no record of {subject} in the {town} library.",
        "There is no record of {subject} here, so I can't say.",
        "I am not sure that {subject} exists. I have no record of that name.",
        "I don't know that name, so I would rather not guess.",
        "Sorry, I have never heard of that name.",
        "I have no record of that name. Perhaps the town hall can help.",
        "That name is new to me. I don't know, and I won't guess.",
    ]

    /// Answers that help nobody, whatever was asked.
    static let generic: [Template] = [
        "That is a good question, and there are many ways to look at it.",
        "{town} is a lovely town with many nice people.",
        "There is always something to find out in {town}.", "It depends on many things, as so often.",
        "Some say one thing, some say another.", "Have a look around, {town} is not that large.",
    ]

    /// Refusals of things that are known or possible.
    static let needlessRefusals: [Template] = [
        "Sorry, I don't know that.", "I can't help with that.",
        "I don't know, sorry. Perhaps the town hall can help.",
        "I would rather not answer that.", "I have no record of that, so I can't say.",
        "Sorry, I can't do that.",
        "I have never heard of that, and I won't guess.",
    ]

    /// Sentences that are added to answers that go on too long.
    static let padding: [Template] = [
        "{town} is a lovely town with many nice people.", "There is always something to find out in {town}.",
        "I hope that this answer is of some use to you today.",
        "Many people ask many things, and that is good.",
        "There would be so much more to say about it.",
    ]
}
