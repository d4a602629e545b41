import Conversations
public import Foundation

/// Prompts to try a model with, as a data file that anyone can write: JSON Lines, one item a line.
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

    /// Reads a suite, plain or gzip; its name is the file's.
    ///
    /// Unlike training data, a suite with a bad line is refused: a measurement should not silently shrink.
    ///
    /// - Throws: ``BehaviorSuiteError``, with file and line.
    public init(contentsOf url: URL) throws(BehaviorSuiteError) {
        let file = url.lastPathComponent
        self.init(name: String(file.prefix { $0 != "." }), items: [])
        var scanner = RecordScanner(limit: Self.longestItem, source: try Self.pieces(of: url))
        while let record = try Self.next(&scanner, of: file) {
            do throws(BehaviorSuiteError.Problem) {
                guard let bytes = record.bytes else {
                    throw .malformed(key: "", expected: "shorter than \(Self.longestItem) bytes")
                }
                items.append(try Self.item(bytes, line: record.line))
            } catch {
                throw .badItem(file: file, line: record.line, problem: error)
            }
        }
    }

    private static let longestItem = 1 << 24

    private static func pieces(
        of url: URL
    ) throws(BehaviorSuiteError) -> () throws(RecordFileError) -> [UInt8]? {
        do throws(RecordFileError) {
            return try RecordFile.pieces(of: url)
        } catch {
            throw .unreadable(file: url.lastPathComponent, reason: error.description)
        }
    }

    private static func next(
        _ scanner: inout RecordScanner, of file: String
    ) throws(BehaviorSuiteError) -> RecordScanner.Record? {
        do throws(RecordFileError) {
            return try scanner.next()
        } catch {
            throw .unreadable(file: file, reason: error.description)
        }
    }

    private static func item(_ bytes: [UInt8], line: Int) throws(BehaviorSuiteError.Problem) -> BehaviorItem {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: bytes) } catch { throw .notJSON(error) }
        return try BehaviorItem(json: json, id: "line \(line)")
    }
}
