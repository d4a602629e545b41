/// Brings text into one form: Unicode NFC, no control characters, plain spaces, one kind of line ending;
/// mojibake is repaired.
///
/// Text of every kind loses control and invisible formatting characters (among them those that change the
/// direction of writing, which can hide code in code); carriage returns and the separators of Unicode become
/// line feeds. Prose also gets ordinary spaces for odd ones, loses spaces at the ends of lines, and has at
/// most one empty line in a row; code keeps its white space.
public struct TextCleaning: DocumentStep {
    /// Repair text in UTF-8 that was taken for Windows-1252.
    public var repairsMojibake = true
    /// The largest share of replaced characters (U+FFFD) that is let through.
    public var maximumReplacements = 0.01

    /// Cleaning with the defaults.
    public init() {}

    /// Repairs the text in place; drops it when nothing is left, or too much could not be decoded.
    public func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason? {
        let isProse = document.kind != .code
        let survey = document.text.withUTF8Bytes { TextSurvey($0, isProse: isProse) }
        if survey.mayBeMojibake, repairsMojibake {
            let (text, repairs) = repairedMojibake(document.text)
            if repairs > 0 {
                document.text = text
                notes.note("repaired_mojibake", repairs)
            }
        }
        if survey.needsTidying {
            let (text, removed) = document.text.withUTF8Bytes { tidied($0, isProse: isProse) }
            document.text = text
            notes.note("removed_control_characters", removed)
        } else if survey.needsTrimming {
            document.text = document.text.withUTF8Bytes { trimmed($0) }
        }
        if survey.mayNeedNormalizing {
            let normal = CanonicalComposition.composed(document.text)
            if !normal.utf8.elementsEqual(document.text.utf8) {
                document.text = normal
                notes.note("normalized_to_nfc")
            }
        }
        guard survey.replacements > 0 else { return document.text.isEmpty ? .empty : nil }
        let share = Double(survey.replacements) / Double(max(1, document.text.unicodeScalars.count))
        if share > maximumReplacements { return .undecodable }
        return document.text.isEmpty ? .empty : nil
    }
}

extension DropReason {
    static let undecodable = DropReason("undecodable", "too many of its characters could not be decoded")
}

/// The cleaning that a text needs, found in one pass over it.
struct TextSurvey {
    private(set) var needsTidying = false
    /// There are white space at the end or empty lines at the beginning.
    private(set) var needsTrimming = false
    private(set) var mayBeMojibake = false
    private(set) var mayNeedNormalizing = false
    private(set) var replacements = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, isProse: Bool) {
        var index = 0
        var newlines = isProse ? 1 : 0
        var previous: UInt8 = 0x0a
        if let last = bytes.last, isSpace(last) { needsTrimming = true }
        if let first = bytes.first, first == 0x0a { needsTrimming = true }
        let end = (bytes.lastIndex { !isSpace($0) } ?? -1) + 1
        while index < end {
            let byte = bytes[index]
            if byte < 0x80 {
                if byte < 0x20 {
                    if byte == 0x0a {
                        newlines += 1
                        if isProse, newlines > 2 || previous == 0x20 || previous == 0x09 {
                            needsTidying = true
                        }
                    } else {
                        if byte != 0x09 { needsTidying = true }
                        if byte != 0x09 { newlines = 0 }
                    }
                } else {
                    if byte == 0x7f { needsTidying = true }
                    if byte != 0x20 { newlines = 0 }
                }
                previous = byte
                index += 1
                continue
            }
            newlines = 0
            previous = byte
            index += look(bytes, at: index, isProse: isProse)
        }
    }

    /// Looks at a character that is not ASCII; gives its length.
    private mutating func look(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int, isProse: Bool) -> Int {
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        switch bytes[index] {
        case 0xc2:
            if second < 0xa0 || second == 0xad || second == 0xa0 && isProse { needsTidying = true }
            if isMojibakeTail(bytes, index + 2) { mayBeMojibake = true }
            return 2
        case 0xc3...0xcb:
            if isMojibakeTail(bytes, index + 2) { mayBeMojibake = true }
            return 2
        case 0xcc...0xcd, 0xd7...0xdf:  // combining marks; scripts with points
            mayNeedNormalizing = true
            return 2
        case 0xce...0xd6:  // Greek, Cyrillic, Armenian, but for a few signs
            let lead = bytes[index]
            if lead == 0xce && second == 0x87 || lead == 0xd2 && 0x83...0x87 ~= second
                || lead == 0xd6 && second > 0x90
            {
                mayNeedNormalizing = true
            }
            return 2
        case 0xe1 where 0xb8...0xbb ~= second: return 3  // Latin letters with marks
        case 0xe2:
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            if second == 0x80, third < 0x90 || third >= 0xa8 && third <= 0xaf { needsTidying = true }
            if second == 0x81, third >= 0x9f && third <= 0xaf { needsTidying = true }
            switch (second, third) {
            case (0x80, 0x80...0x81), (0x83, 0x90...), (0x84, 0xa6), (0x84, 0xaa...0xab), (0x8c, 0xa9...0xaa),
                (0xab, 0x9c), (0xb3..., _):
                mayNeedNormalizing = true
            default: break
            }
            return 3
        case 0xe3:
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            switch (second, third) {
            case (0x82, 0x99...0x9a), (0x80, 0xaa...0xaf): mayNeedNormalizing = true
            default: break
            }
            return 3
        case 0xe4...0xe9: return 3  // Han
        case 0xea...0xed where bytes[index] > 0xea || second >= 0xb0: return 3  // Hangul
        case 0xef:
            let third = index + 2 < bytes.count ? bytes[index + 2] : 0
            if second == 0xbb, third == 0xbf { needsTidying = true }
            if second == 0xbf, third == 0xbd { replacements += 1 }
            if second >= 0xa4, second < 0xbc { mayNeedNormalizing = true }
            return 3
        case 0xe0...0xef:
            mayNeedNormalizing = true
            return 3
        case 0xf0 where second == 0x9f: return 4  // emoji
        default:
            mayNeedNormalizing = true
            return 4
        }
    }

    /// True if a character stands here that a second byte of UTF-8 turns into when read as Windows-1252.
    private func isMojibakeTail(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        guard index < bytes.count else { return false }
        return bytes[index] == 0xc2 || bytes[index] == 0xe2 || bytes[index] == 0xc5 || bytes[index] == 0xc6
            || bytes[index] == 0xcb
    }
}

/// Text with control characters and odd spaces put right, and how many characters were removed.
func tidied(_ bytes: UnsafeBufferPointer<UInt8>, isProse: Bool) -> (text: String, removed: Int) {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var removed = 0
    var index = 0
    func endLine() {
        if isProse {
            while let last = out.last, last == 0x20 || last == 0x09 { out.removeLast() }
            if out.count >= 2, out[out.count - 1] == 0x0a, out[out.count - 2] == 0x0a { return }
            if out.isEmpty { return }
        }
        out.append(0x0a)
    }
    while index < bytes.count {
        let byte = bytes[index]
        switch byte {
        case 0x0a: endLine()
        case 0x0d:
            if index + 1 == bytes.count || bytes[index + 1] != 0x0a { endLine() }
        case 0x0b, 0x0c: endLine()
        case 0x09: out.append(byte)
        case 0..<0x20, 0x7f: removed += 1
        case 0x20..<0x7f: out.append(byte)
        default:
            let length = UTF8Scan.sequence(bytes, at: index).length
            switch replacement(bytes, index, length, isProse: isProse) {
            case .keep: out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[index..<index + length]))
            case .remove: removed += 1
            case .space: out.append(0x20)
            case .newline: endLine()
            }
            index += length
            continue
        }
        index += 1
    }
    return (out.withUnsafeBufferPointer { trimmed($0) }, removed)
}

/// Text without empty lines at its beginning and white space at its end.
private func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let end = (bytes.lastIndex { !isSpace($0) } ?? -1) + 1
    var start = 0
    while start < end, bytes[start] == 0x0a { start += 1 }
    return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
}

private enum Replacement { case keep, remove, space, newline }

private func replacement(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ length: Int, isProse: Bool
) -> Replacement {
    if length == 2, bytes[index] == 0xc2 {
        switch bytes[index + 1] {
        case 0x85: return .newline
        case 0x80...0x9f, 0xad: return .remove  // C1 controls, soft hyphen
        case 0xa0: return isProse ? .space : .keep
        default: return .keep
        }
    }
    guard length == 3 else { return .keep }
    switch (bytes[index], bytes[index + 1], bytes[index + 2]) {
    case (0xe2, 0x80, 0xa8), (0xe2, 0x80, 0xa9): return .newline  // line and paragraph separators
    case (0xe2, 0x80, 0x80...0x8a), (0xe2, 0x80, 0xaf), (0xe2, 0x81, 0x9f): return isProse ? .space : .keep
    case (0xe2, 0x80, 0x8b), (0xe2, 0x80, 0x8e), (0xe2, 0x80, 0x8f): return .remove  // zero width
    case (0xe2, 0x80, 0xaa...0xae), (0xe2, 0x81, 0xa0...0xaf): return .remove  // direction, joiners
    case (0xef, 0xbb, 0xbf): return .remove  // byte order mark
    default: return .keep
    }
}
