/// Takes a page apart into blocks: headings, paragraphs, list items, code, tables.
///
/// There is no tree: a stack of open elements, never deeper than ``maximumDepth``, says where the text
/// belongs. Deeper elements are read as if they were not there, so that nesting costs neither stack nor time.
struct HTMLReader {
    /// Open elements that are kept track of.
    static let maximumDepth = 400

    private struct Open {
        var element: HTMLElement
        var region: HTMLBlock.Region
        var isUnread: Bool
        /// The nearest element that is a block, this one included.
        var block: HTMLElement
        /// The beginning of its text, for links, code, subscripts: the number of the line, and the place in it.
        var line: Int
        var textStart: Int
    }

    private struct List {
        var isNumbered: Bool
        var number: Int
        /// Of the item being read, until its first block takes it.
        var marker: String?
        /// The columns its items are indented by.
        var indentation: Int
        /// The width of the last marker.
        var markerWidth = 2
    }

    private var content = HTMLContent()
    private var open: [Open] = []
    private var openCount = [Int](repeating: 0, count: HTMLElement.allCases.count)
    private var unreadDepth = 0
    private var preformattedDepth = 0
    private var quotation = 0
    private var lists: [List] = []
    private var listCount = 0
    private var tables: [HTMLTable] = []

    private var line = HTMLLine()
    private var lineNumber = 0
    private var codeLanguage = ""

    /// The content of a page in UTF-8.
    static func read(_ page: UnsafeBufferPointer<UInt8>, isXML: Bool) -> HTMLContent {
        var reader = HTMLReader()
        var tokens = HTMLTokenizer(page, isXML: isXML)
        while let token = tokens.next() {
            switch token {
            case .text(let range, let isRaw): reader.text(page, range, isRaw: isRaw)
            case .start(let tag): reader.start(tag, isXML: isXML)
            case .end(let element): reader.end(element)
            }
        }
        while !reader.open.isEmpty { reader.pop() }
        reader.flush()
        while !reader.tables.isEmpty { reader.endTable() }
        return reader.content
    }

    // MARK: Tokens

    private mutating func text(_ page: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, isRaw: Bool) {
        if open.last?.element == .title, unreadDepth == 0 {
            if content.title.isEmpty {
                content.title = HTMLLine.collapsed(decodedReferences(page, range))
            }
            return
        }
        guard unreadDepth == 0 else { return }
        var decoded: [UInt8] = []
        if isRaw {
            decoded.append(contentsOf: UnsafeBufferPointer(rebasing: page[range]))
        } else {
            appendDecoded(page, range, to: &decoded)
        }
        line.append(decoded, preformatted: preformattedDepth > 0)
    }

    private mutating func start(_ tag: HTMLTokenizer.Tag, isXML: Bool) {
        let element = tag.element
        if let closing = element.closes { close(closing) }
        if element == .html || element == .body, content.language == nil {
            content.language = tag.attributes[.lang] ?? tag.attributes[.xmlLang]
        }
        let isUnread = element.isUnread || (!Self.isRoot(element) && HTMLFrames.isTool(tag.attributes))
        if unreadDepth == 0 {
            if element.isBlock { separate(element) }
            if !isUnread { begin(tag) }
            if element == .math, let text = tag.attributes[.alttext] { append("$\(text)$") }
        }
        // Elements that are not read must be recognized at any depth, or scripts would be read.
        let limit = isUnread ? 2 * Self.maximumDepth : Self.maximumDepth
        guard !element.isVoid, !(isXML && tag.isSelfClosing), open.count < limit else { return }
        push(tag, isUnread: isUnread)
    }

    private mutating func end(_ element: HTMLElement) {
        guard openCount[Int(element.rawValue)] > 0,
            let index = open.lastIndex(where: { $0.element == element })
        else {
            if element.isBlock, preformattedDepth == 0 { flushIfRead() }
            return
        }
        // A stray end tag in a cell must not close the table around it.
        let isInline = !element.isBlock && !open[index].isUnread
        if isInline, open[index...].contains(where: { $0.element.isBlock }) { return }
        while open.count > index { pop() }
    }

    private mutating func close(_ closing: HTMLElement.Closing) {
        guard closing.elements.contains(where: { openCount[Int($0.rawValue)] > 0 }) else { return }
        var index = open.count
        while index > 0 {
            index -= 1
            if closing.elements.contains(open[index].element) {
                while open.count > index { pop() }
            } else if open[index].isUnread || closing.scope.contains(open[index].element) {
                return
            }
        }
    }

    // MARK: Elements

    private mutating func begin(_ tag: HTMLTokenizer.Tag) {
        let element = tag.element
        switch element {
        case .br: preformattedDepth > 0 ? line.append([0x0a], preformatted: true) : line.appendBreak()
        case .hr where preformattedDepth == 0: emit(HTMLBlock(kind: .rule, text: "---", region: region))
        case .q: append("“")
        case .table where preformattedDepth == 0:
            if tables.count < 32 { tables.append(HTMLTable()) }
        case .tr where preformattedDepth == 0: tables.mutateLast { $0.beginRow() }
        case .td where preformattedDepth == 0, .th where preformattedDepth == 0:
            tables.mutateLast { $0.beginCell(isHeader: element == .th, attributes: tag.attributes) }
        case .caption where preformattedDepth == 0: tables.mutateLast { $0.beginCaption() }
        case .li where preformattedDepth == 0: beginItem(value: tag.attributes[.value])
        case .pre, .code, .div:
            if element != .code || preformattedDepth > 0, let language = Self.language(tag.attributes[.class])
            {
                codeLanguage = language
            }
        default: break
        }
    }

    private mutating func push(_ tag: HTMLTokenizer.Tag, isUnread: Bool) {
        let element = tag.element
        var region = self.region
        if element == .main || tag.attributes[.role] == "main" { region.insert(.main) }
        if element == .article { region.insert(.article) }
        if element == .aside || element == .form || element == .header && region.isEmpty {
            region.insert(.frame)
        }
        if !Self.isRoot(element), HTMLFrames.isFrame(tag.attributes) { region.insert(.frame) }
        if unreadDepth == 0, !isUnread {
            switch element {
            case _ where element.isList && preformattedDepth == 0: beginList(tag)
            case .blockquote: quotation += 1
            case _ where element.isPreformatted: preformattedDepth += 1
            default: break
            }
        }
        if isUnread { unreadDepth += 1 }
        openCount[Int(element.rawValue)] += 1
        open.append(
            Open(
                element: element, region: region, isUnread: isUnread,
                block: element.isBlock ? element : open.last?.block ?? .body, line: lineNumber,
                textStart: line.count))
    }

    private mutating func pop() {
        guard let closed = open.last else { return }
        let element = closed.element
        if unreadDepth == 0, element.isBlock, !isPartOfHeading(element) { endBlock(element) }
        open.removeLast()
        openCount[Int(element.rawValue)] -= 1
        if closed.isUnread { unreadDepth -= 1 }
        guard unreadDepth == 0, !closed.isUnread else { return }
        let textStart = closed.line == lineNumber ? closed.textStart : 0
        switch element {
        case _ where element.isList && preformattedDepth == 0: _ = lists.popLast()
        case .blockquote: quotation -= 1
        case _ where element.isPreformatted: preformattedDepth -= 1
        case _ where element.isPartOfTable && preformattedDepth > 0: break
        case .table: endTable()
        case .td, .th, .caption: tables.mutateLast { $0.endCell() }
        case .a: line.markLink(from: textStart)
        case .sup where preformattedDepth == 0: line.raise(from: textStart)
        case .sub where preformattedDepth == 0: line.lower(from: textStart)
        case .q: append("”")
        case _ where element.isInlineCode && preformattedDepth == 0: line.quoteCode(from: textStart)
        default: break
        }
    }

    /// A block begins: the line before it ends, but within a group of headings they are one line.
    private mutating func separate(_ element: HTMLElement) {
        if isPartOfHeading(element) { line.appendColon() } else { endBlock(element) }
    }

    /// The text so far becomes a block; but blocks within preformatted text are lines of it, as in a browser.
    private mutating func endBlock(_ element: HTMLElement) {
        guard preformattedDepth > 0, !element.isPreformatted else { return flush() }
        // The cells of a row are one line.
        if element != .td, element != .th { line.endPreformattedLine() }
    }

    private func isPartOfHeading(_ element: HTMLElement) -> Bool {
        (element == .p || element.headingLevel != nil) && openCount[Int(HTMLElement.hgroup.rawValue)] > 0
    }

    private mutating func append(_ text: String) {
        line.append(Array(text.utf8), preformatted: preformattedDepth > 0)
    }

    /// Elements that hold the page and are read whatever their names say.
    private static func isRoot(_ element: HTMLElement) -> Bool {
        element == .html || element == .body || element == .main || element == .article
    }

    private var region: HTMLBlock.Region { open.last?.region ?? [] }

    // MARK: Lists and tables

    private mutating func beginList(_ tag: HTMLTokenizer.Tag) {
        let indentation = lists.last.map { $0.indentation + $0.markerWidth } ?? 0
        if lists.isEmpty { listCount += 1 }
        let first = tag.attributes[.start].flatMap { Int($0) } ?? 1
        lists.append(
            List(
                isNumbered: tag.element == .ol, number: min(max(first, -1_000_000), 1_000_000),
                indentation: min(indentation, 40)))
    }

    private mutating func beginItem(value: String?) {
        guard var list = lists.popLast() else { return }
        if let value = value.flatMap({ Int($0) }), abs(value) < 1_000_000 { list.number = value }
        let marker = list.isNumbered ? "\(list.number)." : "-"
        list.number += 1
        list.marker = marker
        list.markerWidth = marker.utf8.count + 1
        lists.append(list)
    }

    private mutating func endTable() {
        guard let table = tables.popLast() else { return }
        for block in table.blocks(region: region) { emit(block) }
    }

    // MARK: Blocks

    private mutating func flushIfRead() { if unreadDepth == 0 { flush() } }

    /// Ends the line being read and makes a block of it.
    private mutating func flush() {
        let isCode = preformattedDepth > 0
        let linked = line.linkedBytes
        let text = isCode ? line.takePreformatted() : line.take()
        lineNumber += 1
        guard !text.isEmpty else { return }
        var block = HTMLBlock(kind: .paragraph, text: text, region: region, linkedBytes: linked)
        block.quotation = quotation
        if isCode {
            block.kind = .code(language: codeLanguage)
        } else if let level = headingLevel {
            block.kind = .heading(level: level)
            block.text = text.split(separator: "\n").joined(separator: " ")
        } else if openCount[Int(HTMLElement.dd.rawValue)] > 0, lists.isEmpty {
            block.kind = .definition
        }
        codeLanguage = ""
        if let list = lists.last {
            block.indentation = list.indentation + (list.marker == nil ? list.markerWidth : 0)
            if block.kind == .paragraph { block.kind = .item(marker: list.marker, list: listCount) }
            if case .item = block.kind { lists[lists.count - 1].marker = nil }
        }
        emit(block)
    }

    private var headingLevel: Int? {
        guard let block = open.last?.block else { return nil }
        return block == .hgroup ? 2 : block.headingLevel
    }

    private mutating func emit(_ block: HTMLBlock) {
        if tables.isEmpty { content.blocks.append(block) } else { tables.mutateLast { $0.append(block) } }
    }

    /// The language a class of a code block names: `language-swift`, `lang-c`, `highlight-python`.
    private static func language(_ names: String?) -> String? {
        guard let names else { return nil }
        for name in names.split(separator: " ") {
            for prefix in ["language-", "lang-", "highlight-source-", "highlight-", "brush:"]
            where name.hasPrefix(prefix) {
                let language = name.dropFirst(prefix.count).lowercased()
                let isName =
                    !language.isEmpty && language.utf8.count <= 20
                    && language.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "`") && $0 < 0x7f }
                if isName { return language }
            }
        }
        return nil
    }
}

extension Array {
    fileprivate mutating func mutateLast(_ body: (inout Element) -> Void) {
        if !isEmpty { body(&self[count - 1]) }
    }
}
