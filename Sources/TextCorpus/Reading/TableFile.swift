import Files
import Foundation
import JSON
package import Tables

/// The rows of a file in one of the formats of tables: Parquet, Arrow, CSV, TSV.
package struct TableFile {
    private enum Format { case parquet, arrow, delimited(by: UInt8) }

    private var reader: any TableReader
    private let path: String

    /// Opens a file whose name tells that it is a table; nil where it tells something else.
    ///
    /// Text may be compressed with gzip; the other formats have compression of their own.
    ///
    /// - Parameter rowLimit: The most bytes of a row that is held in memory.
    package init?(_ path: String, rowLimit: Int = 1 << 24) throws(CorpusError) {
        guard let format = Self.format(name: path) else { return nil }
        self.path = path
        let stream = try ByteStream(path)
        do {
            switch format {
            case .parquet:
                reader = try ParquetReader(Bytes(MappedFile(URL(filePath: path))), rowLimit: rowLimit)
            case .arrow:
                reader = try ArrowReader(Bytes(MappedFile(URL(filePath: path))), rowLimit: rowLimit)
            case .delimited(let separator):
                reader = DelimitedReader(separator: separator, rowLimit: rowLimit) { () throws(TableError) in
                    do throws(CorpusError) {
                        let piece = try stream.piece(of: 1 << 16)
                        return piece.isEmpty ? nil : piece
                    } catch {
                        throw TableError(found: "\(error)", expected: "text that can be read")
                    }
                }
            }
        } catch let error as TableError {
            throw CorpusError(error, file: path)
        } catch let error as FileError {
            throw CorpusError(error)
        } catch {
            fatalError("\(error)")
        }
    }

    /// Returns whether a file is a table, by its name.
    package static func isTable(_ name: String) -> Bool { format(name: name) != nil }

    /// Returns whether positions in a file are lines of text, and not numbers of rows.
    package static func hasLines(_ name: String) -> Bool {
        switch format(name: name) {
        case .parquet, .arrow: false
        case .delimited, nil: true
        }
    }

    private static func format(name: String) -> Format? {
        let name = name.lowercased()
        let plain = name.hasSuffix(".gz") ? name.dropLast(3) : name[...]
        if plain.hasSuffix(".csv") { return .delimited(by: UInt8(ascii: ",")) }
        if plain.hasSuffix(".tsv") { return .delimited(by: UInt8(ascii: "\t")) }
        if name.hasSuffix(".parquet") { return .parquet }
        return name.hasSuffix(".arrow") ? .arrow : nil
    }

    /// The next row; nil at the end.
    package mutating func next() throws(CorpusError) -> TableRow? {
        do throws(TableError) {
            return try reader.next()
        } catch {
            throw CorpusError(error, file: path)
        }
    }

    /// The next row as a line of JSON; nil at the end. A row that cannot be read is an error.
    package mutating func nextLine() throws(CorpusError) -> (line: Int, json: [UInt8])? {
        guard let row = try next() else { return nil }
        return (row.line, try json(of: row))
    }

    /// A row as JSON.
    func json(of row: TableRow) throws(CorpusError) -> [UInt8] {
        let place = Self.hasLines(path) ? "line \(row.line)" : "row \(row.line)"
        switch row.contents {
        case .object(let object): return Array(JSONValue.object(object).text(.compact).utf8)
        case .tooLong(let limit):
            throw .exceedsLimit(file: path, place: place, found: "its size", limit: "\(limit) bytes a row")
        case .malformed(let found, let expected):
            throw .malformed(file: path, place: place, found: found, expected: expected)
        }
    }
}

extension CorpusError {
    fileprivate init(_ error: TableError, file: String) {
        self = .malformed(
            file: file, place: error.place.isEmpty ? "the whole" : error.place, found: error.found,
            expected: error.expected)
    }
}

/// Reads the rows of a table as lines of JSON.
struct TableRowReader: RecordReader {
    private var table: TableFile
    private let name: String
    private let path: String
    private let size: Int
    private(set) var bytesRead = 0
    private var hasEnded = false

    /// Nil where the file is none by its name.
    init?(_ path: String, name: String, limits: ReadingLimits) throws(CorpusError) {
        guard let table = try TableFile(path, rowLimit: JSONLinesReader.maximumLine(limits)) else {
            return nil
        }
        (self.table, self.name, self.path) = (table, name, path)
        do { size = try InputFile(path).size } catch { throw CorpusError(error) }
    }

    mutating func next() throws(Unkept) -> RawRecord? {
        guard !hasEnded else { return nil }
        let next: TableRow?
        do {
            next = try table.next()
        } catch {
            hasEnded = true
            throw .failed(error)
        }
        guard let row = next else {
            (hasEnded, bytesRead) = (true, size)
            return nil
        }
        let bytes: [UInt8]
        do { bytes = try table.json(of: row) } catch { throw .failed(error) }
        bytesRead = min(size, bytesRead + bytes.count)
        return RawRecord(
            bytes: bytes, format: .jsonLine(row.line), source: "\(name)#\(row.line)", file: path)
    }
}
