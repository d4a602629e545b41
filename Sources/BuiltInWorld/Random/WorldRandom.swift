/// A small generator of random numbers that can be split into independent streams by name.
///
/// The same seed gives the same numbers on every platform and with every toolchain: the draws below are our own, as
/// the standard library does not promise that its `random(in:using:)` stays the same. Streams depend on the seed and
/// their name only, so that adding a page to the website does not change a single conversation.
///
/// - SeeAlso: SplitMix64, [Steele, Lea & Flood 2014](https://doi.org/10.1145/2660193.2660195), Fig. 16. Departure: streams
///   are seeded by hashing a name instead of by drawing a second odd constant.
public struct WorldRandom: Sendable {
    private let seed: UInt64
    private var state: UInt64

    /// Starts the stream that belongs to `seed`.
    public init(seed: UInt64) {
        self.seed = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15)
        self.state = self.seed
    }

    /// The stream called `name`, independent of this one and of how far this one has been read.
    public func stream(_ name: String) -> WorldRandom {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return WorldRandom(seed: seed ^ Self.mixed(hash))
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension WorldRandom {
    /// A whole number in `0 ..< bound`; off from uniform by less than `bound` / 2⁶⁴.
    public mutating func index(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A whole number in `range`.
    public mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + index(below: range.count)
    }

    /// Uniform in `[0, 1)`.
    public mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// True with the given probability.
    public mutating func chance(_ probability: Double) -> Bool { fraction() < probability }

    /// One of `elements`, each as likely as the others.
    public mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }

    /// `count` different positions of `elements`, in random order.
    public mutating func pick<Element>(_ count: Int, of elements: [Element]) -> [Element] {
        Array(shuffled(elements).prefix(count))
    }

    /// A permutation of `elements`.
    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        guard result.count > 1 else { return result }
        for last in stride(from: result.count - 1, through: 1, by: -1) {
            result.swapAt(last, index(below: last + 1))
        }
        return result
    }

    /// One of the keys, as likely as its weight says.
    public mutating func pick<Element>(weighted choices: [(Element, Double)]) -> Element {
        var rest = fraction() * choices.reduce(0) { $0 + $1.1 }
        for (element, weight) in choices {
            rest -= weight
            if rest < 0 { return element }
        }
        return choices[choices.count - 1].0
    }
}

/// Deals its cards in random order, every one of them before any comes again.
///
/// A town should tell about all of its people equally often.
struct Deck<Card: Sendable>: Sendable {
    private let cards: [Card]
    private var rest: [Card] = []
    private var random: WorldRandom

    init(_ cards: [Card], using random: WorldRandom) {
        self.cards = cards
        self.random = random
    }

    mutating func deal() -> Card {
        if rest.isEmpty { rest = random.shuffled(cards) }
        return rest.removeLast()
    }

    mutating func deal(_ count: Int) -> [Card] { (0..<count).map { _ in deal() } }
}
