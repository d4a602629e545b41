/// A page as a reader sees it: what it says, as lightly marked up text.
///
/// Headings become `#` lines, lists `-` and `1.`, tables `|` rows, code fenced blocks; images, scripts,
/// styles, navigation and footers are left out. What counts as content is decided by a few rules, in this
/// order:
///
/// 1. If elements `main` hold a fifth of the text, only they count; otherwise, if elements `article` hold
///    half of it, they.
/// 2. Asides, forms, page headers, and elements named as menus, advertising, sharing, cookie banners and the
///    like are left out, unless more than two thirds of the text would go: then the names mislead.
/// 3. Runs of three or more blocks that are nothing but links are menus, and left out, with the heading above
///    them.
/// 4. Single lines that ask for cookies or JavaScript are left out.
///
/// The page's title becomes the first heading, without the name of the site where that can be told.
package struct ReadableText {
    package let text: String
    package let language: String?

    /// Reads a page in UTF-8.
    package init(page: String, isXML: Bool = false) {
        self.init(page.withUTF8Bytes { HTMLReader.read($0, isXML: isXML) })
    }

    init(_ content: HTMLContent) {
        let main = Self.withoutNotices(Self.withoutMenus(Self.withoutFrames(Self.mainBlocks(content.blocks))))
        let body = Self.withoutEmptyHeadings(main)
        language = content.language.flatMap(Self.languageTag)
        let hasText = body.contains {
            switch $0.kind {
            case .heading, .rule: false
            default: true
            }
        }
        guard hasText else {
            text = ""
            return
        }
        text = Self.render(Self.titled(body, with: content.title))
    }

    // MARK: What counts

    private static func bytes(_ blocks: some Sequence<HTMLBlock>) -> Int {
        blocks.reduce(0) { $0 + $1.bytes }
    }

    private static func mainBlocks(_ blocks: [HTMLBlock]) -> [HTMLBlock] {
        let all = bytes(blocks)
        let main = blocks.filter { $0.region.contains(.main) }
        if bytes(main) * 5 >= all, !main.isEmpty { return main }
        let articles = blocks.filter { $0.region.contains(.article) }
        if bytes(articles) * 2 >= all, !articles.isEmpty { return articles }
        return blocks
    }

    private static func withoutFrames(_ blocks: [HTMLBlock]) -> [HTMLBlock] {
        let content = blocks.filter { !$0.region.contains(.frame) }
        return bytes(content) * 3 >= bytes(blocks) ? content : blocks
    }

    private static func withoutMenus(_ blocks: [HTMLBlock]) -> [HTMLBlock] {
        var kept: [HTMLBlock] = []
        var index = 0
        while index < blocks.count {
            var end = index
            while end < blocks.count, isLinkOnly(blocks[end]) { end += 1 }
            if end - index >= 3 {
                if case .heading? = kept.last?.kind { kept.removeLast() }
                index = end
            } else {
                kept.append(contentsOf: blocks[index...min(end, blocks.count - 1)])
                index = end + 1
            }
        }
        return kept
    }

    private static func isLinkOnly(_ block: HTMLBlock) -> Bool {
        switch block.kind {
        case .paragraph, .item, .definition: block.linkedBytes * 10 >= block.bytes * 9 && block.bytes < 200
        default: false
        }
    }

    private static func withoutNotices(_ blocks: [HTMLBlock]) -> [HTMLBlock] {
        blocks.filter { block in
            guard block.bytes < 400 else { return true }
            let text = block.text.lowercased()
            func says(_ words: String) -> Bool { text.contains(ascii: words) }
            if says("cookie") { return !cookieNotices.contains(where: says) }
            if says("javascript") { return !scriptNotices.contains(where: says) }
            return !skipLinks.contains(text)
        }
    }

    private static let cookieNotices = [
        "accept", "consent", "we use", "uses cookies", "by continuing", "agree",
    ]
    private static let scriptNotices = [
        "enable javascript", "javascript is disabled", "requires javascript", "javascript enabled",
    ]
    private static let skipLinks: Set<String> = [
        "skip to content", "skip to main content", "skip to navigation", "jump to navigation",
    ]

    /// Leaves out headings under which nothing is left, unless a lower heading follows.
    private static func withoutEmptyHeadings(_ blocks: [HTMLBlock]) -> [HTMLBlock] {
        var kept: [HTMLBlock] = []
        var levelBelow: Int? = 0  // the level of the heading that follows directly; nil when text does
        for block in blocks.reversed() {
            if case .heading(let level) = block.kind {
                if let below = levelBelow, level >= below, level > 1 { continue }
                levelBelow = level
            } else if block.kind != .rule {
                levelBelow = nil
            }
            kept.append(block)
        }
        return kept.reversed()
    }

    // MARK: Title and language

    private static func titled(_ blocks: [HTMLBlock], with title: String) -> [HTMLBlock] {
        guard !title.isEmpty, title.utf8.count <= 400 else { return blocks }
        var blocks = blocks
        let first = blocks.prefix(4).firstIndex {
            if case .heading = $0.kind { true } else { false }
        }
        if let first, names(title, blocks[first].text) {
            blocks[first].kind = .heading(level: 1)
            return blocks
        }
        blocks.insert(HTMLBlock(kind: .heading(level: 1), text: withoutSite(title), region: []), at: 0)
        return blocks
    }

    /// True if a heading says what the title says, but for punctuation and the name of the site.
    private static func names(_ title: String, _ heading: String) -> Bool {
        func letters(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
        let heading = letters(heading)
        return heading.count >= 2 && letters(title).contains(heading)
    }

    private static func withoutSite(_ title: String) -> String {
        for separator in [" | ", " » ", " :: ", " · ", " — ", " – ", " - "] {
            guard let range = title.ranges(of: separator).last else { continue }
            let page = title[..<range.lowerBound]
            let site = title[range.upperBound...]
            if site.split(separator: " ").count <= 4, page.count >= site.count / 2 { return String(page) }
        }
        return title
    }

    private static func languageTag(_ declared: String) -> String? {
        let tag = declared.prefix { $0.isLetter && $0.isASCII }.lowercased()
        return tag.count == 2 || tag.count == 3 ? tag : nil
    }

    // MARK: Rendering

    private static func render(_ blocks: [HTMLBlock]) -> String {
        var text = ""
        var previous: HTMLBlock?
        for block in blocks {
            if let previous { text += separator(previous, block) }
            text += lines(block)
            previous = block
        }
        return text
    }

    private static func separator(_ above: HTMLBlock, _ below: HTMLBlock) -> String {
        switch (above.kind, below.kind) {
        case (.item(_, let list), .item(let marker?, let next)) where list == next && !marker.isEmpty:
            return "\n"
        case (.paragraph, .definition), (.definition, .definition): return "\n"
        default: break
        }
        let quotation = min(above.quotation, below.quotation)
        return quotation == 0 ? "\n\n" : "\n" + quotes(quotation).trimmed + "\n"
    }

    private static func quotes(_ depth: Int) -> String { String(repeating: "> ", count: min(depth, 8)) }

    private static func lines(_ block: HTMLBlock) -> String {
        var prefix = quotes(block.quotation)
        prefix += String(repeating: " ", count: block.indentation)
        var body = block.text
        var hanging = ""
        switch block.kind {
        case .heading(let level): body = String(repeating: "#", count: level) + " " + body
        case .item(let marker, _):
            if let marker {
                body = marker + " " + body
                hanging = String(repeating: " ", count: marker.count + 1)
            }
        case .definition: body = ": " + body
        case .code(let language):
            let fence = body.contains(ascii: "```") ? "````" : "```"
            body = fence + language + "\n" + body + "\n" + fence
        case .paragraph, .table, .rule: break
        }
        guard !prefix.isEmpty || !hanging.isEmpty && body.contains(ascii: "\n") else { return body }
        return body.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            line.isEmpty && block.quotation == 0 ? "" : prefix + (index == 0 ? "" : hanging) + line
        }.joined(separator: "\n")
    }
}
