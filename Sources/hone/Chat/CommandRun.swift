import CSpawn
import Foundation

/// A program that was run without a shell, in a folder and a process group of its own.
struct CommandRun {
    enum Ending: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It took too long, and was killed with all that it had started.
        case outOfTime
        /// It printed too much, and was killed with all that it had started.
        case tooLong
        /// The user stopped it.
        case stopped
    }

    /// What it printed, to standard output and standard error, up to the limit.
    var output: [UInt8] = []
    var ending = Ending.exited(0)

    /// Runs a program to its end, or to a limit.
    ///
    /// - Parameters:
    ///   - argv: The program and its arguments; a program without a slash is looked for in `PATH`.
    ///   - folder: Where it runs.
    ///   - seconds: The most time.
    ///   - bytes: The most output.
    ///   - isStopped: Asked a few times a second whether it is to end.
    /// - Throws: `CocoaError` or `POSIXError` where it cannot be started.
    init(
        _ argv: [String], in folder: String, seconds: Double, bytes: Int, isStopped: () -> Bool = { false }
    ) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try Self.spawn(argv, in: folder, output: ends[1], closing: ends[0])
        }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let deadline = ContinuousClock.now + .seconds(seconds)
        var status: Int32 = 0
        var hasEnded = false
        while !hasEnded {
            var ready = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            _ = poll(&ready, 1, 20)
            hasEnded = waitpid(child, &status, WNOHANG) == child
            read(ends[0], atMost: bytes)
            if hasEnded { break }
            if output.count > bytes {
                ending = .tooLong
            } else if ContinuousClock.now >= deadline {
                ending = .outOfTime
            } else if isStopped() {
                ending = .stopped
            } else {
                // A pipe that is closed is always ready.
                if ready.revents & Int16(POLLHUP) != 0, ready.revents & Int16(POLLIN) == 0 { usleep(20_000) }
                continue
            }
            break
        }
        // What it has left behind ends with it.
        kill(-child, SIGKILL)
        if hasEnded {
            let signal = status & 0x7F
            ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
            if output.count > bytes { ending = .tooLong }
        } else {
            waitpid(child, &status, 0)
        }
        output = Array(output.prefix(bytes))
    }

    /// Takes what has been printed, up to one byte more than may be.
    private mutating func read(_ pipe: Int32, atMost bytes: Int) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while output.count <= bytes {
            let count = Foundation.read(pipe, &buffer, buffer.count)
            guard count > 0 else { return }
            output += buffer[..<count]
        }
    }

    private static func spawn(
        _ argv: [String], in folder: String, output: Int32, closing other: Int32
    ) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addchdir_np(&actions, folder)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_addclose(&actions, other)
        posix_spawn_file_actions_addclose(&actions, output)
        // Signals that a conversation handles in its own way are the program's as usual.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGPIPE, SIGTERM, SIGQUIT] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
        let kept = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER"]
        let environment = ProcessInfo.processInfo.environment
        var variables: [UnsafeMutablePointer<CChar>?] =
            kept.compactMap { name in environment[name].map { strdup("\(name)=\($0)") } } + [nil]
        defer { for word in words + variables { free(word) } }
        var child: pid_t = 0
        let problem = posix_spawnp(&child, argv[0], &actions, &attributes, &words, &variables)
        guard problem == 0 else { throw POSIXError(.init(rawValue: problem) ?? .EIO) }
        return child
    }
}
