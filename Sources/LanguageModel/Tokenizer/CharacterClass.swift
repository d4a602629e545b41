/// The classes that split patterns distinguish; every character is in exactly one.
struct CharacterClass: OptionSet, Sendable {
    let rawValue: UInt8

    /// `\p{Lu}` and `\p{Lt}`.
    static let upper = Self(rawValue: 1)
    /// `\p{Ll}`.
    static let lower = Self(rawValue: 2)
    /// `\p{Lm}` and `\p{Lo}`: letters without case.
    static let uncased = Self(rawValue: 4)
    /// `\p{M}`.
    static let mark = Self(rawValue: 8)
    /// `\p{N}`.
    static let number = Self(rawValue: 16)
    /// `[^\S\r\n]`.
    static let blank = Self(rawValue: 32)
    /// `[\r\n]`.
    static let newline = Self(rawValue: 64)
    /// Everything else, and each byte that is not part of valid UTF-8.
    static let symbol = Self(rawValue: 128)

    /// `\p{L}`.
    static let letter: Self = [.upper, .lower, .uncased]
    /// Every class.
    static let all = Self(rawValue: .max)
    /// `\s`.
    static let space: Self = [.blank, .newline]

    /// The class of every code point, as raw values.
    static let table: ContiguousArray<UInt8> = {
        let values: [UInt8: CharacterClass] = [
            UInt8(ascii: "U"): .upper, UInt8(ascii: "l"): .lower, UInt8(ascii: "o"): .uncased,
            UInt8(ascii: "m"): .mark, UInt8(ascii: "n"): .number, UInt8(ascii: "s"): .blank,
            UInt8(ascii: "r"): .newline, UInt8(ascii: "-"): .symbol,
        ]
        var table = ContiguousArray<UInt8>(repeating: 0, count: 0x11_0000)
        var next = 0
        var current = CharacterClass.symbol
        var length = 0
        func finishRun() {
            for position in next..<next + max(length, 1) { table[position] = current.rawValue }
            next += max(length, 1)
        }
        UnicodeTables.classes.withUTF8Buffer { text in
            for (position, byte) in text.enumerated() {
                if let value = values[byte] {
                    if position > 0 { finishRun() }
                    (current, length) = (value, 0)
                } else {
                    length = length * 10 + Int(byte - UInt8(ascii: "0"))
                }
            }
        }
        finishRun()
        return table
    }()
}
