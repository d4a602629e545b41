/// Reads the lines of a JSON Lines file; what is in them is looked at later.
struct JSONLinesReader: RecordReader {
    private var input: BufferedInput
    private var lines: LineReader?
    private let limits: ReadingLimits
    private let name: String
    private let file: String
    private var ended = false

    /// A text may be six times as long in JSON, when every character is escaped.
    static func maximumLine(_ limits: ReadingLimits) -> Int { limits.documentBytes * 6 + (1 << 16) }

    init(_ input: BufferedInput, name: String, limits: ReadingLimits) {
        self.input = input
        self.limits = limits
        self.name = name
        self.file = input.path
    }

    var bytesRead: Int { lines?.bytesRead ?? input.bytesRead }

    mutating func next() -> ReadingEvent? {
        while !ended {
            do {
                if lines == nil { lines = try opened() }
                let line = try lines?.next()
                let number = lines?.number ?? 0
                switch line {
                case nil: ended = true
                case .tooLong(let length):
                    return .dropped(source: "\(name)#\(number)", bytes: length, .tooLarge)
                case .bytes(let line):
                    if line.allSatisfy(isSpace) { continue }
                    return .record(
                        RawRecord(
                            bytes: line, format: .jsonLine(number), source: "\(name)#\(number)",
                            file: file))
                }
            } catch {
                ended = true
                return .problem(error)
            }
        }
        return nil
    }

    /// The lines of a file in UTF-8; one in UTF-16 is named, not taken for damaged JSON.
    private mutating func opened() throws(CorpusError) -> LineReader {
        try input.fillAsFarAsReadable(4)
        let head = input.withWindow { Array($0.prefix(4)) }
        let brace = UInt8(ascii: "{")
        let isWide = [[0xff, 0xfe], [0xfe, 0xff], [brace, 0], [0, brace]].contains { head.starts(with: $0) }
        guard !isWide else {
            throw .malformed(
                file: file, place: "the whole", found: "text in UTF-16",
                expected: "JSON Lines in UTF-8, as ‘iconv -f UTF-16 -t UTF-8’ makes it")
        }
        return LineReader(input, maximum: Self.maximumLine(limits))
    }
}

/// What a record of JSON Lines says.
struct JSONRecord {
    /// The values of the keys asked for that are strings, and the places of them that could not be read.
    private(set) var strings: [String: String] = [:]
    private(set) var replacements = 0
    private(set) var keys: [String] = []

    /// Reads one object, keeping the strings at its top level whose keys are wanted.
    init(_ line: [UInt8], wanted: Set<String>) throws(JSONScanner.Fault) {
        var scanner = JSONScanner(line)
        guard case .beginObject? = try scanner.next() else {
            throw JSONScanner.Fault(byte: 1, found: "another value", expected: "an object")
        }
        var key = ""
        while let token = try scanner.next() {
            switch token {
            case .key(let range, let escaped) where scanner.depth == 1:
                key = try unescapedJSONString(line, range, escaped: escaped).text
                if keys.count < 32 { keys.append(key) }
            case .string(let range, let escaped) where scanner.depth == 1 && wanted.contains(key):
                let value = try unescapedJSONString(line, range, escaped: escaped)
                strings[key] = value.text
                replacements += value.replacements
            default: break
            }
        }
    }
}
