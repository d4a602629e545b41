/// The rules by which SentencePiece normalizes text: what becomes of single characters, and of some of several.
///
/// They stand in a `precompiled_charsmap`: the length of a double array in bytes, the double array, which is a trie of what
/// is replaced, and the replacements, each ended by a zero byte.
///
/// - SeeAlso: `normalizer.cc` of SentencePiece, `darts.h` of Darts-clone, and the crate `spm_precompiled`.
struct CharacterMap: Sendable {
    /// The rules as files hold them.
    let bytes: [UInt8]
    /// The rule that counts where several apply.
    let choice: Choice
    private let units: ContiguousArray<UInt32>
    private let replacements: ContiguousArray<UInt8>
    /// Texts that stay as they are.
    private let kept: ByteTrie?

    enum Choice: Sendable {
        /// The one for most characters, as in SentencePiece.
        case longest
        /// The shortest that a cluster of at most five bytes begins with stands for the whole cluster; else each
        /// character has its own, as in `tokenizers`.
        case byCluster
    }

    /// Why rules cannot be read.
    struct Malformed: Error { var expected, found: String }

    /// No replacement in use is near this length, and no text that is replaced.
    private static let longest = 1 << 8
    private static let longestCluster = 5

    init(_ bytes: [UInt8], choice: Choice, keeping kept: ByteTrie? = nil) throws(Malformed) {
        guard bytes.count >= 4 else {
            throw Malformed(expected: "the length of a double array", found: "\(bytes.count) bytes")
        }
        func word(at place: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
        }
        let size = Int(word(at: 0))
        guard size.isMultiple(of: 4), size > 0, size <= bytes.count - 4 else {
            throw Malformed(expected: "a double array of at most \(bytes.count - 4) bytes", found: "\(size)")
        }
        let replacements = bytes[(4 + size)...]
        let lengths = replacements.split(separator: 0, omittingEmptySubsequences: false).map(\.count)
        guard replacements.last ?? 0 == 0, lengths.allSatisfy({ $0 <= Self.longest }) else {
            throw Malformed(
                expected: "replacements of at most \(Self.longest) bytes, each ended by a zero byte",
                found: "\(lengths.max() ?? 0) bytes")
        }
        guard String(validating: replacements, as: UTF8.self) != nil else {
            throw Malformed(expected: "replacements in UTF-8", found: "other bytes")
        }
        self.bytes = bytes
        self.choice = choice
        self.kept = kept
        self.replacements = ContiguousArray(replacements)
        units = ContiguousArray((0..<size / 4).map { word(at: 4 + 4 * $0) })
    }

    /// The text with every rule applied, or nil if nothing changes.
    func applied(to bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        switch choice {
        case .longest: appendByLongest(bytes, to: &result)
        case .byCluster: appendByCluster(bytes, to: &result)
        }
        return result
    }

    /// The place of the replacement for the beginning of a text, and the length of that beginning.
    ///
    /// - Parameter shortest: Whether the first rule counts, rather than the one for most characters.
    private func rule(
        for text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, shortest: Bool
    ) -> (replacement: Int, length: Int)? {
        var found: (replacement: Int, length: Int)?
        var node = Self.offset(units[0])
        for position in start..<min(end, start + Self.longest) {
            node ^= Int(text[position])
            guard node < units.count, Self.label(units[node]) == UInt32(text[position]) else { break }
            let unit = units[node]
            node ^= Self.offset(unit)
            guard node < units.count else { break }
            if unit >> 8 & 1 == 1 {
                let value = Int(units[node] & 0x7FFF_FFFF)
                if value < replacements.count { found = (value, position + 1 - start) }
                if shortest, found != nil { break }
            }
        }
        return found
    }

    private static func label(_ unit: UInt32) -> UInt32 { unit & 0x8000_00FF }

    private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 0x200) >> 6)) }

    private func appendReplacement(from start: Int, to result: inout [UInt8]) {
        var position = start
        while position < replacements.count, replacements[position] != 0 {
            result.append(replacements[position])
            position += 1
        }
    }

    private func appendByLongest(_ bytes: UnsafeBufferPointer<UInt8>, to result: inout [UInt8]) {
        var position = 0
        while position < bytes.count {
            if let length = kept?.longestPrefix(of: bytes, from: position) {
                result += bytes[position..<position + length]
                position += length
            } else if let rule = rule(for: bytes, from: position, to: bytes.count, shortest: false) {
                appendReplacement(from: rule.replacement, to: &result)
                position += rule.length
            } else {
                let length = utf8Scalar(bytes, at: position)?.length ?? 1
                result += bytes[position..<position + length]
                position += length
            }
        }
    }

    // MARK: By clusters

    private func appendByCluster(_ bytes: UnsafeBufferPointer<UInt8>, to result: inout [UInt8]) {
        var position = 0
        while position < bytes.count {
            let end = Self.endOfClusters(in: bytes, from: position)
            if end == position + 1 {
                appendCharacters(bytes, position..<end, to: &result)
            } else {
                let text = String(
                    decoding: UnsafeBufferPointer(rebasing: bytes[position..<end]), as: UTF8.self)
                var start = position
                for cluster in text {
                    let end = start + cluster.utf8.count
                    appendCluster(bytes, start..<end, to: &result)
                    start = end
                }
            }
            position = end
        }
    }

    /// An ASCII character before another is a cluster, and so is a byte that is no character; else the end of what
    /// has to be looked at together.
    private static func endOfClusters(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        while position < bytes.count {
            if bytes[position] >= 0x80 {
                guard let (_, length) = utf8Scalar(bytes, at: position) else { break }
                position += length
            } else {
                position += 1
                let isBeforeASCII = position == bytes.count || bytes[position] < 0x80
                if isBeforeASCII, bytes[position - 1] != UInt8(ascii: "\r") { return position }
            }
        }
        return max(position, start + 1)
    }

    private func appendCluster(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to result: inout [UInt8]
    ) {
        if range.count <= Self.longestCluster,
            let rule = rule(for: bytes, from: range.lowerBound, to: range.upperBound, shortest: true)
        {
            appendReplacement(from: rule.replacement, to: &result)
        } else {
            appendCharacters(bytes, range, to: &result)
        }
    }

    private func appendCharacters(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to result: inout [UInt8]
    ) {
        var position = range.lowerBound
        while position < range.upperBound {
            let end = position + (utf8Scalar(bytes, at: position)?.length ?? 1)
            if let rule = rule(for: bytes, from: position, to: end, shortest: true) {
                appendReplacement(from: rule.replacement, to: &result)
            } else {
                result += bytes[position..<end]
            }
            position = end
        }
    }
}

extension CharacterMap: Equatable {
    static func == (left: CharacterMap, right: CharacterMap) -> Bool {
        left.bytes == right.bytes && left.choice == right.choice
    }
}
