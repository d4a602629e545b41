import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

extension RecordFileError: CommandError {
    var outcome: Outcome {
        switch self {
        case .unreadable: .missingInput
        case .malformed, .badRecord: .badData
        }
    }
}

/// `hone inspect`: the tokens that a model would be trained on.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the tokens of training records, and which of them are trained.",
        discussion: paragraphs(
            """
            Records are rendered with the model's chat template, or with the one named
            (chatml, llama3, qwen, mistral, zephyr, or a Jinja file). On a terminal,
            trained tokens are green and the others gray, in two shades so that tokens
            can be told apart; elsewhere each run is marked. Bad records are counted and
            named by their lines. What the records are, the keys of the first one say
            unless --as does.

              hone inspect --model model --data conversations.jsonl --limit 3
              hone inspect --tokenizer tokenizer.json --template chatml --data pairs.jsonl
            """))

    /// The kind of example that records are read as.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case demonstrations, preferences, labels

        /// The kind of a file's first record, by its keys.
        init(firstOf file: URL, _ columns: ColumnMap) throws {
            switch try RecordKind(firstOf: file, columns: columns) {
            case .preferences: self = .preferences
            case .labels: self = .labels
            case .demonstrations, .prompts, nil: self = .demonstrations
            }
        }
    }

    @Option(
        help: ArgumentHelp(
            "The model's folder, with its tokenizer.json and chat template.", valueName: "dir"),
        completion: .model)
    var model: String?

    @OptionGroup var base: BaseOption

    @Option(
        help: ArgumentHelp("A tokenizer, if there is no model yet.", valueName: "file"),
        completion: .file())
    var tokenizer: String?

    @Option(
        help: ArgumentHelp("A built-in template's name, or a file.", valueName: "name"), completion: .file())
    var template: String?

    @OptionGroup var variables: TemplateVariables

    @Option(
        help: ArgumentHelp(
            "The records: JSON Lines or a JSON array, plain or .gz, Parquet, Arrow, CSV or TSV, or the folder of a data set.",
            valueName: "file"), completion: .file())
    var data: String

    @OptionGroup var names: ColumnOptions

    @Option(name: .customLong("as"), help: "The kind of the records: demonstrations, preferences or labels.")
    var kind: Kind?

    @Flag(help: "Treat a plain-text prompt as a user's message, as with --chat of the commands that train.")
    var chat = false

    @Option(help: ArgumentHelp("Show at most this many records; all are counted.", valueName: "n"))
    var limit = 3

    @Flag(help: "Print {\"line\":…,\"ids\":[…],\"trained\":[…]} for each record, and no colors.")
    var json = false

    func validate() throws {
        guard model != nil || tokenizer != nil else {
            throw ValidationError("Name a --model or a --tokenizer.")
        }
        try check("--limit", limit, in: 0...Most.examples)
        try refuse(
            "--base", if: base.base != nil && tokenizer != nil,
            "--tokenizer is read instead of the model's own")
    }

    func run() throws {
        try reportingErrors {
            let format = try format()
            try variables.check([format])
            let files = try DatasetFolder.files(at: [data], split: "train")
            switch try kind ?? Kind(firstOf: files[0], names.columns) {
            case .demonstrations:
                try inspect(DemonstrationRecord.self, files, format) { record throws(SupervisionProblem) in
                    [("", try record.supervisedText(format.template))]
                }
            case .preferences:
                try inspect(PreferenceRecord.self, files, format) { record throws(SupervisionProblem) in
                    let texts = try record.supervisedTexts(format.template)
                    return [("chosen", texts.chosen), ("rejected", texts.rejected)]
                }
            case .labels:
                try inspect(LabeledRecord.self, files, format) { record throws(SupervisionProblem) in
                    [(record.isDesirable ? "good" : "bad", try record.supervisedText(format.template))]
                }
            }
        }
    }

    /// Returns the text format of the model's folder, with the tokenizer and the template that the options name in place of
    /// its own.
    private func format() throws -> TextFormat {
        let named = try template.map { try ChatTemplate(nameOrFile: $0) }
        let base = try base.folder(for: [model].compactMap(\.self))
        guard let tokenizer else {
            return try TextFormat(folder: model ?? "", template: template, variables: variables, base: base)
        }
        let read = try BytePairTokenizer(contentsOf: URL(filePath: tokenizer))
        let own = try model.map { try TokenizerConfiguration(directory: URL(filePath: $0)) }
        return TextFormat(
            read, configuration: own ?? TokenizerConfiguration(), template: named, variables: variables.values
        )
    }

    /// Shows the first records of a kind and counts them all.
    private func inspect<Record: DatasetRecord>(
        _: Record.Type, _ files: [URL], _ format: TextFormat,
        _ texts: (Record) throws(SupervisionProblem) -> [(name: String, text: SupervisedText)]
    ) throws {
        for file in files {
            var reader = try RecordReader<Record>(file, columns: names.columns)
            var count = InspectionCount()
            while let record = try reader.next() {
                do throws(SupervisionProblem) {
                    for (name, text) in try texts(chat ? record.inTurns() : record) {
                        let tokens = try format.tokens(of: text)
                        count.add(tokens)
                        if count.records < limit { show(tokens, name, line: reader.line, format.tokenizer) }
                    }
                    count.records += 1
                } catch {
                    if case .template = error, let problem = format.templateProblem { throw problem }
                    count.refuse(error, line: reader.line)
                }
            }
            standardError(
                (files.count > 1 ? "\(file.relativePath): " : "") + count.description(reader.report) + "\n")
        }
    }

    private func show(_ tokens: SupervisedTokens, _ name: String, line: Int, _ tokenizer: BytePairTokenizer) {
        if json {
            let object: JSONValue = [
                "line": .integer(line), "name": .string(name),
                "ids": .array(tokens.ids.map { .integer(Int($0)) }),
                "trained": .array(tokens.isTrained.map { .bool($0) }),
            ]
            print(object.text(.compact))
            return
        }
        let style = TerminalStyle()
        let title =
            "line \(line)\(name.isEmpty ? "" : ", " + name): \(counted(tokens.count, "token")), \(grouped(tokens.trainedCount)) trained"
        print(style.colored(title, "1"))
        print(TrainedText(tokens.pieces(with: tokenizer), style).text)
    }
}

/// Counts of trained tokens, and of records that cannot be trained on.
private struct InspectionCount {
    var records = 0
    private var tokens = 0
    private var trained = 0
    private var refused: [String: Int] = [:]
    private var examples: [String] = []

    mutating func add(_ supervised: SupervisedTokens) {
        tokens += supervised.count
        trained += supervised.trainedCount
    }

    mutating func refuse(_ problem: SupervisionProblem, line: Int) {
        refused[problem.category, default: 0] += 1
        if examples.count < 10 { examples.append("  line \(line): \(problem)") }
    }

    func description(_ report: RecordReport) -> String {
        let share = tokens == 0 ? 0 : 100 * trained / tokens
        let isTrained = "of which \(grouped(trained)) \(trained == 1 ? "is" : "are") trained (\(share) %)"
        var lines = ["\(counted(records, "record")), \(counted(tokens, "token")), \(isTrained)"]
        if !refused.isEmpty {
            lines.append(
                "\(counted(refused.values.reduce(0, +), "record")) cannot be trained on with this template")
            lines += refused.sorted { $0.key < $1.key }.map { "  \(grouped($0.value)) \($0.key)" } + examples
        }
        if report.skippedCount > 0 { lines.append(report.description) }
        return lines.joined(separator: "\n")
    }
}

/// Tokens on a terminal, colored by whether they are trained, or as marked runs.
private struct TrainedText {
    let text: String

    init(_ pieces: [SupervisedTokens.Piece], _ style: TerminalStyle) {
        var text = ""
        if style.isColored {
            for (index, piece) in pieces.enumerated() {
                // Two shades of green for trained tokens, two of gray for the others.
                let code = piece.isTrained ? (index % 2 == 0 ? "32" : "92") : (index % 2 == 0 ? "90" : "37")
                text += style.colored(TerminalStyle.harmless(piece.text), code)
            }
        } else {
            var index = 0
            while index < pieces.count {
                let run = pieces[index...].prefix { $0.isTrained == pieces[index].isTrained }
                text +=
                    "\(run[index].isTrained ? "+++ trained" : "--- read") (\(counted(run.count, "token")))\n"
                text += TerminalStyle.harmless(run.map(\.text).joined()) + "\n"
                index += run.count
            }
        }
        self.text = text
    }
}
