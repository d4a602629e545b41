import Foundation
import NeuralCore

/// The memory that training takes at least, so that what cannot fit is refused before it is tried.
///
/// Weights take four bytes for each parameter; gradient and optimizer state at least eight more for each that moves. A
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

    private static let activationBytes = 16.0 * 4

    /// Refuses what is beyond the memory of this machine, whatever else is on it.
    func check() throws(TrainingRunError) {
        let available = Double(ProcessInfo.processInfo.physicalMemory)
        let states = 4 * Double(parameters) + 8 * Double(trained)
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
