import Formatting
public import Foundation
import NeuralCore

extension RewardCard {
    /// The card as JSON, its keys in snake case and in alphabetical order.
    public var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Every number of a card is finite, so that it can always be encoded.
        return (try? encoder.encode(self)) ?? Data()
    }

    /// The card as Markdown.
    public var markdown: String { markdown(texts: nil) }

    /// The card as Markdown, with what the pairs it is most wrong on say.
    ///
    /// - Parameter texts: The prompt and both completions of a pair, by its number; nil shows the numbers alone.
    public func markdown(
        texts: ((_ pair: Int) -> (prompt: String, chosen: String, rejected: String))?
    ) -> String {
        var lines = [
            "# Reward card", "",
            "The model prefers what is preferred in \(accuracy.percent) of \(counted(accuracy.count, "held-out pair"))\(verdict).",
            "", "| | |", "|---|---|",
            "| accuracy | \(accuracy.percent) |", "| ties, counted as wrong | \(ties) |",
            "| mean difference of rewards | \(meanMargin.short) |",
            "| standard deviation of rewards | \(deviation.short) |",
            "| expected calibration error | \(expectedCalibrationError.map { $0.short } ?? "–") |",
        ]
        if let precision, let processor { lines.append("| computed in | \(precision) on \(processor) |") }
        lines += [
            "", "## By how sure it is", "", "| difference of rewards | pairs | right |", "|---|---|---|",
        ]
        for band in byMargin {
            lines.append(
                "| \(Double(band.least).short) to \(Double(band.greatest).short) | \(band.accuracy.count) | \(band.accuracy.percent) |"
            )
        }
        lines += [
            "", "## Calibration", "", "| says | pairs | is right |", "|---|---|---|",
        ]
        for bin in calibration.bins {
            lines.append("| \(bin.confidence.percent) | \(bin.count) | \(bin.accuracy.percent) |")
        }
        let bias = lengthBias
        lines += [
            "", "## Length", "", "| | |", "|---|---|",
            "| correlation of rewards and lengths | \(bias.correlation.short) |",
            "| the longer one is preferred in the data | \(bias.longerIsChosen.percent) |",
            "| the longer one is preferred by the model | \(bias.longerIsPreferred.percent) |",
            "| right when the longer one is preferred | \(bias.accuracyWhenChosenIsLonger.percent) |",
            "| right when the shorter one is preferred | \(bias.accuracyWhenChosenIsShorter.percent) |",
        ]
        if !mostWrong.isEmpty { lines += ["", "## Most wrong", ""] }
        for judgment in mostWrong {
            lines.append(
                "- pair \(judgment.pair): preferred \(Double(judgment.chosen).short) (\(counted(judgment.chosenLength, "token"))), other \(Double(judgment.rejected).short) (\(counted(judgment.rejectedLength, "token")))"
            )
            guard let texts else { continue }
            let (prompt, chosen, rejected) = texts(judgment.pair)
            lines += ["  - prompt: \(prompt.quoted)", "  - preferred: \(chosen.quoted)"]
            lines.append("  - other: \(rejected.quoted)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var verdict: String {
        if accuracy.count == 0 { return "" }
        if accuracy.low > 0.5 { return ", which is better than chance" }
        return accuracy.high < 0.5 ? ", which is worse than chance" : ", which chance may explain"
    }
}

extension RewardCard.Rate {
    /// `71.2 % (65.0–76.8)`
    fileprivate var percent: String {
        count == 0 ? "–" : "\(value.percent) (\(fixed(100 * low, 1))–\(fixed(100 * high, 1)))"
    }
}

extension Double {
    fileprivate var percent: String { fixed(100 * self, 1) + " %" }
    fileprivate var short: String { fixed(self, 3) }
}

extension String {
    /// One line of at most 200 characters, its marks of Markdown made harmless.
    fileprivate var quoted: String {
        let line = split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let shown = line.count > 200 ? line.prefix(199) + "…" : line[...]
        return String(shown).replacing(/[`*_<|\[\]\\]/) { "\\\($0.output)" }
    }
}
