/// Decodes a text that comes in parts, each as `decodedText` does: the first bytes say whether it is UTF-16.
///
/// No character is cut in two by the end of a part.
package struct StreamedTextDecoder {
    /// The byte order mark of UTF-16 with which the text began; empty for another text; nil before its beginning.
    private var mark: [UInt8]?
    /// The beginning of what comes next.
    private var pending: [UInt8] = []

    package init() {}

    /// The next bytes of the text in UTF-8, without a byte order mark.
    ///
    /// - Parameter isLast: Whether nothing follows, so that a character that is not complete is malformed.
    package mutating func utf8(_ part: [UInt8], isLast: Bool) -> [UInt8] {
        pending += part
        guard isLast || pending.count > 3 else { return [] }
        if mark == nil {
            let start = Array(pending.prefix(2))
            mark = start == [0xff, 0xfe] || start == [0xfe, 0xff] ? start : []
            pending.removeFirst(mark?.count ?? 0)
        }
        let mark = mark ?? []
        let length =
            isLast ? pending.count : mark.isEmpty ? endOfUTF8 : endOfUTF16(bigEndian: mark[0] == 0xfe)
        let text = decodedText(mark + pending[..<length]).text
        pending.removeFirst(length)
        return Array(text.utf8)
    }

    /// Where the last character of UTF-8 begins: it may not be complete.
    private var endOfUTF8: Int {
        var end = pending.count - 1
        while end > 0, end > pending.count - 4, pending[end] & 0xc0 == 0x80 { end -= 1 }
        return end
    }

    /// The end of the last whole code unit that is not the first half of a pair.
    private func endOfUTF16(bigEndian: Bool) -> Int {
        let end = pending.count & ~1
        guard end >= 2 else { return 0 }
        let high = pending[bigEndian ? end - 2 : end - 1]
        return high & 0xfc == 0xd8 ? end - 2 : end
    }
}
