import Foundation

/// The lines of a file or of standard input, in batches, so that memory does not grow with the input.
///
/// A line ends at a line feed, which is not part of it; the last may end with the input.
struct LineReader {
    /// No line may be longer than this.
    static let longest = 1 << 28

    private let handle: FileHandle
    private let name: String
    private var buffer: [UInt8] = []
    private var isAtEnd = false
    private var lines = 0

    /// A line that is too long, or cannot be read.
    enum Failure: CommandError, CustomStringConvertible {
        case missing(file: String)
        case unreadable(file: String)
        case tooLong(file: String, line: Int)

        var description: String {
            switch self {
            case .missing(let file): "\(file): there is no such file"
            case .unreadable(let file): "\(file): cannot be read"
            case .tooLong(let file, let line):
                "\(file): line \(line): longer than \(LineReader.longest) bytes"
            }
        }

        var outcome: Outcome {
            switch self {
            case .missing: .missingInput
            case .unreadable: .inputOutput
            case .tooLong: .badData
            }
        }
    }

    /// - Parameter path: The file; standard input if there is none.
    init(_ path: String?) throws(Failure) {
        name = path ?? "standard input"
        guard let path else {
            handle = .standardInput
            return
        }
        guard FileManager.default.fileExists(atPath: path) else { throw .missing(file: path) }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw .unreadable(file: path) }
        self.handle = handle
    }

    /// The next lines with the number of the first, as many as about a megabyte holds; nil at the end.
    mutating func next() throws(Failure) -> (first: Int, lines: [ArraySlice<UInt8>])? {
        var end = buffer.lastIndex(of: UInt8(ascii: "\n"))
        while end == nil, !isAtEnd {
            let start = buffer.count
            guard start <= Self.longest else { throw .tooLong(file: name, line: lines + 1) }
            let chunk = try handle.chunk(of: max(1 << 20, start), from: name)
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
