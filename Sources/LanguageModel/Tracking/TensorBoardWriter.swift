public import Foundation
public import NeuralCore

/// Writes what becomes of a run into event files, which TensorBoard shows while it goes on.
///
///     let tracker = try TensorBoardWriter(in: folder)
///     for batch in batches { try tracker.write(tuning.step(on: batch)) }
///
/// A step is one record, written in one piece, so that a process killed at any moment leaves every step
/// before that one; readers pass over a record without its end. A run that goes on from a checkpoint gives the step
/// of that: what the files say of later steps is cut off, and a new file begins, which tells a TensorBoard that has seen
/// those steps to forget them.
public final class TensorBoardWriter {
    private let handle: FileHandle
    private let path: String
    private let clock: () -> Double
    /// True where nothing was written before, so that what is said once of a run is not yet said.
    public let isNew: Bool

    private static let prefix = "events.out.tfevents."
    private static let suffix = ".hone"

    /// Begins a file in a folder, which is made if it is not there.
    ///
    /// - Parameters:
    ///   - folder: The folder of the run, which TensorBoard calls a log directory.
    ///   - step: The last step whose records are kept; 0 for none.
    public convenience init(in folder: URL, after step: Int = 0) throws(FileError) {
        try self.init(in: folder, after: step) { Date().timeIntervalSince1970 }
    }

    /// - Parameter clock: Seconds since 1970.
    package init(in folder: URL, after step: Int, clock: @escaping () -> Double) throws(FileError) {
        try makeFolder(folder)
        let earlier = Self.files(in: folder).filter { $0.hasSuffix(Self.suffix) }
        for name in earlier { try Self.cut(folder.appending(component: name), after: step) }
        // Readers take files in the order of their names.
        let latest = earlier.compactMap { Int($0.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)) }
        let number = max(Int(clock()), (latest.max() ?? 0) + 1)
        let digits = String(number)
        let name =
            Self.prefix + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + Self.suffix
        path = folder.appending(component: name).path(percentEncoded: false)
        isNew = earlier.isEmpty
        self.clock = clock
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .unwritable(file: path, reason: reasonOfLastFailure()) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var records = TensorBoardEvent.record(.version, step: 0, time: clock())
        if !isNew { records += TensorBoardEvent.record(.sessionStart, step: step + 1, time: clock()) }
        try append(records)
    }

    /// The names of the event files in a folder, of whatever program, in TensorBoard's order.
    public static func files(in folder: URL) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        return (names ?? []).filter { $0.hasPrefix(prefix) }.sorted()
    }

    /// Whether the first event file in a folder has a text, such as one that was written at the beginning of a run.
    package static func hasText(_ text: String, in folder: URL) -> Bool {
        guard let first = files(in: folder).first,
            let bytes = try? Data(contentsOf: folder.appending(component: first), options: .mappedIfSafe)
        else { return false }
        return bytes.range(of: Data(text.utf8)) != nil
    }

    /// Writes values of a step.
    public func write(_ values: [TensorBoardValue], at step: Int) throws(FileError) {
        guard !values.isEmpty else { return }
        try append(TensorBoardEvent.record(.values(values), step: step, time: clock()))
    }

    private func append(_ records: [UInt8]) throws(FileError) {
        do {
            try handle.write(contentsOf: Data(records))
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }

    /// Cuts off what a file says of steps after `step`, and a record without its end.
    private static func cut(_ url: URL, after step: Int) throws(FileError) {
        let file = try MappedFile(url)
        var end = 0
        while let record = record(in: file.bytes, at: end), record.step <= step { end = record.end }
        guard end < file.bytes.count else { return }
        guard truncate(file.path, off_t(end)) == 0 else {
            throw .unwritable(file: file.path, reason: reasonOfLastFailure())
        }
    }

    /// The record that begins at a place: its step and where it ends; nil where it is damaged or has no end.
    private static func record(in bytes: UnsafeRawBufferPointer, at start: Int) -> (step: Int, end: Int)? {
        let (head, tail) = (12, 4)
        guard bytes.count - start >= head + tail else { return nil }
        func number<Number: FixedWidthInteger>(_ place: Int, _: Number.Type) -> Number {
            Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
        }
        guard CRC32C.masked(bytes[start..<start + 8]) == number(start + 8, UInt32.self),
            let length = Int(exactly: number(start, UInt64.self)),
            length <= bytes.count - start - head - tail
        else { return nil }
        let event = Array(bytes[start + head..<start + head + length])
        guard CRC32C.masked(event) == number(start + head + length, UInt32.self),
            let step = TensorBoardEvent.step(of: event[...])
        else { return nil }
        return (step, start + head + length + tail)
    }
}

/// Values of a run under the tags that TRL's trainers give them.
extension TensorBoardWriter {
    /// Writes a step: its loss, learning rate, gradient norm and metrics as `train/…`, its distributions as histograms.
    ///
    /// - Parameters:
    ///   - report: The report of the step.
    ///   - evaluation: Metrics on held-out data, shown as `eval/…`.
    ///   - further: More values of this step.
    public func write(
        _ report: StepReport, evaluation: [String: Float] = [:], further: [TensorBoardValue] = []
    ) throws(FileError) {
        var values: [TensorBoardValue] = [
            .scalar("train/loss", report.loss), .scalar("train/grad_norm", report.gradientNorm),
            .scalar("train/learning_rate", report.learningRate),
        ]
        for (name, value) in report.metrics.sorted(by: { $0.key < $1.key }) {
            values.append(.scalar("train/\(name)", value))
        }
        for (name, value) in evaluation.sorted(by: { $0.key < $1.key }) {
            values.append(.scalar("eval/\(name)", value))
        }
        for (name, distribution) in report.distributions.sorted(by: { $0.key < $1.key })
        where !distribution.isEmpty {
            values.append(.histogram("train/\(name)", distribution))
        }
        try write(values + further, at: report.step)
    }
}
