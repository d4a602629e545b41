/// Private keys: those between marks, as openssl, ssh-keygen and GnuPG write them, and those that openssl prints as
/// numbers.
extension SecretScanner {
    /// The longest key between marks; RSA with 16,384 bits takes 13 kB of it.
    static let maximumKey = 1 << 16
    /// The beginning of the mark before a key.
    static let keyMark = Array("-----BEGIN ".utf8)

    /// `-----BEGIN … PRIVATE KEY …-----` up to the end of its last mark.
    func privateKey(at index: Int) -> Secret? {
        let begin = Self.keyMark
        guard starts(with: begin, at: index) else { return nil }
        let head = string(index + begin.count..<index + begin.count + 40)
        guard let mark = head.firstRange(ofASCII: "PRIVATE KEY"),
            !head[..<mark.lowerBound].contains(where: \.isNewline)
        else { return nil }
        let start = index + begin.count + head.utf8.distance(from: head.startIndex, to: mark.upperBound)
        let limit = min(bytes.count, index + Self.maximumKey)
        var contents = KeyContents()
        var end = start
        while end < limit {
            // Code that only speaks of the marks has no key between them.
            if bytes[end] == UInt8(ascii: "-"), end > start + 20,
                starts(with: Array("-----END".utf8), at: end)
            {
                break
            }
            contents.add(bytes[end])
            end += 1
        }
        guard end < limit || limit == bytes.count, contents.isKey else { return nil }
        // The mark ends with five dashes again.
        let dashes = Array("-----".utf8)
        end = min(end + dashes.count, limit)
        while end < limit, bytes[end] != 0x0a, !starts(with: dashes, at: end) { end += 1 }
        if starts(with: dashes, at: end) { end += dashes.count }
        return Secret(kind: "private-key", range: index..<end)
    }

    /// Counts of the text between two marks, which tell a key from a text about keys.
    private struct KeyContents {
        /// Letters of base64 in all.
        private var letters = 0
        private var run = Run()
        private var longest = Run()

        /// Letters of base64 without anything between them.
        private struct Run {
            var length = 0
            var hasUpper = false
            var hasLower = false
            var hasDigit = false
        }

        mutating func add(_ byte: UInt8) {
            guard SecretScanner.isMember(byte, .base64) else {
                run = Run()
                return
            }
            letters += 1
            run.length += 1
            if 0x41...0x5a ~= byte { run.hasUpper = true }
            if 0x61...0x7a ~= byte { run.hasLower = true }
            if 0x30...0x39 ~= byte { run.hasDigit = true }
            if run.length > longest.length { longest = run }
        }

        /// An Ed25519 key has 64 letters; one on the shortest curve without its public part has 40, on one line.
        var isKey: Bool {
            letters >= 64
                || longest.length >= 32 && longest.hasUpper && longest.hasLower
                    && (longest.hasDigit || longest.length >= 40)
        }
    }

    // MARK: Printed keys

    private static let printedNumbers: Set<String> = [
        "priv", "privateexponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient", "private_key",
        "seed", "dk",
    ]

    /// The hexadecimal lines below `priv:`, `prime1:` and the like, as `openssl pkey -text` prints them.
    func printedKey(at index: Int) -> Secret? {
        guard index + 1 < bytes.count, bytes[index + 1] == 0x0a || bytes[index + 1] == 0x0d,
            let name = name(before: index, atLeast: 2),
            Self.printedNumbers.contains(String(decoding: name, as: UTF8.self).lowercased())
        else { return nil }
        var start = index + 1
        while start < bytes.count, isSpace(bytes[start]) { start += 1 }
        var place = start
        var end = start
        var pairs = 0
        while place + 1 < bytes.count, Self.isMember(bytes[place], .hexadecimal),
            Self.isMember(bytes[place + 1], .hexadecimal)
        {
            pairs += 1
            place += 2
            end = place
            guard place < bytes.count, bytes[place] == UInt8(ascii: ":") else { break }
            place += 1
            end = place
            while place < bytes.count, isSpace(bytes[place]) { place += 1 }
        }
        return pairs >= Self.shortestPrinted ? Secret(kind: "private-key", range: start..<end) : nil
    }

    /// Bytes of the shortest number that is taken for a key: shorter ones protect nothing.
    private static let shortestPrinted = 12
}
