import JSON

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
    init(_ line: [UInt8], wanted: Set<String>) throws(JSONError) {
        var json = JSONScanner(line, rules: JSONRules(repairsText: true))
        try json.enterObject()
        while let key = try json.nextKey() {
            if keys.count < 32 { keys.append(key) }
            let before = json.replacements
            guard json.kind == .string, wanted.contains(key) else { continue }
            strings[key] = try json.string()
            replacements += json.replacements - before
        }
        try json.end()
    }
}
