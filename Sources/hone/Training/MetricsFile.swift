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

    /// Lines of earlier steps that were no metrics, and are left out.
    private(set) var damagedLines = 0
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
        let (end, damaged) = try Self.readLines(of: path, ofStepsUpTo: step, addingTo: &totals)
        damagedLines = damaged.count
        if !damaged.isEmpty {
            var text = try Data(Files.contents(of: url)).prefix(end)
            for line in damaged.reversed() where line.upperBound <= end { text.removeSubrange(line) }
            try writeAtomically(text, to: url)
        }
        guard let handle = FileHandle(forUpdatingAtPath: path) else {
            throw .unwritable(file: path, reason: "it cannot be opened")
        }
        self.handle = handle
        do {
            if damaged.isEmpty { try handle.truncate(atOffset: UInt64(end)) }
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

    /// Adds up the lines of steps up to `step`, and returns where the last of them ends, and the damaged ones among them.
    private static func readLines(
        of path: String, ofStepsUpTo step: Int, addingTo totals: inout Totals
    ) throws(FileError) -> (end: Int, damaged: [Range<Int>]) {
        guard step > 0 else { return (0, []) }
        var lines = LineReader(try InputFile(path), longest: 1 << 20)
        var (last, end, damaged) = (0.0, 0, [Range<Int>]())
        while true {
            let start = lines.offset
            guard let line = try lines.next() else { break }
            var bytes: [UInt8] = []
            if case .bytes(let whole) = line {
                bytes = whole
                // A line without its end was being written when the run was stopped.
                guard lines.offset > start + whole.count else { break }
            }
            guard let metrics = try? JSONValue(parsing: bytes), let found = metrics["step"]?.number else {
                if last < Double(step) { damaged.append(start..<lines.offset) }
                continue
            }
            guard found <= Double(step) else { break }
            totals.add(metrics)
            (last, end) = (found, lines.offset)
        }
        return (end, damaged)
    }
}
