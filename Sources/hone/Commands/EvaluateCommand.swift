import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// `hone evaluate`: how well models do, side by side.
struct EvaluateCommand: AsyncParsableCommand, SharedCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure models on tasks, on text and on how they behave, side by side.",
        discussion: paragraphs(
            """
            A task is a file of JSON Lines, of the kinds of ARC, PIQA, COPA, OpenBookQA
            (query, choices, gold), Winogrande (context_options, continuation, gold),
            LAMBADA (context, continuation) or MMLU (question, choices, answer).
            Accuracies come with 95 % intervals: by the most probable completion, by the
            most probable per byte, and by how much more probable the question makes it.
            Texts are any files. A suite says of each prompt what a good answer must do;
            Documentation/BehaviorSuites.md tells how to write one. In an environment the
            models act, over several turns.

              hone evaluate --model base --model tuned --task copa.jsonl piqa.jsonl --text validation.txt
              hone evaluate --model sft --model dpo --suite limits.jsonl --manifest manifest.json
              hone evaluate --model sft --model grpo --environment calculator post-office
            """))

    @Option(
        help: ArgumentHelp("A model's folder, with its tokenizer.json; may be repeated.", valueName: "dir"),
        completion: .model)
    var model: [String]

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Files of questions.", valueName: "file"),
        completion: .file())
    var task: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Files of text, for nats per token and bits per byte.", valueName: "file"),
        completion: .file())
    var text: [String] = []

    @Option(help: ArgumentHelp("At most this many questions of each task.", valueName: "n"))
    var limit: Int?

    @OptionGroup var behavior: BehaviorOptions
    @OptionGroup var scoring: ScoringOptions

    @Flag(help: "Print {\"models\":[{\"model\":…,\"tasks\":[…],\"texts\":[…]}]}.")
    var json = false

    func validate() throws {
        guard !task.isEmpty || !text.isEmpty || behavior.isUsed else {
            throw ValidationError(
                "Name something to evaluate on, with --task, --text, --suite or --environment.")
        }
        try check("--limit", limit, in: 1...Most.examples)
        try refuse("--limit", if: limit != nil && task.isEmpty, "it needs --task")
        try refuse(
            "--context", if: scoring.context != nil && task.isEmpty && text.isEmpty,
            "it needs --task or --text")
        try refuse(
            "--reward-model", if: behavior.rewardModel != nil && model.count < 2,
            "it compares the answers of a --model with those of the first")
    }

    func run() async throws {
        try await reportingErrors {
            let base = try scoring.base.folder(for: model + [behavior.rewardModel].compactMap(\.self))
            let sharing = WorkSharing(among: Ranks.communicator)
            if behavior.isUsed {
                standardError("answers with \(scoring.conditions)\n")
                let report = try await behavior.report(on: model, scoring, base: base, sharing)
                if json {
                    try printJSON(Measured(report, scoring.arithmetic, weights: scoring.weights.rawValue))
                } else {
                    print(report)
                    print(scoring.conditions)
                }
            }
            guard !task.isEmpty || !text.isEmpty else { return }
            // Errors in the input should be reported before the first hour is over.
            let tasks = try DatasetFolder.evaluationFiles(at: task)
                .map { try EvaluationTask(contentsOf: $0, limit: limit) }
            let texts = try text.map { ($0, try contents(of: $0)) }
            scoring.announceArithmetic()
            var evaluations: [ModelEvaluation] = []
            for folder in model {
                let scorer = try scoring.scorer(folder, base: base)
                var evaluation = ModelEvaluation(model: folder)
                for task in tasks {
                    standardError("\(folder): \(task.name), \(counted(task.questions.count, "question"))\n")
                    evaluation.tasks.append(.init(scorer.report(on: task, sharing)))
                }
                for (file, text) in texts {
                    standardError("\(folder): \(file), \(counted(text.count, "byte"))\n")
                    evaluation.texts.append(.init(scorer.likelihood(of: text, sharing), file: file))
                }
                evaluations.append(evaluation)
            }
            if json {
                try printJSON(
                    Measured(
                        Summary(models: evaluations), scoring.arithmetic, weights: scoring.weights.rawValue))
            } else {
                print(evaluations.table)
                print(scoring.conditions)
            }
        }
    }

    private func contents(of file: String) throws(LikelihoodError) -> [UInt8] {
        guard FileManager.default.fileExists(atPath: file) else { throw .missing(file: file) }
        do {
            return Array(try Data(contentsOf: URL(filePath: file)))
        } catch {
            throw .unreadable(file: file, reason: error.localizedDescription)
        }
    }
}

/// The results of `hone evaluate` for all models, for JSON.
private struct Summary: Encodable {
    var models: [ModelEvaluation]
}

/// The results of `hone evaluate` for one model, for JSON.
private struct ModelEvaluation: Encodable {
    var model: String
    var tasks: [Task] = []
    var texts: [Text] = []

    struct Task: Encodable {
        var task: String
        var questions: Int
        var accuracy: Double
        var accuracy_interval: [Double]
        var accuracy_per_byte: Double?
        var accuracy_per_byte_interval: [Double]?
        var accuracy_unconditional: Double?
        var accuracy_unconditional_interval: [Double]?
        var gold_nats_per_token: Double?

        init(_ report: TaskReport) {
            func bounds(_ proportion: Proportion) -> [Double] {
                [proportion.interval.lowerBound, proportion.interval.upperBound]
            }
            task = report.name
            questions = report.accuracy.count
            accuracy = report.accuracy.value
            accuracy_interval = bounds(report.accuracy)
            accuracy_per_byte = report.lengthNormalized?.value
            accuracy_per_byte_interval = report.lengthNormalized.map(bounds)
            accuracy_unconditional = report.unconditionalNormalized?.value
            accuracy_unconditional_interval = report.unconditionalNormalized.map(bounds)
            gold_nats_per_token = report.gold.tokens > 0 ? report.gold.natsPerToken : nil
        }

        /// The accuracies with their intervals, percent.
        var lines: [(name: String, value: String)] {
            func percent(_ value: Double, _ interval: [Double]) -> String {
                "\(fixed(100 * value, 1)) (\(fixed(100 * interval[0], 1))–\(fixed(100 * interval[1], 1)))"
            }
            var lines = [("\(task), accuracy %", percent(accuracy, accuracy_interval))]
            if let value = accuracy_per_byte, let interval = accuracy_per_byte_interval {
                lines.append(("\(task), per byte %", percent(value, interval)))
            }
            if let value = accuracy_unconditional, let interval = accuracy_unconditional_interval {
                lines.append(("\(task), over unconditional %", percent(value, interval)))
            }
            lines.append(("\(task), nats/token of the answer", figure(gold_nats_per_token)))
            return lines
        }
    }

    struct Text: Encodable {
        var file: String
        var tokens: Int
        var bytes: Int
        /// Absent where nothing was predicted.
        var nats_per_token: Double?
        var perplexity: Double?
        var bits_per_byte: Double?

        init(_ likelihood: TextLikelihood, file: String) {
            self.file = file
            tokens = likelihood.score.tokens
            bytes = likelihood.bytes
            guard tokens > 0 else { return }
            nats_per_token = likelihood.score.natsPerToken
            perplexity = likelihood.score.perplexity
            if bytes > 0 { bits_per_byte = likelihood.bitsPerByte }
        }

        var lines: [(name: String, value: String)] {
            [
                ("\(file), nats/token", figure(nats_per_token)),
                ("\(file), bits/byte", figure(bits_per_byte)),
            ]
        }
    }

    var lines: [(name: String, value: String)] { tasks.flatMap(\.lines) + texts.flatMap(\.lines) }
}

/// Four digits after the point; a dash for a figure about nothing.
private func figure(_ value: Double?) -> String { value.map { fixed($0, 4) } ?? "–" }

extension [ModelEvaluation] {
    /// A line for each measure, a column for each model.
    fileprivate var table: String {
        let measures = self[0].lines.map(\.name)
        var columns = [[""] + measures]
        for evaluation in self { columns.append([evaluation.model] + evaluation.lines.map(\.value)) }
        let widths = columns.map { $0.map(\.count).max() ?? 0 }
        return (0...measures.count).map { row in
            zip(columns, widths).map { column, width in
                column[row] + String(repeating: " ", count: width - column[row].count)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
