/// A set of Unicode characters, one bit each.
struct ScalarSet: Sendable {
    private var words = ContiguousArray<UInt64>(repeating: 0, count: 0x11_0000 / 64)

    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool {
        words[Int(scalar >> 6)] >> UInt64(scalar & 63) & 1 == 1
    }

    func isSubset(of scalars: ClosedRange<UInt32>) -> Bool {
        let outside = (UInt32(0)..<0x11_0000).lazy.filter { !scalars.contains($0) && contains($0) }
        return outside.isEmpty
    }

    mutating func insert(_ scalars: ClosedRange<UInt32>) {
        for scalar in scalars { words[Int(scalar >> 6)] |= 1 << UInt64(scalar & 63) }
    }

    mutating func formUnion(_ other: ScalarSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    mutating func invert() {
        for index in words.indices { words[index] = ~words[index] }
    }
}

extension ScalarSet {
    init(_ scalars: ClosedRange<UInt32>) { insert(scalars) }

    /// The characters of some classes.
    init(_ classes: CharacterClass) {
        for (scalar, found) in CharacterClass.table.enumerated()
        where !CharacterClass(rawValue: found).isDisjoint(with: classes) {
            insert(UInt32(scalar)...UInt32(scalar))
        }
    }

    /// `\p{M}`.
    static let marks = ScalarSet(CharacterClass.mark)
    /// `\p{P}`.
    static let punctuation = ScalarSet(symbolsMarked: UInt8(ascii: "p"))
    /// `\p{S}`.
    static let symbols = ScalarSet(symbolsMarked: UInt8(ascii: "y"))
    /// `\p{P}`, and what is a symbol in ASCII.
    static let punctuationOrASCIISymbols: ScalarSet = {
        var set = punctuation
        for scalar in UInt32(0)..<0x80 where symbols.contains(scalar) { set.insert(scalar...scalar) }
        return set
    }()

    /// The characters under one letter of `UnicodeTables.symbols`.
    private init(symbolsMarked letter: UInt8) {
        self.init()
        var (next, current, length): (UInt32, UInt8, UInt32) = (0, 0, 0)
        func finishRun(_ set: inout ScalarSet) {
            guard current != 0 else { return }
            let end = next + max(length, 1)
            if current == letter { set.insert(next...end - 1) }
            next = end
        }
        UnicodeTables.symbols.withUTF8Buffer { text in
            for byte in text {
                if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                    length = length * 10 + UInt32(byte - UInt8(ascii: "0"))
                } else {
                    finishRun(&self)
                    (current, length) = (byte, 0)
                }
            }
        }
        finishRun(&self)
    }
}
