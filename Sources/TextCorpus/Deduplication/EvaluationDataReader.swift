import Files
import Foundation
import JSON

/// Reads the texts of a list of evaluation data, whatever its format.
struct EvaluationDataReader {
    private(set) var list: ContaminationFilter.List
    private(set) var runs = RunsOfWords()

    /// Larger than those of a corpus: a list is never to be left out for its size.
    private static let limits: ReadingLimits = {
        var limits = ReadingLimits()
        limits.documentBytes = 1 << 26
        limits.pageBytes = 1 << 26
        return limits
    }()

    init(name: String) { list = ContaminationFilter.List(name: name) }

    /// Adds a file, or the files of a folder whose names tell their format.
    mutating func add(_ url: URL) throws(CorpusError) {
        switch FileStatus(url.path) {
        case .missing: throw .missing(file: url.path)
        case .other: throw .unreadable(file: url.path, reason: "neither a file nor a folder")
        case .file: try add(file: url.path)
        case .folder:
            var walk = try DirectoryWalk(url.path, followsLinks: true)
            while let entry = try walk.next() {
                guard entry.skipped == nil, entry.size > 0 else { continue }
                if Self.isJSON(entry.name) || FileFormat(name: entry.name) != nil {
                    try add(file: url.path + "/" + entry.path)
                }
            }
        }
    }

    private static func isJSON(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasSuffix(".json") || name.hasSuffix(".json.gz")
    }

    private mutating func add(file: String) throws(CorpusError) {
        let name = URL(fileURLWithPath: file).lastPathComponent
        if Self.isJSON(name) {
            var input = try ByteStream(file).window()
            let maximum = Self.limits.documentBytes
            try input.fill(maximum + 1)
            guard input.available <= maximum else {
                throw .exceedsLimit(
                    file: file, place: "the whole", found: "its size", limit: "\(maximum) bytes of JSON")
            }
            return try addStrings(of: input.take(input.available), file: file, line: nil)
        }
        let format = FileFormat(name: name) ?? .text
        var reader = try FileReader.open(file, as: format, name: name, limits: Self.limits)
        let converter = RecordConverter(limits: Self.limits)
        while true {
            let record: RawRecord
            let documents: [ReadDocument]
            do throws(Unkept) {
                guard let next = try reader.next() else { return }
                record = next
                if case .jsonLine = record.format {
                    documents = []
                } else {
                    documents = try converter.convert(record)
                }
            } catch {
                try check(error, in: file)
                continue
            }
            if case .jsonLine(let line) = record.format {
                try addStrings(of: record.bytes, file: file, line: line)
            }
            for read in documents { addLines(of: read.document.text) }
        }
    }

    /// A file without text may be left out; one that may have some and cannot be read is an error.
    private func check(_ unkept: Unkept, in file: String) throws(CorpusError) {
        switch unkept {
        case .failed(let error): throw error
        case .dropped(let dropped):
            guard [.tooLarge, .unknownEncoding, .malformedResponse, .binary].contains(dropped.reason) else {
                return
            }
            throw .malformed(
                file: file, place: dropped.name, found: "what is left out: \(dropped.reason.explanation)",
                expected: "evaluation data that can be read")
        }
    }

    private mutating func addLines(of text: String) {
        for line in text.split(whereSeparator: \.isNewline) { add(String(line)) }
    }

    private mutating func addStrings(of bytes: [UInt8], file: String, line: Int?) throws(CorpusError) {
        var json = JSONScanner(bytes, rules: JSONRules(repairsText: true))
        do throws(JSONError) {
            try addStrings(of: &json)
            try json.end()
        } catch {
            throw CorpusError(error, file: file, line: line)
        }
    }

    private mutating func addStrings(of json: inout JSONScanner) throws(JSONError) {
        switch json.kind {
        case .string: add(try json.string())
        case .object:
            try json.enterObject()
            while try json.nextKey() != nil { try addStrings(of: &json) }
        case .array:
            try json.enterArray()
            while try json.nextElement() { try addStrings(of: &json) }
        default: try json.skip()
        }
    }

    private mutating func add(_ text: String) {
        if runs.add(text) { list.texts += 1 }
        list.runs = runs.count
    }
}
