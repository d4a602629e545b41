import JSON

/// Sums and differences of several numbers, worked out step by step.
///
///     user: What is 4 + 8 - 6 + 9?
///     assistant: <think>
///     4 + 8 = 12
///     12 - 6 = 6
///     6 + 9 = 15
///     </think>
///
///     15
///
/// No step goes below zero. Every problem is either one to learn from or held out, whatever the seed.
public struct Arithmetic: Hashable, Sendable {
    /// The question.
    public let question: String
    /// The steps, in order.
    public let steps: [String]
    /// The result of the last step.
    public let answer: Int

    /// Different problems.
    ///
    /// - Parameters:
    ///   - count: The number of problems, at most ``most`` of each pool.
    ///   - terms: Numbers in each, 2 or more.
    ///   - greatest: The greatest number, 1 or more; the least is 1.
    ///   - isHeldOut: Whether they are those that are never learned from, an eighth of all.
    public static func problems(
        _ count: Int, terms: Int = 4, greatest: Int = 9, isHeldOut: Bool, seed: UInt64
    ) -> [Arithmetic] {
        var random = WorldRandom(seed: seed).stream("arithmetic")
        var problems: [Arithmetic] = []
        var known: Set<Arithmetic> = []
        while problems.count < count {
            let problem = Arithmetic(terms: terms, greatest: greatest, using: &random)
            if problem.isHeldOut == isHeldOut, known.insert(problem).inserted { problems.append(problem) }
        }
        return problems
    }

    /// As many problems as there always are.
    public static let most = 2_000

    private init(terms: Int, greatest: Int, using random: inout WorldRandom) {
        var result = random.number(in: 1...greatest)
        var (text, steps) = ("\(result)", [String]())
        for _ in 1..<terms {
            let number = random.number(in: 1...greatest)
            let isDifference = random.chance(0.5) && result >= number
            let next = isDifference ? result - number : result + number
            let sign = isDifference ? "-" : "+"
            steps.append("\(result) \(sign) \(number) = \(next)")
            text += " \(sign) \(number)"
            result = next
        }
        question = "What is \(text)?"
        self.steps = steps
        answer = result
    }

    private var isHeldOut: Bool {
        var random = WorldRandom(seed: 0).stream(question)
        return random.index(below: 8) == 0
    }

    /// A record with a prompt, the answer with its steps as completion, and the result alone, for rewards.
    public var line: String {
        let text = "<think>\n\(steps.joined(separator: "\n"))\n</think>\n\n\(answer)"
        let record: JSONValue = [
            "prompt": [["role": "user", "content": .string(question)]],
            "completion": [["role": "assistant", "content": .string(text)]],
            "answer": .string("\(answer)"),
        ]
        return record.text(.compact)
    }
}
