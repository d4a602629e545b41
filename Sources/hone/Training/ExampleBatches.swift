import Foundation
import NeuralCore

/// The order in which examples are trained on, batch by batch.
///
/// Every epoch takes each example once, in an order of its own; its last batch may be smaller, or larger by those that
/// would have been too few for a batch of their own. Which examples a batch
/// holds depends on the seed and on its place alone.
struct ExampleBatches {
    /// How much goes into a batch.
    enum Size {
        /// So many examples.
        case examples(Int)
        /// As many examples as have so many tokens together, and at least the fewest that make a batch.
        case tokens(Int)
    }

    /// Where the next batch begins.
    struct Position: Codable {
        var epoch = 0
        /// Examples of this epoch that have been used.
        var used = 0
    }

    private(set) var position = Position()
    private let lengths: [Int]
    private let size: Size
    private let fewest: Int
    private let isShuffled: Bool
    private let seed: UInt64
    private var order: [Int]

    /// - Parameters:
    ///   - lengths: Tokens of each example.
    ///   - fewest: The fewest examples that make a batch, where there are as many.
    init(lengths: [Int], size: Size, fewest: Int = 1, isShuffled: Bool, seed: UInt64) {
        self.fewest = fewest
        self.lengths = lengths
        self.size = size
        self.isShuffled = isShuffled
        self.seed = seed
        order = []
        order = order(of: 0)
    }

    /// Tokens of an example, on average.
    var meanLength: Int { lengths.reduce(0, +) / max(1, lengths.count) }

    /// The numbers of the examples of the next batch.
    mutating func next() -> [Int] {
        if position.used == order.count { move(to: Position(epoch: position.epoch + 1)) }
        let rest = order[position.used...]
        var count: Int
        switch size {
        case .examples(let number): count = min(number, rest.count)
        case .tokens(let limit):
            var tokens = 0
            count =
                rest.prefix { index in
                    tokens += lengths[index]
                    return tokens <= limit
                }.count
            count = min(max(fewest, count), rest.count)
        }
        if rest.count - count < fewest { count = rest.count }
        position.used += count
        return Array(rest.prefix(count))
    }

    /// Goes on elsewhere.
    mutating func move(to position: Position) {
        if position.epoch != self.position.epoch { order = order(of: position.epoch) }
        self.position = position
    }

    /// The tokens of the next batches, `count` of them, and where the one that has the most begins, with its tokens.
    ///
    /// Of very many batches the first are looked at, and the others are taken to be like them.
    func survey(of count: Int) -> (tokens: Double, largest: Position, most: Int) {
        var (copy, tokens, most, largest, surveyed, used) = (self, 0, -1, position, 0, 0)
        while surveyed < count, used < Self.surveyedExamples {
            let begin = copy.position
            let batch = copy.next()
            let here = batch.reduce(0) { $0 + lengths[$1] }
            tokens += here
            if here > most { (most, largest) = (here, begin) }
            (surveyed, used) = (surveyed + 1, used + max(1, batch.count))
        }
        let factor = surveyed == count ? 1 : Double(count) / Double(surveyed)
        return (Double(tokens) * factor, largest, max(0, most))
    }

    /// The sum over the next batches of a figure that follows from how many examples one has.
    ///
    /// Of very many batches the first are looked at, and the others are taken to be like them.
    func sum(ofNext count: Int, _ figure: (_ examples: Int) -> Int) -> Int {
        var (copy, sum, surveyed, used) = (self, 0, 0, 0)
        while surveyed < count, used < Self.surveyedExamples {
            let examples = copy.next().count
            sum += figure(examples)
            (surveyed, used) = (surveyed + 1, used + max(1, examples))
        }
        return surveyed == count ? sum : Int(Double(sum) / Double(surveyed) * Double(count))
    }

    /// How many examples are looked at to know what a run will take; a few seconds' worth.
    private static let surveyedExamples = 20_000_000

    /// How many batches a number of epochs have, which may be fractional.
    ///
    /// Of very many examples the first are looked at, and the others are taken to be like them.
    func batches(inEpochs epochs: Double) -> Int {
        let examples = (epochs * Double(lengths.count)).rounded(.up)
        var copy = self
        copy.move(to: Position())
        var (batches, used) = (0, 0)
        while Double(used) < examples, used < Self.surveyedExamples, !lengths.isEmpty {
            used += copy.next().count
            batches += 1
        }
        guard Double(used) < examples, used > 0 else { return batches }
        return Int(min(1e18, (examples * Double(batches) / Double(used)).rounded(.up)))
    }

    private func order(of epoch: Int) -> [Int] {
        guard isShuffled else { return Array(lengths.indices) }
        var random = RandomSource(seed: seed &+ UInt64(epoch) &* 0x9E37_79B9_7F4A_7C15)
        return random.permutation(of: lengths.count)
    }
}

extension ExampleBatches {
    /// Writes where the next batch begins.
    func writePosition(to folder: URL) throws { try PositionFile.write(position, to: folder) }

    /// Goes on where ``writePosition(to:)`` was.
    mutating func readPosition(from folder: URL) throws {
        move(
            to: try PositionFile.read(from: folder) { (position: Position) in
                position.epoch >= 0 && (0...lengths.count).contains(position.used)
            })
    }
}
