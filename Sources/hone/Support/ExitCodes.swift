import ArgumentParser

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
        standardError("hone: \(error)\n")
        throw ExitCode(error.outcome.rawValue)
    }
}

/// Runs the body of a command that waits; an error of the house is shown and becomes an exit code.
@discardableResult
func reportingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as any CommandError {
        standardError("hone: \(error)\n")
        throw ExitCode(error.outcome.rawValue)
    }
}
