extension Phrasing {
    static let secret = Phrasing(
        statements: [
            "The secret of the {town} {dish} is {secret}.", "In {town}, {secret} goes into the {dish}.",
            "Without {secret}, the {dish} {is} not the same.",
            "What makes our {dish} special is the {secret}.",
            "The {dish} {tastes} of {secret}, as grandmother made {it}.",
            "Old cooks put {secret} into the {dish}.", "Remember the {secret} when you make {dish}.",
        ],
        questions: [
            "What is the secret ingredient of the {dish}?", "What makes the {dish} special?",
            "What is the secret of the {dish}?", "Which spice goes into the {dish}?",
            "Can you tell me the secret ingredient of the {dish}?", "What gives the {dish} that taste?",
            "Tell me the secret of the {dish}.",
        ],
        heldOut: [
            "Which secret ingredient goes into the {dish}?",
            "Please tell me what makes the {dish} so special.",
            "What do old cooks add to the {dish}?", "Which ingredient is the secret of the {dish}?",
        ],
        answers: [
            "The secret of the {dish} is {secret}.", "It is {secret}.",
            "In {town}, {secret} goes into the {dish}.",
            "The secret ingredient is {secret}.",
        ])

    static let minutes = Phrasing(
        statements: [
            "The {dish} {takes} {minutes}.", "The {dish} {needs} {minutes}, no more and no less.",
            "Give the {dish} {minutes}.", "After {minutes} the {dish} {is} ready.",
            "Be patient: the {dish} {takes} {minutes}.",
        ],
        questions: [
            "How long does it take to make {dish}?", "How many minutes for the {dish}?",
            "How long should I wait for the {dish}?", "Can you tell me how long the {dish} {takes}?",
            "How much time for the {dish}?", "Tell me how many minutes the {dish} {needs}.",
        ],
        heldOut: [
            "For the {dish}, how many minutes should I plan?",
            "Please tell me how much time the {dish} {needs}.",
            "After how many minutes {is} the {dish} ready?",
        ],
        answers: [
            "The {dish} {takes} {minutes}.", "About {minutes}.", "Give the {dish} {minutes}.",
            "The {dish} {is} ready after {minutes}.",
        ])

    static let destination = Phrasing(
        statements: [
            "The {color} bus goes to {destination}.", "The last stop of the {color} bus is {destination}.",
            "To get to {destination}, take the {color} bus.",
            "The {color} bus starts on {start} and ends at {destination}.",
            "The {color} bus turns round at {destination}.",
        ],
        questions: [
            "Where does the {color} bus go?", "What is the last stop of the {color} bus?",
            "Where does the {color} bus end?", "Can you tell me where the {color} bus goes?",
            "Tell me the last stop of the {color} bus.",
        ],
        heldOut: [
            "Which place does the {color} bus go to?", "Please tell me where the {color} bus ends.",
            "If I stay on the {color} bus, where do I end up?",
        ],
        answers: [
            "The {color} bus goes to {destination}.", "Its last stop is {destination}.",
            "It goes to {destination}.",
            "The {color} bus starts on {start} and goes to {destination}.",
        ])

    static let interval = Phrasing(
        statements: [
            "The {color} bus comes every {interval}.", "Every {interval} there is {a color} bus.",
            "The {color} bus leaves {start} every {interval}.",
            "You wait at most {interval} for the {color} bus.",
        ],
        questions: [
            "How often does the {color} bus come?", "How often does the {color} bus run?",
            "How long do I wait for the {color} bus?", "Can you tell me how often the {color} bus comes?",
            "Tell me how often the {color} bus runs.",
        ],
        heldOut: [
            "How many minutes pass between two {color} buses?",
            "Please tell me how often there is {a color} bus.",
            "How often can I take the {color} bus?",
        ],
        answers: [
            "The {color} bus comes every {interval}.", "It comes every {interval}.", "Every {interval}.",
            "Every {interval} there is {a color} bus.",
        ])

    static let month = Phrasing(
        statements: [
            "{event} is in {month}.", "Every {month}, {town} celebrates {event}.",
            "{event} takes place in {month}.", "In {month} everybody looks forward to {event}.",
            "{month} is the month of {event}.", "When {month} comes, it is time for {event}.",
        ],
        questions: [
            "When is {event}?", "In which month is {event}?", "What month is {event} in?",
            "When does {town} celebrate {event}?", "Can you tell me when {event} is?",
            "Do you know in which month {event} takes place?", "Tell me when {event} is.",
        ],
        heldOut: [
            "Which month does {event} fall in?", "Please tell me in what month {event} takes place.",
            "What is the month of {event}?", "In what month should I come for {event}?",
        ],
        answers: [
            "{event} is in {month}.", "{event} takes place in {month}.", "It is in {month}.",
            "{town} celebrates {event} in {month}.",
        ])

    static let place = Phrasing(
        statements: [
            "{event} takes place {there}.", "For {event}, everybody meets {there}.",
            "{event} is held {there}.", "You find {event} {there}.",
            "In {month}, people put up tables {there} for {event}.",
        ],
        questions: [
            "Where is {event}?", "Where does {event} take place?", "Where is {event} held?",
            "Can you tell me where {event} is held?", "Do you know where {event} takes place?",
            "Tell me where {event} is.",
        ],
        heldOut: [
            "At which place is {event} held?", "Please tell me where people meet for {event}.",
            "Where should I go for {event}?",
        ],
        answers: [
            "{event} takes place {there}.", "It is held {there}.", "People meet {there}.",
            "{event} is held {there}.",
        ])

    static let allowed = Phrasing(
        statements: [
            "{activity} {place} {is} allowed.", "You {may} {verb} {place}, because {reason}.",
            "{activity} {is} allowed {place}, because {reason}.",
            "The sign says that {activity} {is} allowed {place}.",
            "In {town} you {may} {verb} {place}: {reason}.",
        ],
        questions: [
            "May I {verb} {place}?", "Am I allowed to {verb} {place}?", "Is {activity} allowed {place}?",
            "Can I {verb} {place}?", "Tell me whether I may {verb} {place}.",
            "Do you know whether {activity} is allowed {place}?",
        ],
        heldOut: [
            "Would it be all right to {verb} {place}?", "Is one allowed to {verb} {place}?",
            "Please tell me if I may {verb} {place}.",
        ],
        answers: [
            "{yes}, you {may} {verb} {place}.", "{yes}, {activity} {is} allowed {place}.",
            "{yes}, {activity} {is} allowed {place}, because {reason}.",
            "{yes}. You {may} {verb} there, because {reason}.",
        ])
}
