/// The members of one line of a metrics file: a JSON object.
///
/// Members of objects within it are read as if they stood outside; lists are passed over. `NaN` and `Infinity`, which
/// some writers put in place of numbers, are understood.
struct MetricsLine: Equatable {
    /// Numbers by name, in their order; `true` and `false` are 1 and 0.
    private(set) var numbers: [(name: String, value: Double)] = []
    /// Texts by name, in their order.
    private(set) var texts: [(name: String, value: String)] = []

    static func == (a: MetricsLine, b: MetricsLine) -> Bool {
        a.numbers.elementsEqual(b.numbers, by: ==) && a.texts.elementsEqual(b.texts, by: ==)
    }

    /// The members of a line; nil where it is no whole object, as when the writer was stopped in the middle of it.
    init?(_ line: some Collection<UInt8>) {
        var scanner = Scanner(bytes: Array(line))
        guard scanner.skip(UInt8(ascii: "{")) else { return nil }
        var depth = 1
        while depth > 0 {
            if scanner.skip(UInt8(ascii: "}")) {
                depth -= 1
                _ = scanner.skip(UInt8(ascii: ","))
                continue
            }
            guard let name = scanner.string(), scanner.skip(UInt8(ascii: ":")), let next = scanner.next else {
                return nil
            }
            switch next {
            case UInt8(ascii: "{"):
                _ = scanner.skip(next)
                depth += 1
                continue
            case UInt8(ascii: "["):
                guard scanner.skipList() else { return nil }
            case UInt8(ascii: "\""):
                guard let text = scanner.string() else { return nil }
                texts.append((name, text))
            default:
                let word = scanner.word()
                switch word {
                case "null": break
                case "true": numbers.append((name, 1))
                case "false": numbers.append((name, 0))
                case "Infinity": numbers.append((name, .infinity))
                case "-Infinity": numbers.append((name, -.infinity))
                default:
                    guard let value = Double(word) else { return nil }
                    numbers.append((name, value))
                }
            }
            guard scanner.skip(UInt8(ascii: ",")) || scanner.next == UInt8(ascii: "}") else { return nil }
        }
        guard scanner.next == nil else { return nil }
    }
}

/// Reads the parts of a JSON text one after another.
private struct Scanner {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The next byte that is no blank; nil at the end.
    var next: UInt8? {
        mutating get {
            while position < bytes.count, bytes[position] <= UInt8(ascii: " ") { position += 1 }
            return position < bytes.count ? bytes[position] : nil
        }
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// A number or a name without quotes.
    mutating func word() -> String {
        _ = next
        let start = position
        while position < bytes.count, !Array(",]} \t".utf8).contains(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func skipList() -> Bool {
        var depth = 0
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                guard string() != nil else { return false }
                continue
            }
            position += 1
            if byte == UInt8(ascii: "[") { depth += 1 }
            if byte == UInt8(ascii: "]") { depth -= 1 }
            if depth == 0 { return true }
        }
        return false
    }

    mutating func string() -> String? {
        guard skip(UInt8(ascii: "\"")) else { return nil }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        func decoded() -> [UInt16] { Array(String(decoding: plain, as: UTF8.self).utf16) }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: units + decoded(), as: UTF16.self)
            case UInt8(ascii: "\\"):
                units += decoded()
                plain = []
                guard let unit = escape() else { return nil }
                units.append(unit)
            default: plain.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> UInt16? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(byte)
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count else { return nil }
            defer { position += 4 }
            return UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        default: return nil
        }
    }
}
