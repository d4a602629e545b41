import Alignment
import ArgumentParser
import Foundation
import JSON
import LanguageModel
import NeuralCore

extension LikelihoodError: CommandError {
    var outcome: Outcome {
        switch self {
        case .missing: .missingInput
        case .unreadable: .inputOutput
        case .vocabulary, .malformed: .badData
        case .template, .labels: .usage
        }
    }
}

extension ModelDirectoryError: CommandError {
    var outcome: Outcome {
        switch self {
        case .unreadable(let file, _):
            FileManager.default.fileExists(atPath: file) ? .inputOutput : .missingInput
        case .unwritable, .file: .inputOutput
        case .missing, .checkpoint(.file(.missing)): .missingInput
        case .checkpoint, .foreignWeights, .malformed, .unsupported: .badData
        }
    }
}

/// The context length and precision of scoring.
struct ScoringOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The context length, in tokens; longer texts are read in windows of this length, half of each "
                + "new. The model's own unless given.",
            valueName: "tokens"))
    var context: Int?

    @Option(help: "The precision of matrix products: float32 or bfloat16.")
    var precision = PrecisionName.float32

    @Option(
        help: """
            The storage format of weights: float32, bfloat16, int8 or int4, to see what fewer bytes cost in answers and scores. The \
            speed stays that of float32.
            """)
    var weights = GenerationArguments.WeightFormat.float32

    @OptionGroup var base: BaseOption

    func validate() throws {
        try check("--context", context, in: 1...Most.tokens)
    }

    /// The precision and the instructions with which scores are computed.
    var arithmetic: Arithmetic { Arithmetic(precision.precision) }

    /// Says beside figures how they were computed.
    func announceArithmetic() { standardError("\(conditions)\n") }

    /// The arithmetic and, where they are rounded, the format of the weights.
    var conditions: String {
        "products in \(arithmetic)" + (weights == .float32 ? "" : ", weights in \(weights.rawValue)")
    }

    /// Rounds the weights and chooses the products as the options say.
    func prepare(_ model: inout Transformer) {
        if weights != .float32 { model = StoredTransformer(model, as: weights.format).widened }
        model.precision = precision.precision
    }

    /// The model in a folder with its tokenizer.
    ///
    /// - Parameter base: The folder of the model that an adapter is for; nil for the one that the adapter names.
    func scorer(_ folder: String, base: URL?) throws -> TextScorer {
        var chat = try ChatModel(folder: folder, base: base)
        prepare(&chat.model)
        try chat.model.configuration.check(context: context ?? 0, name: folder)
        return try chat.scorer(contextLength: context)
    }
}

/// Writes a line of JSON to standard output; its keys are in alphabetical order.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    try standardOutput(encoder.encode(value) + Data("\n".utf8))
}

/// Returns the error of a line of JSON, with its key if one is at fault.
private func reason(of error: any Error) -> String {
    guard let mismatch = error as? JSONMismatch else { return error is JSONError ? "no JSON" : "\(error)" }
    if mismatch.path.isEmpty { return "no object" }
    let problem = mismatch.found == "nothing" ? "is missing" : "holds another kind of value"
    return "\"\(mismatch.path)\" \(problem)"
}

/// Records to be scored, one after another: those of a file, of a data set's folder or of standard input.
struct ScoredRecords {
    /// The file or the folder; standard input where there is none.
    let path: String?
    /// The columns that are read under other names.
    let columns: ColumnMap

    /// Calls `body` with the records, some at a time, the line of each, and the file.
    ///
    /// - Parameter expected: A description of a record, for the error of a line that is none.
    func forEachBatch<Record: Decodable>(
        of type: Record.Type, expected: String,
        _ body: (_ records: [Record], _ lines: [Int], _ file: String?) throws -> Void
    ) throws {
        let recordsAtOnce = 64
        for file in try InputLines.files(path) {
            var input = try InputLines(file)
            var (records, numbers): ([Record], [Int]) = ([], [])
            while let (first, lines) = try input.next() {
                for (index, line) in lines.enumerated() {
                    if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
                    do {
                        records.append(try record(of: line).decoded(as: type))
                        numbers.append(first + index)
                    } catch {
                        let shown = String(decoding: line.prefix(60), as: UTF8.self)
                        throw MalformedLine(
                            file: file, line: first + index, expected: expected,
                            found: "\"\(shown)\": \(reason(of: error))")
                    }
                    if records.count == recordsAtOnce {
                        try body(records, numbers, file)
                        (records, numbers) = ([], [])
                    }
                }
            }
            if !records.isEmpty { try body(records, numbers, file) }
        }
    }

    private func record(of line: [UInt8]) throws -> JSONValue {
        let json = try JSONValue(parsing: line)
        return json.object.map { JSONValue.object(columns.applied(to: $0)) } ?? json
    }
}
