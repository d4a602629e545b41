import LanguageModel
import NeuralCore
import Testing

/// The budget of thinking, on a tokenizer that spells the marks.
@Suite struct ThinkingTests {
    private static let tokenizer = ContinuationTests.tokenizer
    private static let end = "\n</think>\n\n"

    /// What a model with random weights generates.
    private func generated(
        _ prompt: String, _ thinking: Thinking?, maxTokens: Int = 60, constraint: TokenConstraint? = nil,
        guesses: Bool = true, stopTokens: Set<Int32> = []
    ) throws -> (text: String, sequence: Decoding.Sequence) {
        var options = GenerationOptions(
            maxTokens: maxTokens, stopTokens: stopTokens, constraint: constraint, guessesTokens: guesses)
        options.thinking = thinking
        var generation = try TextGeneration(
            StoredTransformer(ContinuationTests.model, as: .float32), Self.tokenizer,
            prompts: [Self.tokenizer.encode(prompt)], options: options, using: RandomSource(seed: 3))
        var text = ""
        while !generation.isFinished { text += generation.step().map(\.text).joined() }
        return (text, generation.sequences[0])
    }

    @Test("Thinking that the prompt has opened ends with its budget", arguments: [0, 1, 7])
    func endsWithItsBudget(_ budget: Int) throws {
        let free = try generated("the tree<think>\n", nil)
        let ended = try generated("the tree<think>\n", Thinking(budget: budget))
        let ending = Self.tokenizer.encode(Self.end)
        let begin = try #require(
            (budget...budget + 3).first { ended.sequence.tokens[$0...].starts(with: ending) })
        // Up to the end the draws are those of a text without a budget.
        #expect(ended.sequence.tokens[..<begin] == free.sequence.tokens[..<begin])
        #expect(ended.sequence.tokens.count == 60 && ended.sequence.logProbabilities.count == 60)
        // What was put in has the model's probability, which is no certainty.
        #expect(ended.sequence.logProbabilities[begin..<begin + ending.count].allSatisfy { $0 < -1 })
        #expect(ended.text.ranges(of: "</think>").count == 1)
        let unguessed = try generated("the tree<think>\n", Thinking(budget: budget), guesses: false)
        #expect(unguessed.sequence.tokens == ended.sequence.tokens)
        #expect(unguessed.sequence.logProbabilities == ended.sequence.logProbabilities)
    }

    @Test func aTextThatDoesNotThinkIsAsItWas() throws {
        let free = try generated("the tree", nil).sequence.tokens
        #expect(try generated("the tree", Thinking(budget: 0)).sequence.tokens == free)
        #expect(
            try generated("<think>so</think>", Thinking(budget: 0)).sequence.tokens
                == generated("<think>so</think>", nil).sequence.tokens)
    }

    @Test func aConstraintHoldsForTheAnswerAlone() throws {
        let constraint = try TokenConstraint(
            JSONSchema(parsing: #"{"enum":["left","right"]}"#), TokenTrie(Self.tokenizer))
        let ending = Set<Int32>([0])
        let (text, sequence) = try generated(
            "<think>", Thinking(budget: 9), constraint: constraint, stopTokens: ending)
        let parts = text.split(separator: "</think>\n\n", maxSplits: 1)
        #expect(parts.count == 2 && [#""left""#, #""right""#].contains(parts.last), "\(text)")
        #expect(sequence.ending == .stopToken && !sequence.tokens.dropLast().contains(0))
        // Where nothing is thought, it holds from the beginning.
        let answer = try generated("the", Thinking(budget: 9), constraint: constraint, stopTokens: ending)
        #expect([#""left""#, #""right""#].contains(answer.text))
    }

    /// Half of all bytes end the text, which the answer does not have: while it thinks, none of them comes.
    @Test func aConstrainedTextDoesNotEndWithinItsThinking() throws {
        let constraint = try TokenConstraint(
            JSONSchema(parsing: #"{"enum":["left","right"]}"#), TokenTrie(Self.tokenizer))
        let ends = Set((128...255 as ClosedRange<UInt8>).map { Self.tokenizer.encode([$0])[0] })
        let (text, sequence) = try generated(
            "<think>", Thinking(budget: 12), constraint: constraint, stopTokens: ends)
        #expect(sequence.ending == .stopToken && sequence.tokens.dropLast().allSatisfy { !ends.contains($0) })
        #expect([#""left""#, #""right""#].contains(text.split(separator: "</think>\n\n").last), "\(text)")
    }

    /// Feeds a state the tokens of a text, and tells where it forces what.
    private func forced(
        _ budget: Int, prompt: String = "", _ text: String
    ) -> [(place: Int, token: Int32)] {
        var state = ThinkingState(
            Thinking(budget: budget), Self.tokenizer, prompt: Self.tokenizer.encode(prompt))
        var forced: [(Int, Int32)] = []
        for (place, byte) in text.utf8.enumerated() {
            let token = Self.tokenizer.encode([byte])[0]
            if let instead = state.forced() {
                forced.append((place, instead))
                state.append(instead)
            } else {
                state.append(token)
            }
        }
        return forced
    }

    @Test func theTextItselfMayBeginThinking() {
        // Eight tokens begin it, the budget is three.
        let ended = forced(3, " <think>abcdefghijklmnopqrstuvwxyz")
        #expect(ended.map(\.token) == Self.tokenizer.encode(Self.end))
        #expect(ended.first?.place == 1 + 7 + 3)
        #expect(forced(3, "x<think>abcdefghijklmnopqrstuvwxyz").isEmpty)
        #expect(forced(0, "<thin").isEmpty)
    }

    @Test func thinkingThatEndsInTimeIsLeftAlone() {
        #expect(forced(11, "<think>so</think>abcdefghijklmnopqrstuvwxyz").isEmpty)
        #expect(forced(11, prompt: "<think>", "so</think>abcdefghijklmnopqrstuvwxyz").isEmpty)
        // One token less, and the mark is not complete.
        #expect(!forced(9, "<think>so</think>abcdefghijklmnopqrstuvwxyz").isEmpty)
        // The same mark later is the answer's own.
        #expect(forced(3, "<think>a</think>bcd<think>efghijklmnopqrstuvwxyz").count > 0)
    }

    @Test func aCharacterIsCompletedFirst() {
        // The budget ends within the second of two characters of four bytes.
        #expect(forced(6, prompt: "<think>\n", "\u{1F600}\u{1F680}abcdefghijklmnop").first?.place == 8)
        // What is no character holds it up for three tokens at most.
        var state = ThinkingState(
            Thinking(budget: 1), Self.tokenizer, prompt: Self.tokenizer.encode("<think>"))
        let half = Self.tokenizer.encode([UInt8](arrayLiteral: 0xF0))[0]
        var count = 0
        while state.forced() == nil {
            state.append(half)
            count += 1
        }
        #expect(count == 4)
    }

    @Test(arguments: [
        (Thinking(budget: -1), "-1"), (Thinking(budget: 1, end: "stop"), "</think>"),
        (Thinking(budget: 1, end: "</think></think>"), "one </think>"),
    ])
    func whatCannotBeFollowedIsRefused(_ thinking: Thinking, _ word: String) throws {
        do throws(GenerationError) {
            var options = GenerationOptions()
            options.thinking = thinking
            _ = try TextGeneration(
                StoredTransformer(ContinuationTests.model, as: .float32), Self.tokenizer, prompts: [[1]],
                options: options, using: RandomSource(seed: 1))
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains(word), "\(error)")
        }
    }
}
