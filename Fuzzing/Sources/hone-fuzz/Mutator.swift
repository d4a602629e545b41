/// Makes inputs from seeds: the same number gives the same input.
struct Mutator {
    private let reader: Reader
    private let seeds: [[UInt8]]
    private let tokens: [[UInt8]]
    private let seed: UInt64
    private static let longest = 1 << 14

    /// Words that lie about lengths, or are numbers that few expect.
    private static let common = [
        "0", "-1", "1", "255", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e308", "-1e308", "1e999",
        "1e-320",
        "0.5", "NaN", "Infinity", "null", "true", "false", "\"\"", "{}", "[]", "[[[[[[[[",
        "{\"a\":{\"a\":{\"a\":",
        "\\u0000", "\\ud800", "\\", "\"", ",", ":", "\n", "\r\n", "\u{0}", "\u{FEFF}", "\u{301}", "e\u{301}",
        "\u{2581}",
        "\u{10FFFF}", "é", "项", " ", "\t",
    ]

    init(_ reader: Reader, seeds: [[UInt8]], seed: UInt64) {
        self.reader = reader
        self.seeds = seeds
        self.seed = seed
        tokens = (Self.common + reader.tokens).map { Array($0.utf8) }
    }

    /// The input of a number; the first are the seeds as they are.
    func input(_ index: Int) -> [UInt8] {
        if index < seeds.count { return seeds[index] }
        var random = SplitMix(seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
        var bytes = seeds[random.below(seeds.count)]
        for _ in 0...random.below(random.below(4) == 0 ? 16 : 4) { mutate(&bytes, &random) }
        if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
        if random.below(2) == 0 { reader.repair(&bytes) }
        return bytes
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let place = random.below(bytes.count + 1)
        let end = min(
            bytes.count, place + (random.below(4) == 0 ? random.below(bytes.count + 1) : random.below(16)))
        switch random.below(12) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1 where place < bytes.count: bytes[place] = UInt8(random.below(256))
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4:
            bytes.insert(contentsOf: (0..<random.below(9)).map { _ in UInt8(random.below(256)) }, at: place)
        case 5:
            let other = seeds[random.below(seeds.count)]
            let start = random.below(other.count + 1)
            let stop = min(other.count, start + 1 + random.below(random.below(3) == 0 ? other.count + 1 : 24))
            bytes.replaceSubrange(
                place..<(random.below(2) == 0 ? place : end), with: other[start..<max(start, stop)])
        case 6: bytes.insert(contentsOf: tokens[random.below(tokens.count)], at: place)
        case 7: bytes.replaceSubrange(place..<end, with: tokens[random.below(tokens.count)])
        case 8: replaceNumber(in: &bytes, from: place, &random)
        case 9: lie(in: &bytes, at: place, &random)
        case 10: swapValues(in: &bytes, from: place, &random)
        default:
            if random.below(4) == 0 {
                bytes.removeSubrange(place...)
            } else if place < bytes.count {
                let count = 1 << random.below(12)
                bytes.insert(contentsOf: repeatElement(bytes[place], count: count), at: place)
            }
        }
    }

    /// Puts another number in the place of one written in digits.
    private func replaceNumber(in bytes: inout [UInt8], from place: Int, _ random: inout SplitMix) {
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: tokens[random.below(21)])
    }

    /// Overwrites a binary number of 1 to 8 bytes with one near a bound.
    private func lie(in bytes: inout [UInt8], at place: Int, _ random: inout SplitMix) {
        let width = 1 << random.below(4)
        let aligned = random.below(2) == 0 ? place & ~(width - 1) : place
        var value = UInt64(1) << UInt64(random.below(64)) &- UInt64(random.below(3))
        if random.below(4) == 0 { value = UInt64(bytes.count) &+ UInt64(random.below(17)) &- 8 }
        for offset in 0..<width where aligned + offset < bytes.count {
            bytes[aligned + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset))
        }
    }

    /// Exchanges two stretches between marks of punctuation.
    private func swapValues(in bytes: inout [UInt8], from place: Int, _ random: inout SplitMix) {
        let isMark = { (byte: UInt8) in byte > 0x20 && byte < 0x30 || byte == 0x3A || byte == 0x0A }
        var marks: [Int] = []
        var index = place
        while index < bytes.count, marks.count < 12 {
            if isMark(bytes[index]) { marks.append(index) }
            index += 1
        }
        guard marks.count >= 4 else { return }
        let first = random.below(marks.count - 2)
        let second = first + 1 + random.below(marks.count - first - 2)
        let (one, two) = (bytes[marks[first]..<marks[first + 1]], bytes[marks[second]..<marks[second + 1]])
        let between = bytes[marks[first + 1]..<marks[second]]
        bytes.replaceSubrange(
            marks[first]..<marks[second + 1], with: Array(two) + Array(between) + Array(one))
    }
}

/// Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// A number below a bound.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
