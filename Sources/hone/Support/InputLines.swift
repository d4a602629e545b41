import ArgumentParser
import Files
import Foundation
import LanguageModel

/// The lines of a file, plain or gzip, or of standard input, in batches, so that memory does not grow with the input; of a
/// table in Parquet, Arrow, CSV or TSV, its rows as lines of JSON.
///
/// A line ends at a line feed, which is not part of it; the last may end with the input.
struct InputLines {
    /// No line may be longer than this.
    private static let longest = 1 << 28
    private static let batchBytes = 1 << 20

    private let name: String?
    private var lines: LineReader<CorpusError>
    /// The table that is read in place of lines.
    private var table: TableFile?

    /// - Parameters:
    ///   - path: The file, or a pipe such as the shell's `<(…)`; standard input if there is none.
    ///   - readsTables: Whether the rows of a table are lines of JSON; its text is lines otherwise.
    init(_ path: String?, readsTables: Bool = true) throws {
        name = path
        if let path { try FeedbackFile.refuse(path) }
        table = readsTables ? try path.flatMap { try TableFile($0) } : nil
        let file = try path.map { try InputFile($0, acceptsPipes: true) } ?? .standardInput
        lines = LineReader(try ByteStream(file).window(), longest: Self.longest, keepsReturns: true)
    }

    /// The files of an argument: the one that it names, or those of a data set; nil, standard input, where it is not given.
    static func files(_ path: String?) throws -> [String?] {
        guard let path, !path.isEmpty else { return [path] }
        return try DatasetFolder.evaluationFiles(at: [path]).map(\.relativePath)
    }

    /// The next lines with the number of the first, as many as about a megabyte holds; nil at the end.
    mutating func next() throws -> (first: Int, lines: [[UInt8]])? {
        if table != nil { return try table?.nextLine().map { ($0.line, [$0.json]) } }
        let first = lines.number + 1
        var batch: [[UInt8]] = []
        var bytes = 0
        while bytes < Self.batchBytes, let line = try lines.next() {
            switch line {
            case .bytes(let line):
                batch.append(line)
                bytes += line.count + 1
            case .tooLong(let length):
                throw MalformedLine(
                    file: name, line: lines.number, expected: "at most \(Self.longest) bytes",
                    found: "\(length)")
            }
        }
        return batch.isEmpty ? nil : (first, batch)
    }
}

extension MalformedLine: CommandError {
    var outcome: Outcome { .badData }
}

/// The columns of data that are read under other names.
struct ColumnOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "Read columns as keys of other names, such as prompt=question,chosen=best.",
            valueName: "key=column,…"))
    var map: String?

    /// The columns that stand for keys.
    var columns: ColumnMap { map.flatMap { ColumnMap($0) } ?? ColumnMap() }

    func validate() throws {
        if let map, ColumnMap(map) == nil {
            throw ValidationError("--map \(map): write KEY=COLUMN, each key once, with commas between them.")
        }
    }
}
