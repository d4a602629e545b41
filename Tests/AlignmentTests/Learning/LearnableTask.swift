import Alignment
import Conversations
import LanguageModel
import NeuralCore

/// A task with a known best answer, and people who show it badly: what a model imitates first.
struct LearnableTask: Sendable {
    let prompts: [[Int32]]
    /// The most tokens of an answer, its end included.
    let maxTokens: Int
    /// How good an answer to a prompt is, from 0 to 1; the end of text is not part of it.
    let score: @Sendable (_ prompt: String, _ answer: String) -> Float
    /// Somebody's answer.
    let demonstration: @Sendable (_ prompt: String, _ random: inout RandomSource) -> String

    /// One digit of a sum. Half of the people guess.
    static let arithmetic = LearnableTask(
        prompts: (0..<6).flatMap { a in (0..<6).map { ids("\(a)+\($0)=") } }, maxTokens: 2,
        score: { $1 == sum($0) ? 1 : 0 },
        demonstration: { prompt, random in
            random.integer(in: 0..<2) == 0 ? sum(prompt) : String(random.integer(in: 0..<10))
        })

    /// A letter between brackets, in the manner of a rule that a program checks. A third of the people keep it.
    static let form = LearnableTask(
        prompts: "abcdefgh".map { ids("\($0)=") }, maxTokens: 5,
        score: { $1 == "(\($0.prefix(1)))" ? 1 : 0 },
        demonstration: { prompt, random in
            let letter = prompt.prefix(1)
            return ["(\(letter))", "\(letter)", "(\(letter)", "\(letter))", "()", "(\(letter))"][
                random.integer(in: 0..<6)]
        })

    /// Four words on something, of which g is kind, n is neither and b is unkind. People say each as often.
    static let sentiment = LearnableTask(
        prompts: "abcdefgh".map { ids("\($0)+") }, maxTokens: 5,
        score: { Float($1.count { $0 == "g" }) / Float(max(4, $1.count)) },
        demonstration: { _, random in
            String((0..<4).map { _ in Array("gnb")[random.integer(in: 0..<3)] })
        })

    private static func sum(_ prompt: String) -> String {
        String(prompt.compactMap(\.wholeNumberValue).reduce(0, +) % 10)
    }

    // MARK: Tokens

    private static let alphabet = Array("\0" + "0123456789+=()abcdefghn")

    static func ids(_ text: some StringProtocol) -> [Int32] {
        text.map { Int32(alphabet.firstIndex(of: $0) ?? 0) }
    }

    static func text(_ ids: some Sequence<Int32>) -> String {
        String(ids.prefix { $0 != 0 }.map { alphabet[Int($0)] })
    }

    // MARK: What is learned from

    /// A program's reward.
    var reward: CompletionReward {
        CompletionReward("task") { [score] in score(Self.text($0), Self.text($1)) }
    }

    /// Pairs of different demonstrations to the same prompt, the better one preferred.
    func pairs(_ count: Int, using random: inout RandomSource) -> [TokenizedPair] {
        var pairs: [TokenizedPair] = []
        while pairs.count < count {
            let prompt = prompts[random.integer(in: 0..<prompts.count)]
            let text = Self.text(prompt)
            let answers = (0..<2).map { _ in demonstration(text, &random) }
                .sorted { score(text, $0) > score(text, $1) }
            guard score(text, answers[0]) > score(text, answers[1]) else { continue }
            pairs.append(
                TokenizedPair(
                    prompt: prompt, chosen: Self.ids(answers[0] + "\0"),
                    rejected: Self.ids(answers[1] + "\0")))
        }
        return pairs
    }

    /// A small model that has imitated people for 150 steps.
    func imitator(seed: UInt64) -> Transformer {
        var random = RandomSource(seed: seed)
        let model = Transformer(
            TransformerConfiguration(
                vocabularySize: Self.alphabet.count, width: 32, depth: 2, heads: 2, feedForwardWidth: 64,
                contextLength: 16), using: &random)
        var tuning = SupervisedFineTuning(model, schedule: .constant(3e-3))
        for _ in 0..<150 {
            let texts = (0..<64).map { _ in
                let prompt = prompts[random.integer(in: 0..<prompts.count)]
                let answer = Self.ids(demonstration(Self.text(prompt), &random) + "\0")
                return SupervisedTokens(
                    ids: prompt + answer,
                    isTrained: prompt.map { _ in false } + answer.map { _ in true })
            }
            tuning.step(on: TokenBatch(supervising: texts))
        }
        return tuning.model
    }

    var settings: RolloutSettings { RolloutSettings(groupSize: 8, maxTokens: maxTokens, stopTokens: [0]) }

    /// The mean score of a policy's samples.
    func score(of policy: Transformer) -> Float {
        var settings = settings
        settings.groupSize = 32
        let rewards = settings.rollout(of: prompts, by: policy, using: RandomSource(seed: 99))
            .scored(by: reward).rewards
        return rewards.reduce(0, +) / Float(rewards.count)
    }
}
