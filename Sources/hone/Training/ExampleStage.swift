import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// A method of training that a stage drives by examples: one of the library's, told what its batches are made of.
protocol TrainingMethod {
    associatedtype Parameters: Module
    associatedtype Example: TrainingExample
    /// Model, optimizer, schedule and step count.
    var training: Training<Parameters> { get set }
    /// The transformer in what is trained, to count operations by.
    var body: Transformer { get }
    /// Takes a step on examples.
    mutating func step(onExamples examples: [Example]) -> StepReport
    /// Writes all that the next step depends on into a folder.
    func writeCheckpoint(to folder: URL) throws(FileError)
    /// Takes over what ``writeCheckpoint(to:)`` wrote.
    mutating func readCheckpoint(from folder: URL) throws(CheckpointError)
    /// Tokens that go through the model for each token of an example.
    var tokenFactor: Double { get }
    /// Figures on examples that are not trained on; none unless the method has some.
    func validation(on examples: [Example]) -> [String: Float]
}

extension TrainingMethod {
    func writeCheckpoint(to folder: URL) throws(FileError) { try training.writeCheckpoint(toFolder: folder) }
    mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        try training.readCheckpoint(fromFolder: folder)
    }
    var tokenFactor: Double { 1 }
    func validation(on examples: [Example]) -> [String: Float] { [:] }
}

extension TrainingMethod where Parameters: TransformerParameters {
    var body: Transformer { training.model.transformer }
}

/// A stage that trains on a list of examples: supervised fine-tuning, reward modeling, preference optimization.
struct ExampleStage<Method: TrainingMethod>: TrainingStage {
    private(set) var method: Method
    private var batches: ExampleBatches<Method.Example>
    /// Where the batch with the most tokens begins.
    private let largestBatch: BatchPosition
    private let write: (Method, URL) throws -> Void
    private let validate: (Method) -> [String: Float]
    let plan: TrainingPlan

    /// - Parameters:
    ///   - batches: Examples without end.
    ///   - validate: Figures on examples that are not trained on.
    ///   - write: Writes the model into a folder.
    init(
        _ method: Method, batches: ExampleBatches<Method.Example>, steps: Int, data: String,
        validate: @escaping (Method) -> [String: Float] = { _ in [:] },
        write: @escaping (Method, URL) throws -> Void
    ) {
        self.method = method
        self.batches = batches
        self.write = write
        self.validate = validate
        let parameters = method.training.model.parameters.reduce(0) { $0 + $1.value.count }
        let whole = max(parameters, method.body.configuration.parameterCount)
        let survey = batches.survey(of: steps)
        largestBatch = survey.largest
        let body = method.body.configuration
        plan = TrainingPlan(
            parameters: whole, trainedParameters: parameters, steps: steps,
            tokens: Int(min(1e18, survey.tokens * method.tokenFactor)),
            operationsPerToken: method.body.configuration.trainingOperationsPerToken(
                sequenceLength: batches.meanLength, trained: parameters),
            precision: method.body.precision, data: data,
            tokensInStep: Int(min(1e18, Double(survey.most) * method.tokenFactor)),
            channels: body.width * body.depth)
    }

    var stepsDone: Int { method.training.stepsAttempted }

    mutating func step() -> StepReport {
        method.step(onExamples: batches.next() ?? [])
    }

    mutating func moveToLargestStep() { batches.move(to: largestBatch) }

    func validation() -> [String: Float] { validate(method) }

    func writeCheckpoint(to folder: URL) throws {
        try method.writeCheckpoint(to: folder)
        try batches.writePosition(to: folder)
    }

    mutating func readCheckpoint(from folder: URL) throws {
        try method.readCheckpoint(from: folder)
        try batches.readPosition(from: folder)
    }

    func writeModel(to folder: URL) throws { try write(method, folder) }
}
