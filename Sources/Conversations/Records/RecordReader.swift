public import Foundation
import Tables
public import TextCorpus

/// The reason why a file of records cannot be read on.
public enum RecordFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is not there or cannot be read.
    case unreadable(file: String, reason: String)
    /// The file is not what its format asks for, at a place that the reason names.
    case malformed(file: String, reason: String)
    /// A record cannot be trained on, and bad records are refused.
    case badRecord(file: String, line: Int, problem: RecordProblem)

    /// One line for people, starting with file and line.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason), .malformed(let file, let reason): "\(file): \(reason)"
        case .badRecord(let file, let line, let problem): "\(Self.place(line, in: file)): \(problem)"
        }
    }

    /// A place in a file for messages: `pairs.jsonl:12`, or `pairs.parquet: row 12` where there are no lines.
    package static func place(_ line: Int, in file: String) -> String {
        TableFile.hasLines(file) ? "\(file):\(line)" : "\(file): row \(line)"
    }
}

/// Reads the records of a file one after another: JSON Lines or one JSON array, plain or gzip, or the rows of a table in
/// Parquet, Arrow, CSV or TSV, as its name tells.
///
/// ```swift
/// var reader = try RecordReader<PreferenceRecord>(url)
/// while let pair = try reader.next() { … }
/// print(reader.report)
/// ```
///
/// A bad record is never handed out: by policy it is counted in the ``report`` with its line, or ends the
/// reading. Memory is bounded by the longest record, and that by the limit.
public struct RecordReader<Record: DatasetRecord> {
    /// The counts so far.
    public private(set) var report = RecordReport()
    /// The line on which the record last handed out starts, or its row where the file has no lines; from one.
    public private(set) var line = 0

    private let file: String
    private let policy: BadRecordPolicy
    private let limit: Int
    private let columns: ColumnMap
    private var scanner: RecordScanner
    /// The table that is read in place of JSON.
    private var table: TableFile?
    private var waiting: ArraySlice<Record> = []

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - url: The file; a gzip file is known by its contents, and inflated.
    ///   - policy: The treatment of bad records.
    ///   - columns: The columns that stand for keys under other names.
    ///   - limit: The longest record that is held in memory, in bytes; a longer one is bad.
    /// - Throws: ``RecordFileError/unreadable(file:reason:)``.
    public init(
        _ url: URL, onBadRecord policy: BadRecordPolicy = .skip, columns: ColumnMap = ColumnMap(),
        recordLimit limit: Int = 1 << 24
    ) throws(RecordFileError) {
        let table = try RecordFile.table(url, recordLimit: limit)
        let pieces = table == nil ? try RecordFile.pieces(of: url) : { () throws(RecordFileError) in nil }
        self.init(
            file: url.lastPathComponent, onBadRecord: policy, columns: columns, recordLimit: limit,
            pieces: pieces)
        self.table = table
    }

    /// Reads from any source of bytes, under a name for messages.
    package init(
        file: String, onBadRecord policy: BadRecordPolicy = .skip, columns: ColumnMap = ColumnMap(),
        recordLimit limit: Int = 1 << 24, pieces: @escaping () throws(RecordFileError) -> [UInt8]?
    ) {
        self.file = file
        self.policy = policy
        self.columns = columns
        self.limit = limit
        scanner = RecordScanner(limit: limit, source: pieces)
    }

    /// The next good record, nil at the end of the file.
    public mutating func next() throws(RecordFileError) -> Record? {
        while waiting.isEmpty {
            let object: Result<JSONObject, RecordProblem>
            if table != nil {
                guard let row = try nextRow() else { return nil }
                line = row.line
                object = Result { () throws(RecordProblem) in try Self.object(of: row) }
            } else {
                guard let raw = try scanner.next() else { return nil }
                line = raw.line
                object = Result { () throws(RecordProblem) in try self.object(of: raw) }
            }
            report.read += 1
            do throws(RecordProblem) {
                let named = columns.applied(to: try object.get())
                waiting = try Record.records(in: isText ? named.readingWords() : named)[...]
            } catch {
                report.skip(.init(line: line, problem: error))
                if policy == .refuse { throw .badRecord(file: file, line: line, problem: error) }
            }
        }
        report.kept += 1
        return waiting.removeFirst()
    }

    /// True where every value is text, as in CSV.
    private var isText: Bool { table != nil && TableFile.hasLines(file) }

    private mutating func nextRow() throws(RecordFileError) -> TableRow? {
        do throws(CorpusError) {
            return try table?.next()
        } catch {
            throw RecordFileError(error, file: file)
        }
    }

    private static func object(of row: TableRow) throws(RecordProblem) -> JSONObject {
        switch row.contents {
        case .object(let object): return object
        case .tooLong(let limit): throw .tooLong(limit: limit)
        case .malformed(let found, let expected): throw .malformedRow(found: found, expected: expected)
        }
    }

    private func object(of raw: RecordScanner.Record) throws(RecordProblem) -> JSONObject {
        guard let bytes = raw.bytes else { throw .tooLong(limit: limit) }
        let json: JSONValue
        do throws(JSONError) {
            // Python writes NaN where a column has no value; only who reads the column is concerned.
            json = try JSONValue(parsing: bytes, allowingNonFinite: true)
        } catch {
            throw .notJSON(error)
        }
        guard let object = json.object else { throw .notAnObject(found: json.kind) }
        return object
    }
}

extension DatasetRecord {
    /// All records of a file, with what was found in it.
    ///
    /// - Throws: ``RecordFileError``.
    public static func read(
        _ url: URL, onBadRecord policy: BadRecordPolicy = .skip, columns: ColumnMap = ColumnMap()
    ) throws(RecordFileError) -> (records: [Self], report: RecordReport) {
        var reader = try RecordReader<Self>(url, onBadRecord: policy, columns: columns)
        var records: [Self] = []
        while let record = try reader.next() { records.append(record) }
        return (records, reader.report)
    }
}

/// The bytes of a file, piece by piece.
package enum RecordFile {
    private static let pieceSize = 1 << 16

    /// A function that hands out the file's pieces, and nil at its end.
    package static func pieces(
        of url: URL
    ) throws(RecordFileError) -> () throws(RecordFileError) -> [UInt8]? {
        let name = url.lastPathComponent
        let stream: ByteStream
        do {
            stream = try ByteStream(url.path(percentEncoded: false))
        } catch {
            throw RecordFileError(error, file: name)
        }
        return { () throws(RecordFileError) in
            do throws(CorpusError) {
                let piece = try stream.piece(of: pieceSize)
                return piece.isEmpty ? nil : piece
            } catch { throw RecordFileError(error, file: name) }
        }
    }

    /// The rows of a file that is a table by its name; nil of any other.
    static func table(_ url: URL, recordLimit: Int) throws(RecordFileError) -> TableFile? {
        do throws(CorpusError) {
            return try TableFile(url.path(percentEncoded: false), rowLimit: recordLimit)
        } catch {
            throw RecordFileError(error, file: url.lastPathComponent)
        }
    }
}

extension JSONObject {
    /// The record of a row that has text alone: labels and margins are the truths and numbers that they spell.
    fileprivate func readingWords() -> JSONObject {
        var record = self
        for key in ["label", "kto_tag"] {
            switch self[key] {
            case "true", "True", "TRUE", "1": record[key] = true
            case "false", "False", "FALSE", "0": record[key] = false
            default: break
            }
        }
        if let margin = self["margin"]?.string {
            record["margin"] = margin.isEmpty ? .null : Double(margin).map { .number($0) } ?? .string(margin)
        }
        return record
    }
}

extension RecordFileError {
    fileprivate init(_ error: CorpusError, file: String) {
        switch error {
        case .missing: self = .unreadable(file: file, reason: "there is no such file")
        case .unreadable(_, let reason): self = .unreadable(file: file, reason: reason)
        case .malformed(_, let place, let found, let expected):
            self = .malformed(file: file, reason: "\(place): found \(found), expected \(expected)")
        case .exceedsLimit(_, let place, let found, let limit):
            self = .malformed(file: file, reason: "\(place): \(found) goes past the limit of \(limit)")
        default: self = .unreadable(file: file, reason: "\(error)")
        }
    }
}
