import TextCorpus

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

    /// Returns the end of the run of characters of the given classes that begins at a position.
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
    @inline(__always)
    func scalar(at position: Int) -> (value: UInt32, length: Int)? { utf8Scalar(bytes, at: position) }
}
