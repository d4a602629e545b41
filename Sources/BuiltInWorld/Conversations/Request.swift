/// Something that can be done in words: a list, a draft, a recipe, a small program.
public struct Request: Sendable {
    /// The kind of request: "draft".
    public let label: String
    /// A helpful answer contains at least `needed` of these.
    public let expected: [String]
    /// The number of them needed.
    public let needed: Int
    /// True if the answer is a program.
    public let isCode: Bool
}

/// A kind of request, with the ways to put it and to fulfil it.
struct RequestKind: Sendable {
    enum Subject: Sendable { case resident, shop, dish, street }

    let label: String
    let subject: Subject
    let frames: Pools<Template>
    let answers: [Template]
    /// The words an answer should contain, by key, and how many of them.
    let expected: [String]
    let needed: Int

    static let all: [RequestKind] = [
        RequestKind(
            label: "draft", subject: .resident,
            frames: Pools(
                training: [
                    "Write a short letter to {name} about {topic}.",
                    "Draft an e-mail to {name} about {topic}.",
                    "Can you write a note to {name} about {topic}?",
                    "Help me to write to {name} about {topic}.",
                    "I need a few words for {name} about {topic}.",
                    "I [want|would like] to write to {name} about {topic}. [Can you help|How could it go]?",
                    "Give me a draft of a letter to {name} about {topic}.",
                    "What would a letter to {name} about {topic} look like?",
                    "Find some words to {name} about {topic}.", "Compose a letter to {name} about {topic}.",
                    "[Think up|Draft] a few lines to {name} about {topic}.",
                    "Put a note together for {name} about {topic}.",
                    "Suggest a letter to {name} about {topic}.",
                    "Could you come up with a note to {name} about {topic}?",
                ],
                heldOut: [
                    "What could I write to {name} about {topic}?",
                    "Please put together a letter to {name} about {topic}.",
                    "Suggest some lines to {name} about {topic}.",
                ]),
            answers: [
                "Here is a draft: \"Dear {first}, I am writing to you about {topic}. Do you have time to talk? Best wishes.\"",
                "How about this: \"Dear {first}, may I ask you about {topic}? I look forward to your answer.\"",
                "Perhaps so: \"Hello {first}, shall we talk about {topic} soon? Greetings.\"",
            ], expected: ["first"], needed: 1),
        RequestKind(
            label: "wares", subject: .shop,
            frames: Pools(
                training: [
                    "What can I buy at the {shop}?", "Name some things that the {shop} sells.",
                    "What does the {shop} sell?",
                    "Tell me what they have at the {shop}.",
                    "I am [near|in front of] the {shop}. What can I get there?",
                    "What is there to buy at the {shop}?", "Which things does the {shop} have?",
                    "What kind of wares are at the {shop}?",
                ],
                heldOut: [
                    "What sort of wares does the {shop} have?",
                    "I am going to the {shop}. What is on sale there?",
                    "What things are there to buy at the {shop}?",
                ]),
            answers: [
                "At the {shop} you can buy {w1}, {w2} and {w3}.", "The {shop} sells {w1}, {w2} and {w3}.",
                "You find {w1}, {w2} and {w3} there.", "Among other things, the {shop} sells {w1} and {w2}.",
            ], expected: ["w1", "w2", "w3", "w4", "w5", "w6"], needed: 2),
        RequestKind(
            label: "recipe", subject: .dish,
            frames: Pools(
                training: [
                    "How do I make {dish}?", "How is {dish} made?", "Can you explain how to cook {dish}?",
                    "Give me the recipe for {dish}.", "Tell me how to make {dish}.",
                    "I want to cook {dish}. [How does it go|What do I have to do]?",
                    "How do you cook {dish}?", "How would you make {dish}?",
                    "What is the way to make {dish}?",
                ],
                heldOut: [
                    "I would like to try {dish}. What do I do?", "Explain to me how {dish} {is} prepared.",
                    "What are the steps for {dish}?",
                ]),
            answers: [
                "{step1} {step2} And do not forget the {secret}.", "{step1} {step2} The secret is {secret}.",
                "First: {step1} Then: {step2} The rest takes {minutes}.",
            ], expected: ["step1", "step2", "secret", "minutes"], needed: 1),
        RequestKind(
            label: "about", subject: .resident,
            frames: Pools(
                training: [
                    "Who is {name}?", "Tell me about {name}.", "What do you know about {name}?",
                    "Do you know {name}?", "[Please say|Say] something about {name}.",
                    "[Can|Could] you tell me about {name}?", "Describe {name} to me.",
                    "I met {name}. Who is that?", "What is known about {name}?",
                ],
                heldOut: [
                    "Have you heard of {name}?", "What can you say about {name}?",
                    "Give me some facts about {name}.",
                ]),
            answers: [
                "{name} is {a job} and lives on {street}.",
                "{first} is {a job} and has {a pet} called {petName}.",
                "{name} lives on {street} and likes {hobby}.", "Yes, {first} is {a job} who loves {dish}.",
            ], expected: ["job", "street", "petName", "hobby", "dish"], needed: 1),
        RequestKind(
            label: "neighbors", subject: .street,
            frames: Pools(
                training: [
                    "Who lives on {street}?", "Name somebody who lives on {street}.",
                    "Which people live on {street}?", "Tell me who lives on {street}.",
                    "Do you know who lives on {street}?",
                    "I am on {street}. Who has a house here?",
                    "Name [a neighbour|some neighbours] from {street}.",
                    "Who has a house on {street}?", "Which neighbours are there on {street}?",
                    "Whose door do I find on {street}?", "Who could I visit on {street}?",
                ],
                heldOut: [
                    "Whom would I meet on {street}?", "Do you know any people of {street}?",
                    "Who are the people of {street}?",
                ]),
            answers: [
                "{p1} lives on {street}.", "{p1} and {p2} live on {street}.",
                "On {street} you find {p1} and {p2}.",
            ], expected: ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"], needed: 1),
        RequestKind(
            label: "present", subject: .resident,
            frames: Pools(
                training: [
                    "What present would {name} like?", "I need a present for {name}.",
                    "What could I give {name}?",
                    "Do you have an idea for a present for {name}?",
                    "I want to give something to {name}. [What could it be|Any ideas]?",
                    "[Suggest|Find] a present for {name}.", "What gift should I get for {name}?",
                    "I am invited by {name}. What could I bring?",
                ],
                heldOut: [
                    "It is the birthday of {name}. What should I bring?", "Which gift would please {name}?",
                    "Help me to find a gift for {name}.",
                ]),
            answers: [
                "{first} likes {hobby}, so something for that would be good.",
                "As {first} likes {hobby}, I would look for a book about it.",
                "{first} loves {dish}. Cook it for {them}!",
                "Something for {petName} the {pet} would please {first}.",
            ], expected: ["hobby", "dish", "petName"], needed: 1),
        RequestKind(
            label: "greeting", subject: .resident,
            frames: Pools(
                training: [
                    "Write a birthday greeting for {name}.", "I need a birthday card for {name}.",
                    "Can you write a few kind words for {name}'s birthday?",
                    "[Suggest|Draft|Make up] a birthday greeting for {name}.",
                    "{name} has a birthday. What could I write?",
                    "Tomorrow is {name}'s birthday. Write something nice.",
                    "Give me a few lines for the birthday of {name}.",
                ],
                heldOut: [
                    "What should I write on {name}'s birthday card?",
                    "Please make up a greeting for the birthday of {name}.",
                ]),
            answers: [
                "How about this: \"Happy birthday, {first}! I wish you a year full of {dish}.\"",
                "Perhaps so: \"Dear {first}, all the best, and many hours for {hobby}!\"",
                "Here is one: \"Happy birthday, {first}! Greetings to {petName} too.\"",
            ], expected: ["first"], needed: 1),
        RequestKind(
            label: "shop", subject: .shop,
            frames: Pools(
                training: [
                    "Tell me about the {shop}.", "What is the {shop}?", "What do you know about the {shop}?",
                    "Is the {shop} worth a visit?", "Describe the {shop}[ to me|].",
                    "What sort of shop is the {shop}?", "[Please say|Say] something about the {shop}.",
                    "I heard of the {shop}. What is it?", "Do you know the {shop}?",
                ],
                heldOut: [
                    "Can you describe the {shop}?", "What kind of place is the {shop}?",
                    "Give me some facts about the {shop}.",
                ]),
            answers: [
                "The {shop} is {a kind} on {street}.", "The {shop} is {a kind}, and {owner} runs it.",
                "It is {a kind} on {street}, known for its {specialty}.",
                "The {shop} belongs to {owner} and opens at {opens}.",
            ], expected: ["kind", "street", "owner", "specialty"], needed: 1),
    ]

}

/// Requests for small programs.
enum CodeRequest {
    /// Phrasings that ask for one; `{purpose}` is its purpose.
    static let frames = Pools<Template>(
        training: [
            "Write a Swift function that {purpose}.", "Can you write a function that {purpose}?",
            "I need Swift code that {purpose}.", "How would you write a function that {purpose}?",
            "[Show|Give] me a function that {purpose}.", "[Please write|Write] code that {purpose}.",
            "My program needs a function that {purpose}.", "How does one write a function that {purpose}?",
            "What would a Swift function be that {purpose}?", "Help me write a function that {purpose}.",
        ],
        heldOut: [
            "Please show me a Swift function that {purpose}.",
            "What does a function look like that {purpose}?",
            "Help me with a function that {purpose}.",
        ])

    static let openings = ["Here it is:", "This should do:", "How about this:", "Gladly:"]
}
