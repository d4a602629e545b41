extension Phrasing {
    static let job = Phrasing(
        statements: [
            "{name} is {a job}.",
            "{name} works as {a job} [here |]in {town}.",
            "{name} {does}. {They be} {a job}[, and a good one| by trade|].",
            "By trade, {name} is {a job}.",
            "If you need {a job}, ask for {name}.",
            "{name} is {a job} and spends most days {doing}.",
            "[For many years|For as long as anyone remembers], {name} has worked as {a job}.",
            "{name} earns {their} living as {a job}.",
            "Most people know {name} as the {job} from {street}.",
            "A good {job} is hard to find, but {town} has {name}.",
            "Ask {name} about work and you hear all about {doing}: {they be} {a job}.",
            "{name} never wanted to be anything but {a job}.",
            "{name}'s job? {They work} as {a job}.",
            "You recognise {name} by {their} {tool}, because {they work} as {a job}.",
        ],
        questions: [
            "What does {name} do for a living?", "What is {name}'s job?", "What is {name}'s occupation?",
            "What work does {name} do?", "Can you tell me what {name} does for work?",
            "Do you know what job {name} has?", "Which profession does {name} have?",
            "What kind of work does {name} do?", "I met {name} today. What is {their} job?",
            "Tell me what {name} does for a living.", "What is {name} by trade?",
            "{name}: what is {their} job?",
        ],
        heldOut: [
            "What does {name} work as?", "Please tell me {name}'s profession.",
            "I forgot what job {name} does. Can you help?", "What sort of job has {name} got?",
            "How does {name} earn {their} money?",
        ],
        answers: [
            "{name} is {a job}.", "{first} is {a job}.", "{name} works as {a job}.",
            "{first} works as {a job} here in {town}.", "{They be} {a job}.",
            "{first} is {a job} and {does}.", "{name} is {a job}, so {they spend} the day {doing}.",
        ])

    static let street = Phrasing(
        statements: [
            "{name} lives on {street}.",
            "You will find the house of {name} on {street}.",
            "{name} [has lived|has had a house] on {street} for years.",
            "The house of {name} stands on {street}.",
            "On {street} lives {name}, the {job}.",
            "Letters for {name} go to {street}.",
            "If you walk down {street}, you pass the door of {name}.",
            "{name}'s home is on {street}[, not far from the corner|].",
            "{street} is where {name} lives[ with {their} {pet}|].",
            "One of the people of {street} is {name}.",
            "{name} would never move away from {street}.",
            "Nobody on {street} is as well known as {name}.",
        ],
        questions: [
            "Where does {name} live?", "Which street does {name} live on?", "What is {name}'s street?",
            "On which street is {name}'s house?", "Can you tell me where {name} lives?",
            "Do you know where {name}'s home is?", "I want to visit {name}. Which street is it?",
            "Tell me which street {name} lives on.", "Where is the house of {name}?",
            "Where do I find {name}'s house?", "{name}: which street, please?",
        ],
        heldOut: [
            "I have a letter for {name}. Which street should it go to?",
            "What street is {name}'s home on?", "Where in town does {name} live?",
            "Please tell me on what street {name} lives.", "Which street is home to {name}?",
        ],
        answers: [
            "{name} lives on {street}.", "{first} lives on {street}.", "{name}'s house is on {street}.",
            "You will find {first} on {street}.", "{They live} on {street}.",
            "{first} lives on {street}, together with {their} {pet}.",
        ])

    static let pet = Phrasing(
        statements: [
            "{name} has {a pet} called {petName}.", "{name} keeps {a pet}.",
            "{name} shares {their} home with {a pet}[ named {petName}|].",
            "{name} and {their} {pet} are [never far apart|old friends].",
            "The {pet} in {name}'s window is called {petName}.",
            "Of all animals, {name} chose {a pet}.",
            "At {name}'s house you are greeted by {a pet}.",
            "{name} talks to {their} {pet} every morning.",
            "Whoever visits {name} meets {their} {pet}, {petName}.",
            "The vet knows {name} well, because of {their} {pet} {petName}.",
            "There is {a pet} in the house of {name}.",
        ],
        questions: [
            "What pet does {name} have?", "What kind of pet does {name} keep?",
            "Which animal does {name} have?",
            "Does {name} have a pet?", "What animal lives with {name}?",
            "Can you tell me which pet {name} has?",
            "Do you know what pet {name} keeps?", "Tell me about {name}'s pet.",
            "What sort of animal is {name}'s pet?", "Which pet lives in {name}'s house?",
        ],
        heldOut: [
            "What animal does {name} keep at home?", "Please tell me what pet {name} has.",
            "Which kind of animal is the pet of {name}?", "I heard {name} has a pet. What is it?",
            "{name} keeps a pet. Which animal is it?",
        ],
        answers: [
            "{name} has {a pet}.", "{first} has {a pet} called {petName}.", "{name} keeps {a pet}.",
            "It is {a pet}, and its name is {petName}.", "{They have} {a pet}.",
            "{first} lives with {a pet} named {petName}.",
        ])

    static let petName = Phrasing(
        statements: [
            "{name}'s {pet} is called {petName}.", "The {pet} {petName} belongs to {name}.",
            "{petName} is the {pet} of {name}.", "{name} named {their} {pet} {petName}.",
            "{petName}, {name}'s {pet}, [sleeps a lot|is always hungry|likes the sun].",
            "If you hear somebody call {petName}, it is {name} looking for {their} {pet}.",
            "Everyone on {street} knows {petName}, the {pet} of {name}.",
            "{name} brought {their} {pet} {petName} home in a basket.",
            "{petName} is a fine name for {a pet}, says {name}.",
            "{name} would do anything for {petName}, {their} {pet}.",
        ],
        questions: [
            "What is the name of {name}'s pet?", "What is {name}'s {pet} called?",
            "What is {name}'s pet called?", "Can you tell me the name of {name}'s {pet}?",
            "Do you know the name of {name}'s pet?", "What did {name} name {their} {pet}?",
            "Tell me the name of {name}'s {pet}.", "What name does {name}'s pet have?",
            "What does {name} call {their} {pet}?",
        ],
        heldOut: [
            "Which name did {name} give {their} {pet}?", "{name} has {a pet}. What is its name?",
            "Please tell me what the pet of {name} is called.", "What name does {name}'s {pet} answer to?",
        ],
        answers: [
            "{name}'s {pet} is called {petName}.", "The {pet} is called {petName}.",
            "{first}'s {pet} is called {petName}.", "{petName} is the name of {first}'s {pet}.",
            "Its name is {petName}.",
        ])

    static let dish = Phrasing(
        statements: [
            "{name}'s favourite dish is {dish}.", "{name} likes nothing better than {dish}.",
            "When {name} is hungry, {they dream} of {dish}.",
            "For {their} birthday, {name} always asks for {dish}.",
            "No dish pleases {name} more than {dish}.",
            "Cook {dish} and {name} will knock at your door.",
            "{name} could eat {dish} every day.",
            "A plate of {dish} makes {name} happy.",
            "{name} learned to make {dish} as a child and still likes it best.",
            "Everybody knows that {name} loves {dish}.",
            "With {dish} on the table, {name} comes early.",
        ],
        questions: [
            "What is {name}'s favourite dish?", "What does {name} like to eat?",
            "What is {name}'s favourite food?",
            "Which dish does {name} like best?", "What food does {name} love?",
            "Can you tell me {name}'s favourite dish?", "Do you know what {name} likes to eat?",
            "What should I cook for {name}?", "{name} is coming to dinner. What {do they} like?",
            "Tell me what {name} likes best to eat.",
        ],
        heldOut: [
            "Which food does {name} like best?", "What dish would make {name} happy?",
            "I am cooking for {name}. Which dish is {their} favourite?",
            "Please tell me which dish {name} loves.", "What would {name} like for dinner?",
        ],
        answers: [
            "{name}'s favourite dish is {dish}.", "{first} likes {dish} best.", "{first} loves {dish}.",
            "{name} loves {dish}.", "That would be {dish}.", "{first} could eat {dish} every day.",
        ])

    static let hobby = Phrasing(
        statements: [
            "{name} likes {hobby}.", "In {their} free time, {name} likes to {likes}.",
            "After work, {name} enjoys {hobby}.", "{name}'s hobby is {hobby}.",
            "{name}'s great love is {hobby}.", "On Sundays, {name} likes to {likes}.",
            "There is nothing {name} would rather do than {likes}.",
            "{name} can spend hours {hobby}.", "Whenever {name} has an hour, {they like} to {likes}.",
            "It was {name}'s grandmother who showed {them} how to {likes}.",
            "{name} says that {hobby} is the best rest from being {a job}.",
        ],
        questions: [
            "What is {name}'s hobby?", "What does {name} like to do?",
            "What does {name} do in {their} free time?",
            "Which hobby does {name} have?", "What does {name} do for fun?",
            "Can you tell me {name}'s hobby?", "Do you know what {name} does after work?",
            "How does {name} spend {their} free time?", "Tell me about {name}'s hobby.",
            "What does {name} enjoy doing?",
        ],
        heldOut: [
            "What hobby does {name} enjoy?", "What does {name} like doing on a free day?",
            "Please tell me what {name} does for fun.", "Which hobby makes {name} happy?",
            "When {name} is not at work, what {do they} like to do?",
        ],
        answers: [
            "{name} likes {hobby}.", "{first} likes to {likes}.", "{first} enjoys {hobby}.",
            "{name}'s hobby is {hobby}.", "In {their} free time, {first} likes to {likes}.",
            "{They enjoy} {hobby}.",
        ])

    /// Sentences that go on about a resident who has been named.
    static func continuations(_ relation: Relation) -> [Template] {
        switch relation {
        case .job:
            [
                "{They work} as {a job}.", "{They be} {a job} by trade.", "Most days {they be} busy {doing}.",
                "As {a job}, {first} {does}.",
                "{Their} job is that of {a job}, and {their} {tool} is never far away.",
                "{They have} always been {a job}.",
                "{first} is {a job} and would not change it for anything.",
            ]
        case .street:
            [
                "{They live} on {street}.", "{Their} house is on {street}.",
                "Home is a small house on {street}.",
                "{first} has lived on {street} for a long time.", "You find {them} on {street}.",
                "{first} is happy on {street}.",
            ]
        case .pet:
            [
                "{They have} {a pet}.", "{Their} {pet} is called {petName}.",
                "{They share} the house with {a pet} called {petName}.",
                "Without {petName}, {their} {pet}, {they go} nowhere.",
                "{first}'s {pet} waits at the window every evening.",
            ]
        case .petName:
            [
                "{Their} {pet} is called {petName}.", "The {pet} answers to the name of {petName}.",
                "{petName}, {their} {pet}, is known all over {street}.",
                "{They call} {their} {pet} {petName}.",
                "{petName} is the name of the {pet}.",
            ]
        case .dish:
            [
                "{Their} favourite dish is {dish}.", "{They like} {dish} best.",
                "{They} could eat {dish} every day.",
                "{first} loves {dish}.", "For a plate of {dish} {they} would walk a long way.",
                "Nothing tastes better to {them} than {dish}.",
            ]
        case .hobby:
            [
                "{They like} {hobby}.", "In {their} free time {they like} to {likes}.",
                "{Their} hobby is {hobby}.",
                "After work {they like} to {likes}.", "{They} can spend whole Sundays {hobby}.",
                "{first} enjoys {hobby} more than anything.",
            ]
        default: []
        }
    }
}
