import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// What is common to the commands that train on records: what they read, and the run.
struct ExampleRun<Example: RecognizedExample> {
    let start: StartingModel
    let settings: TrainingSettings
    let list: ExampleSet<Example>
    /// Records that are not trained on.
    let held: [Example]
    /// The longest example, tokens.
    let context: Int
    private let options: DataOptions
    private let batches: ExampleBatches<Example>

    /// Reads the model and the records.
    ///
    /// - Parameters:
    ///   - others: Folders of other models that are read, which may be adapters too.
    init(
        _ options: DataOptions, _ training: TrainingOptions, defaults: TrainingDefaults,
        others: [String] = [], read: (ExampleReader, [URL]) throws -> ExampleSet<Example>
    ) throws {
        try refuse("--epochs", if: options.epochs != nil && training.steps != nil, "--steps says how long")
        start = try StartingModel(options.start, training, others: others)
        let chat = start.chat
        try chat.model.configuration.check(context: options.context ?? 0, name: options.start.model)
        let reader = ExampleReader(
            chat, context: options.context, asksAsUser: options.chat, isStrict: options.strict)
        context = reader.context
        self.options = options.filled(context: context)
        let list = try read(reader, options.data.map { URL(filePath: $0) })
        self.list = list
        let fewest = Example.fewestInBatch
        guard list.count >= fewest else {
            throw TrainingRunError.noExamples(
                file: options.data.joined(separator: ", "),
                reason: "\(list.count) usable of at least \(fewest) that a step compares")
        }
        held = try options.validation.map { Array(try read(reader, [URL(filePath: $0)])) } ?? []
        func batches(epochs: Double) -> ExampleBatches<Example> {
            list.batches(options.batchSize, epochs: epochs, seed: training.noShuffle ? nil : training.seed)
        }
        self.batches = batches(epochs: .infinity)
        settings = try TrainingSettings(
            options: training, defaults: defaults,
            steps: training.steps ?? batches(epochs: options.epochs ?? 1).batchCount, from: "--epochs")
    }

    /// Runs a method that trains a policy to its end.
    ///
    /// - Parameters:
    ///   - command: The command, with what it takes where nothing was said.
    ///   - contents: Fingerprints of what was read beside the model and the records.
    ///   - noun: What an example is called.
    ///   - make: Makes the method at its beginning.
    func run<Method: TrainingMethod>(
        _ command: some TrainingCommand, reading contents: [String: String] = [:], noun: String,
        _ context: CommandContext, _ make: () -> Method
    ) throws -> TrainingRun.Result? where Method.Example == Example, Method.Parameters == TrainedPolicy {
        try run(command, reading: contents, noun: noun, context, make) { try start.write($0, to: $1) }
    }

    /// Runs any method to its end.
    func run<Command: TrainingCommand, Method: TrainingMethod>(
        _ command: Command, reading contents: [String: String] = [:], noun: String,
        _ context: CommandContext, _ make: () -> Method,
        write: @escaping (Method.Parameters, URL) throws -> Void
    ) throws -> TrainingRun.Result? where Method.Example == Example {
        var values = try command.values()
        values.merge(try options.values())
        values.merge(try settings.options.values())
        let data = ["data": Fingerprint(of: list).text]
        return try start.run(
            Command.self, settings, options: values, contents: contents.merging(data) { $1 }, context
        ) {
            ExampleStage(
                make(), batches: batches, steps: settings.steps, data: counted(list.count, noun),
                validate: { held.isEmpty ? [:] : $0.validation(on: held) },
                write: { try write($0.training.model, $1) })
        }
    }
}
