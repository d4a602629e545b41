import Foundation

/// This program once more, in a process of its own.
///
/// Foundation's `Process` learns of an end through a run loop, and now and then never does.
struct WorkerProcess {
    /// How a process ended.
    enum End {
        case code(Int32)
        case signal(Int32)
    }

    let identifier: pid_t

    /// Starts it.
    ///
    /// - Parameters:
    ///   - arguments: What follows the name of the program.
    ///   - errors: The file for what it says on standard error.
    init(_ arguments: [String], errors: String) throws {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier: pid_t = 0
        guard posix_spawn(&identifier, program, &actions, nil, &words, environ) == 0 else {
            throw CocoaError(.executableLoad)
        }
        self.identifier = identifier
    }

    /// How it ended, or nil while it runs. To be asked until it has ended, and not again.
    func end() -> End? {
        var status: Int32 = 0
        return waitpid(identifier, &status, WNOHANG) == identifier ? Self.end(status) : nil
    }

    /// Ends it.
    func kill() {
        _ = Foundation.kill(identifier, SIGKILL)
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
    }

    /// The bytes of memory it has, where the system tells.
    var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8) else {
            return 0
        }
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }

    private static func end(_ status: Int32) -> End {
        status & 0x7F == 0 ? .code(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }
}
