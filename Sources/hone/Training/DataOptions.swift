import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// What every command understands that trains on records.
struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of the model to begin from.", valueName: "dir"))
    var model: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The records: JSON Lines or a JSON array; several files are read one after another.",
            valueName: "file"))
    var data: [String]

    @Option(
        help: ArgumentHelp("Records that are not trained on, to measure with at the end.", valueName: "file"))
    var validation: String?

    @Option(help: ArgumentHelp("Records in a step.", valueName: "n"))
    var batch: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens in a step, as many whole records as fit; 4096 unless given.", valueName: "n"))
    var batchTokens: Int?

    @Option(
        help: ArgumentHelp(
            "How often every record is used, instead of --steps; once unless given.", valueName: "x"))
    var epochs: Double?

    @Option(
        help: ArgumentHelp(
            "The longest record, in tokens; what is longer is cut at its end. As long as the model is meant for unless "
                + "given.", valueName: "tokens"))
    var context: Int?

    @OptionGroup(title: "Adapters") var adapter: AdapterOptions
    @OptionGroup(title: "Adapters") var base: BaseOption

    @Flag(
        help: ArgumentHelp(
            "A prompt of plain text is what a user says: the model's chat template is put around it and its answer."
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
        guard (epochs ?? 1) <= Double(Most.epochs) else {
            throw ValidationError("--epochs is \(epochs ?? 1); it may be up to \(grouped(Most.epochs)).")
        }
    }

    /// How much goes into a step.
    var batchSize: BatchSize { batch.map { .examples($0) } ?? .tokens(batchTokens ?? 4096) }

    /// What decides the result, by flag; data are known by a hash of their contents.
    func described(_ data: ExampleSet<some RecognizedExample>) -> [String: String] {
        [
            "data": "\(data.count) records, \(Fingerprint(of: data).text)",
            "batch": "\(batchSize)",
            "context": context.map(String.init) ?? "of the model",
        ].merging(adapter.described) { $1 }.merging(chat ? ["chat": "true"] : [:]) { $1 }
    }
}
