import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

@Suite struct TextMixtureTests {
    private static let windows: [[Int32]] = [[1, 2, 3, 4, 5], [6, 7, 8, 9], [10, 11, 12]]

    private func batch() throws -> TokenBatch {
        CompletionBatch(
            try ParityRun.records().pairs.map { .init(prompt: $0.prompt, completions: [$0.chosen]) }
        ).tokens
    }

    @Test(arguments: [Float(0.1), 0.25, 0.5]) func textHasItsShareOfTokensAndLoss(_ share: Float) throws {
        let batch = try batch()
        let mixture = TextMixture(Self.windows, share: share)
        let mixed = mixture.mixed(into: batch, using: RandomSource(seed: 1))
        let added = mixed.tokens.count - batch.tokens.count
        let wanted = Int((Double(batch.tokens.count) * Double(share) / (1 - Double(share))).rounded(.up))
        // The last window is cut, but not to a single token.
        #expect((wanted...wanted + 1).contains(added))
        let weight = mixed.targets.suffix(mixed.targets.count - batch.targets.count)
            .reduce(0) { $0 + $1.weight }
        #expect(abs(weight / mixed.totalWeight - share) < 1e-5)
        #expect(abs(mixture.tokenFactor * (1 - Double(share)) - 1) < 1e-6)
    }

    @Test func aTuningMixesWhatFollowsFromItsSeedAndStep() throws {
        let (batch, mixture) = (try batch(), TextMixture(Self.windows, share: 0.25))
        var tuning = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
        (tuning.mixture, tuning.seed) = (mixture, 7)
        var plain = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
        for step in 0..<3 {
            let mixed = mixture.mixed(into: batch, using: RandomSource(seed: 7, step: step))
            #expect(tuning.step(on: batch).loss == plain.step(on: mixed).loss)
        }
        var other = SupervisedFineTuning(try ParityRun.model(), schedule: .constant(1e-3))
        (other.mixture, other.seed) = (mixture, 8)
        #expect(other.step(on: batch).tokens > batch.tokens.count)
    }

    @Test func windowsAreTheTextBetweenItsEnds() throws {
        try withTemporaryFolder { folder in
            try TinyChatModel.write(to: folder) { $0.endOfSequence = [0] }
            let chat = try ChatModel(contentsOf: folder)
            let text = "No mark <|im_end|> is one."
            let all = chat.tokenizer.encode(Array(text.utf8), specialTokens: .asText) + [0]
            let windows = chat.windows(of: text.utf8, length: 8)
            #expect(Array(windows.joined()) == all)
            #expect(windows.dropLast().allSatisfy { $0.count == 8 })
            // Of a window of one token nothing is learned.
            #expect(chat.windows(of: text.utf8, length: all.count - 1).map(\.count) == [all.count - 1])
        }
    }
}
