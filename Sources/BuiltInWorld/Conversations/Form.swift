import JSON

/// An answer in a form that the user asks for and a program can check.
public struct Form: Sendable {
    /// The form of the answer.
    public let rule: FormRule
    /// It must also contain one of these.
    public let expected: [String]
}

/// Forms that can be checked.
public enum FormRule: Sendable, Hashable, Codable {
    /// A single word.
    case oneWord
    /// Capital letters only.
    case capitals
    /// The last word.
    case ending(String)
    /// The first word.
    case beginning(String)
    /// A JSON object with exactly these keys and texts as values.
    case json(keys: [String])
    /// A given number of words.
    case words(Int)
    /// A given number of lines, each with a dash.
    case bullets(Int)
    /// "Yes" or "No".
    case yesOrNo

    /// True if `reply` has this form, whatever it says.
    public func isFollowed(by reply: String) -> Bool {
        let text = reply.trimmed
        let words = text.split { $0 == " " || $0 == "\n" }
        switch self {
        case .oneWord: return words.count == 1 && text.contains(where: \.isLetter)
        case .capitals: return text.contains(where: \.isLetter) && !text.contains(where: \.isLowercase)
        case .ending(let word): return words.count > 1 && words.last.map(Self.bare) == word
        case .beginning(let word):
            return words.count > 1 && words.first.map(Self.bare)?.lowercased() == word.lowercased()
        case .json(let keys):
            let rules = JSONRules(repeatedKeys: .refused)
            let object = (try? JSONValue(parsing: Array(text.utf8), rules: rules))?.object
            return object?.keys.sorted() == keys.sorted()
                && object?.values.allSatisfy { $0.string != nil } ?? false
        case .words(let count): return words.count == count
        case .bullets(let count):
            let lines = text.split(separator: "\n")
            return lines.count == count && lines.allSatisfy { $0.hasPrefix("- ") && $0.count > 2 }
                && Set(lines).count == count
        case .yesOrNo: return ["yes", "no"].contains(Self.bare(text[...]).lowercased())
        }
    }

    private static func bare(_ word: Substring) -> String {
        var word = word
        while let last = word.last, ".!?,\"".contains(last) { word.removeLast() }
        while let first = word.first, first == "\"" { word.removeFirst() }
        return String(word)
    }

    /// Its name in tables and files.
    public var name: String {
        switch self {
        case .oneWord: "one word"
        case .capitals: "capitals"
        case .ending: "ending"
        case .beginning: "beginning"
        case .json: "JSON"
        case .words: "word count"
        case .bullets: "bullets"
        case .yesOrNo: "yes or no"
        }
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// Phrasings that ask for forms; `{question}` is a question about a fact.
enum FormPhrases {
    static let oneWord = Pools<Template>(
        training: [
            "Answer in one word: {question}", "One word only: {question}",
            "{question} Answer with a single word.",
            "{question} One word, please.", "[Say it|Reply] in one word: {question}",
            "In a single word: {question}", "{question} [Only|No more than] one word.",
            "{question} I want a single word.",
        ],
        heldOut: ["{question} Use just one word.", "Reply with one word and nothing else: {question}"])

    static let capitals = Pools<Template>(
        training: [
            "Answer in capital letters: {question}", "{question} Write in capital letters.",
            "{question} Capital letters only, please.", "Use capital letters: {question}",
            "{question} Everything in capital letters.", "{question} Answer in capitals.",
            "All in capital letters: {question}",
        ],
        heldOut: [
            "{question} Please use capital letters for all of it.", "In capital letters, please: {question}",
        ])

    static let ending = Pools<Template>(
        training: [
            "{question} End your answer with the word {word}.", "{question} The last word should be {word}.",
            "Answer and end with the word {word}: {question}",
            "{question} Put the word {word} at the end.", "{question} Finish with [the word |]{word}.",
            "The last word of your answer should be {word}: {question}", "End with {word}: {question}",
        ],
        heldOut: [
            "{question} Make {word} the last word of your answer.",
            "{question} Let the answer end with {word}.",
        ])

    static let beginning = Pools<Template>(
        training: [
            "{question} Begin your answer with the word {word}.",
            "{question} The first word should be {word}.",
            "Answer and begin with the word {word}: {question}",
            "{question} Put the word {word} at the start.", "{question} Start with [the word |]{word}.",
            "The first word of your answer should be {word}: {question}", "Begin with {word}: {question}",
        ],
        heldOut: [
            "{question} Make {word} the first word of your answer.",
            "{question} Let the answer begin with {word}.",
        ])

    static let json = Pools<Template>(
        training: [
            "Give me {name} in JSON with the keys {k1} and {k2}.",
            "Write {name} as JSON, keys {k1} and {k2}.",
            "JSON please, with {k1} and {k2}: {name}.", "{name} as JSON: {k1} and {k2}.",
            "[Describe|Show] {name} as a JSON object with {k1} and {k2}.",
            "[Give|Write] the {k1} and {k2} of {name} in JSON.",
        ],
        heldOut: [
            "I need a JSON object for {name} with {k1} and {k2}.",
            "Put {name} into JSON with the keys {k1} and {k2}.",
        ])

    static let words = Pools<Template>(
        training: [
            "Describe {name} in exactly {count} words.", "Who is {name}? Use exactly {count} words.",
            "{name} in exactly {count} words, please.", "{name}: exactly {count} words.",
            "[Say|Write] something about {name} in exactly {count} words.",
            "Use exactly {count} words to describe {name}.",
        ],
        heldOut: [
            "Tell me about {name} with exactly {count} words.", "I want exactly {count} words about {name}.",
        ])

    static let bullets = Pools<Template>(
        training: [
            "List three things that the {shop} sells, each on a line with a dash.",
            "Three wares of the {shop}, as a list with dashes.",
            "What does the {shop} sell? A list of three, with dashes.",
            "[Name|Give me] three [wares|things] of the {shop}, one on each line, with a dash.",
            "Three things from the {shop}, each with a dash.",
            "I need a list of three wares of the {shop}, with dashes.",
        ],
        heldOut: [
            "Give me a list with dashes: three things from the {shop}.",
            "Write down three wares of the {shop} with dashes, one per line.",
        ])

    static let yesOrNo = Pools<Template>(
        training: [
            "Answer only yes or no: is {name} {a guess}?", "Is {name} {a guess}? Yes or no.",
            "Yes or no: is {name} {a guess}?", "Only yes or no, please: is {name} {a guess}?",
            "Is {name} {a guess}? Answer with yes or no.", "{name} is {a guess}. Yes or no?",
        ],
        heldOut: [
            "Just say yes or no. Is {name} {a guess}?", "Is {name} {a guess}? Reply with yes or no only.",
        ])

    static let lastWords = [
        "friend", "neighbour", "today", "indeed", "cheers", "promise", "surely", "goodbye",
    ]
    static let firstWords = ["Well", "Surely", "Indeed", "Today", "Friend", "Listen", "Gladly", "Look"]

    /// Descriptions whose words are counted.
    static let descriptions: [Template] = [
        "{A job}", "{first}, {a job}", "{A job} with {a pet}", "{A job} from {street}", "{first} is {a job}",
        "{first} lives on {street}", "{first} has {a pet}", "{A job} who loves {dish}",
        "{first} likes {hobby}",
        "{A job} on {street} with {a pet}",
    ]
}
