import CKernels

/// Adds up partial sums of several ranks by the tree of ``PairwiseSum``.
///
/// Each rank is given an equal range of the elements to add up: all send it what they have of that range, it adds in the
/// order of the tree, and all receive the result. A rank sends and receives as many bytes as in the best of other
/// reductions, 2 (R − 1) / R times the gradient, where each rank comes with one partial sum.
///
/// - SeeAlso: reduce-scatter and all-gather of [Thakur et al. 2005](https://doi.org/10.1177/1094342005051521), section 4.
///   Departure: ranks send their ranges directly, not along a ring, so that the order of the sum is free.
struct TreeReduction {
    /// The partial sums of this rank.
    private let arrays: [FlatArrays]
    /// The first of them, which becomes the sum.
    private let sum: FlatArrays
    /// The range that each rank adds up.
    private let shares: [Range<Int>]
    /// True where all ranks receive all sums.
    private let isGathered: Bool
    private let count: Int
    /// The partial sums of each rank, by their places in the tree.
    private let ranks: [[PairwiseSum<Void>.Node]]
    private let communicator: any Communicator
    private let isRounded: Bool

    /// - Parameter shares: The range of each rank, which alone receives its sum; nil for equal ones whose sums all receive.
    init(
        of arrays: [FlatArrays], into sum: FlatArrays, shares: [Range<Int>]? = nil, count: Int,
        ranks: [[PairwiseSum<Void>.Node]],
        _ communicator: any Communicator, isRounded: Bool
    ) {
        (self.arrays, self.sum, self.count, self.ranks) = (arrays, sum, count, ranks)
        (self.communicator, self.isRounded) = (communicator, isRounded)
        let size = communicator.size
        self.shares = shares ?? (0..<size).map { $0 * sum.count / size..<($0 + 1) * sum.count / size }
        isGathered = shares == nil
    }

    /// Elements that a round sends from all ranks together, for one partial sum of each.
    private static let elementsInRound = 1 << 22

    func run() {
        for ranges in Self.rounds(of: shares) { reduce(ranges) }
    }

    /// The shares of ranks cut into pieces that go over the network together.
    private static func rounds(of shares: [Range<Int>]) -> [[Range<Int>]] {
        let longest = shares.map(\.count).max() ?? 0
        let step = max(1 << 12, elementsInRound / shares.count)
        return stride(from: 0, to: longest, by: step).map { begin in
            shares.map { share in
                let ends = [begin, begin + step].map { min(share.upperBound, share.lowerBound + $0) }
                return ends[0]..<ends[1]
            }
        }
    }

    /// Gives the share of each rank to all.
    static func gather(_ arrays: FlatArrays, _ shares: [Range<Int>], _ communicator: any Communicator) {
        for ranges in rounds(of: shares) {
            var all = ElementBuffer(count: ranges.reduce(0) { $0 + $1.count }, isRounded: false)
            let range = ranges[communicator.rank]
            let before = ranges[..<communicator.rank].reduce(0) { $0 + $1.count }
            all.store(at: before, count: range.count) { arrays.read(range, to: $0) }
            all.gather(ranges, communicator, to: arrays)
            all.free()
        }
    }

    /// Adds up a range for each rank, and gives the sums to all.
    private func reduce(_ ranges: [Range<Int>]) {
        let own = ranges[communicator.rank].count
        let outgoing = ElementBuffer(
            count: arrays.count * ranges.reduce(0) { $0 + $1.count }, isRounded: isRounded)
        var place = 0
        for range in ranges {
            for array in arrays {
                outgoing.store(at: place, count: range.count) { array.read(range, to: $0) }
                place += range.count
            }
        }
        let sources = ranks.map(\.count)
        var incoming = ElementBuffer(count: sources.reduce(0, +) * own, isRounded: isRounded)
        communicator.exchange(
            outgoing.bytes, sending: ranges.map { arrays.count * outgoing.size(of: $0.count) },
            into: incoming.mutableBytes, receiving: sources.map { $0 * incoming.size(of: own) })
        outgoing.free()

        var all = ElementBuffer(count: ranges.reduce(0) { $0 + $1.count }, isRounded: isRounded)
        let before = ranges[..<communicator.rank].reduce(0) { $0 + $1.count }
        if own > 0 {
            let values = incoming.floats()
            var tree = PairwiseSum<UnsafeMutablePointer<Float>>(of: count) { sum, value in
                let (sum, value) = (sum, UnsafePointer(value))
                parallelElements(own) { ck_add(sum, sum, value, $0.lowerBound, $0.upperBound) }
            }
            for (number, node) in ranks.joined().enumerated() {
                tree.take(values + number * own, level: node.level, index: node.index)
            }
            let result = tree.nodes[0].value
            if isGathered {
                all.store(at: before, count: own) { $0.update(from: result, count: own) }
            } else {
                sum.write(result, to: ranges[communicator.rank])
            }
        }
        incoming.free()
        if isGathered { all.gather(ranges, communicator, to: sum) }
        all.free()
    }
}

/// Elements on their way from rank to rank, as float32 or rounded to bfloat16.
private struct ElementBuffer {
    private let count: Int
    private let isRounded: Bool
    private let storage: UnsafeMutableRawBufferPointer
    /// The elements as float32 where they are sent otherwise.
    private var widened: UnsafeMutablePointer<Float>?

    init(count: Int, isRounded: Bool) {
        (self.count, self.isRounded) = (count, isRounded)
        storage = .allocate(byteCount: max(4, count * (isRounded ? 2 : 4)), alignment: 64)
    }

    func size(of elements: Int) -> Int { elements * (isRounded ? 2 : 4) }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(mutableBytes) }
    var mutableBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: storage.prefix(size(of: count)))
    }

    /// Has `body` fill some of the elements.
    func store(at place: Int, count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        guard let base = storage.baseAddress, count > 0 else { return }
        guard isRounded else {
            return body(base.assumingMemoryBound(to: Float.self) + place)
        }
        let wide = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { wide.deallocate() }
        body(wide)
        let target = base.assumingMemoryBound(to: UInt16.self) + place
        parallelElements(count) { ck_bfloat16_from_float32(target, wide, $0.lowerBound, $0.upperBound) }
    }

    /// All elements as float32.
    mutating func floats() -> UnsafeMutablePointer<Float> {
        guard isRounded else { return storage.baseAddress!.assumingMemoryBound(to: Float.self) }
        let wide = widened ?? UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
        widened = wide
        let source = storage.baseAddress!.assumingMemoryBound(to: UInt16.self)
        parallelElements(count) { ck_float32_from_bfloat16(wide, source, $0.lowerBound, $0.upperBound) }
        return wide
    }

    /// Gives the elements of each rank to all, and writes them where they belong.
    mutating func gather(_ ranges: [Range<Int>], _ communicator: any Communicator, to arrays: FlatArrays) {
        let before = ranges[..<communicator.rank].reduce(0) { $0 + $1.count }
        let width = size(of: ranges[communicator.rank].count)
        communicator.gather(
            UnsafeRawBufferPointer(rebasing: bytes[size(of: before)...].prefix(width)),
            into: mutableBytes, counts: ranges.map { size(of: $0.count) })
        var place = 0
        let values = floats()
        for range in ranges {
            arrays.write(values + place, to: range)
            place += range.count
        }
    }

    func free() {
        widened?.deallocate()
        storage.deallocate()
    }
}
