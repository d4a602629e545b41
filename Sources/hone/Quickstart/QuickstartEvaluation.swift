import Alignment
import BuiltInWorld
import Foundation
import LanguageModel
import NeuralCore

/// What the models of a quickstart answer to prompts that they have never seen, and what the judge says of it.
struct QuickstartEvaluation {
    /// A reply and what it amounts to.
    struct Reply {
        var text: String
        var outcome: BuiltInWorld.Outcome
        var score: Double
    }

    let suites: [Suite]
    private let judge: BuiltInWorld.Judge
    private let folder: URL
    /// Replies of each model by suite.
    private(set) var replies: [(model: String, suites: [[Reply]])] = []

    init(world: World, promptsPerSuite: Int, folder: URL) {
        suites = world.evaluation(perSuite: promptsPerSuite)
        judge = world.judge
        self.folder = folder
    }

    private static let maxTokens = 120

    /// How many prompts a model answers.
    var promptCount: Int { suites.reduce(0) { $0 + $1.prompts.count } }

    /// Has a model answer everything, greedily.
    mutating func evaluate(_ name: String) throws {
        let files = try ModelFiles(folder.appending(component: name).path(percentEncoded: false))
        let end = files.endOfTurn
        var results: [[Reply]] = []
        for suite in suites {
            let prompts = try suite.prompts.map { prompt in
                let messages = prompt.messages.map { message in
                    switch message.role {
                    case .system: Alignment.Message.system(message.content)
                    case .user: Alignment.Message.user(message.content)
                    case .assistant: Alignment.Message.assistant(message.content)
                    }
                }
                return files.tokenizer.encode(
                    try PromptRecord(.messages(messages)).promptText(files.template))
            }
            var decoding = Decoding(
                files.model, prompts: prompts, sampling: .greedy, stopTokens: Set([end].compactMap(\.self)),
                maxTokens: Self.maxTokens, using: RandomSource(seed: 0))
            while !decoding.isFinished { decoding.step() }
            results.append(
                zip(decoding.sequences, suite.prompts).map { sequence, prompt in
                    let text = files.tokenizer.decode(sequence.tokens.filter { $0 != end })
                    return Reply(
                        text: text, outcome: judge.outcome(of: text, to: prompt, in: suite.kind),
                        score: judge.score(text, to: prompt))
                })
        }
        replies.append((name, results))
    }

    /// The share of prompts of a suite whose outcome has a label.
    func share(_ model: Int, _ kind: Suite.Kind, _ isCounted: (BuiltInWorld.Outcome) -> Bool) -> Double {
        guard let index = suites.firstIndex(where: { $0.kind == kind }) else { return 0 }
        let all = replies[model].suites[index]
        return Double(all.count { isCounted($0.outcome) }) / Double(max(1, all.count))
    }

    /// How often a model's reply is better than another's; ties count half.
    func winRate(_ model: Int, over other: Int) -> Double {
        var (wins, count) = (0.0, 0)
        for (index, suite) in suites.enumerated() {
            for (place, prompt) in suite.prompts.enumerated() {
                let comparison = judge.compare(
                    replies[model].suites[index][place].text, replies[other].suites[index][place].text,
                    to: prompt)
                wins += comparison > 0 ? 1 : comparison == 0 ? 0.5 : 0
                count += 1
            }
        }
        return wins / Double(max(1, count))
    }

    /// The behaviour of all models side by side.
    var table: String {
        var lines = [Self.row("", replies.map(\.model))]
        func add(_ name: String, _ kind: Suite.Kind, _ isCounted: (BuiltInWorld.Outcome) -> Bool) {
            lines.append(
                Self.row(name, replies.indices.map { Figures.fixed(100 * share($0, kind, isCounted), 1) }))
        }
        add("persona and form, %", .persona) { $0.isPassed }
        add("known facts right, %", .knownFacts) { $0.isPassed }
        add("invented about unknown, %", .unknownSubjects) { $0.label == "invented" }
        add("declined unknown, %", .unknownSubjects) { $0.isPassed }
        add("claimed impossible actions, %", .impossibleActions) { $0.label == "claimed" }
        add("needless refusals, %", .possibleRequests) { $0.label == "refused" }
        add("requests fulfilled, %", .possibleRequests) { $0.isPassed }
        add("instruction form, %", .instructionForm) { $0.isPassed }
        add("user's context used, %", .userContext) { $0.isPassed }
        add("reviews classified, %", .reviews) { $0.isPassed }
        lines.append(
            Self.row(
                "win rate over \(replies.first?.model ?? ""), %",
                replies.indices.map { Figures.fixed(100 * winRate($0, over: 0), 1) }))
        return lines.joined(separator: "\n")
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return name + String(repeating: " ", count: max(1, 32 - name.count))
            + cells.map { padded($0, 9) }.joined()
    }
}
