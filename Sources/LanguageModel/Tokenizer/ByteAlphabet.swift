/// The characters by which vocabulary files spell bytes, so that every token is printable text.
///
/// Printable ASCII and Latin-1 bytes stand for themselves; the other 68 are numbered from U+0100 on, so that a space
/// is spelled `Ġ`.
///
/// - SeeAlso: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2, and the
///   encoder published with it.
enum ByteAlphabet {
    /// The character of each byte.
    static let characters: [Unicode.Scalar] = {
        var spare: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { spare += 1 }
                return Unicode.Scalar(spare) ?? " "
            }
        }
    }()

    /// The byte of each character up to the last that stands for one, or -1.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, character) in characters.enumerated() { bytes[Int(character.value)] = Int16(byte) }
        return bytes
    }()

    /// Whether the character of a byte is a number (`\p{N}`).
    static func isNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), 0xB2, 0xB3, 0xB9, 0xBC...0xBE: true
        default: false
        }
    }

    /// Returns the spelling of bytes in a vocabulary file.
    static func spelling(of bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(characters[Int(byte)]) }
        return String(text)
    }

    /// The bytes that UTF-8 text spells, or nil if it contains a character outside the alphabet.
    static func bytes(spelledBy text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            var character = Int(text[position])
            position += 1
            if character >= 0x80 {
                // Every character of the alphabet has one or two bytes.
                guard character & 0xE0 == 0xC0, position < text.count else { return nil }
                character = (character & 0x1F) << 6 | Int(text[position] & 0x3F)
                position += 1
            }
            guard character < bytes.count, bytes[character] >= 0 else { return nil }
            result.append(UInt8(bytes[character]))
        }
        return result
    }

    /// The bytes that a text spells, or nil if it contains a character outside the alphabet.
    static func bytes(spelledBy text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBufferPointer { bytes(spelledBy: $0) }
    }

    /// Returns SentencePiece's spelling of the token of a byte: `<0x0A>`.
    static func sentencePiece(ofByte byte: UInt8) -> [UInt8] {
        let digits = String(byte, radix: 16, uppercase: true)
        return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
    }
}
