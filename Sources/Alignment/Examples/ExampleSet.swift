public import NeuralCore

/// An example that a method of training learns from, as token ids.
public protocol TrainingExample: Sendable {
    /// The tokens that a model reads of it: batches are measured in them.
    var tokenCount: Int { get }
    /// The fewest examples that make a batch, where there are as many: 1 unless a step compares examples.
    static var fewestInBatch: Int { get }
}

extension TrainingExample {
    /// One example is a batch.
    public static var fewestInBatch: Int { 1 }
}

/// Examples as a model reads them, with what was left out of the files that they come from.
///
/// ```swift
/// let examples = try chat.demonstrations(contentsOf: file)
/// print(examples.report)
/// for batch in examples.batches(ofTokens: 8_192, epochs: 3, using: random.split()) { tuning.step(on: batch) }
/// ```
public struct ExampleSet<Example: TrainingExample>: Sendable {
    private let examples: [Example]
    /// The report of each file, in the order of reading.
    public let reports: [ReadingReport]

    /// Examples from anywhere.
    public init(_ examples: [Example], reports: [ReadingReport] = []) {
        self.examples = examples
        self.reports = reports
    }

    /// The records left out and the answers cut, for people; empty where there are none.
    public var report: String { reports.map(\.description).filter { !$0.isEmpty }.joined(separator: "\n") }

    /// The examples in two sets: one to train on, and a share that is held out, spread evenly over all of them.
    ///
    ///     let (training, heldOut) = pairs.holdingOut(0.05)
    ///
    /// - Parameter share: The share that is held out, at least 0 and less than 1; as many examples at least as make a
    ///   batch.
    public func holdingOut(_ share: Double) -> (training: ExampleSet, heldOut: ExampleSet) {
        guard (0..<1).contains(share) else {
            misuse("a held-out share of \(share); it is at least 0, less than 1")
        }
        let held = Swift.min(count, Swift.max(Example.fewestInBatch, Int(Double(count) * share)))
        // Example i is held out where i · held / count goes past a whole number.
        let isHeld = indices.map { ($0 + 1) * held / count > $0 * held / count }
        func part(_ side: Bool) -> [Example] { zip(examples, isHeld).filter { $1 == side }.map(\.0) }
        return (ExampleSet(part(false), reports: reports), ExampleSet(part(true)))
    }

    /// The examples batch by batch, so many in each.
    ///
    /// - Parameters:
    ///   - count: Examples of a batch, at least 1.
    ///   - epochs: The number of times each example is used; it may be a fraction.
    ///   - random: Decides the order, another in each epoch; nil for the order in which they stand.
    public func batches(
        of count: Int, epochs: Double = 1, using random: RandomSource? = nil
    ) -> ExampleBatches<Example> {
        batches(.examples(count), epochs: epochs, seed: Self.seed(random))
    }

    /// The examples batch by batch, as many in each as have so many tokens together.
    ///
    /// - Parameters:
    ///   - tokens: The most tokens of a batch; an example that has more is a batch of its own.
    ///   - epochs: The number of times each example is used; it may be a fraction.
    ///   - random: Decides the order, another in each epoch; nil for the order in which they stand.
    public func batches(
        ofTokens tokens: Int, epochs: Double = 1, using random: RandomSource? = nil
    ) -> ExampleBatches<Example> {
        batches(.tokens(tokens), epochs: epochs, seed: Self.seed(random))
    }

    /// - Parameter seed: Decides the order; nil for that in which the examples stand.
    package func batches(_ size: BatchSize, epochs: Double, seed: UInt64?) -> ExampleBatches<Example> {
        ExampleBatches(examples, size: size, epochs: epochs, seed: seed)
    }

    private static func seed(_ random: RandomSource?) -> UInt64? {
        var random = random
        return random?.next()
    }
}

extension ExampleSet: RandomAccessCollection {
    /// The number of the first example.
    public var startIndex: Int { examples.startIndex }
    /// The number of examples.
    public var endIndex: Int { examples.endIndex }
    /// The example of a number, in the order of reading.
    public subscript(number: Int) -> Example { examples[number] }
}
