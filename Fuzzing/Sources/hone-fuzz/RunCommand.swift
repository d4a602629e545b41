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
        var failures = 0
        for reader in Reader.all where readers.isEmpty || readers.contains(reader.name) {
            let began = ContinuousClock.now
            let found = try run(reader)
            failures += found
            let time = (ContinuousClock.now - began).formatted(.units(allowed: [.hours, .minutes, .seconds]))
            print(
                "\(reader.name): \(count) inputs from number \(first), seed \(seed): \(found) failed, \(time)"
            )
        }
        if failures > 0 { throw ExitCode.failure }
    }

    /// How many inputs of a reader failed.
    private func run(_ reader: Reader) throws -> Int {
        let path = URL.temporaryDirectory.appending(component: "hone-fuzz-\(UUID().uuidString)").path
        _ = FileManager.default.createFile(atPath: path, contents: Data(repeating: 0, count: 8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let progress = try Progress(path)
        var failures = 0
        var next = first
        while next < first + count {
            progress.number = next
            let process = Process()
            process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = [
                "work", reader.name, "--seed", "\(seed)", "--first", "\(next)", "--count",
                "\(first + count - next)",
                "--progress", path,
            ]
            let errors = URL(filePath: path + ".txt")
            _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
            defer { try? FileManager.default.removeItem(at: errors) }
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
            let verdict = watch(process, progress)
            next = progress.number + 1
            guard let verdict else { break }
            failures += 1
            let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            try keep(reader, progress.number, verdict: verdict, said: said)
        }
        return failures
    }

    /// Waits for the end of a process; what it failed at, or nil.
    private func watch(_ process: Process, _ progress: Progress) -> String? {
        var number = progress.number
        var since = ContinuousClock.now
        var verdict: String?
        while process.isRunning {
            usleep(20_000)
            if progress.number != number { (number, since) = (progress.number, .now) }
            if ContinuousClock.now - since > .seconds(seconds) {
                verdict = "took more than \(seconds) s"
            } else if resident(process.processIdentifier) > megabytes << 20 {
                verdict = "took more than \(megabytes) MiB"
            }
            if verdict != nil {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                return verdict
            }
        }
        process.waitUntilExit()
        if process.terminationReason == .exit, process.terminationStatus == 0 { return nil }
        return process.terminationReason == .uncaughtSignal
            ? "ended by signal \(process.terminationStatus)" : "ended with code \(process.terminationStatus)"
    }

    /// The bytes of memory a process has, where the system tells.
    private func resident(_ process: Int32) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8) else {
            return 0
        }
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }

    private func keep(_ reader: Reader, _ number: Int, verdict: String, said: String) throws {
        let scratch = try Scratch(named: reader.name)
        defer { scratch.remove() }
        let input = Mutator(reader, seeds: try reader.seeds(scratch), seed: seed).input(number)
        let folder = URL(filePath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(component: "\(reader.name)-\(seed)-\(number)")
        try Data(input).write(to: file)
        try Data(said.utf8).write(to: file.appendingPathExtension("txt"))
        print("\(file.path): \(verdict)")
    }
}
