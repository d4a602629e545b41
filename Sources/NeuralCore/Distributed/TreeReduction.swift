import CKernels

/// Adds up partial sums of several ranks by the tree of ``PairwiseSum``.
///
/// Each rank is given an equal range of the elements to add up: all send it what they have of that range, it adds in the
/// order of the tree, and all receive the result. A rank sends and receives as many bytes as in the best of other
/// reductions, 2 (R − 1) / R times the gradient, where each rank comes with one partial sum.
///
/// - SeeAlso: reduce-scatter and all-gather of [Thakur et al. 2005](https://doi.org/10.1177/1094342005051521), section 4.
///   Departure: ranks send their ranges directly, not along a ring, so that the order of the sum is free.
struct TreeReduction: Sendable {
    /// The partial sums of this rank.
    private let arrays: [FlatArrays]
    /// The first of them, which becomes the sum.
    private let sum: FlatArrays
    /// The range that each rank adds up.
    private let shares: [Range<Int>]
    /// True where all ranks receive all sums.
    private let isGathered: Bool
    private let parts: Int
    /// The partial sums of each rank, by their places in the tree.
    private let ranks: [[PairwiseSum<Void>.Node]]
    private let isRounded: Bool

    /// - Parameter shares: The range of each rank, which alone receives its sum; nil for equal ones whose sums all receive.
    init(
        of arrays: [FlatArrays], into sum: FlatArrays, shares: [Range<Int>]? = nil, parts: Int,
        ranks: [[PairwiseSum<Void>.Node]], isRounded: Bool
    ) {
        (self.arrays, self.sum, self.parts, self.ranks) = (arrays, sum, parts, ranks)
        self.isRounded = isRounded
        let size = ranks.count
        self.shares = shares ?? (0..<size).map { $0 * sum.count / size..<($0 + 1) * sum.count / size }
        isGathered = shares == nil
    }

    /// Elements that a round sends from all ranks together, for one partial sum of each.
    private static let elementsInRound = 1 << 22

    func run(_ means: ReductionMeans) {
        for ranges in Self.rounds(of: shares) { reduce(ranges, means) }
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
    static func gather(_ arrays: FlatArrays, _ shares: [Range<Int>], _ means: ReductionMeans) {
        let rank = means.communicator.rank
        for ranges in rounds(of: shares) {
            let all = ElementBuffer(.sent, count: ranges.reduce(0) { $0 + $1.count }, isRounded: false, means)
            let before = ranges[..<rank].reduce(0) { $0 + $1.count }
            all.store(at: before, count: ranges[rank].count) { arrays.read(ranges[rank], to: $0, means) }
            all.gather(ranges, to: arrays)
        }
    }

    /// Adds up a range for each rank, and gives the sums to all.
    private func reduce(_ ranges: [Range<Int>], _ means: ReductionMeans) {
        let rank = means.communicator.rank
        let own = ranges[rank].count
        let elements = ranges.reduce(0) { $0 + $1.count }
        let outgoing = ElementBuffer(.sent, count: arrays.count * elements, isRounded: isRounded, means)
        var place = 0
        for range in ranges {
            for array in arrays {
                outgoing.store(at: place, count: range.count) { array.read(range, to: $0, means) }
                place += range.count
            }
        }
        let sources = ranks.map(\.count)
        let incoming = ElementBuffer(
            .received, count: sources.reduce(0, +) * own, isRounded: isRounded, means)
        means.communicator.exchange(
            outgoing.bytes, sending: ranges.map { arrays.count * outgoing.size(of: $0.count) },
            into: incoming.mutableBytes, receiving: sources.map { $0 * incoming.size(of: own) })

        // In the place of what was sent.
        let all = ElementBuffer(.sent, count: elements, isRounded: isRounded, means)
        if own > 0 {
            let values = incoming.floats()
            var tree = PairwiseSum<UnsafeMutablePointer<Float>>(of: parts) { sum, value in
                let (sum, value) = (sum, UnsafePointer(value))
                means.forElements(own) { ck_add(sum, sum, value, $0.lowerBound, $0.upperBound) }
            }
            for (number, node) in ranks.joined().enumerated() {
                tree.take(values + number * own, level: node.level, index: node.index)
            }
            let result = tree.nodes[0].value
            if isGathered {
                let before = ranges[..<rank].reduce(0) { $0 + $1.count }
                all.store(at: before, count: own) { $0.update(from: result, count: own) }
            } else {
                sum.write(result, to: ranges[rank], means)
            }
        }
        if isGathered { all.gather(ranges, to: sum) }
    }
}

/// Elements on their way from rank to rank, as float32 or rounded to bfloat16, in memory of a kind that nothing else uses
/// meanwhile.
private struct ElementBuffer {
    private let count: Int
    private let isRounded: Bool
    private let means: ReductionMeans
    private let storage: UnsafeMutableRawPointer

    init(_ use: ReductionMemory.Use, count: Int, isRounded: Bool, _ means: ReductionMeans) {
        (self.count, self.isRounded, self.means) = (count, isRounded, means)
        storage = means.memory.block(use, byteCount: count * (isRounded ? 2 : 4))
    }

    func size(of elements: Int) -> Int { elements * (isRounded ? 2 : 4) }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(mutableBytes) }
    var mutableBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: storage, count: size(of: count))
    }

    /// Has `body` fill some of the elements.
    func store(at place: Int, count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        guard count > 0 else { return }
        guard isRounded else { return body(storage.assumingMemoryBound(to: Float.self) + place) }
        let wide = means.memory.block(.unrounded, byteCount: 4 * count).assumingMemoryBound(to: Float.self)
        body(wide)
        let target = storage.assumingMemoryBound(to: UInt16.self) + place
        means.forElements(count) { ck_bfloat16_from_float32(target, wide, $0.lowerBound, $0.upperBound) }
    }

    /// All elements as float32, until those of another buffer are asked for.
    func floats() -> UnsafeMutablePointer<Float> {
        guard isRounded else { return storage.assumingMemoryBound(to: Float.self) }
        let wide = means.memory.block(.widened, byteCount: 4 * count).assumingMemoryBound(to: Float.self)
        let source = storage.assumingMemoryBound(to: UInt16.self)
        means.forElements(count) { ck_float32_from_bfloat16(wide, source, $0.lowerBound, $0.upperBound) }
        return wide
    }

    /// Gives the elements of each rank to all, and writes them where they belong.
    func gather(_ ranges: [Range<Int>], to arrays: FlatArrays) {
        let rank = means.communicator.rank
        let before = ranges[..<rank].reduce(0) { $0 + $1.count }
        means.communicator.gather(
            UnsafeRawBufferPointer(rebasing: bytes[size(of: before)...].prefix(size(of: ranges[rank].count))),
            into: mutableBytes, counts: ranges.map { size(of: $0.count) })
        var place = 0
        let values = floats()
        for range in ranges {
            arrays.write(values + place, to: range, means)
            place += range.count
        }
    }
}
