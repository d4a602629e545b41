/// An encoding of text in bytes.
package enum TextEncoding: Sendable, Hashable {
    case utf8
    case windows1252
    case utf16LittleEndian
    case utf16BigEndian

    /// The encoding of that name in a declaration; nil for one that cannot be read here.
    ///
    /// As the Encoding Standard has it, ASCII and Latin-1 mean Windows-1252.
    package init?(named name: some StringProtocol) {
        switch name.lowercased() {
        case "utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8": self = .utf8
        case "windows-1252", "cp1252", "cp-1252", "x-cp1252", "iso-8859-1", "iso8859-1", "iso_8859-1",
            "iso88591", "latin1", "latin-1", "l1", "us-ascii", "ascii", "ansi_x3.4-1968", "iso-ir-100":
            self = .windows1252
        case "utf-16", "utf-16le", "ucs-2", "unicode": self = .utf16LittleEndian
        case "utf-16be": self = .utf16BigEndian
        default: return nil
        }
    }
}

/// Text made from bytes, and how many places of them could not be read.
package struct DecodedText {
    package var text: String
    /// Places replaced by U+FFFD.
    package var replacements = 0
    /// Encoded in something else than UTF-8.
    package var converted = false
}

/// Makes text from bytes, whatever they are.
///
/// A byte order mark decides; then what was declared; then UTF-8. Bytes that are not UTF-8 and in which not
/// one character of several bytes is well-formed are taken for Windows-1252; otherwise each malformed place
/// becomes U+FFFD.
package func decodedText(_ bytes: [UInt8], declared: TextEncoding? = nil) -> DecodedText {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return decodedUTF8(Array(bytes[3...]), declared: .utf8) }
    if bytes.starts(with: [0xff, 0xfe]) { return decodedUTF16(bytes[2...], bigEndian: false) }
    if bytes.starts(with: [0xfe, 0xff]) { return decodedUTF16(bytes[2...], bigEndian: true) }
    switch declared {
    case .utf16LittleEndian where !looksLikeUTF8(bytes): return decodedUTF16(bytes[...], bigEndian: false)
    case .utf16BigEndian where !looksLikeUTF8(bytes): return decodedUTF16(bytes[...], bigEndian: true)
    default: return decodedUTF8(bytes, declared: declared)
    }
}

/// A page that names UTF-16 in a declaration written in ASCII is not UTF-16.
private func looksLikeUTF8(_ bytes: [UInt8]) -> Bool { !bytes.prefix(256).contains(0) }

private func decodedUTF8(_ bytes: [UInt8], declared: TextEncoding?) -> DecodedText {
    // Pages declared as Latin-1 often are UTF-8; the reverse is ruled out by validation.
    if let text = String(validating: bytes, as: UTF8.self) { return DecodedText(text: text) }
    let scan = UTF8Scan(bytes)
    if declared == .windows1252 || (declared == nil && scan.sequences == 0) {
        return DecodedText(text: decodedWindows1252(bytes), converted: true)
    }
    return DecodedText(text: String(decoding: bytes, as: UTF8.self), replacements: scan.faults)
}

private func decodedUTF16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> DecodedText {
    var decoder = UTF16Decoder(isBigEndian: bigEndian)
    let text = decoder.decode(bytes.dropLast(bytes.count & 1), isLast: true)
    return DecodedText(
        text: String(decoding: text, as: UTF8.self), replacements: bytes.count & 1, converted: true)
}

/// Windows-1252 as the Encoding Standard reads it: the five unassigned bytes are control characters.
func decodedWindows1252(_ bytes: [UInt8]) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes { scalars.append(Windows1252.scalar(byte)) }
    return String(scalars)
}

/// The mapping between Windows-1252 and Unicode.
enum Windows1252 {
    /// The scalars of the bytes 0x80 to 0x9f.
    static let upper: [UInt32] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
        0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178,
    ]

    static func scalar(_ byte: UInt8) -> Unicode.Scalar {
        guard 0x80...0x9f ~= byte else { return Unicode.Scalar(byte) }
        return Unicode.Scalar(upper[Int(byte) - 0x80]) ?? "\u{fffd}"
    }

    /// The byte of a scalar, where it has one here or in Latin-1.
    static func byte(_ scalar: UInt32) -> UInt8? {
        if scalar < 0x100 { return UInt8(scalar) }
        guard scalar <= 0x2122, let index = upper.firstIndex(of: scalar) else { return nil }
        return UInt8(0x80 + index)
    }
}

/// Counts of well-formed and malformed UTF-8 in bytes.
struct UTF8Scan {
    /// Well-formed characters of two bytes or more.
    private(set) var sequences = 0
    /// Malformed places, counted as the Unicode Standard replaces them (maximal subparts).
    private(set) var faults = 0

    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                if bytes[index] < 0x80 {
                    index += 1
                    continue
                }
                let (length, valid) = Self.sequence(bytes, at: index)
                if valid { sequences += 1 } else { faults += 1 }
                index += length
            }
        }
    }

    /// The length of the character that begins at a byte, or of the malformed piece there (Unicode, table
    /// 3-7).
    static func sequence(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (length: Int, valid: Bool) {
        let lead = bytes[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch lead {
        case 0..<0x80: return (1, true)
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        case 0xf1...0xf3: length = 4
        default: return (1, false)
        }
        var taken = 1
        while taken < length {
            guard index + taken < bytes.count else { return (taken, false) }
            let byte = bytes[index + taken]
            guard taken == 1 ? second ~= byte : 0x80...0xbf ~= byte else { return (taken, false) }
            taken += 1
        }
        return (length, true)
    }
}

// MARK: - Text that comes in parts

/// Makes UTF-8 of UTF-16 a piece at a time, wherever the pieces are cut.
struct UTF16Decoder {
    private let isBigEndian: Bool
    /// The bytes of a character whose end is in the next piece, three at most.
    private var rest: [UInt8] = []

    init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    /// A decoder for what follows a byte order mark; nil when there is none.
    init?(mark first: UInt8, _ second: UInt8) {
        switch (first, second) {
        case (0xff, 0xfe): isBigEndian = false
        case (0xfe, 0xff): isBigEndian = true
        default: return nil
        }
    }

    /// The next piece; half a character at the end of the last one becomes U+FFFD.
    mutating func decode(_ piece: some Sequence<UInt8>, isLast: Bool) -> [UInt8] {
        let bytes = rest + piece
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(isBigEndian ? first << 8 | second : second << 8 | first)
        }
        if isLast {
            if bytes.count % 2 == 1 { units.append(0xfffd) }
            rest = []
        } else {
            // The second half of a pair may be yet to come.
            if let last = units.last, 0xd800...0xdbff ~= last { units.removeLast() }
            rest = Array(bytes[(units.count * 2)...])
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}

/// Decodes a text that comes in parts, each as `decodedText` does: the first bytes say whether it is UTF-16.
///
/// No character is cut in two by the end of a part.
package struct StreamedTextDecoder {
    private enum Encoding {
        case unknown, utf8
        case utf16(UTF16Decoder)
    }

    private var encoding = Encoding.unknown
    /// The beginning of what comes next.
    private var pending: [UInt8] = []

    package init() {}

    /// The next bytes of the text in UTF-8, without a byte order mark.
    ///
    /// - Parameter isLast: True if nothing follows, so that a character that is not complete is malformed.
    package mutating func utf8(_ part: [UInt8], isLast: Bool) -> [UInt8] {
        pending += part
        guard isLast || pending.count > 3 else { return [] }
        if case .unknown = encoding {
            encoding = .utf8
            if pending.count >= 2, let decoder = UTF16Decoder(mark: pending[0], pending[1]) {
                encoding = .utf16(decoder)
                pending.removeFirst(2)
            }
        }
        if case .utf16(var decoder) = encoding {
            defer { (encoding, pending) = (.utf16(decoder), []) }
            return decoder.decode(pending, isLast: isLast)
        }
        let end = isLast ? pending.count : endOfUTF8
        defer { pending.removeFirst(end) }
        return Array(decodedText(Array(pending[..<end])).text.utf8)
    }

    /// The beginning of the last character of UTF-8, which may be incomplete.
    private var endOfUTF8: Int {
        var end = pending.count - 1
        while end > 0, end > pending.count - 4, pending[end] & 0xc0 == 0x80 { end -= 1 }
        return end
    }
}
