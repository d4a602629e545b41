/// Cuts UTF-8 text into words the same way for every use: statistics, near-duplicates, contamination.
///
/// A word is a run of letters and digits. Where a script sets no spaces (Han, kana, Thai, Lao) every
/// character is a word of its own. Bytes are read, not characters: what is not ASCII counts as a letter but
/// for the blocks of punctuation and symbols.
struct WordScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// One word.
    struct Word {
        /// Its bytes.
        var range: Range<Int>
        /// A hash of its bytes, ASCII letters lowered.
        var hash: UInt64
        /// Its characters.
        var characters: Int
        /// It is a character of a script without spaces.
        var isUnspaced: Bool
        /// It has a letter in it.
        var hasLetter: Bool
    }

    mutating func next() -> Word? {
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                if isLetterOrDigit(byte) { return run() }
                index += 1
                continue
            }
            switch Self.classify(bytes, at: index) {
            case .letter: return run()
            case .unspaced: return character()
            case .separator: index = Self.end(of: index, in: bytes)
            }
        }
        return nil
    }

    private mutating func run() -> Word {
        let start = index
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var hasLetter = false
        var characters = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                guard isLetterOrDigit(byte) else { break }
                characters += 1
                if byte >= 0x3a { hasLetter = true }
                // FNV-1a; setting bit 5 lowers letters and leaves digits alone.
                hash = (hash ^ UInt64(byte | 0x20)) &* 0x100_0000_01b3
                index += 1
                continue
            }
            guard Self.classify(bytes, at: index) == .letter else { break }
            hasLetter = true
            characters += 1
            let end = Self.end(of: index, in: bytes)
            while index < end {
                hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3
                index += 1
            }
        }
        return Word(
            range: start..<index, hash: hash, characters: characters, isUnspaced: false, hasLetter: hasLetter)
    }

    private mutating func character() -> Word {
        let start = index
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let end = Self.end(of: index, in: bytes)
        while index < end {
            hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3
            index += 1
        }
        return Word(range: start..<index, hash: hash, characters: 1, isUnspaced: true, hasLetter: true)
    }

    /// The classes of characters that are not ASCII.
    enum Class { case letter, unspaced, separator }

    static func classify(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Class {
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        switch bytes[index] {
        case 0xc2: return second == 0xaa || second == 0xb5 || second == 0xba ? .letter : .separator
        case 0xc3: return second == 0x97 || second == 0xb7 ? .separator : .letter
        case 0xe0: return 0xb8...0xbb ~= second ? .unspaced : .letter
        case 0xe2: return second < 0xb0 ? .separator : .letter  // U+2000 to U+2BFF: punctuation and symbols
        case 0xe3: return second == 0x80 ? .separator : .unspaced
        case 0xe4...0xe9: return .unspaced
        case 0xef:  // half-width and full-width forms, and the replacement character
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            if second == 0xbc { return third < 0x90 || 0x9a...0xa0 ~= third ? .separator : .letter }
            return second == 0xbf || second == 0xb8 ? .separator : .letter
        case 0xf0: return second == 0xa0 || second == 0xaf ? .unspaced : second == 0x9f ? .separator : .letter
        default: return .letter
        }
    }

    static func end(of index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var end = index + 1
        while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
        return end
    }
}

/// True if a byte is ASCII white space.
@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

/// True if a byte is an ASCII letter or digit.
@inline(__always)
func isLetterOrDigit(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }

/// Calls `body` with a hash of each run of `length` words and where it starts; the hash rolls from run to
/// run.
@inline(__always)
func forEachRun(of length: Int, in words: [UInt64], _ body: (UInt64, Int) -> Void) {
    guard words.count >= length else { return }
    let base: UInt64 = 0x9e37_79b9_7f4a_7c15
    var power: UInt64 = 1
    for _ in 0..<length { power = power &* base }
    var hash: UInt64 = 0
    for index in words.indices {
        hash = hash &* base &+ words[index]
        if index >= length { hash = hash &- power &* words[index - length] }
        if index >= length - 1 { body(StableHash.mixed(hash), index - length + 1) }
    }
}
