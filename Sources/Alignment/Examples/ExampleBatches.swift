public import Foundation
public import LanguageModel
public import NeuralCore

/// The size of a batch.
public enum BatchSize: Sendable, Hashable {
    /// That many examples.
    case examples(Int)
    /// As many examples as have that many tokens together, and at least the fewest that make a batch.
    case tokens(Int)
}

/// The place where a batch begins.
public struct BatchPosition: Sendable, Hashable, Codable {
    /// The number of the epoch, from 0.
    public var epoch = 0
    /// Examples of this epoch that have been used.
    public var used = 0

    /// The beginning of an epoch, or a place after some of its examples.
    public init(epoch: Int = 0, used: Int = 0) {
        self.epoch = epoch
        self.used = used
    }
}

/// Examples in the order in which they are trained on, batch by batch.
///
///     var batches = examples.batches(of: 16, epochs: 3, using: random.split())
///     while let batch = batches.next() { dpo.step(on: batch) }
///
/// Every epoch takes each example once, in an order of its own. Its last batch may be smaller, or larger by those that
/// would have been too few for a batch of their own. Which examples a batch holds depends on the source of random numbers
/// and on its place alone: ``position``, kept with the checkpoint of a method, is all that a run needs to go on.
public struct ExampleBatches<Example: TrainingExample>: Sequence, IteratorProtocol, Sendable {
    /// The place where the next batch begins.
    public private(set) var position = BatchPosition()
    private let examples: [Example]
    private let size: BatchSize
    /// Examples that are used in all, those of later epochs counted again; it may be without bound.
    private let end: Double
    /// Decides the orders; nil for the order in which the examples stand.
    private let seed: UInt64?
    private var order: [Int]

    /// - Parameters:
    ///   - epochs: The number of times each example is used; infinity for no end.
    ///   - seed: Decides the orders; nil for the order in which the examples stand.
    package init(_ examples: [Example], size: BatchSize, epochs: Double = .infinity, seed: UInt64?) {
        switch size {
        case .examples(let count), .tokens(let count):
            guard count > 0, epochs > 0 else { misuse("batches of \(count) in \(epochs) epochs") }
        }
        self.examples = examples
        self.size = size
        self.seed = seed
        end = examples.isEmpty ? 0 : (epochs * Double(examples.count)).rounded(.up)
        order = []
        order = order(of: 0)
    }

    /// The next batch; nil at the end of the last epoch.
    public mutating func next() -> [Example]? {
        guard Double(position.epoch) * Double(examples.count) + Double(position.used) < end else {
            return nil
        }
        return numbers().map { examples[$0] }
    }

    /// Goes on elsewhere, such as where a run was interrupted.
    ///
    /// - Precondition: The examples have such a place.
    public mutating func move(to position: BatchPosition) {
        guard contains(position) else {
            misuse("place \(position.used) of epoch \(position.epoch) in \(examples.count) examples")
        }
        if position.epoch != self.position.epoch { order = order(of: position.epoch) }
        self.position = position
    }

    /// True if the examples have such a place.
    public func contains(_ position: BatchPosition) -> Bool {
        position.epoch >= 0 && (0...examples.count).contains(position.used)
    }

    /// The numbers of the examples of the next batch.
    private mutating func numbers() -> ArraySlice<Int> {
        if position.used == order.count { move(to: BatchPosition(epoch: position.epoch + 1)) }
        let rest = order[position.used...]
        let fewest = Example.fewestInBatch
        var count: Int
        switch size {
        case .examples(let number): count = Swift.min(number, rest.count)
        case .tokens(let limit):
            var tokens = 0
            count =
                rest.prefix { number in
                    tokens += examples[number].tokenCount
                    return tokens <= limit
                }.count
            count = Swift.min(Swift.max(fewest, count), rest.count)
        }
        if rest.count - count < fewest { count = rest.count }
        position.used += count
        return rest.prefix(count)
    }

    private func order(of epoch: Int) -> [Int] {
        guard let seed else { return Array(examples.indices) }
        var random = RandomSource(seed: seed &+ UInt64(epoch) &* 0x9E37_79B9_7F4A_7C15)
        return random.permutation(of: examples.count)
    }
}

extension ExampleBatches: Resumable {
    /// Writes ``position`` as `position.json`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try ProgressFile(in: folder, named: "position.json").write(position)
    }

    /// Goes on where ``writeCheckpoint(to:)`` was.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        move(
            to: try ProgressFile(in: folder, named: "position.json").read(
                expecting: "the place in the examples"
            ) { contains($0) })
    }
}

/// Counts over the batches to come, for estimates of a run. Of very many batches the first are counted, and the
/// others are taken to be like them.
extension ExampleBatches {
    /// The most examples counted; a few seconds' worth.
    private static var surveyedExamples: Int { 20_000_000 }

    /// The number of batches from the beginning to the end of the last epoch.
    public var batchCount: Int {
        var copy = self
        copy.move(to: BatchPosition())
        var (batches, used) = (0, 0)
        while Double(used) < end, used < Self.surveyedExamples {
            used += copy.numbers().count
            batches += 1
        }
        guard Double(used) < end, used > 0 else { return batches }
        return Int(Swift.min(1e18, (end * Double(batches) / Double(used)).rounded(.up)))
    }

    /// Tokens of an example, on average.
    package var meanLength: Int { examples.reduce(0) { $0 + $1.tokenCount } / Swift.max(1, examples.count) }

    /// The tokens of the next batches, `count` of them, and where the one that has the most begins, with its tokens.
    package func survey(of count: Int) -> (tokens: Double, largest: BatchPosition, most: Int) {
        var (copy, tokens, most, largest, surveyed, used) = (self, 0, -1, position, 0, 0)
        while surveyed < count, used < Self.surveyedExamples {
            let begin = copy.position
            let batch = copy.numbers()
            let here = batch.reduce(0) { $0 + examples[$1].tokenCount }
            tokens += here
            if here > most { (most, largest) = (here, begin) }
            (surveyed, used) = (surveyed + 1, used + Swift.max(1, batch.count))
        }
        let factor = surveyed == count ? 1 : Double(count) / Double(surveyed)
        return (Double(tokens) * factor, largest, Swift.max(0, most))
    }

    /// The sum over the next batches of a figure that follows from how many examples one has.
    package func sum(ofNext count: Int, _ figure: (_ examples: Int) -> Int) -> Int {
        var (copy, sum, surveyed, used) = (self, 0, 0, 0)
        while surveyed < count, used < Self.surveyedExamples {
            let examples = copy.numbers().count
            sum += figure(examples)
            (surveyed, used) = (surveyed + 1, used + Swift.max(1, examples))
        }
        return surveyed == count ? sum : Int(Double(sum) / Double(surveyed) * Double(count))
    }
}
