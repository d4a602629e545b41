package import CKernels

/// A reproducible, splittable source of random numbers, passed where it is used.
///
///     var random = RandomSource(seed: 42)
///     let weights = Linear(inputs: 768, outputs: 3072, using: &random)
///     var sampling = random.split()          // independent of everything `random` gives later
///
/// Block `i` of a stream is the Philox permutation of the counter `(i, stream)` under a key, so a source is three
/// integers, a copy replays what its original gives, and a buffer is filled in any order with the same bits. Each
/// single draw takes one block; a fill takes one for every four elements. The same seed gives the same bits on every
/// processor.
///
/// Not for cryptography.
///
/// - SeeAlso: [Salmon et al. 2011](https://doi.org/10.1145/2063384.2063405), Philox4x32-10. Departures: none; the
///   upper half of the counter names the stream.
public struct RandomSource: Sendable, Hashable, RandomNumberGenerator {
    private let key: UInt64
    private let stream: UInt64
    private var position: UInt64

    /// The source that `seed` names.
    public init(seed: UInt64) {
        self.init(key: seed, stream: 0)
    }

    /// The first block of stream number `stream` under `key`.
    package init(key: UInt64, stream: UInt64, position: UInt64 = 0) {
        self.key = key
        self.stream = stream
        self.position = position
    }

    /// The state of this source, for a kernel that computes its own random numbers from it.
    package var state: ck_random {
        ck_random(key: key, stream: stream, position: position)
    }

    /// Passes over `count` blocks of four words.
    package mutating func skip(blocks count: Int) {
        position &+= UInt64(count)
    }

    /// The block that this source stands at; the source moves on to the next one.
    mutating func block() -> (UInt32, UInt32, UInt32, UInt32) {
        defer { skip(blocks: 1) }
        return ck_random_block_at(state).word
    }

    /// Sixty-four random bits, for the standard library's generic algorithms.
    public mutating func next() -> UInt64 {
        let (low, high, _, _) = block()
        return UInt64(high) << 32 | UInt64(low)
    }

    /// A new source whose numbers are independent of all that this one, or another split from it, gives.
    ///
    /// One block becomes the key and the stream of the new source: 128 random bits, so two sources of one program
    /// coincide with a probability that can be neglected (2⁻⁸⁹ for a million splits).
    public mutating func split() -> RandomSource {
        let (a, b, c, d) = block()
        return RandomSource(
            key: UInt64(b) << 32 | UInt64(a),
            stream: UInt64(d) << 32 | UInt64(c))
    }
}

extension RandomSource: Codable {
    private enum CodingKeys: String, CodingKey { case key, stream, position }

    /// Reads a source, which then continues as the one that was written would have.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func word(_ key: CodingKeys) throws -> UInt64 {
            UInt64(bitPattern: try fields.decode(Int64.self, forKey: key))
        }
        self.init(key: try word(.key), stream: try word(.stream), position: try word(.position))
    }

    /// Writes the three integers as signed ones: of those every reader of JSON keeps all digits.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        for (name, word) in [(CodingKeys.key, key), (.stream, stream), (.position, position)] {
            try fields.encode(Int64(bitPattern: word), forKey: name)
        }
    }
}

extension RandomSource {
    /// An integer from `range`, each as likely as the others.
    ///
    /// - Precondition: `range` is not empty.
    /// - SeeAlso: [Lemire 2019](https://doi.org/10.1145/3230636), Algorithm 5. Departures: none.
    public mutating func integer(in range: Range<Int>) -> Int {
        guard !range.isEmpty else { misuse("there is no integer in the empty range \(range)") }
        let count = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
        var product = next().multipliedFullWidth(by: count)
        if product.low < count {
            // 2⁶⁴ mod count low parts belong to an incomplete round of the range.
            let incomplete = (0 &- count) % count
            while product.low < incomplete { product = next().multipliedFullWidth(by: count) }
        }
        return range.lowerBound &+ Int(truncatingIfNeeded: product.high)
    }

    /// Puts `elements` in a random order, each of the orders as likely as the others.
    ///
    /// - Complexity: O(`elements.count`).
    /// - SeeAlso: Knuth, *The Art of Computer Programming*, volume 2, Algorithm 3.4.2P. Departures: none.
    public mutating func shuffle(_ elements: inout some RandomAccessCollection & MutableCollection) {
        var end = elements.endIndex
        var remaining = elements.count
        while remaining > 1 {
            let chosen = elements.index(elements.startIndex, offsetBy: integer(in: 0..<remaining))
            elements.formIndex(before: &end)
            elements.swapAt(chosen, end)
            remaining -= 1
        }
    }

    /// The integers from 0 up to `count`, in a random order.
    public mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }
}
