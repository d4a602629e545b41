import Foundation

/// What a person presses, or pastes, in a terminal.
enum TerminalKey: Equatable {
    case text(String)
    /// Text that was pasted as a whole.
    case pasted(String)
    case enter, newline
    case left, right, up, down, home, end, wordLeft, wordRight
    case backspace, delete, deleteWord, deleteToBeginning, deleteToEnd, deleteNextWord
    case interrupt, endOfInput, suspend, redraw
}

/// Turns the bytes of a terminal into keys.
struct TerminalKeyParser {
    private var bytes: [UInt8] = []
    private var pasted: [UInt8]?

    /// Takes in bytes.
    mutating func append(_ new: some Sequence<UInt8>) { bytes += new }

    /// Whether there is the beginning of something.
    var isWithinKey: Bool { !bytes.isEmpty || pasted != nil }

    /// Takes what has come for what was meant: an escape that nothing follows means nothing.
    mutating func settle() { bytes.removeAll() }

    /// The next key; nil if it has not come as a whole.
    mutating func next() -> TerminalKey? {
        while let first = bytes.first {
            if pasted != nil { return nextPasted() }
            if first == 0x1B {
                guard let (key, count) = escaped() else { return nil }
                bytes.removeFirst(count)
                if let key { return key }
            } else if first < 0x20 || first == 0x7F {
                bytes.removeFirst()
                if let key = Self.control(first) { return key }
            } else {
                guard let text = plainText() else { return nil }
                return .text(text)
            }
        }
        return nil
    }

    /// Whole characters up to the next control.
    private mutating func plainText() -> String? {
        var count = bytes.firstIndex { $0 < 0x20 || $0 == 0x7F } ?? bytes.count
        if count == bytes.count {
            // The last character may not have come as a whole.
            let start = bytes.lastIndex { $0 & 0xC0 != 0x80 } ?? 0
            let length =
                switch bytes[start] {
                case 0xF0...: 4
                case 0xE0...: 3
                case 0xC0...: 2
                default: 1
                }
            if bytes.count - start < length { count = start }
        }
        guard count > 0 else { return nil }
        defer { bytes.removeFirst(count) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func control(_ byte: UInt8) -> TerminalKey? {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x09: .text("\t")
        case 0x0A, 0x0D: .enter
        case 0x0B: .deleteToEnd
        case 0x0C: .redraw
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .deleteToBeginning
        case 0x17: .deleteWord
        case 0x1A: .suspend
        default: nil
        }
    }

    /// The key of a sequence that begins with an escape, nil for one without a meaning, and the bytes that it takes.
    private mutating func escaped() -> (TerminalKey?, Int)? {
        guard bytes.count > 1 else { return nil }
        switch bytes[1] {
        case UInt8(ascii: "["), UInt8(ascii: "O"):
            guard let end = bytes.dropFirst(2).firstIndex(where: { 0x40...0x7E ~= $0 }) else { return nil }
            let parameters = String(decoding: bytes[2..<end], as: UTF8.self)
            if bytes[end] == UInt8(ascii: "~"), parameters == "200" {
                pasted = []
                return (nil, end + 1)
            }
            return (Self.sequence(bytes[end], parameters), end + 1)
        case UInt8(ascii: "b"): return (.wordLeft, 2)
        case UInt8(ascii: "f"): return (.wordRight, 2)
        case UInt8(ascii: "d"): return (.deleteNextWord, 2)
        case 0x7F, 0x08: return (.deleteWord, 2)
        case 0x0D, 0x0A: return (.newline, 2)
        default: return (nil, 2)
        }
    }

    private static func sequence(_ last: UInt8, _ parameters: String) -> TerminalKey? {
        // A second parameter says which other keys are held down.
        let isHeld = parameters.contains(";")
        return switch (last, parameters.prefix { $0 != ";" }) {
        case (UInt8(ascii: "A"), _): .up
        case (UInt8(ascii: "B"), _): .down
        case (UInt8(ascii: "C"), _): isHeld ? .wordRight : .right
        case (UInt8(ascii: "D"), _): isHeld ? .wordLeft : .left
        case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): .home
        case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): .end
        case (UInt8(ascii: "~"), "3"): isHeld ? .deleteNextWord : .delete
        default: nil
        }
    }

    /// The pasted text, as soon as its end has come.
    private mutating func nextPasted() -> TerminalKey? {
        let end = Array("\u{1B}[201~".utf8)
        pasted! += bytes
        bytes.removeAll()
        guard let place = pasted!.firstRange(of: end) else { return nil }
        bytes = Array(pasted![place.upperBound...])
        let text = String(decoding: pasted![..<place.lowerBound], as: UTF8.self)
        pasted = nil
        return .pasted(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))
    }
}
