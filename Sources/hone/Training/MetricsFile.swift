import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// `metrics.jsonl`: a JSON object for each step, written when the step is done.
final class MetricsFile {
    private let handle: FileHandle
    private let path: String

    /// Opens the file to go on after a step; what it says of later ones is cut off.
    ///
    /// - Parameter step: The last step whose line is kept; 0 begins anew.
    init(_ url: URL, after step: Int) throws(FileError) {
        path = url.path(percentEncoded: false)
        if step == 0 || !FileManager.default.fileExists(atPath: path) {
            try writeAtomically(Data(), to: url)
        }
        guard let handle = FileHandle(forUpdatingAtPath: path) else {
            throw .unwritable(file: path, reason: "it cannot be opened")
        }
        self.handle = handle
        do {
            try handle.truncate(atOffset: Self.end(ofStep: step, in: handle))
            try handle.seekToEnd()
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }

    deinit { try? handle.close() }

    /// Adds a line.
    func append(_ line: JSONObject) throws(FileError) {
        do {
            try handle.write(contentsOf: Data((JSONValue.object(line).text(.compact) + "\n").utf8))
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }

    /// Where the lines of steps up to `step` end.
    private static func end(ofStep step: Int, in handle: FileHandle) throws -> UInt64 {
        guard step > 0 else { return 0 }
        var end: UInt64 = 0
        var rest: [UInt8] = []
        while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
            rest += chunk
            var begin = 0
            while let lineEnd = rest[begin...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = try? JSONValue(parsing: Array(rest[begin..<lineEnd]))
                guard let found = line?["step"]?.number, Int(found) <= step else { return end }
                end += UInt64(lineEnd + 1 - begin)
                begin = lineEnd + 1
            }
            rest.removeFirst(begin)
        }
        return end
    }
}
