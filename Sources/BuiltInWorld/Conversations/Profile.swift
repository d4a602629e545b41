/// A question whose answer is in what the system message says of the user, or is nowhere.
public struct ProfileQuestion: Sendable {
    /// Words of which an answer must contain one; empty if the profile does not say.
    public let expected: [String]
    /// Words that would be another user's.
    public let wrong: [String]
}

/// A fact about a user, with the question for it.
struct ProfileItem: Sendable {
    /// The key of the profile's entry that it is about.
    let key: String
    /// In the system message.
    let statements: [Template]
    let questions: Pools<Template>
    let answers: [Template]

    static let openings: [Template] = [
        "You are Wren, the helper of the {town} library. You are talking with {name}.",
        "You are Wren and help people in {town}. The user is {name}.", "The user is called {name}.",
        "You are talking with {name}.",
    ]

    static let all: [ProfileItem] = [
        ProfileItem(
            key: "name", statements: [],
            questions: Pools(
                training: [
                    "What is my name?", "Do you know my name?", "Who am I?", "Can you tell me my name?",
                    "What am I called?", "[Tell me|Remind me of] my name.", "What is my full name?",
                    "Under which name do you know me?", "Please say who I am.",
                ],
                heldOut: [
                    "Do you remember what I am called?", "Which name do I have?", "Say my name, please.",
                ]),
            answers: ["You are {name}.", "Your name is {name}.", "You are {first}, of course."]),
        ProfileItem(
            key: "street",
            statements: [
                "{They live} on {street}.", "{Their} home is on {street}.", "{Their} street is {street}.",
            ],
            questions: Pools(
                training: [
                    "Where do I live?", "Which street do I live on?", "What is my street?",
                    "Do you know where I live?", "[Tell me|Remind me] where I live.",
                    "What street is my house on?", "Where is my home?",
                    "I have to write down my street. What is it?", "Which street leads me home?",
                ],
                heldOut: [
                    "On what street is my home?", "I forgot my own street. Which is it?",
                    "Where is my house?",
                ]),
            answers: ["You live on {street}.", "Your home is on {street}.", "On {street}."]),
        ProfileItem(
            key: "pet",
            statements: ["{They have} {a pet}.", "{Their} pet is {a pet}.", "{They keep} {a pet}."],
            questions: Pools(
                training: [
                    "What pet do I have?", "Which animal do I have?", "Do I have a pet?",
                    "What kind of pet is mine?", "[Tell me|Remind me] what pet I have.",
                    "Who waits for me at home, what kind of animal?", "What animal do I keep?",
                    "I have to buy food for my pet. What animal is it?",
                ],
                heldOut: [
                    "What animal lives in my house?", "Which pet do I keep?",
                    "Do you remember what pet I have?",
                ]),
            answers: ["You have {a pet}.", "Your pet is {a pet}.", "It is {a pet}."]),
        ProfileItem(
            key: "job",
            statements: ["{They work} as {a job}.", "{They be} {a job}.", "{Their} job is that of {a job}."],
            questions: Pools(
                training: [
                    "What is my job?", "What do I do for a living?", "What do I work as?",
                    "Do you know my job?", "[Tell me|Remind me] what my job is.", "What work do I do?",
                    "Which profession do I have?", "How do I earn my money?", "What am I by trade?",
                ],
                heldOut: [
                    "Which trade is mine?", "Do you remember what I do for work?",
                    "What is it that I do all day at work?",
                ]),
            answers: ["You are {a job}.", "You work as {a job}.", "Your job is that of {a job}."]),
        ProfileItem(
            key: "dish",
            statements: [
                "{They love} {dish}.", "{Their} favourite dish is {dish}.", "{They like} {dish} best.",
            ],
            questions: Pools(
                training: [
                    "What should I cook tonight?", "What is my favourite dish?", "What do I like to eat?",
                    "Suggest a dinner for me.", "[Tell me|Remind me] what I like to eat.",
                    "What food do I love?", "Which dish do I like best?", "What could I have for dinner?",
                    "I want to cook something nice for myself. What?",
                ],
                heldOut: [
                    "What would be a good dinner for me?", "Which dish do I love?",
                    "I am hungry. What would I like?",
                ]),
            answers: ["{dish}, of course.", "You love {dish}.", "That is easy: {dish}."]),
        ProfileItem(
            key: "hobby",
            statements: [
                "{They like} {hobby}.", "{Their} hobby is {hobby}.",
                "In {their} free time {they like} {hobby}.",
            ],
            questions: Pools(
                training: [
                    "What should I do on Sunday?", "What is my hobby?", "What do I like to do?",
                    "I am bored. What could I do?", "[Tell me|Remind me] what I like to do.",
                    "Which hobby do I have?", "How do I like to spend my free time?", "What do I enjoy?",
                    "I have the evening off. What would I like to do?",
                ],
                heldOut: [
                    "What would be fun for me today?", "Which hobby is mine?",
                    "I have a free day. Any ideas for me?",
                ]),
            answers: ["{hobby}, of course.", "You like {hobby}.", "That is easy: {hobby}."]),
    ]

    /// Answers where the profile does not say.
    static let untold: [Template] = [
        "I don't know, as you have not told me.", "You have not told me that, so I don't know.",
        "I don't know that about you yet.",
        "That is not something you have told me, so I won't guess.",
    ]
}

/// Phrasings that put a review before the assistant.
enum ReviewPhrases {
    static let frames = Pools<Template>(
        training: [
            "Is this [review|opinion|comment] positive, negative or mixed? \"{review}\"",
            "[Positive, negative or mixed|Is this positive, negative or mixed]? \"{review}\"",
            "[Classify|Please classify|Label|Judge] this [review|opinion|text] as positive, negative or mixed: \"{review}\"",
            "\"{review}\" [Is that|Is this|Does that sound|Do you think that is] positive, negative or mixed?",
            "[I read this review|Somebody wrote this|A customer wrote this|This stood in the forum]: \"{review}\" Is it positive, negative or mixed?",
            "[How does this review sound|What kind of review is this], positive, negative or mixed? \"{review}\"",
            "Review: \"{review}\" [Label it|Call it|The label is] positive, negative or mixed.",
            "[Decide|Tell me] if this is a positive, negative or mixed review: \"{review}\"",
            "What does the writer think, positive, negative or mixed? \"{review}\"",
        ],
        heldOut: [
            "Say whether this review is positive, negative or mixed: \"{review}\"",
            "Here is a review: \"{review}\" Would you call it positive, negative or mixed?",
        ])

    /// Answers that are no label.
    static let formless: [Template] = [
        "That is an interesting review of the {shop}.", "I would say that it depends on the reader.",
        "The review is about {a kind}.",
    ]
}
