import Foundation

/// The first offset of some bytes in others, from a place on; nil where there is none.
func firstOffset(of needle: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
    guard let first = needle.first, let base = bytes.baseAddress else { return nil }
    var index = start
    let last = bytes.count - needle.count
    while index <= last {
        guard let found = memchr(base + index, Int32(first), last - index + 1) else { return nil }
        let offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        if memcmp(base + offset, needle, needle.count) == 0 { return offset }
        index = offset + 1
    }
    return nil
}

extension StringProtocol {
    /// True if some ASCII characters stand in the text, looked for byte by byte; much faster than by
    /// characters.
    func contains(ascii needle: String) -> Bool {
        let needle = Array(needle.utf8)
        return utf8.withContiguousStorageIfAvailable { firstOffset(of: needle, in: $0) != nil }
            ?? Array(utf8).withUnsafeBufferPointer { firstOffset(of: needle, in: $0) != nil }
    }

    /// The first place of some ASCII characters, found byte by byte; much faster than by characters.
    func firstRange(ofASCII needle: String) -> Range<Index>? {
        let needle = Array(needle.utf8)
        let offset =
            utf8.withContiguousStorageIfAvailable { firstOffset(of: needle, in: $0) }
            ?? Array(utf8).withUnsafeBufferPointer { firstOffset(of: needle, in: $0) }
        guard let offset else { return nil }
        let start = utf8.index(startIndex, offsetBy: offset)
        return start..<utf8.index(start, offsetBy: needle.count)
    }
}

extension String {
    /// Calls `body` with the UTF-8 bytes.
    @inline(__always)
    func withUTF8Bytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}
