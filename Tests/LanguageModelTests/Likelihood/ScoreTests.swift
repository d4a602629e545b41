import Foundation
import LanguageModel
import NeuralCore
import Testing

/// The log-probabilities of texts and completions.
@Suite struct ScoreTests {
    /// A model of zeros: every token is as probable as any other, whatever came before.
    static func uniform(vocabulary: Int, context: Int = 16) -> Transformer {
        var configuration = TransformerConfiguration(
            vocabularySize: vocabulary, width: 8, depth: 1, heads: 2, contextLength: context)
        configuration.initializationScale = 0
        var random = RandomSource(seed: 1)
        return Transformer(configuration, using: &random)
    }

    /// A model of which no two sequences are likely to be equally probable.
    static func drawn(vocabulary: Int, context: Int = 16) -> Transformer {
        var configuration = TransformerConfiguration(
            vocabularySize: vocabulary, width: 16, depth: 2, heads: 2, contextLength: context)
        configuration.initializationScale = 0.5
        var random = RandomSource(seed: 5)
        return Transformer(configuration, using: &random)
    }

    static func ids(_ count: Int, below vocabulary: Int) -> [Int32] {
        (0..<count).map { Int32(($0 * $0 + 3 * $0) % vocabulary) }
    }

    @Test(arguments: [2, 5, 16, 17, 40]) func uniformModelCostsLogVocabularyPerToken(length: Int) {
        let score = Self.uniform(vocabulary: 37).scores(ofTexts: [Self.ids(length, below: 37)])[0]
        #expect(score.tokens == length - 1)
        for logProbability in score.logProbabilities { #expect(abs(logProbability + log(37)) < 1e-6) }
        #expect(abs(score.perplexity - 37) < 1e-4)
        #expect(abs(score.bitsPerByte(bytes: 2 * score.tokens) - log2(37) / 2) < 1e-6)
    }

    /// lm-eval's `HFLM.prefix_token_id`: what is asked for, else the token that begins a text, else the one that ends it.
    @Test func anEmptyPromptIsThePrefixToken() throws {
        var model = Self.drawn(vocabulary: 256)
        var scorer = try byteScorer(model)
        #expect(scorer.query(prompt: "", completions: ["a"]).prompt == [])
        model.endOfSequence = [7, 8]
        scorer = try byteScorer(model)
        #expect(scorer.query(prompt: "", completions: ["a"]).prompt == [7])
        scorer.prefixToken = 9
        #expect(scorer.query(prompt: "", completions: ["a"]).prompt == [9])
        #expect(scorer.query(prompt: "b", completions: ["a"]).prompt == [98])
        let score = scorer.scores(of: ["a"], given: "")[0]
        #expect(score == model.scores(ofTexts: [[9, 97]])[0])
    }

    @Test func whatHasNoSecondTokenHasNothingToPredict() {
        let scores = Self.uniform(vocabulary: 5).scores(ofTexts: [[], [3], [1, 2]])
        #expect(scores.map(\.tokens) == [0, 0, 1])
        #expect(scores[0].logProbability == 0 && scores[0].perplexity.isNaN)
    }

    @Test(arguments: TransformerConfiguration.Family.allCases)
    func scoresMatchTransformers(_ family: TransformerConfiguration.Family) throws {
        let reference = try FamilyTests.Reference(family)
        let logits = try reference.expected.tensor("logits")
        let tokens = reference.batch.tokens
        let vocabulary = logits.shape[1]
        let scalars = logits.scalars
        let texts = reference.batch.forest.rows.map { Array(tokens[$0]) }
        let scores = reference.model.scores(ofTexts: texts)
        for (rows, score) in zip(reference.batch.forest.rows, scores) {
            for (index, row) in rows.dropLast().enumerated() {
                let logits = scalars[row * vocabulary..<(row + 1) * vocabulary].map(Double.init)
                let normalizer = log(logits.reduce(0) { $0 + exp($1) })
                let expected = logits[Int(tokens[row + 1])] - normalizer
                #expect(abs(Double(score.logProbabilities[index]) - expected) < 1e-4 * max(1, -expected))
            }
            // A completion's part of its text is the same.
            let text = Array(tokens[rows])
            let split = reference.model.scores(of: [
                PromptedCompletions(prompt: Array(text[..<4]), completions: [Array(text[4...]), [1]])
            ])[0]
            #expect(split.map(\.tokens) == [text.count - 4, 1])
            let whole = score.logProbabilities[3...].reduce(0, +)
            #expect(abs(Float(split[0].logProbability) - whole) < 1e-3)
        }
    }

    @Test func sharedPromptEqualsSeparatePrompts() {
        let model = Self.drawn(vocabulary: 23)
        let prompt = Self.ids(6, below: 23)
        let completions: [[Int32]] = [[4], [7, 8, 9], [], [4, 4]]
        let shared = model.scores(of: [PromptedCompletions(prompt: prompt, completions: completions)])[0]
        let apart = model.scores(
            of: completions.map { PromptedCompletions(prompt: prompt, completions: [$0]) }, rowsAtOnce: 1)
        for (one, other) in zip(shared, apart.joined()) {
            #expect(one.tokens == other.tokens && one.hits == other.hits)
            #expect(abs(one.logProbability - other.logProbability) < 1e-4)
        }
    }

    @Test func longPromptLosesItsBeginning() {
        let model = Self.drawn(vocabulary: 23, context: 16)
        let prompt = Self.ids(50, below: 23)
        let long = model.scores(of: [PromptedCompletions(prompt: prompt, completions: [[5, 6, 7]])])[0][0]
        let kept = model.scores(of: [
            PromptedCompletions(prompt: Array(prompt.suffix(14)), completions: [[5, 6, 7]])
        ])[0][0]
        #expect(abs(long.logProbability - kept.logProbability) < 1e-4)
    }

    @Test(arguments: [1, 2, 7, 16], [2, 3, 16, 17, 18, 33, 100])
    func windowsPredictEveryTokenOnceWithHalfAContext(context: Int, count: Int) {
        for first in [1, count / 2, count - 1] where first > 0 {
            let windows = ScoringWindow.windows(count: count, predictingFrom: first, context: context)
            #expect(windows.flatMap(\.predicting) == Array(first - 1..<count - 1))
            for window in windows {
                #expect(
                    window.rows.count <= context && window.rows.upperBound == window.predicting.upperBound)
                let before = window.predicting.lowerBound - window.rows.lowerBound
                #expect(before >= min(window.predicting.lowerBound, context / 2))
            }
        }
    }

    @Test func windowsSayWhatTheModelSaysOfEachAlone() {
        let model = Self.drawn(vocabulary: 23, context: 16)
        let text = Self.ids(41, below: 23)
        let score = model.scores(ofTexts: [text])[0]
        #expect(score.tokens == 40)
        for window in ScoringWindow.windows(count: 41, predictingFrom: 1, context: 16) {
            let place = window.predicting.lowerBound
            let alone = model.scores(ofTexts: [Array(text[window.rows.lowerBound...place + 1])])[0]
            #expect(abs(score.logProbabilities[place] - alone.logProbabilities[alone.tokens - 1]) < 1e-4)
        }
    }
}
