import Dispatch
import Synchronization

/// Adds up the gradients of all ranks, one bucket of parameters after another, beside the backward pass that finishes them.
///
/// Buckets are cut from the parameters in the reverse order of the model's visit, which is about that in which a backward pass
/// finishes them; the weights of an embedding, which are also those of a head, come last. Cut and order follow from the model
/// alone. So all ranks reduce the same buckets in the same order, and a bucket that is whole early waits for those before it.
///
/// - SeeAlso: [Li et al. 2020](https://arxiv.org/abs/2006.15704), section 3.2.3. Departure: the sums are those
/// of the tree.
struct BucketReduction {
    private let sharing: WorkSharing
    private let shapes: [Shape]
    private let parts: Int
    /// The places of each rank's partial sums in the tree.
    private let ranks: [[PairwiseSum<Void>.Node]]
    private let shares: ParameterShares?
    /// The parameters of each bucket, and the bucket of each parameter.
    private let buckets: [[Int]]
    private let places: [Int]
    /// The parameters of each bucket that are not whole.
    private var missing: [Int]
    /// The partial sums of this rank, by parameter; the first becomes the sum.
    private var partials: [[Tensor]]
    private var handedOver = 0
    private var line: ReductionLine?

    init(of shapes: [Shape], parts: Int, _ sharing: WorkSharing, dealt shares: ParameterShares?) {
        (self.shapes, self.parts, self.sharing, self.shares) = (shapes, parts, sharing, shares)
        ranks = (0..<sharing.communicator.size).map { rank in
            PairwiseSum(of: parts, taking: sharing.numbers(of: rank, count: parts)).nodes
        }
        buckets = Self.buckets(of: shapes.map(\.count), size: sharing.bucketSize, dealt: shares)
        var places = shapes.map { _ in 0 }
        for (bucket, parameters) in buckets.enumerated() {
            for parameter in parameters { places[parameter] = bucket }
        }
        self.places = places
        missing = buckets.map(\.count)
        partials = shapes.map { _ in [] }
    }

    /// The parameters in buckets of some elements or more, last to first.
    ///
    /// Where they are dealt out, a rank receives its own of a bucket alone. So a bucket goes on until they are about evenly dealt, and
    /// stand in it by their ranks.
    private static func buckets(of counts: [Int], size: Int, dealt shares: ParameterShares?) -> [[Int]] {
        var (buckets, elements): ([[Int]], Int) = ([], 0)
        for parameter in counts.indices.reversed() {
            let isOpen = buckets.last.map { elements < size || shares?.areEven($0) == false } ?? false
            if !isOpen {
                buckets.append([])
                elements = 0
            }
            buckets[buckets.count - 1].append(parameter)
            elements += counts[parameter]
        }
        return shares.map { shares in buckets.map(shares.ordered) } ?? buckets
    }

    /// Takes the partial sums of a parameter, when the backward pass can add no more to them.
    mutating func finish(_ parameter: Int, _ nodes: [PairwiseSum<Tensor>.Node]) {
        partials[parameter] = nodes.map(\.value)
        missing[places[parameter]] -= 1
    }

    /// Has the buckets that are whole reduced beside the computation, but for the last, which ends with it.
    mutating func handOver() {
        while handedOver < buckets.count - 1, missing[handedOver] == 0 {
            guard let communicator = sharing.communicator.besideComputation else { return }
            let line = line ?? ReductionLine(communicator, sharing.memory)
            self.line = line
            line.add(job(handedOver))
            handedOver += 1
        }
    }

    /// The sums over all ranks, by parameter; those of other ranks' parameters are unfinished where they are dealt out.
    mutating func total() -> [Tensor] {
        let done = line?.end() ?? 0
        line = nil
        let means = ReductionMeans(
            communicator: sharing.communicator, memory: sharing.memory, usesThreadPool: true)
        for bucket in done..<buckets.count { job(bucket).run(means) }
        defer { partials = [] }
        return partials.map { $0[0] }
    }

    private mutating func job(_ bucket: Int) -> ReductionJob {
        let parameters = buckets[bucket]
        let count = ranks[sharing.communicator.rank].count
        if count == 0 {
            for parameter in parameters { partials[parameter] = [Tensor(zeros: shapes[parameter])] }
        }
        if sharing.reduction == .plain {
            for parameter in parameters {
                for node in 1..<max(1, count) { partials[parameter][0].add(partials[parameter][node]) }
            }
        }
        let sums = parameters.map { partials[$0][0].withUnsafeMutableBuffer { $0 } }
        guard sharing.reduction != .plain else { return ReductionJob(kind: .plain(sums)) }
        let others = (1..<max(1, count)).map { node in
            FlatArrays(
                parameters.map { parameter in
                    partials[parameter][node].withUnsafeBuffer { UnsafeMutableBufferPointer(mutating: $0) }
                })
        }
        let sum = FlatArrays(sums)
        return ReductionJob(
            kind: .tree(
                TreeReduction(
                    of: count == 0 ? [] : [sum] + others, into: sum, shares: shares?.ranges(of: parameters),
                    parts: parts, ranks: ranks, isRounded: sharing.reduction == .bfloat16)))
    }
}

/// The reduction of a bucket, in memory that nobody else touches until it is done.
private struct ReductionJob: @unchecked Sendable {
    enum Kind {
        case tree(TreeReduction)
        case plain([UnsafeMutableBufferPointer<Float>])
    }
    let kind: Kind

    func run(_ means: ReductionMeans) {
        switch kind {
        case .tree(let reduction): reduction.run(means)
        case .plain(let buffers): for buffer in buffers { means.communicator.sum(buffer) }
        }
    }
}

/// One thread that runs reductions in the order in which they come, while another computes.
///
/// From the first to the end it alone calls the communicator. As everywhere, there is no error to catch.
private final class ReductionLine: Sendable {
    private let queue = DispatchQueue(label: "hone.reduction")
    private let means: ReductionMeans
    private let progress = Mutex((done: 0, isOver: false))

    init(_ communicator: any Communicator, _ memory: ReductionMemory) {
        means = ReductionMeans(communicator: communicator, memory: memory, usesThreadPool: false)
    }

    func add(_ job: ReductionJob) {
        queue.async { [self] in
            guard !progress.withLock({ $0.isOver }) else { return }
            job.run(means)
            progress.withLock { $0.done += 1 }
        }
    }

    /// Waits for the reduction under way, and gives the number of those that were made; the rest is for the caller, who has
    /// time and all threads now.
    func end() -> Int {
        progress.withLock { $0.isOver = true }
        queue.sync {}
        return progress.withLock { $0.done }
    }
}
