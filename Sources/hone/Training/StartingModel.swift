import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// The model that a run begins from, and the part of it that is trained.
struct StartOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp("The folder of the initial model.", valueName: "dir"), completion: .model)
    var model: String

    @OptionGroup var variables: TemplateVariables
    @OptionGroup(title: "Adapters") var adapter: AdapterOptions
    @OptionGroup(title: "Adapters") var base: BaseOption
}

/// The model that a run begins from, with all that every method makes of it.
struct StartingModel {
    let chat: ChatModel
    /// The folder of the model that the models read are adapters of; nil for the one that they name.
    let adapterBase: URL?
    /// Whether all of it is trained, or an adapter.
    let adapter: AdapterOptions
    /// The model that an adapter is written for; nil where none is.
    private let base: AdapterBase?
    private let training: TrainingOptions

    /// Reads the model.
    ///
    /// - Parameter others: Folders of other models that are read, which may be adapters too.
    init(_ options: StartOptions, _ training: TrainingOptions, others: [String]) throws {
        try training.checkFolders()
        self.training = training
        adapter = options.adapter
        adapterBase = try options.base.folder(for: [options.model] + others)
        chat = try ChatModel(folder: options.model, variables: options.variables, base: adapterBase)
        base = try options.adapter.isWritten ? chat.adapterBase() : nil
    }

    /// The model.
    var model: Transformer { training.applied(to: chat.model) }

    /// Refuses options that a command or the model has no use for.
    func requireUse(in command: String) throws {
        try adapter.requireUse(in: command, chat.model)
        try training.requireUse(in: command, chat.model.configuration.experts)
    }

    /// The trained parameters, at their initial values.
    var policy: TrainedTransformer {
        guard let form = adapter.configuration else { return TrainedTransformer(model) }
        var random = RandomSource(seed: training.seed)
        return TrainedTransformer(model.adapted(form, using: &random))
    }

    /// The reward model that is trained, at its beginning.
    var rewardModel: TrainedRewardModel {
        var random = RandomSource(seed: training.seed)
        guard let form = adapter.configuration else {
            return TrainedRewardModel(RewardModel(model, using: &random))
        }
        return TrainedRewardModel(
            AdaptedRewardModel(model.adapted(form, using: &random), using: &random))
    }

    /// Writes the model, or the adapter alone where there is one and it is not to be merged.
    func write(_ policy: TrainedTransformer, to folder: URL) throws {
        if let adapted = policy.adapted, let base { return try chat.with(adapted).write(to: folder, base) }
        try chat.with(policy.merged).write(to: folder)
    }

    /// Writes the reward model, or the adapter and the score alone where there are some.
    func write(_ model: TrainedRewardModel, to folder: URL) throws {
        if let adapted = model.adapted, let base { return try chat.write(adapted, to: folder, base) }
        try chat.with(model.merged).write(to: folder)
    }
}

extension TrainingRun {
    /// A run that begins from a model.
    ///
    /// - Parameters:
    ///   - values: The value of each option that not every command has.
    ///   - contents: Fingerprints of what was read beside the model.
    init<Command: TrainingCommand>(
        _: Command, _ begin: StartingModel, _ settings: TrainingSettings, options values: JSONObject,
        contents: [String: String], _ context: CommandContext,
        start: @escaping () throws -> (Method, Batches),
        plan: @escaping (Method) -> TrainingPlan, step: @escaping Step,
        write: @escaping (Method, URL) throws -> Void
    ) throws {
        let chat = begin.chat
        try begin.requireUse(in: Command.name)
        try self.init(
            Command.self, settings, options: values,
            contents: contents.merging(["model_weights": Fingerprint(of: chat.model).text]) { $1 }, context,
            start: start, plan: plan, step: step, write: write)
        padding = (chat.format.padding, chat.format.endings(of: chat.model))
    }
}
