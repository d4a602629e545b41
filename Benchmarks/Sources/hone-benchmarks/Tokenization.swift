import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// How fast a vocabulary is learned and text is cut into its tokens.
struct Tokenization: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Training vocabularies of 8,192 and 32,768 on a file, and encoding a sample of it.",
        discussion:
            "The file is cut into documents of 8,000 characters, of which 1,250 are encoded, as the peer's script does."
    )

    @OptionGroup var measurement: Measurement

    @Argument(help: "A text file.")
    var corpus: String

    func run() throws {
        ThreadPool.count = measurement.threads
        let text = try String(contentsOfFile: corpus, encoding: .utf8)
        var documents: [String] = []
        var rest = Substring(String(String.UnicodeScalarView(text.unicodeScalars)))
        while !rest.isEmpty {
            let scalars = rest.unicodeScalars
            let end =
                scalars.index(scalars.startIndex, offsetBy: 8_000, limitedBy: scalars.endIndex)
                ?? scalars.endIndex
            documents.append(String(scalars[..<end]))
            rest = Substring(scalars[end...])
        }
        let bytes = Double(text.utf8.count)
        let step = max(1, documents.count / 1_250)
        let sample = stride(from: 0, to: documents.count, by: step).prefix(1_250).map { documents[$0] }
        let sampleBytes = sample.reduce(0.0) { $0 + Double($1.utf8.count) }
        for size in [8_192, 32_768] {
            let clock = ContinuousClock()
            var tokenizer: BytePairTokenizer?
            let duration = try clock.measure {
                var training = BytePairTraining()
                for document in documents { training.add(document) }
                tokenizer = try training.tokenizer(vocabularySize: size)
            }
            let time = Double(duration.components.attoseconds) * 1e-18 + Double(duration.components.seconds)
            print(
                "TOK hone train V=\(size) \(column(time, width: 0, decimals: 2)) s "
                    + "(\(column(bytes / time * 1e-6, width: 0)) MB/s) maxrss_MB=\(peakMegabytes)")
            guard size == 32_768, let tokenizer else { continue }
            var tokens = 0
            let times = seconds(rounds: measurement.rounds) {
                tokens = sample.reduce(0) { $0 + tokenizer.encode($1).count }
            }
            print(
                "TOK hone encode V=\(size) \(column(sampleBytes / median(times) * 1e-6, width: 0, decimals: 2)) MB/s, "
                    + "1 thread, \(tokens) tokens")
        }
    }
}
