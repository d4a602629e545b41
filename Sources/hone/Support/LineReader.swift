import Foundation
import JSON
import LanguageModel

/// The lines of a file, plain or gzip, or of standard input, in batches, so that memory does not grow with the input.
///
/// A line ends at a line feed, which is not part of it; the last may end with the input.
struct LineReader {
    /// No line may be longer than this.
    static let longest = 1 << 28

    /// Where the bytes come from.
    private enum Source {
        case file(ByteStream)
        case handle(FileHandle)
    }

    private let source: Source
    private let name: String
    private var buffer: [UInt8] = []
    private var isAtEnd = false
    private var lines = 0

    /// A line that is too long, or cannot be read.
    enum Failure: CommandError, CustomStringConvertible {
        case missing(file: String)
        case unreadable(file: String)
        case tooLong(file: String, line: Int)
        case damaged(CorpusError)

        var description: String {
            switch self {
            case .missing(let file): "\(file): there is no such file"
            case .unreadable(let file): "\(file): cannot be read"
            case .damaged(let error): "\(error)"
            case .tooLong(let file, let line):
                "\(file): line \(line): longer than \(LineReader.longest) bytes"
            }
        }

        var outcome: Outcome {
            switch self {
            case .missing: .missingInput
            case .unreadable: .inputOutput
            case .tooLong: .badData
            case .damaged(let error): error.outcome
            }
        }
    }

    /// - Parameter path: The file; standard input if there is none.
    init(_ path: String?) throws(Failure) {
        name = path ?? "standard input"
        guard let path else {
            source = .handle(.standardInput)
            return
        }
        guard FileManager.default.fileExists(atPath: path) else { throw .missing(file: path) }
        let type = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path)[
                .type]
        if type as? FileAttributeType == .typeRegular {
            do {
                source = .file(try ByteStream(path))
            } catch {
                throw .damaged(error)
            }
        } else {
            // A pipe, such as the shell's <(…).
            guard let handle = FileHandle(forReadingAtPath: path) else { throw .unreadable(file: path) }
            source = .handle(handle)
        }
    }

    /// The next lines with the number of the first, as many as about a megabyte holds; nil at the end.
    mutating func next() throws(Failure) -> (first: Int, lines: [ArraySlice<UInt8>])? {
        var end = buffer.lastIndex(of: UInt8(ascii: "\n"))
        while end == nil, !isAtEnd {
            let start = buffer.count
            guard start <= Self.longest else { throw .tooLong(file: name, line: lines + 1) }
            let chunk = try chunk(of: max(1 << 20, start))
            isAtEnd = chunk.isEmpty
            buffer += chunk
            end = buffer[start...].lastIndex(of: UInt8(ascii: "\n"))
        }
        guard !buffer.isEmpty else { return nil }
        let complete = buffer[..<(end ?? buffer.count)]
        let result = complete.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        defer { lines += result.count }
        buffer = end.map { Array(buffer[($0 + 1)...]) } ?? []
        return (lines + 1, result)
    }

    private func chunk(of count: Int) throws(Failure) -> [UInt8] {
        switch source {
        case .handle(let handle): return Array(try handle.chunk(of: count, from: name))
        case .file(let stream):
            do {
                return try stream.piece(of: count)
            } catch {
                throw .damaged(error)
            }
        }
    }
}

extension LineReader {
    /// The `text` of a record of JSON Lines, in UTF-8; nil on an empty line between records.
    static func text(of line: ArraySlice<UInt8>, number: Int, in file: String?) throws -> [UInt8]? {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
        let record = try? JSONValue(parsing: Array(line))
        if let text = record?["text"]?.string { return Array(text.utf8) }
        let reason =
            switch record {
            case nil: "no JSON"
            case .object(let members):
                members["text"] == nil
                    ? "\"text\" is missing" : "\"text\" holds another kind of value"
            default: "no object"
            }
        throw MalformedLine(
            file: file, line: number, expected: "a JSON object with a string \"text\"",
            found: "\"\(String(decoding: line.prefix(60), as: UTF8.self))\": \(reason)")
    }
}

extension FileHandle {
    /// The next bytes, as many as there are up to a number; none at the end.
    func chunk(of count: Int, from file: String) throws(LineReader.Failure) -> Data {
        do {
            return try read(upToCount: count) ?? Data()
        } catch {
            throw .unreadable(file: file)
        }
    }
}

/// A line of input that is not what it must be.
struct MalformedLine: CommandError, CustomStringConvertible {
    var file: String?
    var line: Int
    var expected: String
    var found: String

    var outcome: Outcome { .badData }
    var description: String {
        "\(file ?? "standard input"): line \(line): expected \(expected), found \(found)"
    }
}
