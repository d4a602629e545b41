public import Conversations

/// A demand on the form of an answer that a program can verify, in the manner of IFEval.
///
/// Names and parameters are those of IFEval's data, so that its prompts are read as they are.
///
/// - SeeAlso: [Zhou et al. 2023](https://arxiv.org/abs/2311.07911), Table 1. Departures are named at each
///   check.
public enum Instruction: Hashable, Sendable {
    /// A number that is to be reached, or to be kept under.
    public enum Bound: Hashable, Sendable {
        case atLeast(Int)
        case lessThan(Int)

        /// True if a number keeps to it.
        func holds(_ count: Int) -> Bool {
            switch self {
            case .atLeast(let bound): count >= bound
            case .lessThan(let bound): count < bound
            }
        }
    }

    /// Each word occurs.
    case keywords([String])
    /// None of the words occurs as a whole word.
    case forbiddenWords([String])
    /// The number of times a word occurs.
    case keywordFrequency(String, Bound)
    /// The number of times a letter occurs, in either case.
    case letterFrequency(Character, Bound)
    /// All of it is in a language, by ISO 639-1 code.
    case language(String)
    /// The number of sentences.
    case sentences(Bound)
    /// The number of words.
    case words(Bound)
    /// Exactly that many paragraphs between `***`.
    case paragraphs(Int)
    /// Exactly that many paragraphs between empty lines, of which the nth (from one) starts with a word.
    case paragraphStart(paragraphs: Int, nth: Int, word: String)
    /// At least that many `[placeholders]`.
    case placeholders(Int)
    /// A postscript, introduced by its marker.
    case postscript(String)
    /// Exactly that many bullet points.
    case bullets(Int)
    /// One of "My answer is yes.", "… no.", "… maybe.".
    case constrainedAnswer
    /// At least that many `*highlighted*` parts.
    case highlights(Int)
    /// At least that many sections, each introduced by the word and a number.
    case sections(String, Int)
    /// All of it is JSON, perhaps in a code fence.
    case json
    /// A title in `<<double angular brackets>>`.
    case title
    /// Two different answers between `******`.
    case twoResponses
    /// The prompt word for word, then the answer.
    case repeatsPrompt(String)
    /// The last words.
    case endsWith(String)
    /// All of it between double quotation marks.
    case quotation
    /// All English, all capital letters.
    case allCapitals
    /// All English, all small letters.
    case allLowercase
    /// The number of words in capital letters.
    case capitalWords(Bound)
    /// No comma anywhere.
    case noComma
}

extension Instruction {
    /// Reads an instruction from its name in IFEval and its parameters.
    ///
    /// - Throws: ``BehaviorSuiteError/Problem`` when the name is unknown or a parameter is missing.
    public init(id: String, parameters: JSONObject) throws(BehaviorSuiteError.Problem) {
        let reader = InstructionParameters(id: id, values: parameters)
        switch id {
        case "keywords:existence": self = .keywords(try reader.strings("keywords"))
        case "keywords:forbidden_words": self = .forbiddenWords(try reader.strings("forbidden_words"))
        case "keywords:frequency":
            self = .keywordFrequency(try reader.string("keyword"), try reader.bound("frequency", "relation"))
        case "keywords:letter_frequency":
            guard let letter = try reader.string("letter").first else { throw .missing(key: "letter") }
            self = .letterFrequency(letter, try reader.bound("let_frequency", "let_relation"))
        case "language:response_language": self = .language(try reader.string("language"))
        case "length_constraints:number_sentences":
            self = .sentences(try reader.bound("num_sentences", "relation"))
        case "length_constraints:number_words": self = .words(try reader.bound("num_words", "relation"))
        case "length_constraints:number_paragraphs": self = .paragraphs(try reader.integer("num_paragraphs"))
        case "length_constraints:nth_paragraph_first_word":
            self = .paragraphStart(
                paragraphs: try reader.integer("num_paragraphs"), nth: try reader.integer("nth_paragraph"),
                word: try reader.string("first_word"))
        case "detectable_content:number_placeholders":
            self = .placeholders(try reader.integer("num_placeholders"))
        case "detectable_content:postscript": self = .postscript(try reader.string("postscript_marker"))
        case "detectable_format:number_bullet_lists": self = .bullets(try reader.integer("num_bullets"))
        case "detectable_format:constrained_response": self = .constrainedAnswer
        case "detectable_format:number_highlighted_sections":
            self = .highlights(try reader.integer("num_highlights"))
        case "detectable_format:multiple_sections":
            self = .sections(try reader.string("section_spliter"), try reader.integer("num_sections"))
        case "detectable_format:json_format": self = .json
        case "detectable_format:title": self = .title
        case "combination:two_responses": self = .twoResponses
        case "combination:repeat_prompt": self = .repeatsPrompt(try reader.string("prompt_to_repeat"))
        case "startend:end_checker": self = .endsWith(try reader.string("end_phrase"))
        case "startend:quotation": self = .quotation
        case "change_case:english_capital": self = .allCapitals
        case "change_case:english_lowercase": self = .allLowercase
        case "change_case:capital_word_frequency":
            self = .capitalWords(try reader.bound("capital_frequency", "capital_relation"))
        case "punctuation:no_comma": self = .noComma
        default: throw .unknown(key: "instruction", value: id)
        }
    }
}

extension Instruction {
    /// Reads the instructions of a record in IFEval's form; nil of a record that has none.
    ///
    /// - Throws: ``BehaviorSuiteError/Problem`` where a name or a parameter is not known, or one is missing.
    public static func list(of record: JSONObject) throws(BehaviorSuiteError.Problem) -> [Instruction]? {
        let (names, parameters) = (record["instruction_id_list"] ?? .null, record["kwargs"] ?? .null)
        let nothing: [JSONValue] = [.null, []]
        guard !nothing.contains(names) || !nothing.contains(parameters) else { return nil }
        guard !nothing.contains(names) else { throw .missing(key: "instruction_id_list") }
        guard let ids = names.array?.map(\.string), !ids.contains(nil) else {
            throw .malformed(key: "instruction_id_list", expected: "a list of strings")
        }
        guard let values = parameters.array, values.count == ids.count,
            values.allSatisfy({ $0.object != nil || $0 == .null })
        else {
            throw .malformed(key: "kwargs", expected: "one object for each instruction")
        }
        var instructions: [Instruction] = []
        for (id, value) in zip(ids, values) {
            instructions.append(try Instruction(id: id ?? "", parameters: value.object ?? [:]))
        }
        return instructions
    }
}

/// Reads the parameters of one instruction.
private struct InstructionParameters {
    let id: String
    let values: JSONObject

    func string(_ key: String) throws(BehaviorSuiteError.Problem) -> String {
        guard let text = values[key]?.string else { throw .missing(key: "\(id) \(key)") }
        return text
    }

    func integer(_ key: String) throws(BehaviorSuiteError.Problem) -> Int {
        guard let value = values[key]?.integer else { throw .missing(key: "\(id) \(key)") }
        return value
    }

    func strings(_ key: String) throws(BehaviorSuiteError.Problem) -> [String] {
        guard let list = values[key]?.array else { throw .missing(key: "\(id) \(key)") }
        guard list.allSatisfy({ $0.string != nil }) else {
            throw .malformed(key: "\(id) \(key)", expected: "a list of strings")
        }
        return list.compactMap(\.string)
    }

    func bound(_ key: String, _ relation: String) throws(BehaviorSuiteError.Problem) -> Instruction.Bound {
        let count = try integer(key)
        switch try string(relation) {
        case "at least": return .atLeast(count)
        case "less than": return .lessThan(count)
        case let other: throw .unknown(key: relation, value: other)
        }
    }
}
