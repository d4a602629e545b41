import Files
import Foundation
import JSON

/// Lines of JSON for a file that appears whole at the end, or for standard output.
final class RecordLines {
    private let file: URL?
    private var data = Data()

    /// - Parameter file: A path; nil for standard output.
    init(_ file: String?) throws {
        self.file = file.map { URL(filePath: $0) }
        if let folder = self.file?.standardizedFileURL.deletingLastPathComponent() { try checkFolder(folder) }
    }

    /// Adds a line.
    func add(_ record: JSONValue) throws {
        try add(Array((record.text(.compact) + "\n").utf8))
    }

    /// Adds lines.
    func add(_ lines: [UInt8]) throws {
        if file == nil || isOutputCaptured { try standardOutput(lines) } else { data += lines }
    }

    /// Writes the file, if there is one.
    func finish() throws { if let file { try writeAtomically(data, to: file) } }
}
