internal import Foundation
import JSON

/// Whether people who judged the same agree.
///
/// The same are two answers of the same texts to the same prompt, whichever stood first, or one answer.
public struct RaterAgreement: Sendable {
    /// What several people judged.
    public struct Item: Hashable, Sendable {
        /// The prompt's last message.
        public let prompt: String
        /// Judgments of it.
        public let judgments: Int
        /// The share of pairs of raters who disagree.
        public let disagreement: Double
    }

    /// Items that two or more people judged.
    public let items: Int
    /// Of the pairs of people who judged an item, the share that agrees; nil without any.
    public let share: Double?
    /// Krippendorff's alpha for nominal verdicts: 1 for perfect agreement, 0 for chance; nil where it is not defined.
    ///
    /// - SeeAlso: [Krippendorff 2011](https://repository.upenn.edu/handle/20.500.14332/2089), section D.
    public let alpha: Double?
    /// The most disputed, at most ten, the worst first.
    public let disputed: [Item]

    init(_ judgments: [Judgment]) {
        var units: [(prompt: String, verdicts: [String: String])] = []
        var places: [Judgment.Subject: Int] = [:]
        for judgment in judgments {
            let place = places[judgment.subject] ?? units.count
            if place == units.count {
                places[judgment.subject] = place
                units.append((Self.shown(judgment.prompt), [:]))
            }
            // The last word of a rater counts.
            units[place].verdicts[judgment.rater] = judgment.verdict.rawValue
        }
        let several = units.filter { $0.verdicts.count > 1 }
        items = several.count
        var (agreeing, pairs) = (0, 0)
        var disputed: [Item] = []
        /// Coincidences of two verdicts, of which those of one unit weigh as much as it has verdicts.
        var coincidences: [[String]: Double] = [:]
        for unit in several {
            let verdicts = unit.verdicts.sorted { $0.key < $1.key }.map(\.value)
            let count = verdicts.count
            var equal = 0
            for i in 0..<count {
                for j in 0..<count where j != i {
                    coincidences[[verdicts[i], verdicts[j]], default: 0] += 1 / Double(count - 1)
                    if i < j, verdicts[i] == verdicts[j] { equal += 1 }
                }
            }
            let all = count * (count - 1) / 2
            agreeing += equal
            pairs += all
            if equal < all {
                disputed.append(
                    Item(
                        prompt: unit.prompt, judgments: count,
                        disagreement: Double(all - equal) / Double(all)))
            }
        }
        share = pairs == 0 ? nil : Double(agreeing) / Double(pairs)
        alpha = Self.alpha(coincidences)
        self.disputed = Array(
            disputed.enumerated().sorted {
                ($0.element.disagreement, $0.element.judgments, $1.offset)
                    > ($1.element.disagreement, $1.element.judgments, $0.offset)
            }.map(\.element).prefix(10))
    }

    private static func shown(_ prompt: [JSONValue]) -> String { prompt.last?["content"]?.string ?? "" }

    /// One less the ratio of the disagreement that is observed to the one that chance would have.
    private static func alpha(_ coincidences: [[String]: Double]) -> Double? {
        var totals: [String: Double] = [:]
        for (pair, weight) in coincidences { totals[pair[0], default: 0] += weight }
        let all = totals.values.reduce(0, +)
        let same = totals.values.reduce(0) { $0 + $1 * ($1 - 1) }
        let expected = all * (all - 1) - same
        guard expected > 0 else { return nil }
        let observed = coincidences.reduce(0) { $1.key[0] == $1.key[1] ? $0 : $0 + $1.value }
        return 1 - (all - 1) * observed / expected
    }

    var json: JSONValue {
        [
            "items": .integer(items), "share": share.map(JSONValue.number) ?? .null,
            "alpha": alpha.map(JSONValue.number) ?? .null,
            "disputed": .array(
                disputed.map {
                    [
                        "prompt": .string($0.prompt), "judgments": .integer($0.judgments),
                        "disagreement": .number($0.disagreement),
                    ]
                }),
        ]
    }
}

/// Whether the longer of two answers wins, for which people and judges have a weakness.
public struct LengthBias: Hashable, Sendable {
    /// Choices for one of two answers of different length.
    public let choices: Int
    /// Those of them in which the longer one, in characters, was better.
    public let longer: Int

    /// So many choices.
    public init(choices: Int, longer: Int) {
        self.choices = choices
        self.longer = longer
    }

    init(_ judgments: [Judgment]) {
        let decided = judgments.compactMap { judgment -> Bool? in
            guard let better = judgment.better else { return nil }
            let lengths = judgment.answers.map { $0.text.count }
            return lengths[0] == lengths[1] ? nil : lengths[better] > lengths[1 - better]
        }
        choices = decided.count
        longer = decided.count { $0 }
    }

    var json: JSONValue { ["choices": .integer(choices), "longer": .integer(longer)] }
}
