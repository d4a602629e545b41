public import NeuralCore

/// The results of a model on the questions of a task.
public struct TaskReport: Sendable, Equatable {
    /// The task.
    public var name: String
    /// The most probable completion is the right one: argmax log p(c | prompt). In a task without choices, greedy
    /// decoding gives the completion.
    public var accuracy: Proportion
    /// The same by log p(c | prompt) per byte of c, without the space before it; nil in a task without choices.
    public var lengthNormalized: Proportion?
    /// The same by log p(c | prompt) − log p(c | "Answer:"), so that what is probable anyway is no better for it; nil
    /// in a task without choices.
    ///
    /// - SeeAlso: [Brown et al. 2020](https://arxiv.org/abs/2005.14165), section 2.4;
    ///   [Holtzman et al. 2021](https://arxiv.org/abs/2104.08315), Eq. 2, for the reasons.
    public var unconditionalNormalized: Proportion?
    /// The score of all right completions together.
    public var gold = TextScore()
}

extension TextScorer {
    /// Has the model answer the questions of a task.
    ///
    /// Among equally probable options the first counts as chosen.
    ///
    /// - Parameters:
    ///   - task: The questions.
    ///   - sharing: The processes that share the questions out; all of them get the report.
    public func report(on task: EvaluationTask, _ sharing: WorkSharing = WorkSharing()) -> TaskReport {
        var report = TaskReport(name: task.name, accuracy: Proportion())
        let questionsAtOnce = 16
        let parts = stride(from: 0, to: task.questions.count, by: questionsAtOnce).map {
            task.questions[$0...].prefix(questionsAtOnce)
        }
        let found = sharing.shared(parts.count) { part in
            PartFigures(scores(of: parts[part]).flatMap { ($0.given + $0.alone).flatMap(\.numbers) })
        }
        for (questions, found) in zip(parts, found) {
            var rest = found.numbers[...]
            for question in questions {
                func scores(_ count: Int) -> [TextScore] { (0..<count).map { _ in TextScore(&rest) } }
                let count = question.options.count
                let given = scores(count)
                report.add(
                    question, OptionScores(given: given, alone: scores(question.gold == nil ? 0 : count)))
            }
        }
        return report
    }

    /// The scores of each option, after its prompt and without it.
    private func scores(of questions: ArraySlice<EvaluationTask.Question>) -> [OptionScores] {
        var groups: [PromptedCompletions] = []
        for question in questions {
            let options = question.options
            if options.allSatisfy({ $0.prompt == options[0].prompt }) {
                groups.append(query(prompt: options[0].prompt, completions: options.map(\.completion)))
            } else {
                groups += options.map { query(prompt: $0.prompt, completions: [$0.completion]) }
            }
            if question.gold != nil {
                groups.append(query(prompt: "Answer:", completions: options.map(\.completion)))
            }
        }
        var scores = self.scores(of: groups).joined().makeIterator()
        func next(_ count: Int) -> [TextScore] { (0..<count).compactMap { _ in scores.next() } }
        return questions.map { question in
            let count = question.options.count
            return OptionScores(given: next(count), alone: next(question.gold == nil ? 0 : count))
        }
    }
}

/// A score as numbers, to go from one process to another.
extension TextScore {
    fileprivate var numbers: [Double] {
        [Double(tokens)] + logProbabilities.map(Double.init) + hits.map { $0 ? 1 : 0 }
    }

    fileprivate init(_ numbers: inout ArraySlice<Double>) {
        let count = Int(numbers.removeFirst())
        self.init(
            logProbabilities: numbers.prefix(count).map { Float($0) },
            hits: numbers.dropFirst(count).prefix(count).map { $0 == 1 })
        numbers.removeFirst(2 * count)
    }
}

/// The scores of a question's options.
private struct OptionScores {
    /// After their prompts.
    var given: [TextScore]
    /// After "Answer:" alone; empty where nothing is chosen.
    var alone: [TextScore]
}

extension TaskReport {
    fileprivate mutating func add(_ question: EvaluationTask.Question, _ scores: OptionScores) {
        let right = scores.given[question.gold ?? 0]
        gold.logProbabilities += right.logProbabilities
        gold.hits += right.hits
        guard let answer = question.gold else {
            accuracy.count(right.isGreedy)
            return
        }
        let sums = scores.given.map(\.logProbability)
        let lengths = question.options.map { Double(max(1, $0.completion.utf8.drop { $0 == 0x20 }.count)) }
        accuracy.count(sums.firstGreatest == answer)
        lengthNormalized = lengthNormalized ?? Proportion()
        lengthNormalized?.count(zip(sums, lengths).map { $0 / $1 }.firstGreatest == answer)
        unconditionalNormalized = unconditionalNormalized ?? Proportion()
        unconditionalNormalized?.count(
            zip(sums, scores.alone).map { $0 - $1.logProbability }.firstGreatest == answer)
    }
}

extension [Double] {
    /// The place of the greatest element, the first of equals; nil where one is not a number.
    var firstGreatest: Int? {
        guard !contains(where: \.isNaN) else { return nil }
        return indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) }
    }
}

/// The number of correct cases, out of a total.
public struct Proportion: Sendable, Equatable {
    /// Cases that came out right.
    public var hits: Int
    /// All cases.
    public var count: Int

    /// `hits` of `count`.
    public init(hits: Int = 0, of count: Int = 0) {
        self.hits = hits
        self.count = count
    }

    /// Counts one more case.
    public mutating func count(_ isHit: Bool) {
        hits += isHit ? 1 : 0
        count += 1
    }

    /// The share that came out right, 0…1; not a number for no cases.
    public var value: Double { Double(hits) / Double(count) }

    /// The share that came out right, 0…1; nil for no cases.
    public var share: Double? { count > 0 ? value : nil }

    /// The 95 % confidence interval of the true share; 0…1 if there are no cases.
    ///
    ///     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
    ///
    /// - SeeAlso: [Wilson 1927](https://doi.org/10.1080/01621459.1927.10502953).
    public var interval: ClosedRange<Double> {
        guard count > 0 else { return 0...1 }
        let (n, z) = (Double(count), 1.959963984540054)
        let center = value + z * z / (2 * n)
        let reach = z * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return max(0, (center - reach) / scale)...min(1, (center + reach) / scale)
    }
}
