import Files
import Foundation
import JSON
import Tables

/// Files that pyarrow and fastparquet wrote, and what they hold.
enum TableFixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(component: "Fixtures")

    /// The name of each file, and of the rows that it holds.
    static let rowsOfFile: [String: String] = {
        guard let json = try? JSONValue(parsing: contents(of: folder.appending(component: "expected.json"))),
            let members = json.object
        else { return [:] }
        return members.members.reduce(into: [:]) { $0[$1.key] = $1.value.string }
    }()

    static let files = rowsOfFile.keys.sorted()

    static func bytes(_ file: String) throws -> [UInt8] {
        try contents(of: folder.appending(component: file))
    }

    /// The rows as their writer's library reads them.
    static func rows(of file: String) throws -> [JSONValue] {
        try bytes("\(rowsOfFile[file] ?? "").jsonl").split(separator: UInt8(ascii: "\n")).map {
            try JSONValue(parsing: Array($0), allowingNonFinite: true)
        }
    }
}

/// Reads a table that is in a file.
func reader(_ url: URL, rowLimit: Int = 1 << 24) throws -> any TableReader {
    let bytes = try Bytes(MappedFile(url))
    return url.pathExtension == "arrow"
        ? try ArrowReader(bytes, rowLimit: rowLimit) : try ParquetReader(bytes, rowLimit: rowLimit)
}

/// All rows; one that cannot be read is null.
func rows(_ url: URL, rowLimit: Int = 1 << 24) throws -> [JSONValue] {
    var reader = try reader(url, rowLimit: rowLimit)
    var rows: [JSONValue] = []
    while let row = try reader.next() {
        if case .object(let object) = row.contents {
            rows.append(.object(object))
        } else {
            rows.append(.null)
        }
    }
    return rows
}
