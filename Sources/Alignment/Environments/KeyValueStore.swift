import JSON
public import NeuralCore

/// A store of colors by their keys, which must be asked before a question about it is answered.
///
///     user: Which color is lamp?
///     assistant: get("lamp")  →  red
///     assistant: It is red.
///
/// Half of the keys that are asked for are not there, and the right answer is to say so. A right answer is worth 1; one
/// without having asked is a guess and worth nothing. Each further call costs 0.1.
public struct KeyValueStore: SolvableEnvironment, Hashable {
    private var store: [String: String] = [:]
    private var key = ""
    private var calls = 0
    private var hasAsked = false

    /// A store that is filled when it is reset.
    public init() {}

    private static let keys = [
        "lamp", "boat", "door", "chair", "kite", "tent", "cup", "bag", "hat", "coat", "drum", "bell", "cart",
        "flag", "box", "rug",
    ]
    private static let colors = ["red", "blue", "green", "white", "black", "yellow", "brown", "gray"]

    /// The description of `get`.
    static let tool = Tool.description("get", "The color of a thing in the store.", ["key": "string"])

    /// Fills the store with half of the things, and asks for one that is there or one that is not.
    public mutating func reset(using random: inout RandomSource) -> Conversation {
        self = KeyValueStore()
        let order = random.permutation(of: Self.keys.count)
        for index in order.prefix(order.count / 2) {
            store[Self.keys[index]] = Self.colors[random.integer(in: 0..<Self.colors.count)]
        }
        key = Self.keys[random.integer(in: 0..<2) == 0 ? order[0] : order[order.count - 1]]
        return Conversation([.user("Which color is \(key)?")], tools: [Self.tool])
    }

    /// Looks up what it is asked for; the first turn without a call is the answer.
    public mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
        guard !turn.calls.isEmpty else { return end(turn) }
        return turn.running { call throws(CallFailure) in
            calls += 1
            guard call.name == "get" else { throw CallFailure(noToolFor: call) }
            guard let key = call.arguments["key"]?.string else { throw CallFailure("there is no key") }
            hasAsked = hasAsked || key == self.key
            return store[key] ?? "nothing"
        }
    }

    private func end(_ turn: EpisodeTurn) -> EnvironmentStep {
        let words = NormalizedText(turn.text).words
        let named = Set(Self.colors).intersection(words)
        let denies = Self.denials.occur(in: turn.text)
        let isRight =
            turn.problem == nil && (store[key].map { named == [$0] && !denies } ?? (named.isEmpty && denies))
        let surplus = max(0, calls - 1)
        return .end(
            EpisodeOutcome(
                isSuccess: isRight && hasAsked, madeNeedlessCall: surplus > 0,
                claimedWithoutCall: !hasAsked && (!named.isEmpty || denies)),
            reward: (isRight && hasAsked ? 1 : 0) - 0.1 * Float(surplus))
    }

    private static let denials = Phrases([
        "not there", "not in the store", "no color", "nothing", "isn't there", "could not find",
        "couldn't find",
    ])

    /// Asks, and says what it was told.
    public var solution: EpisodeTurn {
        guard hasAsked else {
            return EpisodeTurn(calls: [ToolCall(name: "get", arguments: ["key": .string(key)])])
        }
        return EpisodeTurn(store[key].map { "It is \($0)." } ?? "It is not there.")
    }
}
