import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The plan of a run, for people to read before it begins.
struct TrainingPlan {
    /// Parameters of the model that is trained.
    var parameters: Int
    /// Parameters that move; fewer where an adapter is trained.
    var trainedParameters: Int
    /// Steps in all.
    var steps: Int
    /// Tokens that go through the model in all, as far as it is known before.
    var tokens: Int
    /// Floating-point operations for each token, forward and backward.
    var operationsPerToken: Double
    /// The precision of matrix products.
    var precision: MatrixPrecision
    /// The training data, in words.
    var data: String
    /// The memory that its steps take at least.
    var need: MemoryNeed

    /// - Parameters:
    ///   - model: The transformer that is trained, or that an adapter is trained on.
    ///   - parameters: Its trained parameters, and any beside it.
    ///   - tokens: Tokens that go through the model in all.
    ///   - tokensInStep: Tokens of the largest step.
    ///   - sequenceLength: Tokens of a text, which attention takes its time by.
    init(
        _ model: Transformer, moving parameters: some Module, steps: Int, tokens: Double,
        tokensInStep: Double, sequenceLength: Int, data: String
    ) {
        let configuration = model.configuration
        trainedParameters = parameters.parameters.reduce(0) { $0 + $1.value.count }
        self.parameters = max(trainedParameters, configuration.parameterCount)
        self.steps = steps
        self.tokens = Int(min(1e18, tokens))
        operationsPerToken = configuration.trainingOperationsPerToken(
            sequenceLength: sequenceLength, trained: trainedParameters)
        precision = model.precision
        self.data = data
        need = MemoryNeed(
            parameters: self.parameters, trained: trainedParameters,
            channels: configuration.width * configuration.depth, tokensInStep: Int(min(1e18, tokensInStep)))
    }
}

/// The memory that training takes at least, so that what cannot fit is refused before it is tried.
///
/// Weights take four bytes for each parameter; gradient and optimizer state at least eight more for each that moves, its average four. A
/// token leaves some forty activations for each channel of each block; sixteen are counted, to be on the safe side.
struct MemoryNeed {
    /// Parameters of the model.
    var parameters: Int
    /// Those that move.
    var trained: Int
    /// Channels of all blocks.
    var channels: Int
    /// Tokens of the largest step.
    var tokensInStep: Int
    /// Whether what moves is averaged too.
    var isAveraged = false

    private static let activationBytes = 16.0 * 4

    /// Throws if the run needs more memory than this machine has in all.
    func check() throws(TrainingRunError) {
        let available = Double(ProcessInfo.processInfo.physicalMemory)
        let states = 4 * Double(parameters) + (isAveraged ? 12 : 8) * Double(trained)
        guard states <= available else {
            throw .memory(
                what: "\(counted(parameters, "parameter")) take", needed: states, available: available)
        }
        let activations = Self.activationBytes * Double(channels) * Double(tokensInStep)
        guard states + activations <= available else {
            throw .memory(
                what: "\(counted(tokensInStep, "token")) in a step take", needed: states + activations,
                available: available)
        }
    }
}
