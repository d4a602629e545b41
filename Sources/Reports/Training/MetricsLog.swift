public import Foundation

/// Why a metrics file could not be read.
public enum MetricsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no readable file of this path; what the system said.
    case unreadable(file: String, reason: String)

    /// A sentence.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
        }
    }
}

/// The figures of a run, as its `metrics.jsonl` holds them: a JSON object on each line, with `step` and any metrics.
///
/// Memory is bounded whatever the file's length: each metric is thinned while it is read (`Curve`), and names beyond
/// a few hundred are passed over. Lines that are torn, as the last one of a run that was killed, are counted.
public struct MetricsLog: Sendable {
    private static let mostNames = 256
    private static let longestLine = 1 << 20

    /// The metrics' names in the order of their first appearance.
    public private(set) var names: [String] = []
    /// How many lines were read.
    public private(set) var lineCount = 0
    /// How many lines were no whole JSON object.
    public private(set) var damagedLineCount = 0
    /// How often each text was given for each name, such as the reasons why steps were not taken.
    public private(set) var remarks: [String: [String: Int]] = [:]
    private var curves: [String: Curve] = [:]
    private var rising: [String: Bool] = [:]

    /// A log without figures.
    public init() {}

    /// The figures of a file.
    ///
    /// - Throws: `MetricsError` where there is no such file, or it cannot be read. Damaged lines are no error.
    public init(contentsOf file: URL) throws(MetricsError) {
        do {
            let type = try FileManager.default.attributesOfItem(atPath: file.resolvingSymlinksInPath().path)[
                .type]
            guard type as? FileAttributeType == .typeRegular else {
                throw MetricsError.unreadable(file: file.path, reason: "it is no regular file")
            }
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            var line: [UInt8] = []
            var isTooLong = false
            while let chunk = try handle.read(upToCount: 1 << 16), !chunk.isEmpty {
                for part in chunk.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                    .enumerated()
                {
                    if part.offset > 0 {
                        finish(&line, isTooLong: &isTooLong)
                    }
                    if line.count + part.element.count > Self.longestLine { isTooLong = true }
                    if !isTooLong { line += part.element }
                }
            }
            finish(&line, isTooLong: &isTooLong)
        } catch let error as MetricsError {
            throw error
        } catch {
            throw .unreadable(file: file.path, reason: error.localizedDescription)
        }
    }

    /// The line of a metric; nil where it never had a number.
    public subscript(_ name: String) -> Curve? { curves[name] }

    /// Goes on with a line of the file.
    public mutating func append(line: some Collection<UInt8>) {
        guard line.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
        lineCount += 1
        guard let line = MetricsLine(line) else {
            damagedLineCount += 1
            return
        }
        let step = line.numbers.last { $0.name == "step" }?.value ?? Double(lineCount)
        for (name, value) in line.numbers { append(name, value, at: step) }
        for (name, text) in line.texts {
            guard remarks.count < 16 || remarks[name] != nil else { continue }
            guard remarks[name, default: [:]].count < 16 || remarks[name]?[text] != nil else { continue }
            remarks[name, default: [:]][String(text.prefix(200)), default: 0] += 1
        }
    }

    /// Goes on with the metrics of a step.
    public mutating func append(step: Double, _ metrics: [String: Double]) {
        lineCount += 1
        append("step", step, at: step)
        for (name, value) in metrics.sorted(by: { $0.key < $1.key }) { append(name, value, at: step) }
    }

    /// Whether a metric is a running count: each value is greater than the one before.
    func isRunningCount(_ name: String) -> Bool { rising[name] == true && (curves[name]?.count ?? 0) > 2 }

    private mutating func append(_ name: String, _ value: Double, at step: Double) {
        if curves[name] == nil {
            guard curves.count < Self.mostNames else { return }
            names.append(name)
            curves[name] = Curve()
            rising[name] = true
        }
        if let last = curves[name]?.last, value <= last.y, step > last.x { rising[name] = false }
        curves[name]?.append(x: step, y: value)
    }

    private mutating func finish(_ line: inout [UInt8], isTooLong: inout Bool) {
        if isTooLong {
            lineCount += 1
            damagedLineCount += 1
        } else {
            append(line: line)
        }
        line.removeAll(keepingCapacity: true)
        isTooLong = false
    }
}
