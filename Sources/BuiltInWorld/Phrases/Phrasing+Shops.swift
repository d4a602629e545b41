extension Phrasing {
    static let owner = Phrasing(
        statements: [
            "{owner} owns the {shop}.", "The {shop} belongs to {owner}.",
            "The owner of the {shop} is {owner}.",
            "{owner} runs the {shop}, {a kind} on {street}.",
            "Behind the counter of the {shop} stands {owner}.",
            "The {shop} is the {kind} of {owner}.", "{owner} opened the {shop} with {their} savings.",
            "The name of {owner} is painted over the door of the {shop}.",
            "{owner} is the {job} of the {shop}.",
            "If something is wrong at the {shop}, ask {owner}, who owns it.",
        ],
        questions: [
            "Who owns the {shop}?", "Who is the owner of the {shop}?", "Who runs the {shop}?",
            "Whose shop is the {shop}?", "Can you tell me who owns the {shop}?",
            "Do you know whom the {shop} belongs to?", "Tell me who runs the {shop}.",
            "What is the name of the owner of the {shop}?",
        ],
        heldOut: [
            "Which person owns the {shop}?", "Please tell me whose shop the {shop} is.",
            "To whom does the {shop} belong?", "The {shop}: who is its owner?",
        ],
        answers: [
            "{owner} owns the {shop}.", "The {shop} belongs to {owner}.", "It belongs to {owner}.",
            "The owner is {owner}.", "{owner} runs the {shop}, {a kind} on {street}.",
        ])

    static let shopStreet = Phrasing(
        statements: [
            "The {shop} is on {street}.", "You find the {shop}, {a kind}, on {street}.",
            "The {kind} on {street} is called the {shop}.", "There is {a kind} on {street}: the {shop}.",
            "Go down {street} and you cannot miss the {shop}.", "The {shop} stands on {street}.",
            "The address of the {shop} is {street}.", "On {street} you come past {air}: that is the {shop}.",
        ],
        questions: [
            "Where is the {shop}?", "Which street is the {shop} on?", "Where do I find the {shop}?",
            "Can you tell me where the {shop} is?", "On which street is the {shop}?",
            "What is the address of the {shop}?", "Tell me where to find the {shop}.",
            "How do I get to the {shop}? Which street is it?",
        ],
        heldOut: [
            "What street is the {shop} on?", "I am looking for the {shop}. Where is it?",
            "Please tell me which street the {shop} stands on.", "Where in town is the {shop}?",
        ],
        answers: [
            "The {shop} is on {street}.", "You find it on {street}.", "The {shop} stands on {street}.",
            "It is on {street}.", "The {shop}, {a kind}, is on {street}.",
        ])

    static let opens = Phrasing(
        statements: [
            "The {shop} opens at {opens}.",
            "The {shop} opens at {opens} in the morning and closes at {closes}.",
            "Nobody gets into the {shop} before {opens}.",
            "At {opens}, {owner} unlocks the door of the {shop}.",
            "The {shop} is open from {opens} to {closes}.",
            "If you stand at the {shop} at {opens}, you are the first.",
            "From {opens} on, the {shop} is full of {air}.",
        ],
        questions: [
            "When does the {shop} open?", "What time does the {shop} open?",
            "At what time does the {shop} open?",
            "When can I go to the {shop} in the morning?", "How early does the {shop} open?",
            "Tell me when the {shop} opens.", "Can you tell me when the {shop} opens?",
            "From what time is the {shop} open?",
        ],
        heldOut: [
            "At which hour does the {shop} open?", "Please tell me what time the {shop} opens.",
            "How early can I shop at the {shop}?", "What is the opening time of the {shop}?",
        ],
        answers: [
            "The {shop} opens at {opens}.", "It opens at {opens} in the morning.",
            "At {opens} in the morning.",
            "The {shop} opens at {opens} and closes at {closes}.",
        ])

    static let closed = Phrasing(
        statements: [
            "The {shop} is closed on {closed}s.", "On {closed}s the {shop} stays closed.",
            "{owner} takes {closed}s off, so the {shop} is closed.",
            "Do not go to the {shop} on a {closed}: it is closed.",
            "{closed} is the day of rest at the {shop}.",
            "The {shop} is open on every weekday except {closed}.",
        ],
        questions: [
            "On which day is the {shop} closed?", "When is the {shop} closed?",
            "Which day does the {shop} close?",
            "Can you tell me when the {shop} is closed?", "What day is the {shop} closed?",
            "Tell me on which day the {shop} stays closed.", "When does the {shop} have its day off?",
        ],
        heldOut: [
            "Which weekday is the {shop} closed?", "On what day should I not go to the {shop}?",
            "Please tell me which day the {shop} stays closed.", "What is the day of rest of the {shop}?",
        ],
        answers: [
            "The {shop} is closed on {closed}s.", "It is closed on {closed}s.",
            "On {closed}s it stays closed.",
            "{closed} is its day off, and {owner} rests.",
        ])

    static let specialty = Phrasing(
        statements: [
            "The {shop} is known for its {specialty}.", "People come to the {shop} for the {specialty}.",
            "The pride of the {shop} is its {specialty}.",
            "Nobody makes or sells better {specialty} than the {shop}.",
            "The speciality of the {shop} is {specialty}.", "For {specialty}, go to the {shop}.",
            "{owner} is proud of the {specialty} at the {shop}.",
        ],
        questions: [
            "What is the speciality of the {shop}?", "What is the {shop} known for?",
            "What should I buy at the {shop}?", "Can you tell me what the {shop} is famous for?",
            "What do people buy at the {shop}?", "What does the {shop} sell best?",
            "Tell me what the {shop} is known for.",
        ],
        heldOut: [
            "What is the {shop} famous for?", "Which of its wares is the {shop} proud of?",
            "Please tell me the speciality of the {shop}.", "What should I look for at the {shop}?",
        ],
        answers: [
            "The {shop} is known for its {specialty}.", "Its speciality is {specialty}.",
            "People go there for the {specialty}.", "The {shop} is famous for its {specialty}.",
        ])
}
