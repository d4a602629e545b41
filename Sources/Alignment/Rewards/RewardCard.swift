import Foundation
import LanguageModel
package import NeuralCore

/// The quality of a reward model, measured on pairs that it was not trained on.
///
///     let card = RewardCard(model.judgments(of: heldOut))
///     print(card.markdown)
///
/// Printed as Markdown for people and as JSON, with keys in snake case, for machines.
public struct RewardCard: Hashable, Sendable, Codable {
    /// A share with its 95 % interval.
    public struct Rate: Hashable, Sendable, Codable {
        /// The share, in [0, 1]; 0 where nothing was counted.
        public var value: Double
        /// The number of pairs.
        public var count: Int
        /// The interval's lower end.
        public var low: Double
        /// The interval's upper end.
        public var high: Double

        init(_ judgments: some Collection<RewardJudgment>) {
            let share = Proportion(hits: judgments.count { $0.isRight }, of: judgments.count)
            value = share.count > 0 ? share.value : 0
            count = share.count
            low = share.interval.lowerBound
            high = share.interval.upperBound
        }
    }

    /// Pairs of about the same margin.
    public struct MarginBand: Hashable, Sendable, Codable {
        /// The least difference of rewards among them.
        public var least: Float
        /// The greatest.
        public var greatest: Float
        /// The share of pairs in which the model is right.
        public var accuracy: Rate
    }

    /// The model's preference for longer completions.
    public struct LengthBias: Hashable, Sendable, Codable {
        /// Pearson's correlation of the difference of rewards with the difference of lengths, over pairs; 0 where one
        /// of them never varies.
        public var correlation: Double
        /// The share of pairs in which the preferred completion is the longer one.
        public var longerIsChosen: Double
        /// The share of pairs in which the model prefers the longer one.
        public var longerIsPreferred: Double
        /// The accuracy where the preferred completion is the shorter one.
        public var accuracyWhenChosenIsShorter: Rate
        /// The accuracy where the preferred completion is the longer one.
        public var accuracyWhenChosenIsLonger: Rate

        private enum CodingKeys: String, CodingKey {
            case correlation
            case longerIsChosen = "longer_is_chosen"
            case longerIsPreferred = "longer_is_preferred"
            case accuracyWhenChosenIsShorter = "accuracy_when_chosen_is_shorter"
            case accuracyWhenChosenIsLonger = "accuracy_when_chosen_is_longer"
        }
    }

    /// The precision of products, `float32` or `bfloat16`; nil where unknown.
    public var precision: String?
    /// The variant of the kernels, such as `avx512bf16`; nil where unknown.
    public var processor: String?
    /// The accuracy: the share of pairs in which the model prefers the preferred completion.
    public var accuracy: Rate
    /// Pairs whose completions get the same reward; they count as wrong.
    public var ties: Int
    /// The mean difference of rewards.
    public var meanMargin: Double
    /// The standard deviation of all rewards.
    public var deviation: Double
    /// The accuracy by margin, from the least sure pairs to the surest, equally many in each band.
    public var byMargin: [MarginBand]
    /// The calibration of σ(|difference|) as the probability of being right.
    public var calibration: Calibration
    /// The expected calibration error, in [0, 1]; nil where there are no pairs.
    public var expectedCalibrationError: Double?
    /// The model's preference for longer completions.
    public var lengthBias: LengthBias
    /// The pairs that the model is most wrong on, worst first.
    public var mostWrong: [RewardJudgment]

    private enum CodingKeys: String, CodingKey {
        case precision, processor, accuracy, ties, deviation, calibration
        case meanMargin = "mean_margin"
        case byMargin = "by_margin"
        case expectedCalibrationError = "expected_calibration_error"
        case lengthBias = "length_bias"
        case mostWrong = "most_wrong"
    }

    /// A card from judgments of held-out pairs; those without finite rewards count as wrong and as nothing else.
    ///
    /// - Parameters:
    ///   - judgments: The judgment of each pair.
    ///   - bands: The number of bands of equal size, by margin.
    ///   - examples: The number of most wrong pairs to keep.
    public init(_ judgments: [RewardJudgment], bands: Int = 5, examples: Int = 10) {
        let finite = judgments.filter { $0.chosen.isFinite && $0.rejected.isFinite }
        accuracy = Rate(judgments)
        ties = finite.count { $0.margin == 0 }
        meanMargin = finite.map { Double($0.margin) }.mean
        deviation = finite.flatMap { [Double($0.chosen), Double($0.rejected)] }.deviation
        byMargin = Self.bands(finite, count: bands)
        calibration = Calibration(
            finite.map { (1 / (1 + exp(-Double(abs($0.margin)))), $0.isRight) }, bins: 20)
        expectedCalibrationError = calibration.expectedError
        lengthBias = LengthBias(finite)
        mostWrong = Array(finite.filter { $0.margin < 0 }.sorted { $0.margin < $1.margin }.prefix(examples))
    }

    /// A card that says how its figures were computed.
    package init(_ judgments: [RewardJudgment], _ arithmetic: Arithmetic) {
        self.init(judgments)
        (precision, processor) = ("\(arithmetic.precision)", arithmetic.processor)
    }

    private static func bands(_ judgments: [RewardJudgment], count: Int) -> [MarginBand] {
        let sorted = judgments.sorted { abs($0.margin) < abs($1.margin) }
        let count = min(max(1, count), sorted.count)
        return (0..<count).map { band in
            let members = sorted[band * sorted.count / count..<(band + 1) * sorted.count / count]
            return MarginBand(
                least: abs(members.first?.margin ?? 0), greatest: abs(members.last?.margin ?? 0),
                accuracy: Rate(members))
        }
    }
}

extension RewardCard.LengthBias {
    init(_ judgments: [RewardJudgment]) {
        let margins = judgments.map { Double($0.margin) }
        let lengths = judgments.map { Double($0.chosenLength - $0.rejectedLength) }
        correlation = margins.correlation(with: lengths)
        let unequal = judgments.filter { $0.chosenLength != $0.rejectedLength }
        let longer = unequal.filter { $0.chosenLength > $0.rejectedLength }
        let all = Double(max(1, unequal.count))
        longerIsChosen = Double(longer.count) / all
        longerIsPreferred =
            Double(
                unequal.count { ($0.margin > 0) == ($0.chosenLength > $0.rejectedLength) && $0.margin != 0 })
            / all
        accuracyWhenChosenIsLonger = .init(longer)
        accuracyWhenChosenIsShorter = .init(unequal.filter { $0.chosenLength < $0.rejectedLength })
    }
}
