import Conversations
public import Foundation
import LanguageModel

/// Prompts to try a model with, as a data file that anyone can write: an item a line or a row.
///
/// A record that shows how tools are called, such as SFT learns from, is an item for each turn of the assistant.
public struct BehaviorSuite: Hashable, Sendable {
    /// Its name in reports.
    public var name: String
    /// The items, in the order of the file.
    public var items: [BehaviorItem]

    /// A suite of the given items.
    public init(name: String, items: [BehaviorItem]) {
        self.name = name
        self.items = items
    }

    /// Reads a suite: JSON Lines, plain or gzip, or the rows of a table in Parquet, Arrow, CSV or TSV. Its name is the file's.
    ///
    /// Unlike training data, a suite with a bad line is refused: a measurement should not silently shrink.
    ///
    /// An item without a name is called by its line, or by its record where several share a line.
    ///
    /// - Throws: ``BehaviorSuiteError``, with file and line.
    public init(contentsOf url: URL) throws(BehaviorSuiteError) {
        let file = url.lastPathComponent
        self.init(name: String(file.prefix { $0 != "." }), items: [])
        let isText = TableFile.isTable(file) && TableFile.hasLines(file)
        let unit = TableFile.hasLines(file) ? "line" : "row"
        var reader: RecordReader<SuiteRecord>?
        var records: [(record: SuiteRecord, line: Int)] = []
        while let record = try Self.next(&reader, of: url) { records.append((record, reader?.line ?? 0)) }
        // Of an array in one line, all records are on line 1.
        let shared = Dictionary(grouping: records, by: \.line).filter { $1.count > 1 }
        for (index, (record, line)) in records.enumerated() {
            let isShared = shared[line] != nil
            do throws(BehaviorSuiteError.Problem) {
                let object = isText ? record.readingCells() : record.object
                let id = isShared ? "record \(index + 1)" : "\(unit) \(line)"
                let called = try BehaviorItem.items(ofCallsIn: object, id: id)
                if let called {
                    items += called
                } else {
                    items.append(try BehaviorItem(json: .object(object), id: id))
                }
            } catch {
                throw .badItem(file: file, line: line, record: isShared ? index + 1 : nil, problem: error)
            }
        }
    }

    /// The next record; the file is opened for the first one.
    private static func next(
        _ reader: inout RecordReader<SuiteRecord>?, of url: URL
    ) throws(BehaviorSuiteError) -> SuiteRecord? {
        do throws(RecordFileError) {
            if reader == nil { reader = try RecordReader(url, onBadRecord: .refuse) }
            return try reader?.next()
        } catch {
            switch error {
            case .unreadable(let file, let reason), .malformed(let file, let reason):
                throw .unreadable(file: file, reason: reason)
            case .badRecord(let file, let line, let problem):
                throw .badItem(file: file, line: line, problem: .init(problem))
            }
        }
    }
}

/// A record of a suite as it stands in its file.
private struct SuiteRecord: DatasetRecord {
    /// Its keys that have a value: a column of a table has none in most rows.
    var object: JSONObject
    var json: JSONValue { .object(object) }

    static func records(in object: JSONObject) -> [SuiteRecord] {
        [SuiteRecord(object: JSONValue.object(object).withoutNulls.object ?? object)]
    }

    /// The record of a row of text: a cell is empty, a truth, a list in JSON or the only element of one, by its column.
    func readingCells() -> JSONObject {
        var read = JSONObject()
        for (key, value) in object.members where value != "" {
            switch key {
            case "known", "feasible":
                switch value.string?.lowercased() {
                case "true", "1": read[key] = true
                case "false", "0": read[key] = false
                default: read[key] = value
                }
            case "answers", "wrong", "mentions", "avoids", "uses", "leaks", "instruction_id_list", "kwargs",
                "calls", "messages":
                let list = try? JSONValue(parsing: Array((value.string ?? "").utf8))
                read[key] = list?.array.map { JSONValue.array($0) } ?? JSONValue.array([value])
            default: read[key] = value
            }
        }
        return read
    }
}

extension JSONValue {
    /// The value without the members of objects in it that are null.
    fileprivate var withoutNulls: JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.withoutNulls))
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.filter { $0.value != .null }.map { ($0.key, $0.value.withoutNulls) }))
        default: return self
        }
    }
}

extension BehaviorSuiteError.Problem {
    fileprivate init(_ problem: RecordProblem) {
        switch problem {
        case .notJSON(let error): self = .notJSON(error)
        case .notAnObject: self = .malformed(key: "", expected: "an object")
        case .tooLong(let limit): self = .malformed(key: "", expected: "at most \(limit) bytes")
        default: self = .conversation(problem)
        }
    }
}
