import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The options shared by all commands that train on records.
struct DataOptions: ParsableArguments, Encodable {
    @OptionGroup var start: StartOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The records: JSON Lines, a JSON array, Parquet, Arrow, CSV or TSV, or the folder of a data set, of which its "
                + "training split is read (DIR:SPLIT for another), or what people chose (hone serve --feedback); several are "
                + "read one after another.",
            valueName: "file"), completion: .file())
    var data: [String]

    @OptionGroup var names: ColumnOptions

    @Option(
        help: ArgumentHelp(
            "Held-out records, measured at the end or, with --evaluate-every, during the run.",
            valueName: "file"),
        completion: .file())
    var validation: String?

    @Option(
        help: ArgumentHelp(
            "The share of the records that is not trained on but measured with, instead of --validation.",
            valueName: "x"))
    var validationShare: Double?

    @OptionGroup var evaluation: EvaluationOptions

    @Option(help: ArgumentHelp("Records in a step.", valueName: "n"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens in a step, as many whole records as fit; \(Self.usualTokens) unless given.",
            valueName: "n"))
    var batchTokens: Int?

    @Option(
        help: ArgumentHelp(
            "Passes over the records, instead of --steps; once unless given.", valueName: "x"))
    var epochs: Double?

    @Option(
        help: ArgumentHelp(
            "The longest record, in tokens; longer ones are cut at the end. The model's own unless given.",
            valueName: "tokens"))
    var context: Int?

    @Flag(
        help: ArgumentHelp(
            "Treat a plain-text prompt as a user's message: the model's chat template is put around it and its answer."
        ))
    var chat = false

    @Flag(help: "Stop at the first record that cannot be trained on, instead of leaving it out.")
    var strict = false

    func validate() throws {
        guard !data.isEmpty else { throw ValidationError("--data needs at least one file.") }
        guard batch == nil || batchTokens == nil else {
            throw ValidationError("Give --batch or --batch-tokens, not both.")
        }
        try check("--batch", batch, in: 1...Most.examples)
        try check("--batch-tokens", batchTokens, in: 1...Most.tokens)
        try check("--context", context, in: 2...Most.tokens)
        try check("--epochs", epochs, .positive)
        try check("--validation-share", validationShare, .part)
        try refuse(
            "--validation-share", if: validation != nil && validationShare != nil,
            "--validation has the records to measure with")
        if let option = evaluation.firstGiven {
            try refuse(
                option, if: validation == nil && validationShare == nil,
                "it needs --validation or --validation-share")
        }
        guard (epochs ?? 1) <= Double(Most.epochs) else {
            throw ValidationError("--epochs is \(epochs ?? 1); it may be up to \(grouped(Most.epochs)).")
        }
    }

    /// The default number of tokens in a step.
    static let usualTokens = 4096

    /// The size of a step.
    var batchSize: BatchSize { batch.map { .examples($0) } ?? .tokens(batchTokens ?? Self.usualTokens) }

    /// The options with defaults filled in.
    ///
    /// - Parameter context: The longest record, tokens.
    func filled(context: Int) -> DataOptions {
        var filled = self
        filled.context = context
        if batch == nil { filled.batchTokens = batchTokens ?? Self.usualTokens }
        filled.start.adapter = start.adapter.filled
        return filled
    }
}
