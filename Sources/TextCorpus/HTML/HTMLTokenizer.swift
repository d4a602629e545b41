/// Cuts a page into tags and text, and forgives everything.
///
/// It follows the states of the HTML Standard (§13.2.5) as far as a reader of text needs them: attributes
/// that say nothing about the text are passed over, values are cut at ``maximumValue``, comments and
/// declarations vanish. Every byte is looked at a constant number of times, so hostile pages cost no more
/// than others.
struct HTMLTokenizer {
    /// A piece of the page.
    enum Token {
        /// Text between tags; character references are still in it unless `isRaw`.
        case text(Range<Int>, isRaw: Bool)
        case start(Tag)
        case end(HTMLElement)
    }

    /// A start tag.
    struct Tag {
        var element: HTMLElement
        var attributes: [HTMLAttribute: String] = [:]
        var isSelfClosing = false
    }

    /// The most bytes kept of an attribute's value.
    static let maximumValue = 1 << 10

    let bytes: UnsafeBufferPointer<UInt8>
    /// XML rules: `<p/>` is an element without content.
    let isXML: Bool
    private var index = 0
    private var rawElement: HTMLElement?
    private var hasMoreCommentEnds = true
    private var hasMoreSectionEnds = true

    init(_ bytes: UnsafeBufferPointer<UInt8>, isXML: Bool) {
        self.bytes = bytes
        self.isXML = isXML
    }

    mutating func next() -> Token? {
        if let element = rawElement {
            rawElement = nil
            let start = index
            index = endOfRawText(element, from: index)
            // The text of a title or a text area holds character references; that of a script does not.
            if index > start { return .text(start..<index, isRaw: element != .title) }
        }
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "<") else { return text() }
            let following = index + 1 < bytes.count ? bytes[index + 1] : 0
            switch following {
            case UInt8(ascii: "!"):
                if let token = declaration() { return token }
            case UInt8(ascii: "?"): index = after(UInt8(ascii: ">"), from: index + 2)
            case UInt8(ascii: "/"):
                if index + 2 < bytes.count, isLetter(bytes[index + 2]) { return endTag() }
                index = after(UInt8(ascii: ">"), from: index + 2)
            case _ where isLetter(following): return startTag()
            default: return text()
            }
        }
        return nil
    }

    private mutating func text() -> Token {
        let start = index
        index += 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "<"), index + 1 < bytes.count {
                let following = bytes[index + 1]
                if isLetter(following) || following == UInt8(ascii: "/") || following == UInt8(ascii: "!")
                    || following == UInt8(ascii: "?")
                {
                    break
                }
            }
            index += 1
        }
        return .text(start..<index, isRaw: false)
    }

    /// A comment, a DOCTYPE, or a CDATA section; only the last gives a token.
    private mutating func declaration() -> Token? {
        if starts(with: "<!--", at: index) {
            let end = hasMoreCommentEnds ? find("-->", from: index + 4) : nil
            if end == nil { hasMoreCommentEnds = false }
            // A comment that is never closed ends at the next tag, lest it swallow the page.
            index = end.map { $0 + 3 } ?? after(UInt8(ascii: ">"), from: index + 4)
            return nil
        }
        if hasMoreSectionEnds, starts(with: "<![CDATA[", at: index) {
            if let end = find("]]>", from: index + 9) {
                defer { index = end + 3 }
                return .text(index + 9..<end, isRaw: true)
            }
            hasMoreSectionEnds = false
        }
        index = after(UInt8(ascii: ">"), from: index + 2)
        return nil
    }

    private mutating func endTag() -> Token {
        index += 2
        let element = name()
        index = after(UInt8(ascii: ">"), from: index)
        return .end(element)
    }

    private mutating func startTag() -> Token {
        index += 1
        var tag = Tag(element: name())
        while index < bytes.count {
            skipSpace()
            guard index < bytes.count else { break }
            if bytes[index] == UInt8(ascii: ">") {
                index += 1
                break
            }
            if bytes[index] == UInt8(ascii: "/") {
                index += 1
                tag.isSelfClosing = index < bytes.count && bytes[index] == UInt8(ascii: ">")
                continue
            }
            let (attribute, value) = self.attribute()
            if let attribute, tag.attributes[attribute] == nil {
                tag.attributes[attribute] =
                    value.isEmpty ? "" : decodedReferences(bytes, value, inAttribute: true)
            }
        }
        if tag.element.isRawText, !(isXML && tag.isSelfClosing) { rawElement = tag.element }
        return .start(tag)
    }

    private mutating func attribute() -> (HTMLAttribute?, Range<Int>) {
        let start = index
        index += 1  // an attribute may begin with anything, even an equals sign
        while index < bytes.count, !isSpace(bytes[index]), !"/>=".utf8.contains(bytes[index]) { index += 1 }
        let attribute = HTMLAttribute(bytes, start..<index)
        skipSpace()
        guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
            return (attribute, index..<index)
        }
        index += 1
        skipSpace()
        guard index < bytes.count else { return (attribute, index..<index) }
        let quote = bytes[index]
        let begin: Int
        let end: Int
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            begin = index + 1
            index = after(quote, from: begin)
            end = index > begin && bytes[index - 1] == quote ? index - 1 : index
        } else {
            begin = index
            while index < bytes.count, !isSpace(bytes[index]), bytes[index] != UInt8(ascii: ">") {
                index += 1
            }
            end = index
        }
        return (attribute, begin..<min(end, begin + Self.maximumValue))
    }

    private mutating func name() -> HTMLElement {
        let start = index
        while index < bytes.count, !isSpace(bytes[index]), bytes[index] != UInt8(ascii: ">"),
            bytes[index] != UInt8(ascii: "/")
        {
            index += 1
        }
        return HTMLElement(bytes, start..<index)
    }

    private func endOfRawText(_ element: HTMLElement, from start: Int) -> Int {
        let name = Array(element.name.utf8)
        var at = start
        while let found = firstIndex(of: UInt8(ascii: "<"), from: at) {
            let end = found + 2 + name.count
            if end <= bytes.count, bytes[found + 1] == UInt8(ascii: "/"),
                zip(name, found + 2..<end).allSatisfy({ $0 == bytes[$1] | 0x20 }),
                end == bytes.count || !isLetter(bytes[end])
            {
                return found
            }
            at = found + 1
        }
        return bytes.count
    }

    private mutating func skipSpace() { while index < bytes.count, isSpace(bytes[index]) { index += 1 } }

    private func after(_ byte: UInt8, from start: Int) -> Int {
        firstIndex(of: byte, from: start).map { $0 + 1 } ?? bytes.count
    }

    private func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        var at = start
        while at < bytes.count {
            if bytes[at] == byte { return at }
            at += 1
        }
        return nil
    }

    private func find(_ text: StaticString, from start: Int) -> Int? {
        var at = start
        while let found = firstIndex(of: text.utf8Start.pointee, from: at) {
            if starts(with: text, at: found) { return found }
            at = found + 1
        }
        return nil
    }

    private func starts(with text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[start + $0] == text.utf8Start[$0] }
    }
}

@inline(__always)
private func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
