import ArgumentParser
import Foundation

/// `hone-fuzz run`: has inputs read in a process of their own, and keeps those that end it, take too long or too much.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Have readers read mutated inputs, and keep what fails.")

    @Argument(help: "The readers; all unless named.") var readers: [String] = []
    @Option(help: "Which inputs: the same seed gives the same ones.") var seed: UInt64 = 1
    @Option(help: "How many inputs each reader gets.") var count = 1_000
    @Option(help: "The number of the first input.") var first = 0
    @Option(help: "The most seconds an input may take.") var seconds = 10.0
    @Option(help: "The most MiB of memory the process may take.") var megabytes = 2_048
    @Option(help: "The folder for inputs that fail.") var output = "fuzz-failures"

    func validate() throws {
        for name in readers where Reader.named(name) == nil {
            throw ValidationError("There is no reader named \(name).")
        }
        guard count > 0, first >= 0, seconds > 0, megabytes > 0 else {
            throw ValidationError("--count, --seconds and --megabytes must be above 0.")
        }
    }

    func run() throws {
        let supervisor = Supervisor(
            seed: seed, inputs: first..<first + count, seconds: seconds, megabytes: megabytes, output: output)
        var failures = 0
        for reader in Reader.all where readers.isEmpty || readers.contains(reader.name) {
            let began = ContinuousClock.now
            let found = try supervisor.failures(of: reader).count
            failures += found
            let time = (ContinuousClock.now - began).formatted(.units(allowed: [.hours, .minutes, .seconds]))
            print(
                "\(reader.name): \(count) inputs from number \(first), seed \(seed): \(found) failed, \(time)"
            )
        }
        if failures > 0 { throw ExitCode.failure }
    }
}
