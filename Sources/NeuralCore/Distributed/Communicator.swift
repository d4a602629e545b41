/// Processes that compute together, the ranks of a run, as one of them sees it.
///
///     let sharing = WorkSharing(parts: 4, among: communicator)
///
/// Every rank calls the same functions in the same order, with what is its own; a call returns when this rank's share of it
/// is done. There is no error to catch: a run whose ranks cannot reach each other has no way to go on, and ends.
public protocol Communicator: Sendable {
    /// The number of this process, from 0.
    var rank: Int { get }
    /// The number of processes, 1 or more.
    var size: Int { get }

    /// Gives the bytes of one rank to all; the others' are as many.
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int)

    /// Sends bytes to each rank, and receives some from each.
    ///
    /// - Parameters:
    ///   - outgoing: The bytes for rank 0, then those for rank 1, and so on.
    ///   - sent: The number of bytes for each rank, `[size]`.
    ///   - incoming: Room for the bytes of rank 0, then for those of rank 1, and so on.
    ///   - received: The number of bytes of each rank, `[size]`; what it sends.
    func exchange(
        _ outgoing: UnsafeRawBufferPointer, sending sent: [Int],
        into incoming: UnsafeMutableRawBufferPointer, receiving received: [Int])

    /// Gives the bytes of each rank to all.
    ///
    /// - Parameters:
    ///   - own: The bytes of this rank; they may lie in their place in `all`.
    ///   - all: Room for the bytes of rank 0, then for those of rank 1, and so on.
    ///   - counts: The number of bytes of each rank, `[size]`.
    func gather(_ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int])

    /// Adds up the values of all ranks, in place, in any order: the last bits may depend on the number of ranks.
    func sum(_ values: UnsafeMutableBufferPointer<Float>)

    /// Waits for all ranks.
    func barrier()

    /// The same processes for one other thread, which calls while this one computes: no two threads may call at once. It waits without
    /// taking a processor from the computation. Nil, as it is unless a communicator says otherwise, where all calls must come from
    /// one thread, or there is nobody to wait for.
    var besideComputation: (any Communicator)? { get }
}

/// A process by itself: rank 0 of 1.
public struct SingleProcess: Communicator {
    /// A process by itself.
    public init() {}

    /// 0.
    public var rank: Int { 0 }
    /// 1.
    public var size: Int { 1 }
    /// Nothing.
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {}
    /// A copy.
    public func exchange(
        _ outgoing: UnsafeRawBufferPointer, sending sent: [Int],
        into incoming: UnsafeMutableRawBufferPointer, receiving received: [Int]
    ) {
        incoming.copyMemory(from: outgoing)
    }
    /// A copy.
    public func gather(
        _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]
    ) {
        if own.baseAddress != UnsafeRawPointer(all.baseAddress) { all.copyMemory(from: own) }
    }
    /// Nothing.
    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
    /// Nothing.
    public func barrier() {}
}

extension Communicator {
    /// Nil.
    public var besideComputation: (any Communicator)? { nil }

    /// The bytes of each rank, `[size]`, of any lengths.
    public func gathered(_ own: [UInt8]) -> [[UInt8]] {
        guard size > 1 else { return [own] }
        var lengths = [Int](repeating: 0, count: size)
        withUnsafeBytes(of: own.count) { own in
            lengths.withUnsafeMutableBytes {
                gather(own, into: $0, counts: Array(repeating: MemoryLayout<Int>.size, count: size))
            }
        }
        var all = [UInt8](repeating: 0, count: lengths.reduce(0, +))
        own.withUnsafeBytes { own in all.withUnsafeMutableBytes { gather(own, into: $0, counts: lengths) } }
        var rest = all[...]
        return lengths.map { length in
            defer { rest.removeFirst(length) }
            return Array(rest.prefix(length))
        }
    }

    /// The first rank whose text is not that of rank 0, with both texts; nil where all have the same. The same on all ranks.
    package func firstDifference(_ own: String) -> (rank: Int, found: String, expected: String)? {
        let all = gathered(Array(own.utf8)).map { String(decoding: $0, as: UTF8.self) }
        return all.indices.first { all[$0] != all[0] }.map { ($0, all[$0], all[0]) }
    }

    /// True on all ranks where it is true of one.
    public func isTrueOfAny(_ condition: Bool) -> Bool {
        guard size > 1 else { return condition }
        var all = [UInt8](repeating: 0, count: size)
        withUnsafeBytes(of: UInt8(condition ? 1 : 0)) { own in
            all.withUnsafeMutableBytes { gather(own, into: $0, counts: Array(repeating: 1, count: size)) }
        }
        return all.contains(1)
    }

    /// The number that rank 0 has, on all ranks.
    public func numberOfFirst(_ number: UInt64) -> UInt64 {
        var number = number
        withUnsafeMutableBytes(of: &number) { broadcast($0, from: 0) }
        return number
    }

    /// What rank 0 decides, on all ranks.
    public func decisionOfFirst(_ condition: Bool) -> Bool {
        guard size > 1 else { return condition }
        var byte: UInt8 = condition ? 1 : 0
        withUnsafeMutableBytes(of: &byte) { broadcast($0, from: 0) }
        return byte == 1
    }
}
