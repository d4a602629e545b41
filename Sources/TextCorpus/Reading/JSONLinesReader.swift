import Files
import JSON

/// Reads the lines of a JSON Lines file; what is in them is looked at later.
struct JSONLinesReader: RecordReader {
    private let stream: ByteStream
    private var lines: LineReader<CorpusError>?
    private let limits: ReadingLimits
    private let name: String
    private var ended = false

    /// A text may be six times as long in JSON, when every character is escaped.
    static func maximumLine(_ limits: ReadingLimits) -> Int { limits.documentBytes * 6 + (1 << 16) }

    init(_ stream: ByteStream, name: String, limits: ReadingLimits) {
        self.stream = stream
        self.limits = limits
        self.name = name
    }

    var bytesRead: Int { stream.bytesRead }

    mutating func next() throws(Unkept) -> RawRecord? {
        while !ended {
            let next: LineReader<CorpusError>.Line?
            do {
                if lines == nil { lines = try opened() }
                next = try lines?.next()
            } catch {
                ended = true
                throw .failed(error)
            }
            let number = lines?.number ?? 0
            switch next {
            case nil: ended = true
            case .tooLong(let length):
                throw .dropped(.tooLarge, name: "\(name)#\(number)", bytes: length)
            case .bytes(let line):
                if line.allSatisfy(isSpace) { continue }
                return RawRecord(
                    bytes: line, format: .jsonLine(number), source: "\(name)#\(number)", file: stream.path)
            }
        }
        return nil
    }

    /// The lines of a file in UTF-8; one in UTF-16 is named, not taken for damaged JSON.
    private func opened() throws(CorpusError) -> LineReader<CorpusError> {
        var input = stream.window()
        try input.fillAsFarAsReadable(4)
        let head = input.withWindow { Array($0.prefix(4)) }
        let brace = UInt8(ascii: "{")
        let isWide = [[0xff, 0xfe], [0xfe, 0xff], [brace, 0], [0, brace]].contains { head.starts(with: $0) }
        guard !isWide else {
            throw .malformed(
                file: stream.path, place: "the whole", found: "text in UTF-16",
                expected: "JSON Lines in UTF-8, as ‘iconv -f UTF-16 -t UTF-8’ makes it")
        }
        return LineReader(input, longest: Self.maximumLine(limits))
    }
}

/// The text fields of a record of JSON Lines.
struct JSONRecord {
    /// The values of the keys asked for that are strings, and the places of them that could not be read.
    private(set) var strings: [String: String] = [:]
    private(set) var replacements = 0
    private(set) var keys: [String] = []

    /// Reads one object, keeping the strings at its top level whose keys are wanted, or stand for such.
    init(
        _ line: [UInt8], wanted: Set<String>, columns: ColumnMap = ColumnMap()
    ) throws(JSONError) {
        let keyed = Dictionary(grouping: wanted) { columns.column(of: $0) }
        var json = JSONScanner(line, rules: JSONRules(repairsText: true))
        try json.enterObject()
        while let key = try json.nextKey() {
            if keys.count < 32 { keys.append(key) }
            let before = json.replacements
            guard json.kind == .string, let names = keyed[key] else { continue }
            let text = try json.string()
            for name in names { strings[name] = text }
            replacements += json.replacements - before
        }
        try json.end()
    }
}
