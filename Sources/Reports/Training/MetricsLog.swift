public import Files
public import Foundation
import JSON

/// The figures of a run, as its `metrics.jsonl` holds them: a JSON object on each line, with `step` and any metrics.
///
/// Memory is bounded whatever the file's length: each metric is thinned while it is read (`Curve`), and names beyond
/// a few hundred are passed over. Lines that are torn, as the last one of a run that was killed, are counted.
public struct MetricsLog: Sendable {
    private static let mostNames = 256
    private static let longestLine = 1 << 20

    /// The metrics' names in the order of their first appearance.
    public private(set) var names: [String] = []
    /// The number of lines read.
    public private(set) var lineCount = 0
    /// The number of lines that were no whole JSON object.
    public private(set) var damagedLineCount = 0
    /// The texts of each name with their counts, such as the reasons why steps were not taken.
    public private(set) var remarks: [String: [String: Int]] = [:]
    private var curves: [String: Curve] = [:]
    private var rising: [String: Bool] = [:]

    /// A log without figures.
    public init() {}

    /// The figures of a file.
    ///
    /// - Throws: `FileError` where there is no such file, or it cannot be read. Damaged lines are no error.
    public init(contentsOf file: URL) throws(FileError) {
        var lines = LineReader(try InputFile(file.path), longest: Self.longestLine)
        while let line = try lines.next() {
            switch line {
            case .bytes(let line): append(line: line)
            case .tooLong:
                lineCount += 1
                damagedLineCount += 1
            }
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

    /// True if a metric is a running count: each value is greater than the one before.
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
}

/// The members of one line of a metrics file: a JSON object.
///
/// Members of objects within it are read as if they stood outside; lists are passed over. `NaN` and `Infinity`, which
/// some writers put in place of numbers, are understood.
struct MetricsLine: Equatable {
    /// Numbers by name, in their order; `true` and `false` are 1 and 0.
    private(set) var numbers: [(name: String, value: Double)] = []
    /// Texts by name, in their order.
    private(set) var texts: [(name: String, value: String)] = []

    static func == (a: MetricsLine, b: MetricsLine) -> Bool {
        a.numbers.elementsEqual(b.numbers, by: ==) && a.texts.elementsEqual(b.texts, by: ==)
    }

    /// The members of a line; nil where it is no whole object, as when the writer was stopped in the middle of it.
    init?(_ line: some Collection<UInt8>) {
        guard line.first(where: { $0 > UInt8(ascii: " ") }) == UInt8(ascii: "{") else { return nil }
        var json = JSONScanner(Array(line), rules: JSONRules(repairsText: true, allowsNonFinite: true))
        do {
            try readMembers(&json)
            try json.end()
        } catch {
            return nil
        }
    }

    private mutating func readMembers(_ json: inout JSONScanner) throws(JSONError) {
        try json.enterObject()
        while let name = try json.nextKey() {
            switch json.kind {
            case .object: try readMembers(&json)
            case .string: texts.append((name, try json.string()))
            case .number: numbers.append((name, try json.number()))
            case .boolean: numbers.append((name, try json.bool() ? 1 : 0))
            case .array, .null, .other: break
            }
        }
    }
}
