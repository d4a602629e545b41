#if MPI
import CMPI
import Foundation

/// The processes that MPI started together.
///
/// All calls come from the thread that called ``start()``. An error of MPI's ends all processes, with MPI's own message.
public struct MPICommunicator: Communicator {
    /// The number of this process, from 0.
    public let rank: Int
    /// The number of processes.
    public let size: Int

    /// Begins to use MPI; to be called once, before anything else.
    public static func start() -> MPICommunicator {
        var (provided, rank, size): (Int32, Int32, Int32) = (0, 0, 1)
        MPI_Init_thread(nil, nil, cmpi_main_thread_only(), &provided)
        MPI_Comm_rank(cmpi_world(), &rank)
        MPI_Comm_size(cmpi_world(), &size)
        return MPICommunicator(rank: Int(rank), size: Int(size))
    }

    /// Leaves MPI, when all ranks do.
    public func finish() { MPI_Finalize() }

    /// Ends all processes, at once.
    public func abort(code: Int32) -> Never {
        MPI_Abort(cmpi_world(), code)
        exit(code)
    }

    /// Gives the bytes of one rank to all.
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
        MPI_Bcast(bytes.baseAddress, Int32(bytes.count), cmpi_byte(), Int32(root), cmpi_world())
    }

    /// Sends bytes to each rank, and receives some from each.
    public func exchange(
        _ outgoing: UnsafeRawBufferPointer, sending sent: [Int],
        into incoming: UnsafeMutableRawBufferPointer, receiving received: [Int]
    ) {
        MPI_Alltoallv(
            outgoing.baseAddress, sent.map(Int32.init), Self.places(sent), cmpi_byte(),
            incoming.baseAddress, received.map(Int32.init), Self.places(received), cmpi_byte(),
            cmpi_world())
    }

    /// Gives the bytes of each rank to all.
    public func gather(
        _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]
    ) {
        let places = Self.places(counts)
        let isInPlace = own.baseAddress == all.baseAddress.map { UnsafeRawPointer($0) + Int(places[rank]) }
        MPI_Allgatherv(
            isInPlace ? cmpi_in_place() : own.baseAddress, Int32(own.count), cmpi_byte(),
            all.baseAddress, counts.map(Int32.init), places, cmpi_byte(), cmpi_world())
    }

    /// Adds up the values of all ranks, in place, as is fastest.
    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        MPI_Allreduce(
            cmpi_in_place(), values.baseAddress, Int32(values.count), cmpi_float(), cmpi_sum(),
            cmpi_world())
    }

    /// Waits for all ranks.
    public func barrier() { MPI_Barrier(cmpi_world()) }

    /// Where each rank's bytes begin.
    private static func places(_ counts: [Int]) -> [Int32] {
        var place = 0
        return counts.map { count in
            defer { place += count }
            return Int32(place)
        }
    }
}
#endif
