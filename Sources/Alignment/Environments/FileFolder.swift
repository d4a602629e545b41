import JSON
public import NeuralCore

/// A folder of short files, in which an answer has to be found: by a search for the file, and by reading it.
///
///     user: What does Anna keep?
///     assistant: search("Anna")  →  c.txt
///     assistant: read("c.txt")  →  Anna keeps bees.
///     assistant: bees
///
/// A quarter of the questions are about someone of whom no file tells; the right answer is to say so. A right answer that was
/// looked for is worth 1, one that was not is worth nothing, and a call more than are wanted costs 0.1.
public struct FileFolder: SolvableEnvironment, Hashable {
    private var files: [String: String] = [:]
    private var person = ""
    /// What the person keeps, and the file that says so; nil where none does.
    private var answer: (thing: String, file: String)? {
        files.lazy.filter { $0.value.hasPrefix(person + " ") }
            .compactMap { file, text in
                Self.things.first { text == Self.sentence(person, $0) }.map { ($0, file) }
            }.first
    }
    private var calls = 0
    private var hasSearched = false
    private var hasRead = false

    /// A folder that is filled when it is reset.
    public init() {}

    private static let people = ["Anna", "Boris", "Clara", "David", "Emma", "Felix", "Greta", "Hugo"]
    private static let things = ["bees", "goats", "maps", "clocks", "roses", "coins", "birds", "stamps"]
    private static let names = ["a.txt", "b.txt", "c.txt", "d.txt"]

    private static func sentence(_ person: String, _ thing: String) -> String { "\(person) keeps \(thing)." }

    /// The descriptions of `search` and `read`.
    static let tools = [
        Tool.description("search", "The file with a word.", ["word": "string"]),
        Tool.description("read", "What a file says.", ["file": "string"]),
    ]

    /// Writes files about some people, and asks about one person.
    public mutating func reset(using random: inout RandomSource) -> Conversation {
        self = FileFolder()
        let order = random.permutation(of: Self.people.count).map { Self.people[$0] }
        for (name, person) in zip(Self.names, order) {
            files[name] = Self.sentence(person, Self.things[random.integer(in: 0..<Self.things.count)])
        }
        person = order[random.integer(in: 0..<4) == 0 ? order.count - 1 : random.integer(in: 0..<files.count)]
        return Conversation([.user("What does \(person) keep?")], tools: Self.tools)
    }

    /// Searches and reads; the first turn without a call is the answer.
    public mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
        guard !turn.calls.isEmpty else { return end(turn) }
        return turn.running { call throws(CallFailure) in
            calls += 1
            switch call.name {
            case "search":
                guard let word = call.arguments["word"]?.string, !word.isEmpty else {
                    throw CallFailure("there is no word")
                }
                hasSearched = hasSearched || word == person
                let found = files.keys.sorted().filter { NormalizedText(files[$0] ?? "").contains(word) }
                return found.isEmpty ? "nothing" : found.joined(separator: ", ")
            case "read":
                guard let text = call.arguments["file"]?.string.flatMap({ files[$0] }) else {
                    throw CallFailure("there is no such file")
                }
                hasRead = hasRead || text.hasPrefix(person + " ")
                return text
            default: throw CallFailure(noToolFor: call)
            }
        }
    }

    private func end(_ turn: EpisodeTurn) -> EnvironmentStep {
        let named = Set(Self.things).intersection(NormalizedText(turn.text).words)
        let denies = Self.denials.occur(in: turn.text)
        let isRight =
            turn.problem == nil
            && (answer.map { named == [$0.thing] && !denies } ?? (named.isEmpty && denies))
        // That nobody tells is known by a search.
        let hasFound = answer == nil ? hasSearched : hasRead
        let surplus = max(0, calls - (answer == nil ? 1 : 2))
        return .end(
            EpisodeOutcome(
                isSuccess: isRight && hasFound, madeNeedlessCall: surplus > 0,
                claimedWithoutCall: !named.isEmpty && !hasRead || denies && !hasSearched),
            reward: (isRight && hasFound ? 1 : 0) - 0.1 * Float(surplus))
    }

    private static let denials = Phrases([
        "no file", "nothing", "not say", "doesn't say", "could not find", "couldn't find",
    ])

    /// Searches, reads, and says what it read.
    public var solution: EpisodeTurn {
        func call(_ name: String, _ parameter: String, _ value: String) -> EpisodeTurn {
            EpisodeTurn(calls: [ToolCall(name: name, arguments: .object([parameter: .string(value)]))])
        }
        guard hasSearched else { return call("search", "word", person) }
        guard let answer else { return EpisodeTurn("No file says.") }
        return hasRead ? EpisodeTurn(answer.thing) : call("read", "file", answer.file)
    }
}
