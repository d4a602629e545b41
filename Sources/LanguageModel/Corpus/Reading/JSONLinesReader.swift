/// Reads the lines of a JSON Lines file; what is in them is looked at later.
struct JSONLinesReader: RecordReader {
    private var lines: LineReader
    private let name: String
    private let file: String
    private var ended = false

    /// A text may be six times as long in JSON, when every character is escaped.
    static func maximumLine(_ limits: ReadingLimits) -> Int { limits.documentBytes * 6 + (1 << 16) }

    init(_ input: BufferedInput, name: String, limits: ReadingLimits) {
        self.lines = LineReader(input, maximum: Self.maximumLine(limits))
        self.name = name
        self.file = input.path
    }

    var bytesRead: Int { lines.bytesRead }

    mutating func next() -> ReadingEvent? {
        while !ended {
            do {
                switch try lines.next() {
                case nil: ended = true
                case .tooLong(let length):
                    return .dropped(source: "\(name)#\(lines.number)", bytes: length, .tooLarge)
                case .bytes(let line):
                    if line.allSatisfy(isSpace) { continue }
                    return .record(
                        RawRecord(
                            bytes: line, format: .jsonLine(lines.number), source: "\(name)#\(lines.number)",
                            file: file))
                }
            } catch {
                ended = true
                return .problem(error)
            }
        }
        return nil
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
