#if MPI
import CMPI
import Foundation
import Synchronization

/// The processes that MPI started together.
///
/// One thread calls at a time, as `MPI_THREAD_SERIALIZED` asks; two that call at once are stopped. While a backward pass runs, the
/// thread that reduces gradients is the one (``besideComputation``). An error of MPI's ends all processes, with MPI's own message.
public struct MPICommunicator: Communicator {
    /// The number of this process, from 0.
    public let rank: Int
    /// The number of processes.
    public let size: Int
    /// True where other threads than the first may call.
    private let allowsOtherThreads: Bool
    /// True where a wait leaves the processor to others.
    private var isPatient = false
    private let turn = Turn()

    private init(rank: Int, size: Int, allowsOtherThreads: Bool) {
        (self.rank, self.size, self.allowsOtherThreads) = (rank, size, allowsOtherThreads)
    }

    /// Begins to use MPI; to be called once, before anything else.
    public static func start() -> MPICommunicator {
        var (provided, rank, size): (Int32, Int32, Int32) = (0, 0, 1)
        MPI_Init_thread(nil, nil, cmpi_one_thread_at_a_time(), &provided)
        MPI_Comm_rank(cmpi_world(), &rank)
        MPI_Comm_size(cmpi_world(), &size)
        return MPICommunicator(
            rank: Int(rank), size: Int(size), allowsOtherThreads: provided >= cmpi_one_thread_at_a_time())
    }

    /// The same processes for a thread beside this one; nil where this MPI serves one thread alone.
    public var besideComputation: (any Communicator)? {
        guard size > 1, allowsOtherThreads else { return nil }
        var other = self
        other.isPatient = true
        return other
    }

    /// Leaves MPI, when all ranks do.
    public func finish() { turn.taken { MPI_Finalize() } }

    /// Ends all processes, at once.
    public func abort(code: Int32) -> Never {
        MPI_Abort(cmpi_world(), code)
        exit(code)
    }

    /// Gives the bytes of one rank to all.
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
        turn.taken {
            MPI_Bcast(bytes.baseAddress, Int32(bytes.count), cmpi_byte(), Int32(root), cmpi_world())
        }
    }

    /// Sends bytes to each rank, and receives some from each.
    public func exchange(
        _ outgoing: UnsafeRawBufferPointer, sending sent: [Int],
        into incoming: UnsafeMutableRawBufferPointer, receiving received: [Int]
    ) {
        let (sent, received) = (Pieces(sent), Pieces(received))
        finished { request in
            MPI_Ialltoallv(
                outgoing.baseAddress, sent.counts, sent.places, cmpi_byte(),
                incoming.baseAddress, received.counts, received.places, cmpi_byte(), cmpi_world(),
                &request.request)
        }
        withExtendedLifetime((sent, received)) {}
    }

    /// Gives the bytes of each rank to all.
    public func gather(
        _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]
    ) {
        let pieces = Pieces(counts)
        let isInPlace =
            own.baseAddress == all.baseAddress.map { UnsafeRawPointer($0) + Int(pieces.places[rank]) }
        finished { request in
            MPI_Iallgatherv(
                isInPlace ? cmpi_in_place() : own.baseAddress, Int32(own.count), cmpi_byte(),
                all.baseAddress, pieces.counts, pieces.places, cmpi_byte(), cmpi_world(), &request.request)
        }
        withExtendedLifetime(pieces) {}
    }

    /// Adds up the values of all ranks, in place, as is fastest.
    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        finished { request in
            MPI_Iallreduce(
                cmpi_in_place(), values.baseAddress, Int32(values.count), cmpi_float(), cmpi_sum(),
                cmpi_world(), &request.request)
        }
    }

    /// Waits for all ranks.
    public func barrier() { turn.taken { MPI_Barrier(cmpi_world()) } }

    /// Starts a collective, and returns when this rank's share of it is done.
    ///
    /// What one rank calls from beside its computation another may call when it has ended its own, and MPI matches no call that waits
    /// with one that does not; so both start it and wait then, each in its own way.
    private func finished(_ start: (_ request: inout cmpi_request) -> Int32) {
        turn.taken {
            var request = cmpi_request()
            _ = start(&request)
            guard isPatient else {
                MPI_Wait(&request.request, cmpi_no_status())
                return
            }
            while true {
                var isDone: Int32 = 0
                MPI_Test(&request.request, &isDone, cmpi_no_status())
                if isDone != 0 { return }
                usleep(Self.microsecondsOfPatience)
            }
        }
    }

    /// Time between two looks at what has come: short beside the time of a bucket, long beside that of a look.
    private static let microsecondsOfPatience: UInt32 = 50

    /// Numbers of bytes and where each begins, as MPI reads them until a call is done.
    private final class Pieces {
        let counts: UnsafeMutablePointer<Int32>
        let places: UnsafeMutablePointer<Int32>

        init(_ counts: [Int]) {
            self.counts = .allocate(capacity: counts.count)
            places = .allocate(capacity: counts.count)
            var place = 0
            for (rank, count) in counts.enumerated() {
                (self.counts[rank], places[rank]) = (Int32(count), Int32(place))
                place += count
            }
        }

        deinit {
            counts.deallocate()
            places.deallocate()
        }
    }

    /// Sees to it that no two threads call at once.
    private final class Turn: Sendable {
        private let isTaken = Atomic<Bool>(false)

        @discardableResult
        func taken<Result>(_ body: () -> Result) -> Result {
            guard !isTaken.exchange(true, ordering: .acquiring) else {
                misuse("two threads call MPI at once: while gradients are reduced, no other may call")
            }
            defer { isTaken.store(false, ordering: .releasing) }
            return body()
        }
    }
}
#endif
