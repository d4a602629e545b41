import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// Pre-training as a stage: windows of a corpus, validation in bits per byte, samples.
struct PretrainingStage: TrainingStage {
    private var pretraining: Pretraining
    private var windows: TokenWindows
    private let held: HeldOutWindows?
    private let endOfText: Int32
    private let tokenizer: BytePairTokenizer
    private let seed: UInt64
    private let write: (Transformer, URL) throws -> Void
    let plan: TrainingPlan

    /// - Parameters:
    ///   - held: What to measure with; nil for none.
    ///   - write: Writes the model into a folder.
    init(
        _ pretraining: Pretraining, windows: TokenWindows, held: HeldOutWindows?, endOfText: Int32,
        tokenizer: BytePairTokenizer, steps: Int, seed: UInt64, data: String,
        write: @escaping (Transformer, URL) throws -> Void
    ) {
        self.pretraining = pretraining
        self.windows = windows
        self.held = held
        self.endOfText = endOfText
        self.tokenizer = tokenizer
        self.seed = seed
        self.write = write
        let configuration = pretraining.model.configuration
        plan = TrainingPlan(
            parameters: configuration.parameterCount, trainedParameters: configuration.parameterCount,
            steps: steps, tokens: Int(min(1e18, Double(steps) * Double(windows.length * windows.perBatch))),
            operationsPerToken: configuration.trainingOperationsPerToken(sequenceLength: windows.length),
            precision: pretraining.model.precision, data: data,
            tokensInStep: windows.perBatch / max(1, pretraining.accumulation) * windows.length,
            channels: configuration.width * configuration.depth)
    }

    var stepsDone: Int { pretraining.training.stepsAttempted }

    mutating func step() throws -> StepReport {
        guard let batch = windows.next() else {
            throw TrainingRunError.noExamples(file: "the corpus", reason: "no document has a token")
        }
        return pretraining.step(on: batch)
    }

    func validation() -> [String: Float] {
        guard let held else { return [:] }
        let nats = held.cost(to: pretraining.model)
        return [
            "eval_loss": Float(nats / Double(held.tokenCount)),
            "eval_bits_per_byte": Float(held.bitsPerByte(nats)),
        ]
    }

    func sample() -> String? {
        var decoding = Decoding(
            pretraining.model, prompts: [[endOfText]], sampling: .topP(0.95, temperature: 0.8),
            stopTokens: [endOfText], maxTokens: Self.sampleTokens, using: RandomSource(seed: seed))
        while !decoding.isFinished { decoding.step() }
        let tokens = decoding.sequences[0].tokens.filter { $0 != endOfText }
        let text = tokenizer.decode(tokens).split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
        return "  step \(stepsDone) writes: \(TerminalStyle.harmless(text))"
    }

    private static let sampleTokens = 48

    // MARK: Checkpoints

    private static let trainingFile = "training.safetensors"

    func writeCheckpoint(to folder: URL) throws {
        try pretraining.training.writeCheckpoint(to: folder.appending(component: Self.trainingFile))
        try PositionFile.write(windows.position, to: folder)
    }

    mutating func readCheckpoint(from folder: URL) throws {
        try pretraining.training.readCheckpoint(from: folder.appending(component: Self.trainingFile))
        windows.position = try PositionFile.read(from: folder)
    }

    func writeModel(to folder: URL) throws { try write(pretraining.model, folder) }
}
