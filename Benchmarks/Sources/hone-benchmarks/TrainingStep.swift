import ArgumentParser
import LanguageModel
import NeuralCore

/// A whole training step: forward, loss, backward, clipping, AdamW.
struct TrainingStep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training",
        abstract: "A training step of the reference models: tokens a second, share of peak, memory.",
        discussion: "One model and shape in each process, because the memory is that of the process.")

    @OptionGroup var measurement: Measurement
    @OptionGroup var arithmetic: Arithmetic

    @Option(help: "The model: small (1.1 million parameters), llama (13.8 million) or gpt2 (124 million).")
    var model = "llama"

    @Option(help: "Sequences in a batch.")
    var batch = 16

    @Option(help: "Tokens in a sequence.")
    var length = 256

    @Flag(help: "Move matrices by Muon, as hone quickstart does.")
    var muon = false

    /// Small enough that six steps on one batch of random tokens go down evenly, on our side as on the peer's.
    static let learningRate: Float = 3e-5

    func run() throws {
        guard let kind = BenchmarkModel(rawValue: model) else {
            throw ValidationError("--model \(model); it is small, llama or gpt2")
        }
        ThreadPool.count = measurement.threads
        var peak = Peak.best(measurement)
        let transformer = kind.transformer(arithmetic.precision)
        var random = RandomSource(seed: 2)
        let sequences = (0..<batch).map { _ in kind.tokens(length + 1, using: &random) }
        // Every row predicts the next token, the last one a token that is no row.
        let examples = TokenBatch(
            tokens: sequences.flatMap { $0.dropLast() },
            forest: Forest(sequenceLengths: sequences.map { _ in length }),
            targets: sequences.flatMap { $0.dropFirst() }.enumerated().map {
                TokenTarget(row: Int32($0), token: $1)
            },
            sequenceOfTarget: (0..<batch * length).map { Int32($0 / length) }, sequences: batch)
        let optimizer: any Optimizer =
            muon ? Muon(adamWScale: 0.2) : AdamW(beta1: 0.9, beta2: 0.95, weightDecay: 0.1)
        var pretraining = Pretraining(
            transformer, optimizer: optimizer, schedule: .constant(Self.learningRate), outlierGuard: nil)
        var last: StepReport?
        let times = seconds(rounds: measurement.rounds) { last = pretraining.step(on: examples) }
        peak = max(peak, Peak.best(measurement))
        let tokens = Double(batch * length)
        let rate = tokens / median(times)
        let operations = kind.configuration.trainingOperationsPerToken(sequenceLength: length) * rate * 1e-9
        print(
            "TRAIN hone \(model) B=\(batch) T=\(length) \(arithmetic.name) "
                + "ms/step=\(Int((median(times) * 1e3).rounded())) tok/s=\(Int(rate.rounded())) "
                + "GF/s=\(column(operations, width: 0)) of_peak=\(column(operations / peak, width: 0, decimals: 2)) "
                + "maxrss_MB=\(peakMegabytes) loss=\(last?.loss ?? .nan)")
    }
}
