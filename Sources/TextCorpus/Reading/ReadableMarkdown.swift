/// Markdown without the parts that its readers do not see: the block of settings at its top, and comments.
///
/// A comment in a code block or a code span is text. Line endings become line feeds.
///
/// - SeeAlso: [CommonMark 0.31](https://spec.commonmark.org/0.31.2/), §4.5, §4.6 and §6.1. Departures: comments are left
///   out wherever they stand; a code span ends on its line; a fence may be indented by any number of spaces, as in a list.
func readableMarkdown(_ text: String) -> String {
    let text = withLineFeeds(text)
    var title: String?
    var body = text[...]
    if let settings = settings(text) {
        title = text[settings].split(separator: "\n").first { $0.hasPrefix("title:") }
            .map { $0.dropFirst(6).filter { $0 != "\"" }.trimmed }
        body = text[settings.upperBound...].drop { $0 != "\n" }.dropFirst()
    }
    if body.contains(ascii: "<!--") { body = withoutComments(body)[...] }
    let opens = body.drop { $0.isWhitespace }.first == "#"
    guard let title, !title.isEmpty, !opens else { return String(body) }
    return "# " + title + "\n\n" + body
}

private func withLineFeeds(_ text: String) -> String {
    guard text.utf8.contains(0x0d) else { return text }
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
        if byte != 0x0d {
            out.append(byte)
        } else if index + 1 == bytes.count || bytes[index + 1] != 0x0a {
            out.append(0x0a)
        }
    }
    return String(decoding: out, as: UTF8.self)
}

/// The settings between a first line `---` and the next line `---` or `...`.
private func settings(_ text: String) -> Range<String.Index>? {
    guard text.hasPrefix("---\n") else { return nil }
    var start = text.index(text.startIndex, offsetBy: 4)
    while start < text.endIndex {
        let end = text[start...].firstIndex(of: "\n") ?? text.endIndex
        let line = text[start..<end]
        if line == "---" || line == "..." { return text.startIndex..<start }
        guard end < text.endIndex else { break }
        start = text.index(after: end)
    }
    return nil
}

// MARK: - Comments

private func withoutComments(_ text: Substring) -> String {
    var reader = CommentRemoval(lastEnd: lastCommentEnd(text))
    var line = text.startIndex
    while true {
        let end = text[line...].firstIndex(of: "\n") ?? text.endIndex
        reader.add(text[line..<end])
        guard end < text.endIndex else { break }
        line = text.index(after: end)
    }
    // The last line, too, was given an end.
    if !reader.out.isEmpty { reader.out.removeLast() }
    return reader.out
}

/// The last place where a comment may end.
private func lastCommentEnd(_ text: Substring) -> Substring.Index? {
    var last: Substring.Index?
    var rest = text
    while let end = rest.firstRange(ofASCII: "-->") {
        last = end.lowerBound
        rest = rest[end.upperBound...]
    }
    return last
}

/// Leaves out comments, line by line.
private struct CommentRemoval {
    var out = ""
    /// Beyond here no comment ends.
    let lastEnd: Substring.Index?
    private var isInComment = false
    /// The character and length of the fence that the code block being read began with.
    private var fence: (mark: Character, length: Int)?

    init(lastEnd: Substring.Index?) { self.lastEnd = lastEnd }

    mutating func add(_ line: Substring) {
        let wasInCode = fence != nil
        if !isInComment { readFence(line) }
        guard !wasInCode, fence == nil || isInComment else {
            out += line + "\n"
            return
        }
        let before = out.utf8.count
        var rest = line
        var hadComment = isInComment
        while true {
            if isInComment {
                guard let end = rest.firstRange(ofASCII: "-->") else { break }
                rest = rest[end.upperBound...]
                isInComment = false
            } else {
                guard let start = commentStart(rest, in: line) else {
                    out += rest
                    break
                }
                hadComment = true
                out += rest[..<start]
                rest = rest[rest.index(start, offsetBy: 4)...]
                isInComment = true
            }
        }
        // A line that was nothing but comment leaves no empty line behind.
        let left = out.utf8.count - before
        if !hadComment || left > 0 && out.utf8.suffix(left).contains(where: { !isSpace($0) }) {
            out += "\n"
        } else {
            out.removeLast(left)
        }
    }

    /// Begins or ends a code block where the line is a fence.
    private mutating func readFence(_ line: Substring) {
        let bare = line.drop { $0 == " " || $0 == "\t" }
        guard let mark = bare.first, mark == "`" || mark == "~" else { return }
        let length = bare.prefix { $0 == mark }.count
        guard length >= 3 else { return }
        let rest = bare.dropFirst(length)
        if let open = fence {
            if mark == open.mark, length >= open.length, rest.allSatisfy(\.isWhitespace) { fence = nil }
        } else if mark == "~" || !rest.contains("`") {
            fence = (mark, length)
        }
    }

    /// The beginning of the next comment: one outside of code spans that has an end or begins its line.
    private func commentStart(_ rest: Substring, in line: Substring) -> Substring.Index? {
        var index = rest.startIndex
        while index < rest.endIndex {
            if rest[index] == "`" {
                let run = rest[index...].prefix { $0 == "`" }
                index = codeSpanEnd(rest[run.endIndex...], ticks: run.count) ?? run.endIndex
            } else if rest[index...].hasPrefix("<!--") {
                let beginsLine = line[..<index].allSatisfy { $0 == " " || $0 == "\t" }
                if let lastEnd, lastEnd > index { return index }
                return beginsLine ? index : nil
            } else {
                index = rest.index(after: index)
            }
        }
        return nil
    }

    private func codeSpanEnd(_ text: Substring, ticks: Int) -> Substring.Index? {
        var rest = text
        while let start = rest.firstIndex(of: "`") {
            let run = rest[start...].prefix { $0 == "`" }
            if run.count == ticks { return run.endIndex }
            rest = rest[run.endIndex...]
        }
        return nil
    }
}
