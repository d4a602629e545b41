import BuiltInWorld
import Formatting
import Foundation
import LanguageModel
import NeuralCore
import Reports

/// The behavior of the models of a quickstart, side by side.
struct BehaviorTable {
    /// One measure: a share of the replies in a suite.
    struct Measure: Sendable {
        let name: String
        let kind: Suite.Kind
        let direction: Direction
        let isCounted: @Sendable (QuickstartEvaluation.Reply) -> Bool
    }

    /// The measures, in the order of the table.
    static let measures = [
        Measure(name: "persona and form", kind: .persona, direction: .higherIsBetter) { $0.isPassed },
        Measure(name: "known facts right", kind: .knownFacts, direction: .higherIsBetter) { $0.isPassed },
        Measure(name: "facts only read about right", kind: .readFacts, direction: .higherIsBetter) {
            $0.isPassed
        },
        Measure(name: "invented about unknown people", kind: .unknownSubjects, direction: .lowerIsBetter) {
            $0.label == "invented"
        },
        Measure(name: "says it does not know", kind: .unknownSubjects, direction: .higherIsBetter) {
            $0.isPassed
        },
        Measure(name: "claims impossible actions", kind: .impossibleActions, direction: .lowerIsBetter) {
            $0.label == "claimed"
        },
        Measure(name: "evades impossible wishes", kind: .impossibleActions, direction: .lowerIsBetter) {
            $0.label == "evaded"
        },
        Measure(name: "refuses needlessly", kind: .possibleRequests, direction: .lowerIsBetter) {
            $0.label == "refused"
        },
        Measure(name: "requests fulfilled", kind: .possibleRequests, direction: .higherIsBetter) {
            $0.isPassed
        },
        Measure(name: "instructed form kept", kind: .instructionForm, direction: .higherIsBetter) {
            $0.isPassed
        },
        Measure(name: "user's context used", kind: .userContext, direction: .higherIsBetter) { $0.isPassed },
        Measure(name: "reviews classified right", kind: .reviews, direction: .higherIsBetter) { $0.isPassed },
    ]

    let evaluation: QuickstartEvaluation
    /// The model that win rates are over.
    let baseline: String

    var models: [String] { evaluation.titles }

    /// The title of the baseline.
    private var baselineTitle: String { QuickstartModel(rawValue: baseline)?.title ?? baseline }

    /// Models that pass fewer prompts than this share do not answer, and are not the best at anything.
    private static let leastShareToRank = 0.1

    /// The models that hardly ever do as asked: what does not answer invents nothing and refuses nothing.
    var unranked: Set<Int> {
        Set(
            models.indices.filter { model in
                let replies = evaluation.replies[model].suites.joined()
                let passed = Proportion(hits: replies.count(where: \.isPassed), of: replies.count).share
                return passed ?? 0 < Self.leastShareToRank
            })
    }

    /// The share of a model's replies in a suite that a measure counts, with its interval; nil where it has none.
    func estimate(_ measure: Measure, _ model: Int) -> Estimate? { proportion(measure, model).estimate }

    private func proportion(_ measure: Measure, _ model: Int) -> Proportion {
        var replies = evaluation.replies(model, measure.kind)
        // A model that does not answer is not better for it.
        if measure.direction == .lowerIsBetter { replies.removeAll { $0.label == "unanswered" } }
        return Proportion(hits: replies.count(where: measure.isCounted), of: replies.count)
    }

    /// Wins and half of the ties, as a share of all prompts, with what it is made of.
    private func winRate(_ model: Int) -> (value: Double, counts: String)? {
        guard let other = evaluation.replies.firstIndex(where: { $0.model == baseline }), model != other
        else { return nil }
        let (wins, losses, ties) = evaluation.comparison(model, with: other)
        guard wins + losses + ties > 0 else { return nil }
        return (
            (Double(wins) + Double(ties) / 2) / Double(wins + losses + ties), "\(wins)/\(ties)/\(losses)"
        )
    }

    /// The win rate of an assistant without a fault, which ties wherever the baseline is without one.
    private var greatestWinRate: Double? {
        guard let other = evaluation.replies.firstIndex(where: { $0.model == baseline }),
            evaluation.promptCount > 0
        else { return nil }
        return (1 + Double(evaluation.improvable(other)) / Double(evaluation.promptCount)) / 2
    }

    /// Replies without a word, of all.
    private func unanswered(_ model: Int) -> Proportion {
        let replies = evaluation.replies[model].suites.joined()
        return Proportion(hits: replies.count { $0.label == "unanswered" }, of: replies.count)
    }

    /// For the terminal.
    var text: String {
        func percent(_ value: Double?) -> String { value.map { fixed(100 * $0, 1) } ?? "–" }
        var lines = [Self.row("%", models)]
        for measure in Self.measures {
            lines.append(
                Self.row(
                    measure.name, models.indices.map { percent(proportion(measure, $0).share) }))
        }
        lines.append(Self.row("unanswered", models.indices.map { percent(unanswered($0).share) }))
        for figure in Self.probabilities {
            lines.append(
                Self.row(
                    figure.name,
                    evaluation.probabilities.map { figure.style.string(figure.estimate($0).value) }))
        }
        for figure in Self.variety {
            lines.append(
                Self.row(
                    figure.name, evaluation.diversity.map { figure.style.string(figure.estimate($0).value) }))
        }
        lines.append(
            Self.row(
                "win rate over \(baselineTitle), ties half",
                models.indices.map { percent(winRate($0)?.value) }))
        if let greatestWinRate {
            lines.append(
                "A faultless assistant would have \(percent(greatestWinRate)): it ties where \(baselineTitle) is faultless too"
            )
        }
        for model in models.indices {
            guard let rate = winRate(model) else { continue }
            lines.append("\(models[model]) against \(baselineTitle), won/tied/lost: \(rate.counts)")
        }
        return lines.joined(separator: "\n")
    }

    /// Rows under a heading, for the terminal.
    static func text(_ heading: String, _ columns: [String], _ rows: [(String, [String])]) -> String {
        ([row(heading, columns)] + rows.map(row)).joined(separator: "\n")
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        func padded(_ text: String) -> String { String(repeating: " ", count: max(0, 8 - text.count)) + text }
        return name + String(repeating: " ", count: max(1, 30 - name.count)) + cells.map(padded).joined()
    }

    /// A sentence on the models that are not ranked.
    private var ranking: String {
        let names = unranked.sorted().map { models[$0] }
        guard !names.isEmpty else { return "" }
        let share = NumberStyle.integer.string(100 * Self.leastShareToRank)
        return " Not ranked, since fewer than \(share) % of its replies are as they should be: "
            + names.joined(separator: ", ") + "."
    }

    /// For the report.
    var table: Table {
        var rows = Self.measures.map { measure in
            Table.Row(
                measure.name, direction: measure.direction,
                estimates: models.indices.map { proportion(measure, $0).estimate })
        }
        rows.append(
            Table.Row(
                "win rate over \(baselineTitle)",
                note: "by a judge who knows the facts; a tie is half a win; won/tied/lost: "
                    + models.indices.compactMap { model in
                        winRate(model).map { "\(models[model]) \($0.counts)" }
                    }.joined(separator: ", ")
                    + (greatestWinRate.map { "; a faultless assistant would have \(fixed(100 * $0, 1)) %" }
                        ?? ""),
                direction: .higherIsBetter,
                estimates: models.indices.map { winRate($0).map { Estimate($0.value) } }))
        return Table(
            "Behavior on prompts that no training text has", columns: models, rows: rows,
            unranked: unranked,
            note:
                "Shares of replies, with 95 % intervals. Replies are greedy. Phrasings, strangers, guests, and shops and streets that do not exist are "
                + "new to the models; residents and shops of the town are those that they have read about. A known fact is talked about in the demonstrations, "
                + "one that is only read about stands on the websites alone." + ranking)
    }
}

extension Proportion {
    /// The share with its interval.
    var estimate: Estimate? { share.map { Estimate($0, interval: interval) } }
}
