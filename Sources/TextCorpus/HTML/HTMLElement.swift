/// The elements that matter to a reader of text; all others are `other`, and their content is read in line.
enum HTMLElement: UInt8, CaseIterable {
    case html, head, body, title, meta, base, link
    case script, style, template, noscript, noframes, noembed, iframe, object, embed, applet, param, source,
        track
    case svg, math, canvas, audio, video, picture, map, area, img
    case nav, header, footer, aside, main, article, section, hgroup, address, search, dialog
    case form, fieldset, legend, input, button, select, option, optgroup, datalist, textarea, label, output
    case h1, h2, h3, h4, h5, h6, p, div, center, blockquote, pre, listing, plaintext, xmp, hr, br, wbr
    case figure, figcaption, details, summary
    case ul, ol, menu, dir, li, dl, dt, dd
    case table, caption, colgroup, col, thead, tbody, tfoot, tr, td, th
    case a, code, kbd, samp, tt, sup, sub, q, ruby, rb, rt, rp, rtc
    case other

    var name: String { Self.names[Int(rawValue)] }

    /// The element named by some bytes, in upper or lower case.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard range.count <= 10 else {
            self = .other
            return
        }
        self = Self.byKey[nameKey(bytes, range)] ?? .other
    }

    private static let names = allCases.map { String(describing: $0) }
    private static let byKey = Dictionary(
        uniqueKeysWithValues: allCases.map { element in
            (
                Array(String(describing: element).utf8).withUnsafeBufferPointer { nameKey($0, 0..<$0.count) },
                element
            )
        })

    /// Has no content and no end tag.
    var isVoid: Bool {
        switch self {
        case .area, .base, .br, .col, .embed, .hr, .img, .input, .link, .meta, .param, .source, .track, .wbr:
            true
        default: false
        }
    }

    /// Everything up to its end tag is text, tags and all.
    var isRawText: Bool {
        switch self {
        case .script, .style, .title, .textarea, .xmp, .iframe, .noembed, .noframes, .plaintext: true
        default: false
        }
    }

    /// Its content is not there to be read, or not part of what the page has to say.
    var isUnread: Bool {
        switch self {
        case .script, .style, .template, .noscript, .noframes, .noembed, .iframe, .object, .applet, .svg,
            .math,
            .canvas, .audio, .video, .map, .nav, .footer, .search, .dialog, .button, .select, .datalist,
            .textarea,
            .rt, .rp, .rtc:
            true
        default: false
        }
    }

    /// It begins and ends a paragraph.
    var isBlock: Bool {
        switch self {
        case .html, .head, .body, .nav, .header, .footer, .aside, .main, .article, .section, .hgroup,
            .address,
            .search, .dialog, .form, .fieldset, .legend, .h1, .h2, .h3, .h4, .h5, .h6, .p, .div, .center,
            .blockquote, .pre, .listing, .plaintext, .xmp, .hr, .figure, .figcaption, .details, .summary, .ul,
            .ol, .menu, .dir, .li, .dl, .dt, .dd, .table, .caption, .thead, .tbody, .tfoot, .tr, .td, .th,
            .option, .optgroup:
            true
        default: false
        }
    }

    var headingLevel: Int? {
        switch self {
        case .h1: 1
        case .h2: 2
        case .h3: 3
        case .h4: 4
        case .h5: 5
        case .h6: 6
        default: nil
        }
    }

    var isList: Bool { self == .ul || self == .ol || self == .menu || self == .dir }
    var isPreformatted: Bool { self == .pre || self == .listing || self == .xmp || self == .plaintext }
    var isPartOfTable: Bool {
        switch self {
        case .table, .caption, .thead, .tbody, .tfoot, .tr, .td, .th: true
        default: false
        }
    }
    var isInlineCode: Bool { self == .code || self == .kbd || self == .samp || self == .tt }

    /// Open elements that such a start tag closes, and where looking for them stops (the optional end tags of
    /// §13.1.2.4).
    var closes: Closing? { Self.closings[Int(rawValue)] }

    /// The elements that a start tag closes.
    struct Closing {
        var elements: [HTMLElement]
        var scope: Set<HTMLElement>
    }

    private static let closings: [Closing?] = allCases.map { element in
        switch element {
        case .li: Closing(elements: [.li], scope: [.ul, .ol, .menu, .dir, .table])
        case .dt, .dd: Closing(elements: [.dt, .dd], scope: [.dl, .table])
        case .td, .th: Closing(elements: [.td, .th], scope: [.table, .tr])
        case .tr: Closing(elements: [.td, .th, .tr, .caption], scope: [.table])
        case .thead, .tbody, .tfoot:
            Closing(elements: [.td, .th, .tr, .thead, .tbody, .tfoot, .caption], scope: [.table])
        case .option, .optgroup: Closing(elements: [.option], scope: [.select])
        default:
            element.isBlock
                ? Closing(
                    elements: [.p],
                    scope: [.td, .th, .li, .dd, .table, .div, .section, .article, .blockquote])
                : nil
        }
    }
}

/// The attributes that say something about the text.
enum HTMLAttribute: UInt8, CaseIterable {
    case `class`, id, role, hidden, ariaHidden, style, lang, xmlLang, charset, content, httpEquiv, start,
        value
    case colspan, rowspan, alttext

    init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard range.count <= 11, let attribute = Self.byKey[nameKey(bytes, range)] else { return nil }
        self = attribute
    }

    private var name: String {
        switch self {
        case .ariaHidden: "aria-hidden"
        case .xmlLang: "xml:lang"
        case .httpEquiv: "http-equiv"
        default: String(describing: self)
        }
    }

    private static let byKey = Dictionary(
        uniqueKeysWithValues: allCases.map { attribute in
            (Array(attribute.name.utf8).withUnsafeBufferPointer { nameKey($0, 0..<$0.count) }, attribute)
        })
}

/// A short name as one number, letters lowered; at worst, a made-up name is taken for a known one.
private func nameKey(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64 {
    var key: UInt64 = 1
    for index in range { key = key &* 131 &+ UInt64(bytes[index] | 0x20) }
    return key
}
