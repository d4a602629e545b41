public import Conversations
public import NeuralCore

/// Puts suites to models and measures their answers, several models side by side.
///
/// ```swift
/// let evaluation = BehaviorEvaluation(suites: [limits, knowledge], criteria: BehaviorCriteria(manifest: manifest))
/// print(try await evaluation.report(on: [before, after]))
/// ```
///
/// Models are closures, so anything can be examined: a model held here, a server, a table of answers.
public struct BehaviorEvaluation: Sendable {
    /// The suites to ask.
    public var suites: [BehaviorSuite]
    /// The criteria that verdicts depend on.
    public var criteria: BehaviorCriteria
    /// Compares answers to `helpfulness` items with those of the first model; without a judge they are passed
    /// over.
    public var judge: Judge?

    /// An evaluation.
    public init(
        suites: [BehaviorSuite], criteria: BehaviorCriteria = BehaviorCriteria(), judge: Judge? = nil
    ) {
        self.suites = suites
        self.criteria = criteria
        self.judge = judge
    }

    /// Asks every model everything, one after another.
    ///
    /// - Parameters:
    ///   - respondents: The models; the first is what others are compared with.
    ///   - sharing: The processes that share the items of each suite out; all of them get the report.
    ///   - progress: Called after each answer with the number of answers so far and in all, of this process.
    /// - Throws: What a model or the judge throws.
    public func report(
        on respondents: [Respondent], _ sharing: WorkSharing = WorkSharing(),
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) async throws -> BehaviorReport {
        let all = suites.reduce(0) { $0 + sharing.own(of: $1.items.count).count } * respondents.count
        var asked = 0
        var report = BehaviorReport(models: respondents.map(\.name))
        for suite in suites {
            var baseline: [Response] = []
            for (index, respondent) in respondents.enumerated() {
                let responses = try await sharing.responses(suite.items.count) { number in
                    let response = try await respondent.respond(suite.items[number].conversation)
                    asked += 1
                    progress?(asked, all)
                    return response
                }
                if index == 0 { baseline = responses }
                report.add(
                    metrics(of: responses, in: suite), examples: examples(of: responses, in: suite), to: index
                )
                if index > 0,
                    let metric = try await winRate(of: responses, over: baseline, in: suite, sharing)
                {
                    report.add([metric], examples: [], to: index)
                }
            }
        }
        return report
    }

    /// The figures of one model's answers to a suite, in the order of its items.
    public func metrics(of responses: [Response], in suite: BehaviorSuite) -> [BehaviorMetric] {
        BehaviorMetric.all(
            suite: suite.name,
            zip(suite.items, responses).compactMap { item, response in
                item.verdict(on: response, by: criteria).map { ($0, item.check, response.probability) }
            })
    }

    /// The first answers that are not as they should be, to read.
    private func examples(of responses: [Response], in suite: BehaviorSuite) -> [BehaviorReport.Example] {
        var examples: [BehaviorReport.Example] = []
        for (item, response) in zip(suite.items, responses)
        where item.verdict(on: response, by: criteria)?.isGood == false {
            if examples.count == BehaviorReport.examplesPerSuite { break }
            examples.append(
                BehaviorReport.Example(
                    suite: suite.name, item: item.id, prompt: item.conversation.messages.last?.content ?? "",
                    response: response.text))
        }
        return examples
    }

    /// The share of answers that the judge prefers, a tie counting half; each pair is judged in both orders, so
    /// that a judge who likes what comes first does not decide.
    private func winRate(
        of responses: [Response], over baseline: [Response], in suite: BehaviorSuite, _ sharing: WorkSharing
    ) async throws -> BehaviorMetric? {
        guard let judge else { return nil }
        let compared = suite.items.indices.filter { suite.items[$0].check == .helpfulness }
        let scores = try await sharing.numbers(compared.count) { number in
            let index = compared[number]
            let conversation = suite.items[index].conversation
            let forward = try await judge(conversation, responses[index], baseline[index])
            let backward = try await judge(conversation, baseline[index], responses[index])
            let wins = (forward == .first ? 1.0 : forward == .neither ? 0.5 : 0)
            let againWins = (backward == .second ? 1.0 : backward == .neither ? 0.5 : 0)
            let score = (wins + againWins) / 2
            return score == 0.5 ? 0.5 : score > 0.5 ? 1 : 0
        }
        guard !scores.isEmpty else { return nil }
        var random = RandomSource(seed: UInt64(scores.count))
        var metric = BehaviorMetric(
            suite: suite.name, name: "win_rate", value: scores.reduce(0, +) / Double(scores.count),
            count: scores.count,
            interval: Bootstrap.interval(ofMean: scores, using: &random))
        (metric.wins, metric.ties, metric.losses) = (
            scores.count { $0 == 1 }, scores.count { $0 == 0.5 }, scores.count { $0 == 0 }
        )
        return metric
    }
}

/// A model to be examined, under its name in reports: anything that answers.
public struct Respondent: Sendable {
    /// Its name.
    public var name: String
    /// Gives its answer to a conversation.
    public var respond: @Sendable (Conversation) async throws -> Response

    /// A model of that name.
    public init(_ name: String, respond: @escaping @Sendable (Conversation) async throws -> Response) {
        self.name = name
        self.respond = respond
    }
}

/// The better of two answers.
public enum Preference: Hashable, Sendable {
    case first, second, neither
}

/// Compares two answers to a conversation: a reward model, a program, a person.
public typealias Judge = @Sendable (Conversation, Response, Response) async throws -> Preference
