import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Classification by label likelihood, and what is said of it.
@Suite struct ClassificationTests {
    /// Six texts of two labels; worked by hand.
    static let report = ClassificationReport(
        labels: ["a", "b"], truth: [0, 0, 0, 1, 1, 1],
        probabilities: [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.1, 0.9], [0.6, 0.4], [0.2, 0.8]], bins: 10)

    @Test func confusionAndAccuracy() {
        #expect(Self.report.confusion == [[2, 1], [1, 2]])
        #expect(Self.report.accuracy == Proportion(hits: 4, of: 6))
    }

    @Test func macroF1CountsLabelsAlike() {
        #expect(abs(Self.report.macroF1 - 2.0 / 3) < 1e-12)
        let skewed = ClassificationReport(
            labels: ["a", "b", "c"], truth: [0, 0, 0, 1],
            probabilities: [[Double]](repeating: [1, 0, 0], count: 4))
        // F1 of a is 2·3/(3 + 4); b and c have none.
        #expect(abs(skewed.macroF1 - 6.0 / 7 / 3) < 1e-12)
        #expect(skewed.precision(of: 0) == 0.75 && skewed.recall(of: 0) == 1 && skewed.f1(of: 2) == 0)
    }

    @Test func calibrationErrorIsTheWeightedGapOfBins() {
        // Confidences .9 .8 .7 .9 .6 .8, right: yes yes no yes no yes: gaps .2 + .4 + .7 + .6, of six.
        #expect(abs(Self.report.expectedCalibrationError - 1.9 / 6) < 1e-12)
    }

    @Test func uniformModelIsIndifferentBetweenLabelsOfOneLength() throws {
        let scorer = try byteScorer(ScoreTests.uniform(vocabulary: 256, context: 64))
        let classifier = try LabelClassifier(scorer, labels: ["yes", "not"], template: "Is it {text}? ")
        for probabilities in classifier.probabilities(of: ["", "so", "a much longer text"]) {
            #expect(probabilities.allSatisfy { abs($0 - 0.5) < 1e-5 })
        }
    }

    @Test func calibrationDividesOutThePreferenceForShortLabels() throws {
        let scorer = try byteScorer(ScoreTests.uniform(vocabulary: 256, context: 64))
        func probabilities(_ isCalibrated: Bool) throws -> [Double] {
            try LabelClassifier(
                scorer, labels: ["a", "longer"], template: "{text}", isCalibrated: isCalibrated
            )
            .probabilities(of: ["some text"])[0]
        }
        #expect(try probabilities(false)[0] > 0.999)
        #expect(try abs(probabilities(true)[0] - 0.5) < 1e-3)
    }

    @Test func templatesAndLabelsAreChecked() throws {
        let scorer = try byteScorer(ScoreTests.uniform(vocabulary: 256))
        #expect(throws: LikelihoodError.template(found: "none")) {
            try LabelClassifier(scorer, labels: ["a", "b"], template: "none")
        }
        #expect(throws: LikelihoodError.labels(found: ["a", "a"])) {
            try LabelClassifier(scorer, labels: ["a", "a"], template: "{text}")
        }
    }
}
