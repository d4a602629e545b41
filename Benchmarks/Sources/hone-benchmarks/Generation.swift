import ArgumentParser
import LanguageModel
import NeuralCore

/// How fast text is generated, next to how fast memory could be read.
struct Generation: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Decoding from weights of each format, and reading prompts, of a model with random weights.",
        discussion: """
            Of one sequence each token reads every weight once: the share says how near that comes to the memory's
            bandwidth, measured in the same run.
            """)

    @OptionGroup var measurement: Measurement

    @Option(help: "The width of the model: 384 (13.8 million parameters) or 768 (110 million).")
    var width = 768

    @Option(help: "Tokens generated in one measurement.")
    var tokens = 32

    @Option(help: "Tokens of the prompt that sequences go on from.")
    var prompt = 64

    @Option(help: "One storage format of weights alone: float32, bfloat16, int8 or int4.")
    var weights: String?

    private var formats: [StoredMatrix.Format] {
        StoredMatrix.Format.allCases.filter { weights == nil || "\($0)" == weights }
    }

    func validate() throws {
        if formats.isEmpty { throw ValidationError("There is no format '\(weights ?? "")'.") }
    }

    func run() {
        ThreadPool.count = measurement.threads
        var random = RandomSource(seed: 1)
        let isLarge = width > 500
        let configuration = TransformerConfiguration(
            family: .llama, vocabularySize: isLarge ? 32_000 : 8_192, width: width, depth: isLarge ? 12 : 6,
            heads: width / 64, feedForwardWidth: isLarge ? 2_048 : 1_024)
        let model = Transformer(configuration, using: &random)
        let bandwidth = Peak.bandwidth(measurement)
        print(
            "\(configuration.parameterCount) parameters; memory is read at \(column(bandwidth, width: 0)) GB/s"
        )
        print("            1 sequence              8 sequences  16 sequences  prefill 512    (tokens/s)")
        for format in formats {
            var stored = StoredTransformer(model, as: format)
            // As `hone generate` multiplies.
            stored.precision = format == .float32 ? .float32 : .bfloat16
            let rates = [1, 8, 16].map { decodingRate(stored, sequences: $0) }
            let share = rates[0] * Double(stored.byteCount) * 1e-9 / bandwidth * 100
            print(
                "\(format)".padded(to: 10), column(rates[0], width: 8),
                "(\(column(share, width: 3, decimals: 0)) %)",
                column(rates[1], width: 16), column(rates[2], width: 13),
                column(prefillRate(stored), width: 12))
        }
    }

    /// Tokens a second of sequences side by side, each with a prompt of its own.
    private func decodingRate(_ model: StoredTransformer, sequences: Int) -> Double {
        var random = RandomSource(seed: 2)
        let prompts = (0..<sequences).map { _ in randomTokens(prompt, model, using: &random) }
        var ready = Decoding(model, prompts: prompts, sampling: .greedy, maxTokens: tokens + 1, using: random)
        ready.step()
        let times = interleaved(
            rounds: measurement.rounds, seconds: 0,
            [
                {
                    var decoding = ready
                    while !decoding.isFinished { decoding.step() }
                }
            ])
        return Double(tokens * sequences) / median(times[0])
    }

    /// Tokens a second of a prompt.
    private func prefillRate(_ model: StoredTransformer) -> Double {
        var random = RandomSource(seed: 3)
        let prompt = randomTokens(512, model, using: &random)
        let times = interleaved(
            rounds: measurement.rounds, seconds: 0,
            [
                {
                    var decoding = Decoding(
                        model, prompts: [prompt], sampling: .greedy, maxTokens: 1, using: random)
                    decoding.step()
                }
            ])
        return 512 / median(times[0])
    }

    private func randomTokens(_ count: Int, _ model: StoredTransformer, using random: inout RandomSource)
        -> [Int32]
    {
        (0..<count).map { _ in Int32(random.integer(in: 0..<model.configuration.vocabularySize)) }
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
