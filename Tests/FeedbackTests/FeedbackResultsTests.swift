import Feedback
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct FeedbackResultsTests {
    /// Strengths by PyTorch and Krippendorff's alpha by its definition; `Fixtures/make_fixtures.py` writes them.
    private static let fixture = Result {
        try JSONValue(
            parsing: [UInt8](Data(contentsOf: TestFiles.fixtures().appending(component: "results.json"))))
    }

    private static func table(_ wins: [[Int]], _ ties: [[Int]]) -> WinTable {
        var table = WinTable(wins.indices.map { "model \($0)" })
        for i in wins.indices {
            for j in wins.indices where j != i {
                for _ in 0..<wins[i][j] { table.add(i, j, winner: i) }
                for _ in 0..<(i < j ? ties[i][j] : 0) { table.add(i, j, winner: nil) }
            }
        }
        return table
    }

    /// With `w` wins, `l` losses, `t` ties and the tie that is added, the odds are (w + (t+1)/2) to (l + (t+1)/2).
    @Test(arguments: [(7, 3, 0), (5, 5, 4), (12, 0, 0), (0, 3, 2), (0, 0, 6)])
    func twoModelsHaveTheLogarithmOfTheOdds(won: Int, lost: Int, tied: Int) {
        let strengths = BradleyTerry.strengths(
            of: Self.table([[0, won], [lost, 0]], [[0, tied], [tied, 0]]))
        let half = Double(tied + 1) / 2
        let odds = log((Double(won) + half) / (Double(lost) + half))
        #expect(abs(strengths[0] - strengths[1] - odds) < 1e-8)
        #expect(abs(strengths[0] + strengths[1]) < 1e-8)
    }

    @Test func strengthsAreThoseOfAFitByPyTorch() throws {
        let fixture = try Self.fixture.get()
        func cells(_ name: String) -> [[Int]] {
            fixture[name]!.array!.map { $0.array!.map { $0.integer! } }
        }
        let strengths = BradleyTerry.strengths(of: Self.table(cells("wins"), cells("ties")))
        let expected = fixture["strengths"]!.array!.map { $0.number! }
        for (strength, value) in zip(strengths, expected) { #expect(abs(strength - value) < 1e-7) }
    }

    @Test func aModelThatMetNobodyIsInTheMiddle() {
        let strengths = BradleyTerry.strengths(
            of: Self.table([[0, 4, 0], [1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]))
        #expect(abs(strengths[2]) < 1e-8 && strengths[0] > 0 && strengths[1] < 0)
    }

    @Test func alphaIsKrippendorffs() throws {
        let fixture = try Self.fixture.get()
        var judgments: [Judgment] = []
        for (item, verdicts) in fixture["verdicts"]!.array!.enumerated() {
            for (rater, verdict) in verdicts.array!.enumerated() where verdict != .null {
                var choice = Judgment.Choice(rawValue: verdict.string!)!
                // One of the raters sees the answers the other way round.
                if rater == 1 { choice = choice == .first ? .second : choice == .second ? .first : choice }
                judgments.append(
                    .example(
                        "\(item)-\(rater)", by: "rater \(rater)", asked: "question \(item)",
                        rater == 1 ? ["b", "a"] : ["a", "b"], choice))
            }
        }
        let agreement = FeedbackResults(judgments).agreement
        #expect(abs(try #require(agreement.alpha) - fixture["alpha"]!.number!) < 1e-12)
        #expect(agreement.items == 7)
        // Pairs of people: 3 + 1 + 1 + 3 + 3 + 3 + 3, of which 0 + 1 + 0 + 2 + 0 + 0 + 2 disagree.
        #expect(abs(try #require(agreement.share) - 12.0 / 17) < 1e-12)
        #expect(agreement.disputed.map(\.prompt) == ["question 1", "question 3", "question 7"])
    }

    @Test func whoDrewTwiceIsNotItsOwnOpponent() {
        var own = Judgment.example("1", ["long answer", "short"], .first)
        own.answers[0].model = "a"
        own.answers[1].model = "a"
        let results = FeedbackResults([own, .example("2", ["x", "longer"], .first)])
        #expect(results.models.map(\.name) == ["a", "b"])
        #expect(results.table.wins == [[0, 1], [0, 0]])
        #expect(results.length == LengthBias(choices: 2, longer: 1))
    }

    @Test func intervalsHoldTheStrengthAndAreTheSameAgain() throws {
        let judgments = (0..<40).map { index in
            Judgment.example("\(index)", ["p\(index)", "q"], index % 4 == 0 ? .second : .first)
        }
        let results = FeedbackResults(judgments)
        let best = try #require(results.models.first)
        #expect(best.name == "a" && best.interval.contains(best.strength) && best.interval.lowerBound > 0)
        #expect(results.json == FeedbackResults(judgments).json)
        // 30 to 10 is 0.54 each way; the error of the logarithm of the odds is √(1/30 + 1/10), of which each has half.
        #expect(abs((best.interval.upperBound - best.interval.lowerBound) / 2 - 1.96 * 0.1826) < 0.1)
    }
}

extension Judgment {
    /// A judgment of the answers of the models a and b.
    static func example(
        _ key: String, by rater: String = "me", asked: String = "Why?", _ texts: [String], _ choice: Choice,
        edit: String? = nil
    ) -> Judgment {
        Judgment(
            key: key, time: 1.5, rater: rater, prompt: [["role": "user", "content": .string(asked)]],
            answers: zip(texts, ["a", "b"]).map {
                JudgedAnswer(text: $0, model: $1, sampling: ["temperature": 0.5], seed: 1 << 52)
            }, choice: choice, edit: edit)
    }
}
