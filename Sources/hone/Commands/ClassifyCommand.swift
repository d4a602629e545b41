import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// `hone classify`: gives texts labels.
struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Give texts the label that a model finds most probable.",
        discussion: paragraphs(
            """
            Each record of FILE (or line of standard input) is {"text":…}, with "label"
            too where it is known. The text is put into the prompt template in place of
            {text} (\\n stands for a line break), and each label's probability is that
            of following the prompt. Where labels are known, accuracy, macro-F1,
            expected calibration error and the confusion matrix come on standard error,
            or as JSON with --report.

              hone classify --model model --labels good,bad --calibrate \\
                --prompt-template 'Review: {text}\\nThis film is' reviews.jsonl
            """))

    @Option(
        help: ArgumentHelp("The model's folder, with its tokenizer.json.", valueName: "dir"),
        completion: .model)
    var model: String

    @Option(help: ArgumentHelp("The labels, with commas between them.", valueName: "a,b,…"))
    var labels: String

    @Option(help: ArgumentHelp("The prompt, with {text} where the text goes.", valueName: "template"))
    var promptTemplate = "{text}\\nLabel:"

    @Flag(help: "Divide out the model's preference for labels regardless of the text.")
    var calibrate = false

    @OptionGroup var scoring: ScoringOptions

    @OptionGroup var names: ColumnOptions

    @Flag(help: "Print {\"label\":…,\"probabilities\":{…}} for each text.")
    var json = false

    @Option(
        help: ArgumentHelp("The file for accuracy and the other results, in JSON.", valueName: "file"),
        completion: .file())
    var report: String?

    @Argument(
        help: ArgumentHelp(
            "The records to classify: JSON Lines, a table, or the folder of a data set, of which its split test is read or the "
                + "only one it has; JSON Lines of standard input without it."), completion: .file())
    var file: String?

    private struct Record: Decodable {
        var text: String
        var label: String?

        private enum Key: CodingKey { case text, label }

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: Key.self)
            text = try keys.decode(String.self, forKey: .text)
            // Data sets number their classes.
            if let number = try? keys.decode(Int.self, forKey: .label) {
                label = "\(number)"
            } else {
                label = try keys.decodeIfPresent(String.self, forKey: .label)
            }
        }
    }

    private struct Answer: Encodable {
        var label: String
        var probabilities: [String: Double]
    }

    func run() throws {
        try reportingErrors {
            try OutputIsInput.check(
                report, as: "--report",
                among: InputLines.files(file) + OutputIsInput.files(ofModels: [model, scoring.base.base]))
            let labels = labels.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let classifier = try LabelClassifier(
                scoring.scorer(model, base: scoring.base.folder(for: [model])), labels: labels,
                template: promptTemplate.replacing("\\n", with: "\n"), isCalibrated: calibrate)
            scoring.announceArithmetic()
            var truths: [Int] = []
            var judged: [[Double]] = []
            let records = ScoredRecords(path: file, columns: names.columns)
            try records.forEachBatch(
                of: Record.self, expected: "{\"text\":…}, with a \"label\", text or a whole number, if any"
            ) { records, lines, file in
                let answers = classifier.probabilities(of: records.map(\.text))
                for ((record, line), probabilities) in zip(zip(records, lines), answers) {
                    if let label = record.label {
                        guard let truth = labels.firstIndex(of: label) else {
                            throw MalformedLine(
                                file: file, line: line,
                                expected: "a label among \(labels.joined(separator: ", "))",
                                found: "\"\(label)\"")
                        }
                        truths.append(truth)
                        judged.append(probabilities)
                    }
                    try show(probabilities, of: labels)
                }
            }
            guard !truths.isEmpty else {
                if let report { standardError("\(report): not written, since no text came with a label\n") }
                return
            }
            try tell(ClassificationReport(labels: labels, truth: truths, probabilities: judged))
        }
    }

    private func show(_ probabilities: [Double], of labels: [String]) throws {
        let best = probabilities.indices.max {
            (probabilities[$0], -$0) < (probabilities[$1], -$1)
        }
        guard let best else { return }
        if json {
            let named = Dictionary(uniqueKeysWithValues: zip(labels, probabilities))
            try printJSON(Answer(label: labels[best], probabilities: named))
        } else {
            print("\(labels[best])\t\(fixed(probabilities[best], 4))")
        }
    }

    private func tell(_ result: ClassificationReport) throws {
        let summary = Summary(result, scoring.arithmetic)
        if let report {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            do {
                try encoder.encode(summary).write(to: URL(filePath: report), options: .atomic)
            } catch {
                throw LikelihoodError.unreadable(file: report, reason: error.localizedDescription)
            }
        } else {
            standardError(summary.text)
        }
    }

    /// A classification report as JSON spells it.
    private struct Summary: Encodable {
        var labels: [String]
        var texts: Int
        var accuracy: Double
        var accuracy_interval: [Double]
        var macro_f1: Double
        var expected_calibration_error: Double
        var confusion_matrix: [[Int]]
        var precision: String
        var processor: String

        init(_ report: ClassificationReport, _ arithmetic: Arithmetic) {
            precision = "\(arithmetic.precision)"
            processor = arithmetic.processor
            labels = report.labels
            texts = report.accuracy.count
            accuracy = report.accuracy.value
            accuracy_interval = [report.accuracy.interval.lowerBound, report.accuracy.interval.upperBound]
            macro_f1 = report.macroF1
            expected_calibration_error = report.expectedCalibrationError
            confusion_matrix = report.confusion
        }

        var text: String {
            let figures = String(
                format:
                    "accuracy %.1f %% (%.1f–%.1f) of \(counted(texts, "text")), macro-F1 %.3f, calibration error %.3f\n",
                100 * accuracy, 100 * accuracy_interval[0], 100 * accuracy_interval[1],
                macro_f1, expected_calibration_error)
            let rows = zip(labels, confusion_matrix).map { label, row in
                "  \(label): \(zip(labels, row).map { "\($0) \($1)" }.joined(separator: ", "))\n"
            }
            return figures + "given to texts of each true label:\n" + rows.joined()
        }
    }
}
