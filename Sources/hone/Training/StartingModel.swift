import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// Which model a run begins from, and what of it is trained.
struct StartOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp("The folder of the model to begin from.", valueName: "dir"), completion: .model)
    var model: String

    @OptionGroup var variables: TemplateVariables
    @OptionGroup(title: "Adapters") var adapter: AdapterOptions
    @OptionGroup(title: "Adapters") var base: BaseOption
}

/// The model that a run begins from, with all that every method makes of it.
struct StartingModel {
    let chat: ChatModel
    /// The folder of the model that the models read are adapters of; nil for where they say it is.
    let adapterBase: URL?
    /// The model that an adapter is written for; nil where none is.
    let base: AdapterBase?
    private let options: StartOptions
    private let training: TrainingOptions

    /// Reads the model.
    ///
    /// - Parameter others: Folders of other models that are read, which may be adapters too.
    init(_ options: StartOptions, _ training: TrainingOptions, others: [String]) throws {
        try training.directory.check(resumes: training.resume)
        (self.options, self.training) = (options, training)
        adapterBase = try options.base.folder(for: [options.model] + others)
        chat = try ChatModel(folder: options.model, variables: options.variables, base: adapterBase)
        base = try options.adapter.isWritten ? chat.adapterBase() : nil
    }

    /// The model.
    var model: Transformer {
        var model = chat.model
        model.precision = training.precision.precision
        return model
    }

    /// What is trained, at its beginning.
    var policy: TrainedPolicy {
        guard let configuration = options.adapter.configuration else { return TrainedPolicy(model) }
        var random = RandomSource(seed: training.seed)
        return TrainedPolicy(model.adapted(configuration, using: &random))
    }

    /// Writes what was trained.
    func write(_ policy: TrainedPolicy, to folder: URL) throws {
        try policy.write(to: folder, chat: chat, base: base)
    }

    /// Runs a method to its end.
    ///
    /// - Parameters:
    ///   - options: The command's options with what was taken where nothing was said.
    ///   - contents: Fingerprints of what was read beside the model.
    ///   - make: Makes the stage at its first step.
    func run<Command: TrainingCommand, Stage: TrainingStage>(
        _: Command.Type, _ settings: TrainingSettings, options: JSONObject, contents: [String: String],
        _ context: CommandContext, _ make: () throws -> Stage
    ) throws -> TrainingRun.Result? {
        try self.options.adapter.requireUse(in: Command.name, chat.model)
        var run = TrainingRun(
            Command.self, settings.options, options: options,
            contents: contents.merging(["model_weights": Fingerprint(of: chat.model).text]) { $1 },
            context: context)
        run.padding = (chat.format.padding, chat.format.endings(of: chat.model))
        return try training.withOutput { try run.run(make) }
    }
}
