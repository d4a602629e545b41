import ArgumentParser
import Foundation
import NeuralCore
import Synchronization

/// The context in which a command runs: by itself, or as a stage of a quickstart or a recipe.
struct CommandContext {
    /// Whether the user has asked it to stop.
    let interruption: Interruption
    /// The words that run the command again, beginning with its name.
    let arguments: [String]
    /// Whether the user called another command, which runs this one as a stage.
    let isStage: Bool
    /// The processes that share the command's work.
    let communicator = Ranks.communicator

    /// True of the process that prints and writes.
    var isFirst: Bool { communicator.rank == 0 }

    /// True where a step is to be given up. Processes that share it end together, after it.
    var stopsWithinStep: Bool { communicator.size == 1 && interruption.isRequested }

    /// The context of a command that the user called.
    init() {
        interruption = Interruption()
        arguments = Array(CommandLine.arguments.dropFirst())
        isStage = false
    }

    /// The context of a stage.
    init(_ interruption: Interruption, arguments: [String]) {
        self.interruption = interruption
        self.arguments = arguments
        isStage = true
    }

    /// The options among the words, as they are typed: `--seed`.
    var typedOptions: Set<String> {
        Set(arguments.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) })
    }

    /// The line that runs the command again, as a shell reads it.
    var commandLine: String {
        (["hone"] + arguments.filter { $0 != "--resume" }).map(Self.quoted).joined(separator: " ")
    }

    /// A word as a shell reads it.
    static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0))
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}

/// Notices that the user, or the system, wants the command to stop.
///
/// The first SIGINT or SIGTERM is a wish, granted at the next good place of what ``heeding(_:)`` runs; a second one ends
/// the process at once. Elsewhere there is nothing to save, and the first one does. The exit code is 128 and the
/// signal's number either way.
struct Interruption {
    private static let signalNumber = Atomic<Int32>(0)
    private static let heeders = Atomic(0)

    /// Begins to listen.
    init() {
        // Made here, so that the handler finds them made.
        _ = (Self.signalNumber.load(ordering: .relaxed), Self.heeders.load(ordering: .relaxed))
        for number in [SIGINT, SIGTERM] {
            // A handler may only load, store, and call `_exit`.
            signal(number) { number in
                let isFirst =
                    Interruption.signalNumber.exchange(number, ordering: .relaxed) == 0
                    && Interruption.heeders.load(ordering: .relaxed) > 0
                if !isFirst { _exit(128 + number) }
            }
        }
    }

    /// Runs work that looks at ``isRequested`` now and then.
    func heeding<Result>(_ work: () throws -> Result) rethrows -> Result {
        Self.heeders.add(1, ordering: .relaxed)
        defer { Self.heeders.subtract(1, ordering: .relaxed) }
        return try work()
    }

    /// Whether a signal was received.
    var isRequested: Bool { Self.signalNumber.load(ordering: .relaxed) != 0 }

    /// The exit code of an interrupted command: 143 after SIGTERM, 130 otherwise.
    static var outcome: Outcome {
        signalNumber.load(ordering: .relaxed) == SIGTERM ? .terminated : .interrupted
    }
}

/// The exit code of the command, for scripts; the numbers are those of sysexits.h where it has one.
enum Outcome: Int32 {
    /// Wrong usage.
    case usage = 64
    /// Data in the wrong format.
    case badData = 65
    /// Input that is not there.
    case missingInput = 66
    /// Reading or writing failed.
    case inputOutput = 74
    /// Told to stop by Ctrl-C (SIGINT), and stopped after leaving everything in order.
    case interrupted = 130
    /// Told to stop by the system (SIGTERM), and stopped after leaving everything in order.
    case terminated = 143
}

/// An error that knows how the command ends because of it.
protocol CommandError: Error {
    /// The exit code.
    var outcome: Outcome { get }
}

/// Runs the body of a command; an error of the house is shown on standard error and becomes an exit code.
@discardableResult
func reportingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as any CommandError {
        Ranks.say("hone: \(error)\n")
        throw ExitCode(error.outcome.rawValue)
    }
}

/// Runs the body of a command that waits; an error of the house is shown and becomes an exit code.
@discardableResult
func reportingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as any CommandError {
        Ranks.say("hone: \(error)\n")
        throw ExitCode(error.outcome.rawValue)
    }
}
