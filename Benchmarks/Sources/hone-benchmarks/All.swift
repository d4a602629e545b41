import ArgumentParser
import Foundation
import NeuralCore

/// Every whole step that Hone is measured by, next to its peers where a Python has them.
struct All: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Steps of training and alignment in one table, next to PyTorch and TRL where a Python has them.",
        discussion: """
            Each measurement is a process of its own, ours and the peer's in turns. A ratio is the median of those of the \
            rounds; the spread is that of ours, least to greatest. The peak is the best of three measurements and one more \
            before each of ours. --scripts names the folder with train_torch.py and trl_bench.py, of which copies \
            with other data are written to --output. Both sides of a row must have learned from as many tokens and come to \
            about the same loss, where they print it. Products and generation follow, unless --only names rows; beside \
            generation stands llama.cpp, of the files llama124-*.gguf in --output.
            """)

    @Option(help: "Threads to use; at first, every processor.")
    var threads = ThreadPool.count

    @Option(help: "Times each side of a row is run.")
    var rounds = 3

    @Flag(inversion: .prefixedNo, help: "Multiply in bfloat16, on both sides.")
    var bfloat16 = true

    @Flag(help: "PyTorch's training step as it is written, not compiled.")
    var eager = false

    @Option(parsing: .upToNextOption, help: "Only the rows whose name has one of these words.")
    var only: [String] = []

    @Option(help: "A Python with torch, trl and their dependencies.")
    var peers: String?

    @Option(help: "The folder with the scripts of the peers.")
    var scripts: String?

    @Option(help: "The folder for what the peers write.")
    var output = "peers-out"

    /// What a process printed of itself.
    struct Figures {
        var speed: Double
        var operations: Double?
        var megabytes: Double?
        var loss: Double?
        var tokensPerStep: Double?

        /// Of the line that says how many tokens a second there were.
        init?(_ text: String) {
            func number(_ key: String, in line: Substring) -> Double? {
                guard let place = line.range(of: key) else { return nil }
                return Double(line[place.upperBound...].prefix { $0.isNumber || $0 == "." })
            }
            for line in text.split(separator: "\n") {
                guard let speed = number("tok/s=", in: line) else { continue }
                self.speed = speed
                operations = number("GF/s=", in: line)
                megabytes = number("maxrss_MB=", in: line)
                loss = number(" loss=", in: line)
                tokensPerStep = number("(tokens/step ", in: line)
                return
            }
            return nil
        }

        /// What tells that a peer computes something else; nil where nothing does.
        ///
        /// Weights and tokens of a training step are random on either side: its loss is that of chance, less what as many
        /// steps on one batch have made of it. Of ragged data the peer's tokens are those that it was asked for.
        func difference(from peer: Figures) -> String? {
            if let ours = tokensPerStep, let theirs = peer.tokensPerStep, abs(ours / theirs - 1) > 0.01 {
                return
                    "\(column(ours, width: 0, decimals: 0)) tokens a step, the peer \(column(theirs, width: 0, decimals: 0))"
            }
            guard let ours = loss, let theirs = peer.loss, abs(ours / theirs - 1) > 0.05 else { return nil }
            return "a loss of \(ours), the peer \(theirs)"
        }
    }

    func validate() throws {
        if (peers == nil) != (scripts == nil) {
            throw ValidationError("--peers PYTHON and --scripts FOLDER are given together.")
        }
    }

    func run() throws {
        var measurement = Measurement()
        (measurement.threads, measurement.rounds) = (threads, 9)
        ThreadPool.count = threads
        let rows = StepComparison.all.filter { row in
            only.isEmpty || only.contains { row.name.contains($0) }
        }
        print("\(processorName), \(threads) threads, \(bfloat16 ? "bfloat16" : "float32")")
        print("| work | tokens/s | spread | of peak | MB | peer | MB | ratio |")
        print("|---|---|---|---|---|---|---|---|")
        let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
        var peak = (0..<3).map { _ in Peak.best(measurement) }.max()!
        for row in rows {
            var ours: [Figures] = [], theirs: [Figures] = []
            for _ in 0..<rounds {
                peak = max(peak, Peak.best(measurement))
                ours.append(
                    try figures(
                        of: program,
                        row.ours + ["--rounds", "4", "--threads", "\(threads)"]
                            + (bfloat16 ? ["--bfloat16"] : [])))
                if let peers, let scripts {
                    let arguments = try row.peer.arguments(
                        scripts: scripts, output: output, precision: bfloat16 ? "bf16" : "fp32",
                        threads: threads, compiles: !eager)
                    theirs.append(try figures(of: peers, arguments))
                }
            }
            print(line(row.name, ours, theirs, peak: peak))
            for difference in zip(ours, theirs).compactMap({ $0.difference(from: $1) }).prefix(1) {
                print("The two sides differ: \(difference).")
            }
            // Each row is told as it is known, to a file too.
            fflush(nil)
        }
        print("Peak: \(column(peak, width: 0)) GF/s, the best of \(3 + rows.count * rounds) measurements.")
        for table in ["products", "generation"] where only.isEmpty {
            print("\n\(table)")
            print(try printed(by: program, [table, "--threads", "\(threads)", "--rounds", "\(rounds)"]))
        }
        if only.isEmpty, let peers, let scripts { try printLlama(peers, scripts) }
    }

    /// What llama.cpp makes of models of the size that `generation` has, in the formats that there are files of.
    private func printLlama(_ python: String, _ scripts: String) throws {
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: output)) ?? [])
            .filter { $0.hasPrefix("llama124-") && $0.hasSuffix(".gguf") }.sorted().map { "\(output)/\($0)" }
        if files.isEmpty {
            print(
                "No llama124-*.gguf in \(output), so llama.cpp is not measured; mkgguf.py in \(scripts) writes them."
            )
        } else {
            print(try printed(by: python, ["\(scripts)/gen_llamacpp.py"] + files))
        }
    }

    private func line(_ name: String, _ ours: [Figures], _ theirs: [Figures], peak: Double) -> String {
        func middle(_ values: [Double], decimals: Int = 0) -> String {
            values.isEmpty ? "–" : column(median(values), width: 0, decimals: decimals)
        }
        let speeds = ours.map(\.speed)
        let cells = [
            name, middle(speeds),
            "\(column(speeds.min()!, width: 0, decimals: 0))–\(column(speeds.max()!, width: 0, decimals: 0))",
            middle(ours.compactMap(\.operations).map { $0 / peak }, decimals: 2),
            middle(ours.compactMap(\.megabytes)), middle(theirs.map(\.speed)),
            middle(theirs.compactMap(\.megabytes)),
            middle(zip(ours, theirs).map { $0.speed / $1.speed }, decimals: 2),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private func figures(of program: String, _ arguments: [String]) throws -> Figures {
        let text = try printed(by: program, arguments)
        guard let figures = Figures(text) else {
            throw ValidationError("no tokens a second in what \(program) \(arguments) printed: \(text)")
        }
        return figures
    }

    private func printed(by program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["PEERS_OUT": output]) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }

    private var processorName: String {
        let lines =
            (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        func value(_ key: String) -> String? {
            lines.first { $0.hasPrefix(key + "\t") }?.split(separator: ":").last?.trimmingCharacters(
                in: .whitespaces)
        }
        guard let name = value("model name") else { return "an unnamed processor" }
        return name + (value("cpu family").map { ", family \($0)" } ?? "")
            + (value("model").map { ", model \($0)" } ?? "")
    }
}
