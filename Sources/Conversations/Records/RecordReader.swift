public import Foundation
import TextCorpus

/// The reason why a file of records cannot be read on.
public enum RecordFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is not there or cannot be read.
    case unreadable(file: String, reason: String)
    /// A record cannot be trained on, and bad records are refused.
    case badRecord(file: String, line: Int, problem: RecordProblem)

    /// One line for people, starting with file and line.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .badRecord(let file, let line, let problem): "\(file):\(line): \(problem)"
        }
    }
}

/// Reads the records of a file one after another: JSON Lines or one JSON array, plain or gzip.
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
    /// The line on which the record last handed out starts, from one.
    public private(set) var line = 0

    private let file: String
    private let policy: BadRecordPolicy
    private let limit: Int
    private var scanner: RecordScanner
    private var waiting: ArraySlice<Record> = []

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - url: The file; a gzip file is known by its contents, and inflated.
    ///   - policy: The treatment of bad records.
    ///   - limit: The longest record that is held in memory, in bytes; a longer one is bad.
    /// - Throws: ``RecordFileError/unreadable(file:reason:)``.
    public init(
        _ url: URL, onBadRecord policy: BadRecordPolicy = .skip, recordLimit limit: Int = 1 << 24
    ) throws(RecordFileError) {
        let pieces = try RecordFile.pieces(of: url)
        self.init(file: url.lastPathComponent, onBadRecord: policy, recordLimit: limit, pieces: pieces)
    }

    /// Reads from any source of bytes, under a name for messages.
    package init(
        file: String, onBadRecord policy: BadRecordPolicy = .skip, recordLimit limit: Int = 1 << 24,
        pieces: @escaping () throws(RecordFileError) -> [UInt8]?
    ) {
        self.file = file
        self.policy = policy
        self.limit = limit
        scanner = RecordScanner(limit: limit, source: pieces)
    }

    /// The next good record, nil at the end of the file.
    public mutating func next() throws(RecordFileError) -> Record? {
        while waiting.isEmpty {
            guard let raw = try scanner.next() else { return nil }
            report.read += 1
            line = raw.line
            do throws(RecordProblem) {
                waiting = try records(of: raw)[...]
            } catch {
                report.skip(.init(line: raw.line, problem: error))
                if policy == .refuse { throw .badRecord(file: file, line: raw.line, problem: error) }
            }
        }
        report.kept += 1
        return waiting.removeFirst()
    }

    private func records(of raw: RecordScanner.Record) throws(RecordProblem) -> [Record] {
        guard let bytes = raw.bytes else { throw .tooLong(limit: limit) }
        let json: JSONValue
        do throws(JSONError) {
            // Python writes NaN where a column has no value; only who reads the column is concerned.
            json = try JSONValue(parsing: bytes, allowingNonFinite: true)
        } catch {
            throw .notJSON(error)
        }
        guard let object = json.object else { throw .notAnObject(found: json.kind) }
        return try Record.records(in: object)
    }
}

extension DatasetRecord {
    /// All records of a file, with what was found in it.
    ///
    /// - Throws: ``RecordFileError``.
    public static func read(
        _ url: URL, onBadRecord policy: BadRecordPolicy = .skip
    ) throws(RecordFileError) -> (records: [Self], report: RecordReport) {
        var reader = try RecordReader<Self>(url, onBadRecord: policy)
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
        func failure(_ error: CorpusError) -> RecordFileError {
            switch error {
            case .missing: .unreadable(file: name, reason: "no such file")
            case .unreadable(_, let reason): .unreadable(file: name, reason: reason)
            case .malformed(_, let place, let found, let expected):
                .unreadable(file: name, reason: "\(place): found \(found), expected \(expected)")
            case .exceedsLimit(_, let place, let found, let limit):
                .unreadable(file: name, reason: "\(place): \(found) goes past the limit of \(limit)")
            default: .unreadable(file: name, reason: "\(error)")
            }
        }
        let stream: ByteStream
        do { stream = try ByteStream(url.path(percentEncoded: false)) } catch { throw failure(error) }
        return { () throws(RecordFileError) in
            do throws(CorpusError) {
                let piece = try stream.piece(of: pieceSize)
                return piece.isEmpty ? nil : piece
            } catch { throw failure(error) }
        }
    }
}
