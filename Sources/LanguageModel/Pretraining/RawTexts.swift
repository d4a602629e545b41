import Files
public import Foundation
import JSON
import NeuralCore

/// The unprocessed texts of a corpus, of a file, or of all files of a folder in the order of their paths.
///
///     var training = BytePairTraining()
///     try RawTexts(file).forEach { training.add(bytes: $0) }
///
/// Of a folder that `hone corpus` made, its training part is read; of JSON Lines, the `text` of each record; every other
/// file is a text of its own. Files may be gzip. Nothing is cleaned or left out: for that there is a ``/TextCorpus/Corpus``
/// of sources.
public struct RawTexts: Sendable {
    private let files: [String]
    /// The corpus, if the folder holds one.
    private let corpus: Corpus?
    /// The approximate size of the parts of a long text, which is cut where no piece reaches across.
    private static let part = 1 << 24
    /// No line of JSON may be longer than this.
    private static let longestLine = 1 << 28

    /// Finds the files.
    ///
    /// - Throws: ``/TextCorpus/CorpusError`` where there are none, or the corpus there cannot be read.
    public init(_ url: URL) throws(CorpusError) {
        let path = url.relativePath
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .missing(file: path)
        }
        if FileManager.default.fileExists(atPath: "\(path)/\(DataCard.fileName)") {
            (files, corpus) = ([], try Corpus(directory: url))
            return
        }
        corpus = nil
        guard isFolder.boolValue else {
            files = [path]
            return
        }
        guard let names = FileManager.default.enumerator(atPath: path) else {
            throw .unreadable(file: path, reason: "its files cannot be listed")
        }
        files = names.compactMap { $0 as? String }.sorted().map { "\(path)/\($0)" }.filter { file in
            let type = try? FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType
            return type == .typeRegular
        }
    }

    /// Calls `body` with the bytes of each text, in UTF-8; a long one comes in parts, so that memory does not grow with it.
    ///
    /// - Throws: ``/TextCorpus/CorpusError``, and a ``MalformedLine`` for a record that is none.
    public func forEach(_ body: (ArraySlice<UInt8>) -> Void) throws {
        if let corpus {
            var documents = corpus.makeIterator()
            while let document = documents.next() { body(Array(document.text.utf8)[...]) }
            if let problem = documents.problems.first { throw problem }
        }
        for file in files {
            // CSV and TSV are read as plain text; Parquet and Arrow could be nothing but tables.
            if !TableFile.hasLines(file), var table = try TableFile(file) {
                while let (row, json) = try table.nextLine() {
                    if let text = try Self.text(of: json, number: row, in: file) { body(text[...]) }
                }
            } else if file.hasSuffix(".jsonl") || file.hasSuffix(".jsonl.gz") {
                try forEachRecord(of: file, body)
            } else {
                try forEachPart(of: file, body)
            }
        }
    }

    private func forEachRecord(of file: String, _ body: (ArraySlice<UInt8>) -> Void) throws {
        var lines = LineReader(
            try ByteStream(file).window(), longest: Self.longestLine, keepsReturns: true)
        while let line = try lines.next() {
            switch line {
            case .tooLong(let length):
                throw MalformedLine(
                    file: file, line: lines.number, expected: "at most \(Self.longestLine) bytes",
                    found: "\(length)")
            case .bytes(let line):
                if let text = try Self.text(of: line, number: lines.number, in: file) { body(text[...]) }
            }
        }
    }

    /// The `text` of a record of JSON Lines, in UTF-8; nil on an empty line between records.
    package static func text(
        of line: [UInt8], number: Int, in file: String?
    ) throws(MalformedLine) -> [UInt8]? {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
        let record = try? JSONValue(parsing: line)
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

    private func forEachPart(of file: String, _ body: (ArraySlice<UInt8>) -> Void) throws(CorpusError) {
        let stream = try ByteStream(file)
        var decoder = StreamedTextDecoder()
        var buffer: [UInt8] = []
        while true {
            let chunk = try stream.piece(of: Self.part)
            buffer += decoder.utf8(chunk, isLast: chunk.isEmpty)
            if chunk.isEmpty { break }
            let cut = SplitPattern.cut(buffer, from: buffer.count - buffer.count / 8, before: buffer.count)
            if cut < buffer.count {
                body(buffer[..<cut])
                buffer.removeFirst(cut)
            }
        }
        body(buffer[...])
    }
}

/// A malformed line of a file.
public struct MalformedLine: Error, Sendable, Equatable, CustomStringConvertible {
    /// The path of the file; nil for standard input.
    public var file: String?
    /// The number of the line, from one.
    public var line: Int
    /// A description of the expected contents of the line.
    public var expected: String
    /// A description of the actual contents.
    public var found: String

    /// Creates the error for a malformed line.
    package init(file: String?, line: Int, expected: String, found: String) {
        (self.file, self.line, self.expected, self.found) = (file, line, expected, found)
    }

    /// A sentence that names file and line.
    public var description: String {
        "\(file ?? "standard input"): line \(line): expected \(expected), found \(found)"
    }
}
