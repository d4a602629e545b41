import JSON
public import NeuralCore

/// Sums of three numbers, and a calculator that adds two.
///
///     user: What is 7 + 5 + 9?
///     assistant: add(7, 5)  →  12
///     assistant: add(12, 9)  →  21
///     assistant: 21
///
/// The right sum is worth 1, or half as much where the calculator was not asked for it; a call more than the two that are
/// wanted costs 0.1.
public struct Calculator: SolvableEnvironment, Hashable {
    /// The numbers that are added.
    public var numbers: ClosedRange<Int>
    private var terms: [Int] = []
    private var calls = 0
    /// What the calculator gave last.
    private var result: Int?
    private var results: Set<Int> = []

    /// Sums of numbers in a range.
    public init(numbers: ClosedRange<Int> = 1...20) {
        guard numbers.lowerBound >= 0, numbers.upperBound < 1_000_000 else {
            misuse("sums of numbers from \(numbers.lowerBound) to \(numbers.upperBound)")
        }
        self.numbers = numbers
    }

    /// The description of `add`.
    static let tool = Tool.description("add", "Adds two numbers.", ["a": "integer", "b": "integer"])

    /// Asks for a sum.
    public mutating func reset(using random: inout RandomSource) -> Conversation {
        self = Calculator(numbers: numbers)
        terms = (0..<3).map { _ in random.integer(in: numbers.lowerBound..<numbers.upperBound + 1) }
        let sum = terms.map(String.init).joined(separator: " + ")
        return Conversation([.user("What is \(sum)?")], tools: [Self.tool])
    }

    /// Adds where it is asked to; the first turn without a call is the answer.
    public mutating func step(_ turn: EpisodeTurn) -> EnvironmentStep {
        guard !turn.calls.isEmpty else { return end(turn) }
        return turn.running { call throws(CallFailure) in
            calls += 1
            guard call.name == "add" else { throw CallFailure(noToolFor: call) }
            guard let a = call.arguments["a"]?.integer, let b = call.arguments["b"]?.integer,
                max(a.magnitude, b.magnitude) < 1 << 40
            else { throw CallFailure("a and b are not numbers") }
            result = a + b
            results.insert(a + b)
            return String(a + b)
        }
    }

    private func end(_ turn: EpisodeTurn) -> EnvironmentStep {
        let answer = ProgrammaticReward.lastNumber(in: turn.text)
        let sum = terms.reduce(0, +)
        let isRight = turn.problem == nil && answer == Double(sum)
        let isFound = answer.map { answer in results.contains { Double($0) == answer } } ?? true
        let surplus = max(0, calls - 2)
        let reward = (isRight ? isFound ? 1 : 0.5 : 0) - 0.1 * Float(surplus)
        return .end(
            EpisodeOutcome(
                isSuccess: isRight, madeNeedlessCall: surplus > 0, claimedWithoutCall: !isFound),
            reward: reward)
    }

    /// The next call, or the sum that the last one gave.
    public var solution: EpisodeTurn {
        guard calls < 2, let result = calls == 0 ? terms.first : result else {
            return EpisodeTurn("\(result ?? 0)")
        }
        return EpisodeTurn(calls: [
            ToolCall(
                name: "add", arguments: ["a": .integer(result), "b": .integer(terms[calls + 1])])
        ])
    }
}
