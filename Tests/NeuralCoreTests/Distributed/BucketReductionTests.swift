import Foundation
import NeuralCore
import Synchronization
import TestSupport
import Testing

@Suite struct BucketReductionTests {
    /// Parameters of some sizes.
    private struct Weights: Module {
        var parts: [Tensor]

        init(_ counts: [Int]) { parts = counts.map { Tensor(zeros: [$0]) } }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            for index in parts.indices { visitor.visit(&parts[index], named: "part\(index)") }
        }
    }

    private static let counts = [61, 7, 0, 20, 13, 40, 1, 9]

    private static func gradient(of part: Int, _ parameter: Int) -> Tensor {
        var random = RandomSource(seed: UInt64(part * counts.count + parameter))
        return Tensor(of: [counts[parameter]], from: .normal(standardDeviation: 3), using: &random)
    }

    /// The sums of as many parts on each rank, on which parameters become whole in another order.
    ///
    /// - Parameter isDealt: True where a rank gets the sums of its own parameters; those of others are left out.
    private static func sums(
        parts: Int, ranks: Int, bucketSize: Int, _ reduction: GradientReduction = .exact,
        isDealt: Bool = false
    ) throws -> [[[Float]]] {
        try onRanks(ranks) { communicator in
            var sharing = WorkSharing(parts: parts, among: communicator, reduction: reduction)
            sharing.bucketSize = bucketSize
            let shares = isDealt ? ParameterShares(of: Weights(counts), among: ranks) : nil
            var sum = GradientSum(of: parts, at: Weights(counts), sharing, dealt: shares)
            var random = RandomSource(seed: UInt64(communicator.rank))
            for part in sharing.own(of: parts) {
                var order = Array(counts.indices.reversed())
                if communicator.rank == 1 { order.reverse() }
                if communicator.rank > 1 { random.shuffle(&order) }
                for parameter in order {
                    sum.take(gradient(of: part, parameter), ofParameter: parameter, part: part)
                }
            }
            let sums = sum.total(at: Weights(counts)).parameters.map(\.value.scalars)
            return sums.indices.map {
                (shares?.owners[$0] ?? communicator.rank) == communicator.rank ? sums[$0] : []
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 7, 8], [1, 20, 64, 1 << 20])
    func theSameBitsInBucketsOfAnySize(parts: Int, bucketSize: Int) throws {
        let alone = try Self.sums(parts: parts, ranks: 1, bucketSize: bucketSize)[0]
        for ranks in 2...5 {
            for sum in try Self.sums(parts: parts, ranks: ranks, bucketSize: bucketSize) {
                #expect(sum == alone, "\(parts) parts on \(ranks) ranks")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 8], [1, 20, 1 << 20])
    func aRankGetsTheSameBitsOfItsOwnParameters(parts: Int, bucketSize: Int) throws {
        let alone = try Self.sums(parts: parts, ranks: 1, bucketSize: bucketSize)[0]
        for ranks in 2...5 {
            let sums = try Self.sums(parts: parts, ranks: ranks, bucketSize: bucketSize, isDealt: true)
            let all = alone.indices.map { parameter in sums.flatMap { $0[parameter] } }
            #expect(all == alone, "\(parts) parts on \(ranks) ranks")
        }
    }

    @Test func bucketsChangeNoBitOfAPlainSum() throws {
        let whole = try Self.sums(parts: 6, ranks: 3, bucketSize: 1 << 20, .plain)
        #expect(try whole == Self.sums(parts: 6, ranks: 3, bucketSize: 20, .plain))
    }

    /// Rounding is of partial sums, wherever they are sent.
    @Test func bucketsChangeNoBitOfASumInBfloat16() throws {
        let whole = try Self.sums(parts: 6, ranks: 3, bucketSize: 1 << 20, .bfloat16)
        let cut = try Self.sums(parts: 6, ranks: 3, bucketSize: 20, .bfloat16)
        #expect(whole == cut)
        #expect(try whole != Self.sums(parts: 6, ranks: 3, bucketSize: 20))
    }

    /// More elements than go over the network at once.
    @Test(arguments: [false, true]) func aLargeParameterGoesInRounds(isDealt: Bool) throws {
        let counts = [(1 << 22) + 4_099, 5]
        let found = try onRanks(2) { communicator in
            let sharing = WorkSharing(parts: 2, among: communicator)
            let model = Weights(counts)
            let shares = isDealt ? ParameterShares(of: model, among: 2) : nil
            var sum = GradientSum(of: 2, at: model, sharing, dealt: shares)
            for parameter in [1, 0] {
                let values = (0..<counts[parameter]).map { Float(($0 % 4_093 + 1) * (communicator.rank + 1)) }
                sum.take(Tensor(values), ofParameter: parameter, part: communicator.rank)
            }
            return sum.total(at: model).parts.map { sum in
                sum.scalars.enumerated().allSatisfy { $1 == Float(3 * ($0 % 4_093 + 1)) }
            }
        }
        #expect(found == (isDealt ? [[true, false], [false, true]] : [[true, true], [true, true]]))
    }

    @Test func bfloat16SendsHalfTheBytes() throws {
        func bytes(_ reduction: GradientReduction) throws -> [Int] {
            try onRanks(3) { communicator in
                let calls = Calls()
                let sharing = WorkSharing(
                    parts: 3, among: CountingRank(own: communicator, calls: calls), reduction: reduction)
                var sum = GradientSum(of: 3, at: Weights(Self.counts), sharing)
                for parameter in Self.counts.indices {
                    let gradient = Self.gradient(of: communicator.rank, parameter)
                    sum.take(gradient, ofParameter: parameter, part: communicator.rank)
                }
                _ = sum.total(at: Weights(Self.counts))
                return calls.bytes
            }
        }
        let elements = Self.counts.reduce(0, +)
        let shares = (0..<3).map { ($0 + 1) * elements / 3 - $0 * elements / 3 }
        #expect(try bytes(.exact) == shares.map { 4 * (elements + $0) })
        #expect(try bytes(.bfloat16) == shares.map { 2 * (elements + $0) })
    }

    /// How sums are made, the sizes of parameters, and the calls that they take: those before the last parameter is whole, and the rest.
    struct Way: Sendable {
        var reduction = GradientReduction.exact
        var isDealt = false
        var counts = BucketReductionTests.counts
        var calls = (beside: 2, others: 1)
    }

    /// Buckets of 50, 33 and 68 elements, of three, two and three parameters, each of which is a call where sums are plain. Parameters of one
    /// size are dealt out in turn, and so are any two that follow one another.
    private static let ways = [
        Way(), Way(reduction: .bfloat16), Way(reduction: .plain, calls: (5, 3)),
        Way(isDealt: true, counts: Array(repeating: 15, count: 6), calls: (2, 1)),
    ]

    @Test(arguments: 0..<4, [1, 2])
    func bucketsAreReducedBeforeTheLastParameterIsWhole(number: Int, partsOfRank: Int) throws {
        let way = Self.ways[number]
        let calls = try onRanks(2) { communicator in
            let (calls, model) = (Calls(), Weights(way.counts))
            var sharing = WorkSharing(
                parts: 2 * partsOfRank, among: CountingRank(own: communicator, calls: calls),
                reduction: way.reduction)
            sharing.bucketSize = 30
            let shares = way.isDealt ? ParameterShares(of: model, among: 2) : nil
            var sum = GradientSum(of: sharing.parts, at: model, sharing, dealt: shares)
            for part in sharing.own(of: sharing.parts) {
                for parameter in way.counts.indices.reversed() {
                    // Nothing is exchanged until the last part, and then two buckets while there is more to come.
                    let isLast = part == sharing.own(of: sharing.parts).upperBound - 1
                    // However long it takes; but a reduction that never comes is no reason to hang.
                    for _ in 0..<10_000
                    where parameter == 0 && isLast && calls.besideComputation < way.calls.beside {
                        usleep(1_000)
                    }
                    if parameter == 0, isLast { #expect(calls.besideComputation == way.calls.beside) }
                    sum.take(Tensor(zeros: [way.counts[parameter]]), ofParameter: parameter, part: part)
                    if !isLast { #expect(calls.besideComputation == 0) }
                }
            }
            _ = sum.total(at: model)
            return [calls.besideComputation, calls.others]
        }
        #expect(calls == Array(repeating: [way.calls.beside, way.calls.others], count: 2))
    }

    @Test func someSumsWaitForTheEnd() throws {
        func calls(ranks: Int, isDealt: Bool = false, isServed: Bool = true) throws -> [Int] {
            try onRanks(ranks) { communicator in
                let calls = Calls()
                var sharing = WorkSharing(
                    parts: ranks, among: CountingRank(own: communicator, calls: calls, isServed: isServed))
                sharing.bucketSize = 1
                let model = Weights(Self.counts)
                let shares = isDealt ? ParameterShares(of: model, among: ranks) : nil
                var sum = GradientSum(of: ranks, at: model, sharing, dealt: shares)
                for parameter in Self.counts.indices.reversed() {
                    sum.take(
                        Self.gradient(of: communicator.rank, parameter), ofParameter: parameter,
                        part: communicator.rank)
                }
                _ = sum.total(at: model)
                return calls.besideComputation
            }
        }
        #expect(try calls(ranks: 1) == [0])
        // One rank has most of the last parameters, and would receive them alone.
        #expect(try calls(ranks: 2, isDealt: true) == [0, 0])
        #expect(try calls(ranks: 2, isServed: false) == [0, 0])
    }

    /// In a process of its own, because pool and copy count are the process's.
    @Test(arguments: 0..<3)
    func aSharedStepCopiesNoGradientAndTakesNoBufferFromTheSystem(reduction: Int) async {
        await #expect(processExitsWith: .success) { [reduction = reduction as Int] in
            let test = try TwoLayerGPTTests()
            var (model, optimizer) = (test.model, AdamW())
            let reductions: [GradientReduction] = [.exact, .bfloat16, .plain]
            var sharing = WorkSharing(parts: 2, among: MirroredRank(), reduction: reductions[reduction])
            sharing.bucketSize = 1_000
            for step in 0..<20 {
                let (buffers, copies) = (BufferPool.shared.statistics.systemAllocations, CopyCount.bytes)
                var sum = GradientSum(of: 2, at: model, sharing)
                _ = valueWithGradients(at: model) {
                    test.loss(of: $0)
                } each: {
                    sum.take($1, ofParameter: $0, part: 0)
                }
                optimizer.update(&model, along: sum.total(at: model), learningRate: 1e-3)
                // The first step copies the parameters once, because the test still holds them.
                if step > 0 { #expect(CopyCount.bytes == copies) }
                // The next few replace buffers by larger ones.
                if step > 9 { #expect(BufferPool.shared.statistics.systemAllocations == buffers) }
            }
        }
    }
}

/// The exchanges and plain sums of a rank, by the thread that made them, and the bytes of all calls.
private final class Calls: Sendable {
    private let counts = Mutex((beside: 0, others: 0, bytes: 0))

    var besideComputation: Int { counts.withLock(\.beside) }
    var others: Int { counts.withLock(\.others) }
    var bytes: Int { counts.withLock(\.bytes) }

    func addExchange(isBeside: Bool) {
        counts.withLock { if isBeside { $0.beside += 1 } else { $0.others += 1 } }
    }

    func add(bytes: Int) { counts.withLock { $0.bytes += bytes } }
}

/// A rank whose exchanges are counted.
private struct CountingRank: Communicator {
    let own: any Communicator
    let calls: Calls
    var isServed = true
    var isBeside = false

    var rank: Int { own.rank }
    var size: Int { own.size }
    var besideComputation: (any Communicator)? {
        guard isServed, size > 1 else { return nil }
        var other = self
        other.isBeside = true
        return other
    }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
        own.broadcast(bytes, from: root)
    }

    func exchange(
        _ outgoing: UnsafeRawBufferPointer, sending sent: [Int],
        into incoming: UnsafeMutableRawBufferPointer, receiving received: [Int]
    ) {
        own.exchange(outgoing, sending: sent, into: incoming, receiving: received)
        calls.add(bytes: outgoing.count)
        calls.addExchange(isBeside: isBeside)
    }

    func gather(_ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]) {
        self.own.gather(own, into: all, counts: counts)
        calls.add(bytes: own.count)
    }

    func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        own.sum(values)
        calls.addExchange(isBeside: isBeside)
    }

    func barrier() { own.barrier() }
}

/// Rank 0 of two, of which the other has the same.
private struct MirroredRank: Communicator {
    var rank: Int { 0 }
    var size: Int { 2 }
    var besideComputation: (any Communicator)? { self }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {}

    func exchange(
        _ outgoing: UnsafeRawBufferPointer, sending sent: [Int],
        into incoming: UnsafeMutableRawBufferPointer, receiving received: [Int]
    ) {
        for rank in 0..<2 {
            UnsafeMutableRawBufferPointer(rebasing: incoming[(rank * sent[0])...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: outgoing[..<sent[0]]))
        }
    }

    func gather(_ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]) {}
    func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
    func barrier() {}
}
