/// Bytes seen as UTF-8 characters, whose classes it knows.
///
/// The bytes need not be valid: a byte that is not part of a well-formed sequence counts as one symbol.
struct UTF8Text {
    let bytes: UnsafeBufferPointer<UInt8>
    let classes: UnsafeBufferPointer<UInt8>

    @inline(__always)
    var count: Int { bytes.count }

    /// Part of the text.
    subscript(range: Range<Int>) -> UTF8Text {
        UTF8Text(bytes: UnsafeBufferPointer(rebasing: bytes[range]), classes: classes)
    }

    /// The byte at a position, or 0 past the end.
    @inline(__always)
    func byte(at position: Int) -> UInt8 {
        position < bytes.count ? bytes[position] : 0
    }

    /// The class and length of the character at a position; an empty class past the end.
    @inline(__always)
    func character(at position: Int) -> (class: CharacterClass, length: Int) {
        guard position < bytes.count else { return ([], 0) }
        let byte = bytes[position]
        if byte < 0x80 { return (CharacterClass(rawValue: classes[Int(byte)]), 1) }
        return longCharacter(at: position)
    }

    /// Where the characters of the given classes end that begin at a position.
    @inline(__always)
    func endOfRun(of wanted: CharacterClass, from start: Int) -> Int {
        var position = start
        while true {
            let (found, length) = character(at: position)
            if found.isDisjoint(with: wanted) { return position }
            position += length
        }
    }

    @inline(never)
    private func longCharacter(at position: Int) -> (class: CharacterClass, length: Int) {
        guard let (scalar, length) = scalar(at: position) else { return (.symbol, 1) }
        return (CharacterClass(rawValue: classes[Int(scalar)]), length)
    }

    /// The code point at a position and its length, or nil where the bytes are not well-formed UTF-8.
    ///
    /// - SeeAlso: The Unicode Standard 16.0, Table 3-7.
    func scalar(at position: Int) -> (value: UInt32, length: Int)? {
        func continuation(_ offset: Int) -> UInt32? {
            let byte = byte(at: position + offset)
            return byte & 0xC0 == 0x80 ? UInt32(byte & 0x3F) : nil
        }
        let first = UInt32(bytes[position])
        if first < 0x80 { return (first, 1) }
        guard first >= 0xC2, first <= 0xF4, let second = continuation(1) else { return nil }
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
        guard let third = continuation(2) else { return nil }
        if first < 0xF0 {
            let value = (first & 0x0F) << 12 | second << 6 | third
            return value >= 0x800 && value & 0xF800 != 0xD800 ? (value, 3) : nil
        }
        guard let fourth = continuation(3) else { return nil }
        let value = (first & 0x07) << 18 | second << 12 | third << 6 | fourth
        return value >= 0x1_0000 && value <= 0x10_FFFF ? (value, 4) : nil
    }
}
