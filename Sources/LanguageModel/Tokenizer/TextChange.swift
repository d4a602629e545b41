import TextCorpus

/// A change made to text before it is split.
enum TextChange: Equatable, Sendable {
    /// To Unicode normalization form C.
    case composed
    /// To Unicode normalization form D.
    case decomposed
    /// To Unicode normalization form KC.
    case compatibilityComposed
    /// To Unicode normalization form KD.
    case compatibilityDecomposed
    /// By the rules of a SentencePiece model.
    case mapped(CharacterMap)
    /// Without characters that are marks.
    case withoutMarks
    /// Without control characters, and with a space for what looks like none (`Nmt`).
    case plain
    /// Every character to lower case, whatever stands beside it.
    case lowercased
    /// Without white space at the beginning, at the end, or both.
    case stripped(beginning: Bool, end: Bool)
    /// A prefix before any text that is not empty.
    case prepended([UInt8])
    /// One string in place of every occurrence of another.
    case replaced([UInt8], with: [UInt8])
    /// One string in place of every match of a pattern.
    case replacedMatches(TextPattern, with: [UInt8])

    /// The changed bytes, or nil if nothing changes.
    func applied(to bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        switch self {
        case .composed: CanonicalComposition.composed(bytes)
        case .decomposed: CanonicalComposition.decomposed(bytes)
        case .compatibilityComposed: CanonicalComposition.compatibilityComposed(bytes)
        case .compatibilityDecomposed: CanonicalComposition.decomposed(bytes, isCompatible: true)
        case .mapped(let map): map.applied(to: bytes)
        case .withoutMarks: Self.replacingCharacters(of: bytes) { ScalarSet.marks.contains($0) ? [] : nil }
        case .plain: Self.replacingCharacters(of: bytes, Self.plainReplacement)
        case .lowercased: Self.lowercased(bytes)
        case .stripped(let beginning, let end): Self.stripped(bytes, beginning, end)
        case .prepended(let prefix): bytes.isEmpty || prefix.isEmpty ? nil : prefix + bytes
        case .replaced(let old, let new): Self.replacing(old, with: new, in: bytes)
        case .replacedMatches(let pattern, let new): Self.replacing(pattern, with: new, in: bytes)
        }
    }

    /// The text with other bytes for some characters: those that `replacement` gives for them.
    private static func replacingCharacters(
        of bytes: UnsafeBufferPointer<UInt8>, _ replacement: (UInt32) -> [UInt8]?
    ) -> [UInt8] {
        var (result, position): ([UInt8], Int) = ([], 0)
        result.reserveCapacity(bytes.count)
        while position < bytes.count {
            let (scalar, length) = utf8Scalar(bytes, at: position) ?? (0xFFFD, 1)
            if let new = replacement(scalar) {
                result += new
            } else {
                result += bytes[position..<position + length]
            }
            position += length
        }
        return result
    }

    /// The replacement of a character that is not plain.
    private static func plainReplacement(of scalar: UInt32) -> [UInt8]? {
        switch scalar {
        case 0x1...0x8, 0xB, 0xE...0x1F, 0x7F, 0x8F, 0x9F: []
        case 0x9, 0xA, 0xC, 0xD, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
            [UInt8(ascii: " ")]
        default: nil
        }
    }

    private static func replacing(
        _ pattern: TextPattern, with new: [UInt8], in bytes: UnsafeBufferPointer<UInt8>
    ) -> [UInt8]? {
        CharacterClass.table.withUnsafeBufferPointer { classes in
            var (result, position): ([UInt8], Int) = ([], 0)
            pattern.forEachMatch(in: UTF8Text(bytes: bytes, classes: classes)) { start, end in
                result += bytes[position..<start]
                result += new
                position = end
            }
            return position == 0 ? nil : result + bytes[position...]
        }
    }

    private static func lowercased(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        CharacterClass.table.withUnsafeBufferPointer { classes in
            let text = UTF8Text(bytes: bytes, classes: classes)
            var (result, position): ([UInt8], Int) = ([], 0)
            result.reserveCapacity(bytes.count)
            while position < bytes.count {
                if bytes[position] < 0x80 {
                    let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[position])
                    result.append(isCapital ? bytes[position] | 0x20 : bytes[position])
                    position += 1
                } else if let (value, length) = text.scalar(at: position), let scalar = Unicode.Scalar(value)
                {
                    result += scalar.properties.lowercaseMapping.utf8
                    position += length
                } else {
                    result.append(bytes[position])
                    position += 1
                }
            }
            return result
        }
    }

    private static func stripped(
        _ bytes: UnsafeBufferPointer<UInt8>, _ beginning: Bool, _ end: Bool
    ) -> [UInt8]? {
        CharacterClass.table.withUnsafeBufferPointer { classes in
            let text = UTF8Text(bytes: bytes, classes: classes)
            let first = text.endOfRun(of: .space, from: 0)
            var (position, last) = (first, 0)
            while position < text.count {
                position = text.endOfRun(of: .all.subtracting(.space), from: position)
                last = position
                position = text.endOfRun(of: .space, from: position)
            }
            let begin = beginning ? first : 0
            return Array(bytes[begin..<max(begin, end ? last : bytes.count)])
        }
    }

    private static func replacing(
        _ old: [UInt8], with new: [UInt8], in bytes: UnsafeBufferPointer<UInt8>
    ) -> [UInt8]? {
        guard let first = old.first, bytes.contains(first) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 4)
        var position = 0
        while position < bytes.count {
            if bytes[position] == first, bytes[position...].starts(with: old) {
                result += new
                position += old.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }
}

extension [TextChange] {
    /// Calls `body` with the bytes after all changes.
    func apply<Result>(
        to bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        var changed: [UInt8]?
        for step in self {
            // A step that leaves the changed text alone leaves it changed.
            let next =
                if let changed { changed.withUnsafeBufferPointer(step.applied) } else {
                    step.applied(to: bytes)
                }
            changed = next ?? changed
        }
        return changed?.withUnsafeBufferPointer(body) ?? body(bytes)
    }
}
