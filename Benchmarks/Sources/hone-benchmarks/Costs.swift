import ArgumentParser
import LanguageModel
import NeuralCore

/// How the time of a training step grows with the model, the batch and the threads, and what predicts it.
struct Costs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Training steps of many sizes next to a model of their cost, as comma-separated values.",
        discussion: """
            A step takes so long for each operation of its products and of its attention, for each number that the passes \
            between them read and write, and for each time that work is dealt out to threads. The four prices are found by \
            least squares of the relative error over every other size, and predict all: the column "used" tells which they \
            are from. A price of nothing is one that the others cover. Benchmarks/draw-costs.py draws what this prints.
            """)

    @OptionGroup var measurement: Measurement
    @OptionGroup var arithmetic: Arithmetic

    /// A model, a batch and a number of threads.
    struct Size {
        /// What is varied: width, depth, context, batch or threads.
        var axis: String
        var width = 128, depth = 4, context = 256, tokens = 2_048, threads = 1

        var configuration: TransformerConfiguration {
            TransformerConfiguration(
                family: .llama, vocabularySize: 2_048, width: width, depth: depth, heads: max(1, width / 32),
                feedForwardWidth: width * 8 / 3 / 32 * 32, contextLength: max(256, context))
        }

        /// What a step has of each priced thing: operations of products and of attention on the busiest thread, bytes, and
        /// times that work is dealt out.
        var quantities: [Double] {
            let configuration = configuration
            let products = configuration.trainingOperationsPerToken(sequenceLength: 0) * Double(tokens)
            let all = configuration.trainingOperationsPerToken(sequenceLength: context) * Double(tokens)
            // A block reads and writes some 36 rows of its width and 18 of its inner width, both passes together; the
            // logits are passed over thrice; AdamW moves 28 bytes a parameter and clearing its gradient eight.
            let rows = depth * (36 * width + 18 * configuration.feedForwardWidth)
            let bytes =
                4.0 * Double(tokens) * Double(rows + 3 * configuration.vocabularySize)
                + 36 * Double(configuration.parameterCount)
            return [
                products / Double(threads), (all - products) / Double(threads), bytes / Double(threads),
                Double(30 * depth + 20),
            ]
        }
    }

    private func sizes() -> [Size] {
        let threads = measurement.threads
        let all =
            [32, 64, 96, 128, 192, 256, 384, 512].map { Size(axis: "width", width: $0) }
            + [1, 2, 3, 4, 6, 8, 12, 16].map { Size(axis: "depth", depth: $0) }
            + [32, 64, 128, 256, 512, 1_024, 2_048].map { Size(axis: "context", context: $0) }
            + [1, 2, 4, 8, 16, 32].map { Size(axis: "batch", tokens: $0 * 256) }
        return all.map { size in
            var size = size
            size.threads = threads
            return size
        } + (1...max(1, threads)).map { Size(axis: "threads", threads: $0) }
    }

    func run() {
        let sizes = sizes()
        let measured = sizes.map(seconds)
        let quantities = sizes.map(\.quantities)
        let used = sizes.indices.filter { $0 % 2 == 0 }
        let prices = Self.prices(used.map { index in quantities[index].map { $0 / measured[index] } })
        func rate(_ index: Int) -> String {
            prices[index] > 0 ? column(1e-9 / prices[index], width: 0) : "any number of"
        }
        print(
            "# each thread: products \(rate(0)) GF/s, attention \(rate(1)) GF/s, rows and parameters \(rate(2)) GB/s; "
                + "dealing out work \(column(prices[3] * 1e6, width: 0)) µs")
        print("axis,width,depth,context,tokens,threads,used,milliseconds,predicted,error_percent")
        var errors: [Double] = []
        for (index, size) in sizes.enumerated() {
            let predicted = zip(prices, quantities[index]).reduce(0) { $0 + $1.0 * $1.1 }
            let error = predicted / measured[index] - 1
            if !used.contains(index) { errors.append(abs(error)) }
            let place = [size.width, size.depth, size.context, size.tokens, size.threads].map(String.init)
            let times = [measured[index], predicted].map { column($0 * 1e3, width: 0, decimals: 2) }
            print(
                ([size.axis] + place + [used.contains(index) ? "1" : "0"] + times
                    + [column(error * 100, width: 0)]).joined(separator: ","))
        }
        print(
            "# sizes that were not used are predicted within \(column(median(errors) * 100, width: 0)) % in the middle, "
                + "\(column(errors.max()! * 100, width: 0)) % at the worst")
    }

    /// Seconds of a step: the least of the rounds, since what else the machine did meanwhile is no part of it.
    private func seconds(of size: Size) -> Double {
        ThreadPool.count = size.threads
        var random = RandomSource(seed: 1)
        var model = Transformer(size.configuration, using: &random)
        model.precision = arithmetic.precision
        let length = size.context
        let sequences = (0..<max(1, size.tokens / length)).map { _ in
            (0..<length).map { _ in Int32(random.integer(in: 1..<size.configuration.vocabularySize)) }
        }
        let batch = TokenBatch(predicting: sequences)
        var pretraining = Pretraining(model, schedule: .constant(3e-4), outlierGuard: nil)
        let times = interleaved(rounds: measurement.rounds, seconds: 0.05, [{ pretraining.step(on: batch) }])
        return times[0].min()!
    }

    /// The prices, none below zero, whose sums over each row of `quantities` come nearest to one.
    private static func prices(_ quantities: [[Double]]) -> [Double] {
        var prices = [Double](repeating: 0, count: quantities[0].count)
        // One price after the other is set to its best beside the others until none of them moves.
        for _ in 0..<20_000 {
            for index in prices.indices {
                var (above, below) = (0.0, 0.0)
                for row in quantities {
                    let sum = zip(prices, row).reduce(0) { $0 + $1.0 * $1.1 }
                    let rest = 1 - sum + prices[index] * row[index]
                    above += rest * row[index]
                    below += row[index] * row[index]
                }
                prices[index] = max(0, above / below)
            }
        }
        return prices
    }
}
