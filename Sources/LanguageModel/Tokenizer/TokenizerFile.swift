internal import Files
internal import Foundation
internal import NeuralCore

/// Reading and writing whole files, with the errors of tokenizers.
enum TokenizerFile {
    /// No vocabulary in use is near this size.
    private static let largest = 1 << 28

    /// No line of a vocabulary or of merges is near this size.
    private static let longestLine = 1 << 20

    private static func open(_ url: URL) throws(TokenizerError) -> InputFile {
        let path = url.path(percentEncoded: false)
        let file = try failing { () throws(FileError) in try InputFile(path) }
        guard file.size <= largest else { throw .tooLarge(file: path, bytes: file.size, limit: largest) }
        return file
    }

    /// The contents of a regular file.
    static func read(_ url: URL) throws(TokenizerError) -> [UInt8] {
        let file = try open(url)
        return try failing { () throws(FileError) in try file.read(atMost: file.size) }
    }

    /// Calls `body` with each line of a regular file and its number, from one.
    static func forEachLine(
        of url: URL, _ body: (_ number: Int, _ line: [UInt8]) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        let file = try open(url)
        var lines = LineReader(file, longest: longestLine)
        while let line = try failing({ () throws(FileError) in try lines.next() }) {
            switch line {
            case .bytes(let bytes): try body(lines.number, bytes)
            case .tooLong(let count):
                throw .malformed(
                    file: file.path, place: "line \(lines.number)",
                    expected: "at most \(longestLine) bytes", found: "\(count)")
            }
        }
    }

    private static func failing<Result>(
        _ body: () throws(FileError) -> Result
    ) throws(TokenizerError) -> Result {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }

    /// Replaces a file as a whole.
    static func write(_ bytes: [UInt8], to url: URL) throws(TokenizerError) {
        do {
            try writeAtomically(bytes, to: url)
        } catch {
            throw .file(error)
        }
    }
}
