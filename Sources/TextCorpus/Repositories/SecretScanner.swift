import Foundation

/// A secret found in a text.
struct Secret: Hashable {
    /// The kind of secret: `github-token`, `private-key`.
    var kind: String
    /// The bytes that must not be learned.
    var range: Range<Int>
}

/// Finds keys, tokens and passwords.
///
/// Three ways: tokens that say what they are by their first letters, private keys between their marks, and
/// values of high entropy assigned to a name such as `api_key`. One pass; what is tried at a byte depends on
/// that byte alone.
struct SecretScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private var secrets: [Secret] = []

    /// The secrets of a text, in order, none overlapping another.
    static func secrets(in bytes: UnsafeBufferPointer<UInt8>) -> [Secret] {
        var scanner = SecretScanner(bytes: bytes)
        scanner.scan(0..<bytes.count)
        return scanner.secrets
    }

    /// Bytes that the longest secret takes, with the name that it is known by.
    static let longest = maximumKey
    /// Bytes that the longest secret without marks takes, with its name.
    private static let longestUnmarked = 1 << 14
    /// Bytes between a name and what assigns to it.
    private static let longestGap = 8

    /// The secret that begins before a place and ends behind it, with the name that it is known by.
    ///
    /// - Complexity: O(``longest``), whatever the length of the text.
    static func secret(across place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        let end = min(bytes.count, place + longest)
        var scanner = SecretScanner(bytes: UnsafeBufferPointer(rebasing: bytes[..<end]))
        var first = max(0, place - longestUnmarked)
        for dash in stride(from: place - 1, through: max(0, place - longest), by: -1)
        where bytes[dash] == UInt8(ascii: "-") && scanner.starts(with: keyMark, at: dash) {
            first = min(first, dash)
            break
        }
        // A name may stand before the place, and what assigns to it behind.
        scanner.scan(first..<min(end, place + longestGap))
        return scanner.secrets.map { scanner.beginning(of: $0)..<$0.range.upperBound }
            .first { $0.lowerBound < place && place < $0.upperBound }
    }

    /// The beginning of the text by which a secret is recognized: its mark, its first letters, or the line with its name.
    private func beginning(of secret: Secret) -> Int {
        var place = secret.range.lowerBound
        guard !starts(with: Self.keyMark, at: place) else { return place }
        // The name of a printed key stands on the line above.
        while place > 0, isSpace(bytes[place - 1]) { place -= 1 }
        let limit = max(0, place - 256)
        while place > limit, bytes[place - 1] != 0x0a { place -= 1 }
        return place
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Looks for the secrets that begin within a range.
    private mutating func scan(_ range: Range<Int>) {
        var index = range.lowerBound
        var previous: UInt8 = 0
        let firstBytes = Self.firstBytes
        let anywhere = Self.anywhere
        let pairs = Self.firstPairs
        while index < range.upperBound {
            let byte = bytes[index]
            let entry = firstBytes[Int(byte)]
            if entry != 0,
                entry == anywhere
                    || !Self.isMember(previous, .word) && index + 1 < bytes.count
                        && pairs[Int(byte) << 8 | Int(bytes[index + 1])],
                let secret = secret(at: index, byte)
            {
                secrets.append(secret)
                index = secret.range.upperBound
                previous = bytes[index - 1]
                continue
            }
            previous = byte
            index += 1
        }
    }

    private func secret(at index: Int, _ byte: UInt8) -> Secret? {
        switch byte {
        case UInt8(ascii: "-"): return privateKey(at: index)
        case UInt8(ascii: ":"):
            return password(at: index) ?? printedKey(at: index) ?? assignment(at: index)
        case UInt8(ascii: "="): return assignment(at: index)
        case UInt8(ascii: "e"): return webToken(at: index)
        default: return token(at: index)
        }
    }

    // MARK: Tokens

    /// A token's first letters, the letters that may follow, and how many must.
    private struct Token {
        var kind: String
        var prefix: [UInt8]
        var letters: Letters
        var lengths: ClosedRange<Int>

        init(_ kind: String, _ prefix: String, _ letters: Letters, _ lengths: ClosedRange<Int>) {
            self.kind = kind
            self.prefix = Array(prefix.utf8)
            self.letters = letters
            self.lengths = lengths
        }
    }

    enum Letters { case upper, alphanumeric, word, dashed, dotted, hexadecimal, base64 }

    private static let tokens: [Token] = [
        Token("aws-access-key", "AKIA", .upper, 16...16),
        Token("aws-access-key", "ASIA", .upper, 16...16),
        Token("google-api-key", "AIza", .dashed, 35...35),
        Token("google-client-secret", "GOCSPX-", .dashed, 28...28),
        Token("google-oauth-token", "ya29.", .dashed, 40...400),
        Token("github-token", "ghp_", .alphanumeric, 36...255),
        Token("github-token", "gho_", .alphanumeric, 36...255),
        Token("github-token", "ghu_", .alphanumeric, 36...255),
        Token("github-token", "ghs_", .alphanumeric, 36...255),
        Token("github-token", "ghr_", .alphanumeric, 36...255),
        Token("github-token", "github_pat_", .word, 60...255),
        Token("gitlab-token", "glpat-", .dashed, 20...64),
        Token("slack-token", "xoxb-", .dashed, 20...255),
        Token("slack-token", "xoxp-", .dashed, 20...255),
        Token("slack-token", "xoxa-", .dashed, 20...255),
        Token("slack-token", "xoxr-", .dashed, 20...255),
        Token("slack-token", "xoxs-", .dashed, 20...255),
        Token("slack-token", "xapp-", .dashed, 20...255),
        Token("stripe-key", "sk_live_", .alphanumeric, 20...255),
        Token("stripe-key", "rk_live_", .alphanumeric, 20...255),
        Token("stripe-key", "sk_test_", .alphanumeric, 20...255),
        Token("model-api-key", "sk-ant-", .dashed, 40...255),
        Token("model-api-key", "sk-proj-", .dashed, 40...255),
        Token("model-api-key", "sk-", .alphanumeric, 48...64),
        Token("hugging-face-token", "hf_", .alphanumeric, 34...40),
        Token("npm-token", "npm_", .alphanumeric, 36...36),
        Token("pypi-token", "pypi-", .dashed, 50...255),
        Token("sendgrid-key", "SG.", .dotted, 60...80),
        Token("digitalocean-token", "dop_v1_", .hexadecimal, 64...64),
        Token("shopify-token", "shpat_", .hexadecimal, 32...32),
        Token("age-key", "AGE-SECRET-KEY-1", .upper, 58...58),
    ]

    private static let tokensByFirst = Dictionary(grouping: tokens) { $0.prefix[0] }

    private func token(at index: Int) -> Secret? {
        for token in Self.tokensByFirst[bytes[index]] ?? [] where starts(with: token.prefix, at: index) {
            let start = index + token.prefix.count
            let limit = start + token.lengths.upperBound
            var end = start
            while end < bytes.count, end <= limit, Self.isMember(bytes[end], token.letters) { end += 1 }
            guard token.lengths ~= end - start, hasVariety(start..<end) else { continue }
            return Secret(kind: token.kind, range: index..<end)
        }
        return nil
    }

    /// A JSON web token: three parts, the first two beginning with the letters that `{"` is encoded as.
    private func webToken(at index: Int) -> Secret? {
        guard starts(with: Array("eyJ".utf8), at: index) else { return nil }
        var end = index
        for part in 0..<3 {
            let start = end
            while end < bytes.count, end - start < 4_096, Self.isMember(bytes[end], .dashed) { end += 1 }
            guard end - start >= 10, part > 1 || starts(with: Array("eyJ".utf8), at: start) else {
                return nil
            }
            if part < 2 {
                guard end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
                end += 1
            }
        }
        return Secret(kind: "web-token", range: index..<end)
    }

    // MARK: Passwords and assignments

    /// The password in `scheme://user:password@host`; called at the first colon.
    private func password(at index: Int) -> Secret? {
        guard starts(with: Array("://".utf8), at: index) else { return nil }
        let start = index + 3
        var colon: Int?
        var end = start
        while end < bytes.count, end - start < 200 {
            let byte = bytes[end]
            if byte == UInt8(ascii: "@") { break }
            if isSpace(byte) || "/\"'<>{}$()`\\".utf8.contains(byte) { return nil }
            if byte == UInt8(ascii: ":"), colon == nil { colon = end }
            end += 1
        }
        guard let colon, end < bytes.count, bytes[end] == UInt8(ascii: "@"), colon > start, end - colon > 8
        else {
            return nil
        }
        let range = colon + 1..<end
        return isPlaceholder(range) || !hasLettersAndDigits(range)
            ? nil : Secret(kind: "url-password", range: range)
    }

    /// A value of high entropy behind `name =` or `name:`, the name one of a secret.
    private func assignment(at index: Int) -> Secret? {
        var start = index + 1
        if start < bytes.count, bytes[index] == UInt8(ascii: ":"), bytes[start] == UInt8(ascii: "=") {
            start += 1
        }
        if start < bytes.count, bytes[start] == UInt8(ascii: ">") { start += 1 }
        while start < bytes.count, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        guard start < bytes.count else { return nil }
        let quote = bytes[start]
        let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") || quote == UInt8(ascii: "`")
        if isQuoted { start += 1 }
        var end = start
        while end < bytes.count, end - start <= 200, Self.isValue(bytes[end]) { end += 1 }
        guard 16...200 ~= end - start, let name = name(before: index) else { return nil }
        if let token = token(at: start) { return token }
        let endsWell =
            isQuoted ? end < bytes.count && bytes[end] == quote : end == bytes.count || isSpace(bytes[end])
        // Without quotes a value is told from an expression only in the manner of environment files.
        guard endsWell, isQuoted || name.allSatisfy({ 0x41...0x5a ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x5f })
        else {
            return nil
        }
        let lowered = name.map {
            0x41...0x5a ~= $0 ? $0 | 0x20 : $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0
        }
        let words = String(decoding: lowered, as: UTF8.self)
        guard Self.secretNames.contains(where: { words.contains(ascii: $0) }),
            !Self.harmlessNames.contains(where: { words.contains(ascii: $0) })
        else { return nil }
        let range = start..<end
        guard !isPlaceholder(range), hasLettersAndDigits(range), entropy(range) >= Self.minimumEntropy else {
            return nil
        }
        return Secret(kind: "assigned-secret", range: range)
    }

    func name(before index: Int, atLeast shortest: Int = 3) -> [UInt8]? {
        var end = index
        while end > 0, index - end < Self.longestGap, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 {
            end -= 1
        }
        if end > 0, bytes[end - 1] == UInt8(ascii: "\"") || bytes[end - 1] == UInt8(ascii: "'") { end -= 1 }
        var start = end
        while start > 0, end - start < 48,
            Self.isMember(bytes[start - 1], .word) || bytes[start - 1] == UInt8(ascii: "-")
        {
            start -= 1
        }
        return end - start >= shortest ? Array(bytes[start..<end]) : nil
    }

    private static let secretNames = [
        "secret", "token", "passwd", "password", "pwd", "api_key", "apikey", "access_key", "accesskey",
        "private_key", "privatekey", "auth_key", "authkey", "credential", "encryption_key", "signing_key",
        "accountkey", "sharedaccesskey",
    ]
    private static let harmlessNames = [
        "public", "tokenizer", "token_type", "tokens", "hash", "checksum", "sha256",
    ]
    private static let placeholders = [
        "example", "placeholder", "changeme", "change_me", "your", "dummy", "sample", "xxxx", "****", "....",
        "redacted",
        "12345678", "abcdef", "insert", "fake", "test", "password", "secret", "foobar",
    ]

    /// Bits a character. English words and identifiers stay under it, random base64 of this length above.
    private static let minimumEntropy = 3.3

    private func isPlaceholder(_ range: Range<Int>) -> Bool {
        let value = string(range).lowercased()
        return Self.placeholders.contains { value.contains(ascii: $0) }
    }

    private func hasVariety(_ range: Range<Int>) -> Bool { entropy(range) >= 2.5 && !isExample(range) }

    private func isExample(_ range: Range<Int>) -> Bool {
        string(range).lowercased().contains(ascii: "example")
    }

    private func hasLettersAndDigits(_ range: Range<Int>) -> Bool {
        let digits = bytes[range].count { 0x30...0x39 ~= $0 }
        let letters = bytes[range].count { 0x61...0x7a ~= $0 | 0x20 }
        return digits >= max(2, range.count / 12) && letters >= 2
    }

    private func entropy(_ range: Range<Int>) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes[range] { counts[Int(byte)] += 1 }
        let total = Double(range.count)
        return counts.reduce(0) { sum, count in
            count == 0 ? sum : sum - Double(count) / total * log2(Double(count) / total)
        }
    }

    // MARK: Bytes

    func string(_ range: Range<Int>) -> String {
        String(
            decoding: UnsafeBufferPointer(rebasing: bytes[range.clamped(to: 0..<bytes.count)]), as: UTF8.self)
    }

    func starts(with prefix: [UInt8], at index: Int) -> Bool {
        guard index + prefix.count <= bytes.count else { return false }
        for offset in prefix.indices where bytes[index + offset] != prefix[offset] { return false }
        return true
    }

    static func isMember(_ byte: UInt8, _ letters: Letters) -> Bool {
        switch letters {
        case .upper: 0x30...0x39 ~= byte || 0x41...0x5a ~= byte
        case .alphanumeric: isLetterOrDigit(byte)
        case .word: isLetterOrDigit(byte) || byte == UInt8(ascii: "_")
        case .dashed: isLetterOrDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        case .dotted: isMember(byte, .dashed) || byte == UInt8(ascii: ".")
        case .base64: isLetterOrDigit(byte) || "+/=".utf8.contains(byte)
        case .hexadecimal: 0x30...0x39 ~= byte || 0x61...0x66 ~= byte | 0x20
        }
    }

    private static var anywhere: UInt8 { 2 }

    /// For each byte, whether a secret may begin with it: 0 never, 1 at the beginning of a word, 2 anywhere.
    private static let firstBytes: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 256)
        for token in tokens { table[Int(token.prefix[0])] = 1 }
        table[Int(UInt8(ascii: "e"))] = 1
        for byte in "-:=".utf8 { table[Int(byte)] = anywhere }
        return table
    }()

    /// The two bytes that something at the beginning of a word begins with.
    private static let firstPairs: [Bool] = {
        var table = [Bool](repeating: false, count: 1 << 16)
        for prefix in tokens.map(\.prefix) + [Array("ey".utf8)] {
            table[Int(prefix[0]) << 8 | Int(prefix[1])] = true
        }
        return table
    }()

    private static func isValue(_ byte: UInt8) -> Bool {
        isMember(byte, .dashed) || "+/=.~!@#%^&*".utf8.contains(byte)
    }
}
