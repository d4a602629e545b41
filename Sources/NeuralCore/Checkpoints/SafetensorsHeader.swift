import Foundation

/// What the header of a safetensors file says: where each array lies, and what its elements are.
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
    /// No real array has so many axes.
    static let greatestRank = 16
    static let metadataKey = "__metadata__"
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
        var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: bytes[8..<end]))
        var key: String?
        var header = SafetensorsHeader(entries: [], metadata: [:], dataByteCount: bytes.count - end)
        do throws(JSONScanner.Mismatch) {
            try scanner.object { name, scanner throws(JSONScanner.Mismatch) in
                key = name
                if name == metadataKey {
                    try scanner.object { name, scanner throws(JSONScanner.Mismatch) in
                        header.metadata[name] = try scanner.string()
                    }
                } else {
                    header.entries.append(try entry(name, &scanner))
                }
                key = nil
            }
            try scanner.end()
        } catch {
            throw malformed(
                key, found: error.found, expected: "\(error.expected) at byte \(8 + error.offset)")
        }
        try header.arrange(file: file)
        return header
    }

    private static func entry(
        _ key: String, _ scanner: inout JSONScanner
    ) throws(JSONScanner.Mismatch) -> Entry {
        var type: StoredType?
        var extents: [Int]?
        var offsets: [Int]?
        let start = scanner.offset
        try scanner.object { name, scanner throws(JSONScanner.Mismatch) in
            let offset = scanner.offset
            switch name {
            case "dtype":
                let name = try scanner.string()
                type = StoredType(rawValue: name)
                if type == nil {
                    let known = StoredType.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .init(offset: offset, found: "dtype \(name)", expected: "one of \(known)")
                }
            case "shape": extents = try scanner.counts(limit: greatestRank)
            case "data_offsets": offsets = try scanner.counts(limit: 2)
            default: try scanner.skipValue()
            }
        }
        guard let type, let extents, let offsets else {
            let absent = [
                ("dtype", type == nil), ("shape", extents == nil), ("data_offsets", offsets == nil),
            ]
            let names = absent.filter(\.1).map(\.0).joined(separator: ", ")
            throw .init(offset: start, found: "no \(names)", expected: "dtype, shape and data_offsets")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw .init(offset: start, found: "data_offsets \(offsets)", expected: "a beginning and an end")
        }
        return Entry(key: key, type: type, shape: Shape(extents), range: offsets[0]..<offsets[1])
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
        var objects: [String] = []
        if !metadata.isEmpty {
            let members = metadata.sorted { $0.key < $1.key }.map {
                "\(Self.quoted($0.key)):\(Self.quoted($0.value))"
            }
            objects.append("\(Self.quoted(Self.metadataKey)):{\(members.joined(separator: ","))}")
        }
        for entry in entries {
            let extents = entry.shape.extents.map(String.init).joined(separator: ",")
            let offsets = "\(entry.range.lowerBound),\(entry.range.upperBound)"
            objects.append(
                "\(Self.quoted(entry.key)):"
                    + "{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(extents)],\"data_offsets\":[\(offsets)]}"
            )
        }
        var text = Data("{\(objects.joined(separator: ","))}".utf8)
        text.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case ..<" ": quoted += "\\u" + String(format: "%04x", scalar.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
