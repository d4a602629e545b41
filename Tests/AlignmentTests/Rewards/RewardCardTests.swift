import Alignment
import Foundation
import NeuralCore
import Testing

@Suite struct RewardCardTests {
    private func judgment(_ pair: Int, _ margin: Float, lengths: (Int, Int) = (5, 5)) -> RewardJudgment {
        RewardJudgment(
            pair: pair, chosen: margin / 2, rejected: -margin / 2, chosenLength: lengths.0,
            rejectedLength: lengths.1)
    }

    @Test func accuracyCountsTiesAsWrong() {
        let card = RewardCard([judgment(0, 1), judgment(1, 2), judgment(2, -1), judgment(3, 0)])
        #expect(card.accuracy.value == 0.5 && card.accuracy.count == 4 && card.ties == 1)
        #expect(card.accuracy.low < 0.5 && card.accuracy.high > 0.5)
        #expect(card.meanMargin == 0.5)
    }

    @Test func bandsGoFromUnsureToSure() {
        let card = RewardCard(
            (0..<100).map { judgment($0, Float($0 + 1) * ($0 < 20 ? -1 : 1)) }, bands: 5)
        #expect(card.byMargin.map(\.accuracy.value) == [0, 1, 1, 1, 1])
        #expect(card.byMargin.map(\.least) == [1, 21, 41, 61, 81])
        #expect(card.byMargin[4].greatest == 100)
        #expect(card.mostWrong.map(\.pair) == Array((10..<20).reversed()))
    }

    @Test func aModelThatIsRightAsOftenAsItSaysIsCalibrated() throws {
        // σ(ln 3) = 3/4, and three of four are right.
        let margin = Float(log(3.0))
        let right = RewardCard((0..<40).map { judgment($0, $0 % 4 == 0 ? -margin : margin) })
        #expect(try #require(right.expectedCalibrationError) < 1e-6)
        let sure = RewardCard((0..<40).map { judgment($0, $0 % 4 == 0 ? -20 : 20) })
        #expect(abs(try #require(sure.expectedCalibrationError) - 0.25) < 1e-6)
    }

    @Test func aModelThatTakesLongForGoodIsFoundOut() {
        let card = RewardCard(
            (0..<40).map { index in
                let isLonger = index % 2 == 0
                return judgment(index, isLonger ? 1 : -1, lengths: isLonger ? (9, 3) : (3, 9))
            })
        #expect(abs(card.lengthBias.correlation - 1) < 1e-9)
        #expect(card.lengthBias.longerIsChosen == 0.5 && card.lengthBias.longerIsPreferred == 1)
        #expect(card.lengthBias.accuracyWhenChosenIsLonger.value == 1)
        #expect(card.lengthBias.accuracyWhenChosenIsShorter.value == 0)
    }

    @Test func aCardSaysHowItWasComputedAndCountsInNumber() throws {
        let arithmetic = Arithmetic(.bfloat16)
        let card = RewardCard([judgment(0, -2, lengths: (1, 1_234))], arithmetic)
        #expect(card.markdown.contains("of 1 held-out pair,"))
        #expect(card.markdown.contains("(1 token), other 1.000 (1,234 tokens)"))
        #expect(card.markdown.contains("| computed in | bfloat16 on \(arithmetic.processor) |"))
        let json = try #require(try JSONSerialization.jsonObject(with: card.json) as? [String: Any])
        #expect(json["precision"] as? String == "bfloat16")
        #expect(json["processor"] as? String == arithmetic.processor)
    }

    @Test func aCardIsWrittenForPeopleAndMachines() throws {
        let card = RewardCard([judgment(0, 1), judgment(1, -2, lengths: (3, 4))])
        let markdown = card.markdown { _ in ("a\n|b", "good", "bad") }
        #expect(markdown.contains("50.0 %") && markdown.contains("a \\|b") && markdown.contains("pair 1"))
        let json = try #require(try JSONSerialization.jsonObject(with: card.json) as? [String: Any])
        #expect(json["expected_calibration_error"] is Double && json["length_bias"] is [String: Any])
        #expect(json["precision"] == nil && !markdown.contains("computed in"))
        let empty = RewardCard([])
        #expect(empty.accuracy.count == 0 && !empty.json.isEmpty && !empty.markdown.isEmpty)
    }

    @Test func judgmentsAreTheRewardsOfTheTexts() throws {
        var random = RandomSource(seed: 1)
        let model = RewardModel(try ParityRun.model(), using: &random)
        var pairs = try ParityRun.records().pairs
        pairs.insert(
            TokenizedPair(
                prompt: [Int32](repeating: 1, count: 60), chosen: [1, 2, 3, 4, 5], rejected: [1]), at: 1)
        let judgments = model.judgments(of: pairs, pairsAtOnce: 2)
        #expect(judgments.map(\.pair) == pairs.indices.filter { $0 != 1 })
        for judgment in judgments {
            let pair = pairs[judgment.pair]
            let alone = model.rewards(of: [pair.prompt + pair.chosen, pair.prompt + pair.rejected])
            #expect(abs(alone[0] - judgment.chosen) < 1e-5 && abs(alone[1] - judgment.rejected) < 1e-5)
        }
    }
}

@Suite struct RewardEnsembleTests {
    @Test func rewardsAreCombined() {
        let rewards: [Float] = [1, 2, 6]
        #expect(RewardEnsemble.Combination.mean.value(of: rewards) == 3)
        #expect(RewardEnsemble.Combination.minimum.value(of: rewards) == 1)
        // The squares of the deviations are 4, 1 and 9.
        let bound = RewardEnsemble.Combination.lowerBound(deviations: 2).value(of: rewards)
        #expect(abs(bound - (3 - 2 * Float(14.0 / 3).squareRoot())) < 1e-6)
    }

    @Test func anEnsembleIsItsMembersTogether() throws {
        var random = RandomSource(seed: 1)
        let members = try (0..<3).map { _ in RewardModel(try ParityRun.model(), using: &random) }
        let texts: [[Int32]] = [[1, 2, 3], [4, 5]]
        let each = members.map { $0.rewards(of: texts) }
        let least = RewardEnsemble(members, combining: .minimum).rewards(of: texts)
        #expect(least == texts.indices.map { index in each.map { $0[index] }.min() })
        let pairs = try ParityRun.records().pairs
        #expect(RewardEnsemble(members).judgments(of: pairs).count == pairs.count)
    }
}
