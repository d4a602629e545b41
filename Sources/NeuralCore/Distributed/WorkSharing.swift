/// How a step of training is cut into parts, and which processes share them out.
///
///     tuning.training.sharing = WorkSharing(parts: 8, among: communicator)
///
/// A step is computed in numbered parts. Each follows from the model, the batch and its number alone, and the gradients of
/// the parts are added up by a fixed tree over the numbers. So the number of parts decides the bits of a run, and the number
/// of processes does not: 8 parts on one rank, on two, four or eight give the same weights.
public struct WorkSharing: Sendable {
    /// The number of parts that a step is computed in, 1 or more; fewer where a batch cannot be cut into as many.
    public var parts: Int
    /// The processes.
    public var communicator: any Communicator
    /// How gradients of different ranks are added up.
    public var reduction: GradientReduction
    /// True where each process updates some of the parameters, whole ones, and keeps the optimizer's states of those alone; the
    /// bits are the same, and large states go to a checkpoint as a file of each process. It is so for ``AdamW`` and ``Muon``, and
    /// where gradients are not added up by ``GradientReduction/plain``.
    public var dealsOutStates = false
    /// The elements that fill a bucket of parameters, whose gradients are added up together; it changes no bit.
    package var bucketSize = 1 << 20
    /// The bytes of states that are dealt out from which on each process writes its own to a checkpoint: what a network and a disk
    /// move in the time that it takes to make a file.
    package var largeStates = 1 << 24
    /// The memory of reductions.
    let memory = ReductionMemory()

    /// Parts shared out among processes; by default one part on one process.
    public init(
        parts: Int = 1, among communicator: any Communicator = SingleProcess(),
        reduction: GradientReduction = .exact
    ) {
        guard parts > 0 else { misuse("a step in \(parts) parts; it has 1 or more") }
        (self.parts, self.communicator, self.reduction) = (parts, communicator, reduction)
    }

    /// True where there are other processes.
    package var isShared: Bool { communicator.size > 1 }

    /// The numbers, of `count`, that a rank computes: consecutive ones, about as many as every other rank.
    package func numbers(of rank: Int, count: Int) -> Range<Int> {
        rank * count / communicator.size..<(rank + 1) * count / communicator.size
    }

    /// The numbers, of `count`, that this rank computes.
    package func own(of count: Int) -> Range<Int> { numbers(of: communicator.rank, count: count) }

    /// What `body` finds for each number below `count`, in order. Each is computed on one rank, and known to all.
    package func shared<E: Error>(
        _ count: Int, _ body: (_ number: Int) throws(E) -> PartFigures
    ) throws(E) -> [PartFigures] {
        var own: [PartFigures] = []
        for number in self.own(of: count) { own.append(try body(number)) }
        return gathered(own)
    }

    /// What all ranks found, in order.
    package func gathered(_ own: [PartFigures]) -> [PartFigures] {
        guard isShared else { return own }
        return communicator.gathered(own.bytes).flatMap { [PartFigures]($0) }
    }
}

/// How gradients of different ranks are added up.
public enum GradientReduction: Sendable, Hashable {
    /// In float32, by a fixed tree over the parts of a step: the bits do not depend on the number of ranks.
    case exact
    /// In float32, as is fastest for MPI: the last bits depend on the number of ranks.
    case plain
    /// Sent as bfloat16 and added up in float32: half the bytes; partial sums are rounded, by the number of ranks.
    case bfloat16
}
