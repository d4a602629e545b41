import Foundation

/// Has inputs read in a process of their own, and keeps those that end it, take too long or too much.
struct Supervisor {
    /// An input that a reader must not answer as it did.
    struct Failure {
        /// The number of the input.
        var number: Int
        /// What became of the process that read it.
        var verdict: String
    }

    /// Which inputs: the same seed gives the same ones.
    var seed: UInt64
    /// The numbers of the inputs.
    var inputs: Range<Int>
    /// The most seconds an input may take.
    var seconds: Double
    /// The most MiB of memory the process may take.
    var megabytes: Int
    /// The folder for inputs that fail.
    var output: String

    /// Reads the inputs, each process going on behind the input at which the one before it failed.
    func failures(of reader: Reader) throws -> [Failure] {
        let path = URL.temporaryDirectory.appending(component: "hone-fuzz-\(UUID().uuidString)").path
        _ = FileManager.default.createFile(atPath: path, contents: Data(repeating: 0, count: 8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let progress = try Progress(path)
        var failures: [Failure] = []
        var next = inputs.lowerBound
        while next < inputs.upperBound {
            progress.number = next
            let errors = path + ".txt"
            defer { try? FileManager.default.removeItem(atPath: errors) }
            let worker = try WorkerProcess(
                [
                    "work", reader.name, "--seed", "\(seed)", "--first", "\(next)", "--count",
                    "\(inputs.upperBound - next)", "--progress", path,
                ], errors: errors)
            guard let verdict = watch(worker, progress) else { break }
            // A process that ended at an input did not clear up.
            Scratch(of: worker.identifier, named: reader.name).remove()
            let failure = Failure(number: progress.number, verdict: verdict)
            failures.append(failure)
            next = failure.number + 1
            try keep(failure, of: reader, said: (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
        }
        return failures
    }

    /// Waits for the end of a process; what it failed at, or nil where it has read every input.
    private func watch(_ worker: WorkerProcess, _ progress: Progress) -> String? {
        var number = progress.number
        var since = ContinuousClock.now
        while true {
            switch worker.end() {
            case .signal(let signal): return "ended by signal \(signal)"
            // A reader that leaves the process has not answered, whatever the code says.
            case .code(let code):
                return code == 0 && progress.number == inputs.upperBound ? nil : "ended with code \(code)"
            case nil: break
            }
            if progress.number != number { (number, since) = (progress.number, .now) }
            var verdict: String?
            if ContinuousClock.now - since > .seconds(seconds) {
                verdict = "took more than \(seconds) s"
            } else if worker.residentBytes > megabytes << 20 {
                verdict = "took more than \(megabytes) MiB"
            }
            if let verdict {
                worker.kill()
                return verdict
            }
            usleep(20_000)
        }
    }

    private func keep(_ failure: Failure, of reader: Reader, said: String) throws {
        let scratch = try Scratch(named: reader.name)
        defer { scratch.remove() }
        let input = Mutator(reader, seeds: try reader.seeds(scratch), seed: seed).input(failure.number)
        let folder = URL(filePath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(component: "\(reader.name)-\(seed)-\(failure.number)")
        try Data(input).write(to: file)
        try Data(said.utf8).write(to: file.appendingPathExtension("txt"))
        print("\(file.path): \(failure.verdict)")
    }
}
