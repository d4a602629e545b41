import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

extension ExampleError: CommandError {
    var outcome: Outcome {
        switch self {
        case .records(let error): error.outcome
        case .unusable, .noExamples: .badData
        case .template(let error): error.outcome
        }
    }
}

extension ExampleReader {
    /// Reads files of records by the user's options, and reports the omitted ones.
    init(_ chat: ChatModel, context: Int?, asksAsUser: Bool, isStrict: Bool = false, columns: ColumnMap) {
        let options = ReadingOptions(
            context: context, plainPromptsAreTurns: asksAsUser, onBadRecord: isStrict ? .refuse : .skip,
            columns: columns)
        self.init(chat, options) { report in
            guard !report.sentences.isEmpty else { return }
            let hint = report.plainPrompts > 0 ? "; --chat puts its chat template around it" : ""
            standardError("\(report)\(hint)\n")
        }
    }
}

/// The input of a command that trains on records: the model to begin from, and the records.
struct ExampleData<Example: RecognizedExample> {
    let start: StartingModel
    let settings: TrainingSettings
    let list: ExampleSet<Example>
    /// Records that are not trained on.
    let held: [Example]
    /// The longest example, tokens.
    let context: Int
    /// The options with defaults filled in.
    let options: DataOptions
    /// Batches without end.
    let batches: ExampleBatches<Example>

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
            chat, context: options.context, asksAsUser: options.chat, isStrict: options.strict,
            columns: options.names.columns)
        context = reader.context
        self.options = options.filled(context: context)
        func examples(at paths: [String], split: String) throws -> ExampleSet<Example> {
            try FeedbackFile.exporting(paths, as: Example.feedback) {
                try read(reader, DatasetFolder.files(at: $0, split: split))
            }
        }
        var list = try examples(at: options.data, split: "train")
        let fewest = Example.fewestInBatch
        var held =
            try options.validation.map {
                Array(try examples(at: [$0], split: "validation"))
            } ?? []
        if let share = options.validationShare {
            let (training, heldOut) = list.holdingOut(share)
            (list, held) = (training, Array(heldOut))
        }
        guard options.evaluation.stopping == nil || held.count >= fewest else {
            throw TrainingRunError.noExamples(
                file: options.validation ?? options.data.joined(separator: ", "),
                reason: "\(held.count) usable records to measure with of at least \(fewest)",
                purpose: "evaluate on")
        }
        (self.list, self.held) = (list, held)
        guard list.count >= fewest else {
            throw TrainingRunError.noExamples(
                file: options.data.joined(separator: ", "),
                reason: "\(list.count) usable of at least \(fewest) that a step compares"
                    + (options.validationShare.map { "; --validation-share \($0) holds out \(held.count)" }
                        ?? ""))
        }
        func batches(epochs: Double) -> ExampleBatches<Example> {
            list.batches(options.batchSize, epochs: epochs, seed: training.noShuffle ? nil : training.seed)
        }
        self.batches = batches(epochs: .infinity)
        settings = try TrainingSettings(
            options: training, defaults: defaults,
            steps: training.steps ?? batches(epochs: options.epochs ?? 1).batchCount, from: "--epochs")
    }
}

extension TrainingRun
where
    Method: ExampleMethod, Method.Example: RecognizedExample, Batches == ExampleBatches<Method.Example>
{
    /// A run of a method on examples.
    ///
    /// - Parameters:
    ///   - command: The command, with defaults filled in.
    ///   - contents: Fingerprints of what was read beside the model and the records.
    ///   - noun: The noun for an example.
    ///   - tokenFactor: Tokens that go through the model for each token of an example.
    ///   - method: Makes the method at its beginning.
    ///   - write: Writes what was trained into a folder.
    init<Command: TrainingCommand>(
        _ command: Command, on data: ExampleData<Method.Example>, reading contents: [String: String] = [:],
        noun: String, tokenFactor: Double = 1, _ context: CommandContext, method: @escaping () -> Method,
        write: @escaping (Method.Parameters, URL) throws -> Void
    ) throws {
        let (batches, steps) = (data.batches, data.settings.steps)
        let survey = batches.survey(of: steps)
        let length = batches.meanLength
        var values = try command.values()
        values.merge(try data.options.values())
        var contents = contents
        contents["data"] = Fingerprint(of: data.list).text
        // What the evaluations say decides when the run ends, or which model is kept.
        let stopping = data.options.evaluation.stopping
        if stopping != nil { contents["validation"] = Fingerprint(of: data.held).text }
        try self.init(
            command, data.start, data.settings, options: values, contents: contents, context,
            start: { (method(), batches) },
            plan: {
                TrainingPlan(
                    data.start.model, moving: $0.training.model, steps: steps,
                    tokens: survey.tokens * tokenFactor, tokensInStep: Double(survey.most) * tokenFactor,
                    sequenceLength: length,
                    data: counted(data.list.count, noun)
                        + (data.held.isEmpty ? "" : ", and \(grouped(data.held.count)) to measure with"))
            }, step: { $0.step(on: $1.next() ?? []) }, write: { try write($0.training.model, $1) })
        largestStep = { method, batches in
            batches.move(to: survey.largest)
            return method.step(on: batches.next() ?? [])
        }
        guard !data.held.isEmpty else { return }
        evaluate = { $0.validation(on: data.held) }
        let few = Array(data.held.prefix(Method.Example.fewestInBatch))
        evaluatedFigures = { Set($0.validation(on: few).keys) }
        let evaluation = data.options.evaluation
        if stopping != nil || evaluation.evaluateEvery != nil {
            evaluationInterval = evaluation.interval(of: steps)
        }
        (self.stopping, keepsBest) = (stopping, evaluation.keepBest != nil)
    }

    /// A run of a method that trains a policy on examples.
    init(
        _ command: some TrainingCommand, on data: ExampleData<Method.Example>,
        reading contents: [String: String] = [:], noun: String, tokenFactor: Double = 1,
        _ context: CommandContext, method: @escaping () -> Method
    ) throws where Method.Parameters == TrainedTransformer {
        try self.init(
            command, on: data, reading: contents, noun: noun, tokenFactor: tokenFactor, context,
            method: method, write: data.start.write)
        let prompts = data.held.map(\.prompt).filter { !$0.isEmpty }
        if !prompts.isEmpty {
            answers = { data.start.answers(of: $0.training.model.transformer, to: prompts) }
        }
    }
}
