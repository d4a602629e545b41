/// Makes UTF-8 of UTF-16 a piece at a time, wherever the pieces are cut.
struct UTF16Decoder {
    private let isBigEndian: Bool
    /// The bytes of a character whose end is in the next piece, three at most.
    private var rest: [UInt8] = []

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
