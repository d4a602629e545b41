import Alignment
import Files
import Foundation
import LanguageModel
import NeuralCore

/// `metrics.jsonl`: a JSON object for each step, written when the step is done.
final class MetricsFile {
    /// Totals over the steps of the file.
    struct Totals {
        var steps = 0
        var tokens = 0
        /// Seconds of training, those before an interruption included.
        var seconds = 0.0
        /// The number of skipped steps, by reason.
        var refusals: [String: Int] = [:]

        /// The number of skipped steps.
        var refused: Int { refusals.values.reduce(0, +) }

        /// Adds a step's line.
        mutating func add(_ line: JSONValue) {
            steps += 1
            tokens += line["tokens"]?.number.flatMap { Int(exactly: $0) } ?? 0
            seconds = line["seconds"]?.number ?? seconds
            if let reason = line["skipped"]?.string { refusals[reason, default: 0] += 1 }
        }
    }

    /// The steps so far.
    private(set) var totals = Totals()
    /// Nil of a process that does not write.
    private let handle: FileHandle?
    private let path: String

    /// Opens the file to continue after a step; lines of later steps are removed.
    ///
    /// - Parameters:
    ///   - step: The last step whose line is kept; 0 begins anew.
    ///   - isWritten: False of a process that only counts, beside another that writes.
    init(_ url: URL, after step: Int, isWritten: Bool = true) throws(FileError) {
        path = url.path(percentEncoded: false)
        guard isWritten else {
            handle = nil
            return
        }
        if step == 0 || !FileManager.default.fileExists(atPath: path) {
            try writeAtomically(Data(), to: url)
        }
        guard let handle = FileHandle(forUpdatingAtPath: path) else {
            throw .unwritable(file: path, reason: "it cannot be opened")
        }
        self.handle = handle
        do {
            try handle.truncate(atOffset: readLines(ofStepsUpTo: step))
            try handle.seekToEnd()
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }

    deinit { try? handle?.close() }

    /// Adds a line.
    func append(_ line: JSONObject) throws(FileError) {
        let line = JSONValue.object(line)
        totals.add(line)
        do {
            try handle?.write(contentsOf: Data((line.text(.compact) + "\n").utf8))
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }

    /// Adds up the lines of steps up to `step`, and returns their end.
    private func readLines(ofStepsUpTo step: Int) throws -> UInt64 {
        guard step > 0 else { return 0 }
        var lines = LineReader(try InputFile(path), longest: 1 << 20)
        while true {
            let start = lines.offset
            // A line without its end was being written when the run was stopped.
            guard case .bytes(let line) = try lines.next(), lines.offset > start + line.count,
                let metrics = try? JSONValue(parsing: line),
                let found = metrics["step"]?.number, found <= Double(step)
            else { return UInt64(start) }
            totals.add(metrics)
        }
    }
}
