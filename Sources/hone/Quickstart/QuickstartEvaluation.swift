import Alignment
import BuiltInWorld
import Foundation
import JSON
import LanguageModel
import NeuralCore
import Reports

/// The replies of a quickstart's models to prompts that they have never seen, with the judge's labels.
///
/// Replies are kept in `evaluation/MODEL.json` and made only once.
struct QuickstartEvaluation {
    /// A reply with its label.
    struct Reply: Codable {
        /// The text of the reply.
        var text: String
        /// The judge's label: `right`, `invented`, `claimed`, …
        var label: String
        /// Whether the reply is as it should be.
        var isPassed: Bool
        /// The tokens of the reply with their probabilities.
        var tokens: [String]
        var probabilities: [Float]
    }

    let suites: [Suite]
    private let judge: BuiltInWorld.Judge
    private let folder: URL
    /// Replies of each model by suite.
    private(set) var replies: [(model: String, suites: [[Reply]])] = []
    /// What the probabilities of each model are worth.
    private(set) var probabilities: [QuickstartProbabilities] = []
    /// How many different things each model says.
    private(set) var diversity: [QuickstartDiversity] = []
    private let world: World
    private let factChoices: [FactChoice]

    init(world: World, promptsPerSuite: Int, folder: URL) {
        suites = world.evaluation(perSuite: promptsPerSuite)
        factChoices = world.factChoices(2 * promptsPerSuite)
        judge = world.judge
        self.world = world
        self.folder = folder
    }

    private static let maxTokens = 120

    /// The number of prompts that a model answers.
    var promptCount: Int { suites.reduce(0) { $0 + $1.prompts.count } }

    /// Has a model answer everything, greedily, unless it has done so before.
    ///
    /// - Parameter isBase: Whether it has read pages only, and no conversation.
    mutating func evaluate(_ name: String, isBase: Bool = false) throws {
        let chat = try ChatModel(folder: folder.appending(component: name).path(percentEncoded: false))
        try measure(chat, readsPages: isBase)
        let kept = folder.appending(components: "evaluation", "\(name).json")
        if let data = try? Data(contentsOf: kept),
            let found = try? JSONValue(parsing: Array(data)).decoded(as: [[Reply]].self),
            found.map(\.count) == suites.map(\.prompts.count)
        {
            replies.append((name, found))
            return
        }
        let judged = try judged(chat)
        replies.append((name, judged))
        try makeFolder(kept.deletingLastPathComponent())
        try writeAtomically(JSONEncoder().encode(judged), to: kept)
    }

    /// Has a model from elsewhere answer everything.
    mutating func evaluate(other path: String) throws {
        let chat = try ChatModel(folder: path)
        try measure(chat, readsPages: false)
        replies.append((path, try judged(chat)))
    }

    /// Measures a model's probabilities, and how many different things it says to some prompts of each suite.
    private mutating func measure(_ chat: ChatModel, readsPages: Bool) throws {
        probabilities.append(
            try QuickstartProbabilities(
                chat, facts: factChoices, reviews: prompts(.reviews), readsPages: readsPages))
        let end = [chat.tokenizer.id(ofAddedToken: "<|endoftext|>")].compactMap(\.self)
        let prompts = try suites.flatMap { $0.prompts.prefix(Self.continuedPrompts) }.map { prompt in
            readsPages
                ? end + chat.tokenizer.encode(prompt.messages.last?.content ?? "")
                : try ids(of: prompt, chat)
        }
        diversity.append(QuickstartDiversity(chat, prompts: prompts, seed: world.seed))
    }

    /// How many prompts of a suite are continued several times.
    private static let continuedPrompts = 4

    /// The prompts of a suite.
    private func prompts(_ kind: Suite.Kind) -> [Prompt] {
        suites.first { $0.kind == kind }?.prompts ?? []
    }

    /// Returns a model's replies with the judge's labels.
    private func judged(_ chat: ChatModel) throws -> [[Reply]] {
        try suites.map { suite in
            let texts = try answers(to: suite.prompts, chat)
            return zip(texts, suite.prompts).map { reply, prompt in
                let outcome = judge.outcome(of: reply.text, to: prompt, in: suite.kind)
                var reply = reply
                (reply.label, reply.isPassed) = (outcome.label, outcome.isPassed)
                return reply
            }
        }
    }

    /// Returns a model's replies to prompts, not yet judged.
    private func answers(to prompts: [Prompt], _ chat: ChatModel) throws -> [Reply] {
        let prompts = try prompts.map { try ids(of: $0, chat) }
        var decoding = Decoding(
            chat.model, prompts: prompts, sampling: .greedy, stopTokens: chat.format.stopTokens,
            maxTokens: Self.maxTokens, using: RandomSource(seed: 0))
        while !decoding.isFinished { decoding.step() }
        return decoding.sequences.map { sequence in
            let said = zip(sequence.tokens, sequence.logProbabilities).filter {
                !chat.format.stopTokens.contains($0.0)
            }
            let tokens = ScoredToken.tokens(
                said.map { (chat.tokenizer.bytes(of: $0.0), Double(exp($0.1))) })
            return Reply(
                text: chat.tokenizer.decode(said.map(\.0)), label: "", isPassed: false,
                tokens: tokens.map(\.text), probabilities: tokens.map { Float($0.probability ?? 0) })
        }
    }

    /// A prompt as the model reads it, up to where its answer begins.
    func ids(of prompt: Prompt, _ chat: ChatModel) throws -> [Int32] {
        try chat.format.prompt(prompt.conversation)
    }

    /// A model's replies in a suite.
    func replies(_ model: Int, _ kind: Suite.Kind) -> [Reply] {
        suites.firstIndex { $0.kind == kind }.map { replies[model].suites[$0] } ?? []
    }

    /// Returns the numbers of prompts, over all suites, where one model's reply is better than another's, worse, or neither.
    func comparison(_ model: Int, with other: Int) -> (wins: Int, losses: Int, ties: Int) {
        var (wins, losses, ties) = (0, 0, 0)
        for (index, suite) in suites.enumerated() {
            for (place, prompt) in suite.prompts.enumerated() {
                let comparison = judge.compare(
                    replies[model].suites[index][place].text, replies[other].suites[index][place].text,
                    to: prompt)
                if comparison > 0 { wins += 1 } else if comparison < 0 { losses += 1 } else { ties += 1 }
            }
        }
        return (wins, losses, ties)
    }

    /// The number of a model's replies, over all suites, that Wren's own would win against.
    func improvable(_ model: Int) -> Int {
        zip(suites, replies[model].suites).reduce(0) { count, pair in
            let (suite, replies) = pair
            return count
                + zip(world.answeredEvaluation(suite), replies).count { exercise, reply in
                    exercise.replies[.good].map {
                        judge.compare($0, reply.text, to: exercise.prompt) > 0
                    } ?? false
                }
        }
    }
}
