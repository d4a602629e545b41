import Foundation
import NeuralCore

/// The processes that MPI started with this one; this one alone where it was started by itself.
///
/// One rank, the first, prints and writes. The others are silent but for errors, which they say with their rank.
enum Ranks {
    #if MPI
    /// Begins to use MPI when it is first asked for.
    private static let mpi: MPICommunicator? = startedRanks == nil ? nil : .start()

    static var communicator: any Communicator { mpi ?? SingleProcess() }
    #else
    static var communicator: any Communicator { SingleProcess() }
    #endif

    /// True of the rank that prints and writes.
    static var isFirst: Bool { communicator.rank == 0 }

    /// The variables by which Open MPI, MPICH, Intel MPI and Slurm tell a process how many there are, or that it is one of
    /// them.
    private static let variables = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "PMI_RANK"]

    /// The number of ranks as the environment has it, 0 where it has another number; nil for a process that no MPI started.
    private static var startedRanks: Int? {
        let environment = ProcessInfo.processInfo.environment
        return variables.lazy.compactMap { name in
            environment[name].map { name.hasSuffix("SIZE") ? Int($0) ?? 0 : 0 }
        }.first
    }

    /// Finds the other processes, takes this one's share of the threads, and silences all ranks but the first.
    static func begin() {
        #if !MPI
        if let count = startedRanks, count > 1 {
            let environment = ProcessInfo.processInfo.environment
            let rank = environment["OMPI_COMM_WORLD_RANK"] ?? environment["PMI_RANK"] ?? "0"
            if rank != "0" { exit(Outcome.usage.rawValue) }
            standardError(
                "hone: MPI started \(count) processes, but this build knows none of it; swift build -c release --traits MPI\n"
            )
            exit(Outcome.usage.rawValue)
        }
        #endif
        guard communicator.size > 1 else { return }
        shareThreads()
        guard !isFirst else { return }
        silenceNotes()
        let nowhere = open("/dev/null", O_WRONLY)
        dup2(nowhere, STDOUT_FILENO)
        close(nowhere)
    }

    /// Ranks that may run on the same processors of the same machine share them.
    private static func shareThreads() {
        // The processors that the system lets this process have; MPI often gives each rank its own.
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let processors = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") } ?? ""
        let place = Array("\(ProcessInfo.processInfo.hostName) \(processors)".utf8)
        let ranks = communicator.gathered(place).count { $0 == place }
        ThreadPool.count = max(1, ThreadPool.count / ranks)
    }

    /// Leaves the other processes, when all have done what they had to.
    static func finish() {
        #if MPI
        mpi?.finish()
        #endif
    }

    /// Says an error, on other ranks than the first with the rank and the machine.
    ///
    /// The first rank comes first: it ends all others, and what went wrong on each is said once.
    static func say(_ error: String) {
        guard communicator.size > 1, !isFirst else { return standardError(error) }
        letFirstSpeak()
        let machine = ProcessInfo.processInfo.hostName
        errorOfSilenced("rank \(communicator.rank) on \(machine): \(error)")
    }

    /// Gives the first rank the time to say what all of them found, and to end them.
    static func letFirstSpeak() {
        if communicator.size > 1, !isFirst { sleep(3) }
    }

    /// Ends this process, and with it all others where it did not come to its end in good order.
    static func end(code: Int32) -> Never {
        let isOrderly = [0, Outcome.interrupted.rawValue, Outcome.terminated.rawValue].contains(code)
        #if MPI
        if let mpi, mpi.size > 1, !isOrderly {
            fflush(nil)
            mpi.abort(code: code)
        }
        #endif
        if isOrderly, code != 0, communicator.size > 1 {
            // A rank that was told to stop alone does not wait for others that were not.
            Thread.detachNewThread {
                sleep(5)
                _exit(code)
            }
        }
        if isOrderly { finish() }
        exit(code)
    }
}

/// A command whose work can be shared out among ranks.
protocol SharedCommand {}

/// A command that was started on several ranks and cannot be.
struct UnsharedCommand: CommandError, CustomStringConvertible {
    let command: String
    let ranks: Int

    var outcome: Outcome { .usage }
    var description: String {
        "hone \(command) does its work on one rank, and MPI started \(ranks); run it without mpirun"
    }
}
