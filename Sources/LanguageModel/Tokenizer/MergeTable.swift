/// The merges of a byte-pair encoding: which two adjacent tokens become which one, and which merge comes first.
///
/// One open-addressing table from pair to merge; a lookup touches one or two cache lines.
struct MergeTable: Sendable {
    /// A merge as one number: its rank in the upper half, so that merges compare by rank, and its result in the lower.
    struct Merge: Equatable, Sendable {
        let rawValue: UInt64

        /// No merge; its rank is above every other.
        static let none = Merge(rawValue: .max)

        init(rawValue: UInt64) { self.rawValue = rawValue }

        init(rank: Int32, result: Int32) {
            rawValue = UInt64(UInt32(bitPattern: rank)) << 32 | UInt64(UInt32(bitPattern: result))
        }

        @inline(__always)
        var rank: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
        @inline(__always)
        var result: Int32 { Int32(truncatingIfNeeded: rawValue) }
    }

    /// A merge with its pair, as the tables are filled.
    struct Rule: Equatable, Sendable {
        var left: Int32
        var right: Int32
        var result: Int32
    }

    fileprivate struct Slot: Sendable {
        var pair: UInt64
        var merge: Merge
    }

    fileprivate static let emptyPair = UInt64.max

    private var slots: ContiguousArray<Slot>
    private var shift: UInt64
    private let hash = ByteHash()
    private(set) var count = 0

    /// - Parameter capacity: The number of merges that fit at first.
    init(capacity: Int) {
        let size = (2 * capacity + 2).roundedUpToPowerOfTwo
        slots = ContiguousArray(repeating: Slot(pair: Self.emptyPair, merge: .none), count: size)
        shift = UInt64(64 - size.trailingZeroBitCount)
    }

    /// - Parameter rules: The merges in their order; of two with the same pair the later counts.
    init(_ rules: [Rule]) {
        self.init(capacity: rules.count)
        for (rank, rule) in rules.enumerated() {
            insert(left: rule.left, right: rule.right, Merge(rank: Int32(rank), result: rule.result))
        }
    }

    /// Adds a merge, or replaces the merge of that pair.
    mutating func insert(left: Int32, right: Int32, _ merge: Merge) {
        if 2 * (count + 1) > slots.count { grow() }
        let pair = Self.pair(left, right)
        var index = Int(truncatingIfNeeded: hash.hash(pair: pair) >> shift)
        while slots[index].pair != Self.emptyPair, slots[index].pair != pair {
            index = (index + 1) & (slots.count - 1)
        }
        if slots[index].pair == Self.emptyPair { count += 1 }
        slots[index] = Slot(pair: pair, merge: merge)
    }

    private mutating func grow() {
        let old = self
        self = MergeTable(capacity: slots.count)
        for slot in old.slots where slot.pair != Self.emptyPair {
            insert(
                left: Int32(truncatingIfNeeded: slot.pair >> 32), right: Int32(truncatingIfNeeded: slot.pair),
                slot.merge)
        }
    }

    /// Calls `body` with a view of the table whose lookups check no bounds.
    @inline(__always)
    func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
        slots.withUnsafeBufferPointer { slots in
            body(
                Lookup(
                    slots: slots.baseAddress.unsafelyUnwrapped, mask: slots.count - 1, shift: shift,
                    hash: hash))
        }
    }

    /// A borrowed view of a merge table.
    struct Lookup {
        fileprivate let slots: UnsafePointer<Slot>
        fileprivate let mask: Int
        fileprivate let shift: UInt64
        fileprivate let hash: ByteHash

        /// The merge of two adjacent tokens, or `.none`.
        @inline(__always)
        subscript(left: Int32, right: Int32) -> Merge {
            let pair = MergeTable.pair(left, right)
            var index = Int(truncatingIfNeeded: hash.hash(pair: pair) >> shift)
            while true {
                let slot = slots[index]
                if slot.pair == pair { return slot.merge }
                if slot.pair == MergeTable.emptyPair { return .none }
                index = (index + 1) & mask
            }
        }
    }

    @inline(__always)
    fileprivate static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}
