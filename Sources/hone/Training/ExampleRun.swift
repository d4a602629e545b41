import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// What is common to the commands that train on records: what they read, and the run.
struct ExampleRun<Example: RecognizedExample> {
    let chat: ChatModel
    let settings: TrainingSettings
    let list: ExampleSet<Example>
    /// The longest example, tokens.
    let context: Int
    /// Records that are not trained on.
    let held: [Example]
    /// The folder of the model that the models read are adapters of; nil for where they say it is.
    let adapterBase: URL?
    /// The model that an adapter is written for; nil where none is.
    let base: AdapterBase?
    private let options: DataOptions
    private let training: TrainingOptions
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
        try training.directory.check(resumes: training.resume)
        self.options = options
        self.training = training
        adapterBase = try options.base.folder(for: [options.model] + others)
        chat = try ChatModel(folder: options.model, base: adapterBase)
        try chat.model.configuration.check(context: options.context ?? 0, name: options.model)
        base = try options.adapter.isWritten ? chat.adapterBase() : nil
        let reader = ExampleReader(
            chat, context: options.context, asksAsUser: options.chat, isStrict: options.strict)
        context = reader.context
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

    /// What is trained, at its beginning.
    var policy: TrainedPolicy {
        guard let configuration = options.adapter.configuration else { return TrainedPolicy(model) }
        var random = RandomSource(seed: training.seed)
        return TrainedPolicy(model.adapted(configuration, using: &random))
    }

    /// The model to begin from.
    var model: Transformer {
        var model = chat.model
        model.precision = settings.precision
        return model
    }

    /// Runs a method that trains a policy to its end.
    ///
    /// - Parameters:
    ///   - own: What else decides the result, by flag.
    ///   - places: Where other models lie than the one to begin from.
    ///   - noun: What an example is called.
    ///   - make: Makes the method at its beginning.
    func run<Method: TrainingMethod>(
        _ command: String, own: [String: String] = [:], places: [String: String] = [:], noun: String,
        _ context: CommandContext, _ make: () -> Method
    ) throws -> TrainingRun.Result? where Method.Example == Example, Method.Parameters == TrainedPolicy {
        try run(command, own: own, places: places, noun: noun, context, make) { policy, folder in
            try policy.write(to: folder, chat: chat, base: base)
        }
    }

    /// Runs any method to its end.
    func run<Method: TrainingMethod>(
        _ command: String, own: [String: String], places: [String: String] = [:], noun: String,
        _ context: CommandContext, _ make: () -> Method,
        write: @escaping (Method.Parameters, URL) throws -> Void
    ) throws -> TrainingRun.Result? where Method.Example == Example {
        try options.adapter.requireUse(in: command, chat.model)
        var run = TrainingRun(
            command: command, options: training,
            settings: settings.described.merging(options.described(list)) { $1 }.merging(own) { $1 }
                .merging(["model_weights": Fingerprint(of: chat.model).text]) { $1 },
            places: ["model": options.model].merging(places) { $1 }, context: context)
        run.padding = (chat.format.padding, chat.format.endings(of: chat.model))
        return try training.withOutput {
            try run.run {
                ExampleStage(
                    make(), batches: batches, steps: settings.steps, data: counted(list.count, noun),
                    validate: { held.isEmpty ? [:] : $0.validation(on: held) },
                    write: { try write($0.training.model, $1) })
            }
        }
    }
}
