import Foundation
import JSON

/// The header of a safetensors file: the position, shape and element type of each array.
///
/// The file begins with the header's length (an unsigned 64-bit little-endian integer), then comes the header (a
/// JSON object in UTF-8), then the arrays' bytes, which fill the rest of the file without gap or overlap.
///
/// - SeeAlso: [The format](https://github.com/huggingface/safetensors#format). Departures: a name that stands twice
///   is refused, which the format asks for but not every reader does.
struct SafetensorsHeader {
    struct Entry: Equatable {
        var key: String
        var type: StoredType
        var shape: Shape
        /// In the bytes after the header.
        var range: Range<Int>
    }

    /// Ordered by their place in the file.
    var entries: [Entry]
    var metadata: [String: String]
    /// The bytes after the header.
    var dataByteCount: Int

    /// No header of a real model comes near; the format's own reader has the same limit.
    static let greatestByteCount = 100_000_000
    /// The greatest number of axes; no real array has more.
    static let greatestRank = 16
    static let metadataKey = "__metadata__"
    static let rules = JSONRules(depth: 32, repeatedKeys: .refused)
}

// MARK: - Reading

extension SafetensorsHeader {
    /// Reads the header of the file `bytes` and checks everything it says against the file's size.
    ///
    static func read(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError)
        -> SafetensorsHeader
    {
        func malformed(_ key: String?, found: String, expected: String) -> CheckpointError {
            .malformed(file: file, key: key, found: found, expected: expected)
        }
        guard bytes.count >= 8 else {
            throw malformed(
                nil, found: "\(bytes.count) bytes", expected: "the eight bytes of a header's length")
        }
        let stated = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard stated <= greatestByteCount, stated <= bytes.count - 8 else {
            throw malformed(
                nil, found: "a header of \(stated) bytes",
                expected: "at most \(min(greatestByteCount, bytes.count - 8)) in a file of \(bytes.count)")
        }
        let end = 8 + Int(stated)
        var json = JSONScanner(Array(bytes[8..<end]), rules: rules)
        var key: String?
        var header = SafetensorsHeader(entries: [], metadata: [:], dataByteCount: bytes.count - end)
        do throws(JSONError) {
            try json.enterObject()
            while let name = try json.nextKey() {
                key = name
                if name == metadataKey {
                    try json.enterObject()
                    while let name = try json.nextKey() { header.metadata[name] = try json.string() }
                } else {
                    header.entries.append(try entry(name, &json))
                }
                key = nil
            }
            try json.end()
        } catch {
            throw malformed(
                key, found: error.found, expected: "\(error.expected) at byte \(8 + error.offset)")
        }
        try header.arrange(file: file)
        return header
    }

    private static func entry(_ key: String, _ json: inout JSONScanner) throws(JSONError) -> Entry {
        var type: StoredType?
        var extents: [Int]?
        var offsets: [Int]?
        let start = json.offset
        try json.enterObject()
        while let name = try json.nextKey() {
            let offset = json.offset
            switch name {
            case "dtype":
                let name = try json.string()
                type = StoredType(rawValue: name)
                if type == nil {
                    let known = StoredType.allCases.map(\.rawValue).joined(separator: ", ")
                    throw json.error(at: offset, found: "dtype \(name)", expected: "one of \(known)")
                }
            case "shape": extents = try counts(&json, limit: greatestRank)
            case "data_offsets": offsets = try counts(&json, limit: 2)
            default: break
            }
        }
        guard let type, let extents, let offsets else {
            let absent = [
                ("dtype", type == nil), ("shape", extents == nil), ("data_offsets", offsets == nil),
            ]
            let names = absent.filter(\.1).map(\.0).joined(separator: ", ")
            throw json.error(at: start, found: "no \(names)", expected: "dtype, shape and data_offsets")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw json.error(at: start, found: "data_offsets \(offsets)", expected: "a beginning and an end")
        }
        return Entry(key: key, type: type, shape: Shape(extents), range: offsets[0]..<offsets[1])
    }

    private static func counts(_ json: inout JSONScanner, limit: Int) throws(JSONError) -> [Int] {
        var counts: [Int] = []
        try json.enterArray()
        while try json.nextElement() {
            guard counts.count < limit else {
                throw json.error(found: "more than \(limit) integers", expected: "at most that")
            }
            counts.append(try json.integer(in: 0...Int.max))
        }
        return counts
    }

    /// Orders the entries by place, and makes sure that their ranges are as long as their shapes say and fill the
    /// data one after another.
    private mutating func arrange(file: String) throws(CheckpointError) {
        entries.sort {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var end = 0
        for entry in entries {
            func malformed(_ found: String, _ expected: String) -> CheckpointError {
                .malformed(file: file, key: entry.key, found: found, expected: expected)
            }
            guard let needed = Self.byteCount(of: entry.type, entry.shape.extents) else {
                throw malformed("shape \(entry.shape)", "fewer than 2⁶³ bytes")
            }
            guard entry.range.count == needed else {
                throw malformed(
                    "\(entry.range.count) bytes",
                    "\(needed) for shape \(entry.shape) of type \(entry.type.rawValue)")
            }
            guard entry.range.lowerBound == end else {
                throw malformed(
                    "data from byte \(entry.range.lowerBound)", "from \(end), where the data before end")
            }
            guard entry.range.upperBound <= dataByteCount else {
                throw malformed(
                    "data up to byte \(entry.range.upperBound)", "at most \(dataByteCount), the file's end")
            }
            end = entry.range.upperBound
        }
        guard end == dataByteCount else {
            throw .malformed(
                file: file, key: nil, found: "\(dataByteCount) bytes of data",
                expected: "the \(end) that arrays lie in")
        }
    }

    /// The bytes of an array, unless its extents other than zero are too many for any machine.
    private static func byteCount(of type: StoredType, _ extents: [Int]) -> Int? {
        var bytes = type.byteCount
        for extent in extents where extent > 0 {
            let (product, isTooGreat) = bytes.multipliedReportingOverflow(by: extent)
            if isTooGreat { return nil }
            bytes = product
        }
        return extents.contains(0) ? 0 : bytes
    }
}

// MARK: - Writing

extension SafetensorsHeader {
    /// The header's length and text, padded with spaces so that the data begin at a multiple of eight.
    var encoded: Data {
        var members = JSONObject()
        if !metadata.isEmpty {
            let sorted = metadata.sorted { $0.key < $1.key }
            members[Self.metadataKey] = .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))
        }
        for entry in entries {
            members[entry.key] = [
                "dtype": .string(entry.type.rawValue),
                "shape": .array(entry.shape.extents.map(JSONValue.integer)),
                "data_offsets": [.integer(entry.range.lowerBound), .integer(entry.range.upperBound)],
            ]
        }
        var text = Data(JSONValue.object(members).text(.compact).utf8)
        text.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
    }
}
