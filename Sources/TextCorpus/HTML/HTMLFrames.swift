/// Recognizes what frames a page's content, from the names its authors gave to elements.
enum HTMLFrames {
    /// Elements that are small tools inside the text: anchors of headings, line numbers, labels for screen
    /// readers.
    static func isTool(_ attributes: [HTMLAttribute: String]) -> Bool {
        if attributes[.hidden] != nil || attributes[.ariaHidden] == "true" { return true }
        if let style = attributes[.style]?.lowercased(), style.contains("none"),
            style.filter({ !$0.isWhitespace }).contains("display:none")
        {
            return true
        }
        if let role = attributes[.role], unreadRoles.contains(role.lowercased()) { return true }
        guard let names = attributes[.class] else { return false }
        return names.split(separator: " ").contains { tools.contains($0.lowercased()) }
    }

    /// Elements that look like navigation, advertising, sharing and the like; not certain.
    static func isFrame(_ attributes: [HTMLAttribute: String]) -> Bool {
        if let names = attributes[.class], hasFrameWord(names) { return true }
        if let name = attributes[.id], hasFrameWord(name) { return true }
        return attributes[.role] == "banner" || attributes[.role] == "complementary"
    }

    private static func hasFrameWord(_ names: String) -> Bool {
        var word = ""
        var wasLower = false
        for character in names.unicodeScalars {
            let isUpper = "A"..."Z" ~= character
            let isLower = "a"..."z" ~= character
            if !isLower && !(isUpper && !wasLower) {
                if frameWords.contains(word) { return true }
                word = ""
            }
            if isUpper || isLower {
                word.unicodeScalars.append(Unicode.Scalar(character.value | 0x20) ?? character)
            }
            wasLower = isLower
        }
        return frameWords.contains(word)
    }

    private static let unreadRoles: Set<String> = [
        "navigation", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar",
        "tablist",
    ]

    private static let tools: Set<String> = [
        "headerlink", "anchor-link", "heading-anchor", "mw-editsection", "lineno", "linenos", "line-numbers",
        "line-numbers-rows", "gutter", "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text",
        "skip-link", "skiplink", "noprint", "footnote-backref", "reversefootnote", "copy-button", "copybtn",
    ]

    private static let frameWords: Set<String> = [
        "nav", "navbar", "navigation", "navbox", "menu", "breadcrumb", "breadcrumbs", "sidebar", "footer",
        "cookie", "cookies", "consent", "gdpr", "popup", "modal", "overlay", "share", "sharing", "social",
        "newsletter", "subscribe", "subscription", "advert", "advertisement", "ads", "sponsor", "sponsored",
        "promo", "related", "recommended", "recommendations", "comments", "disqus", "pagination", "pager",
        "toolbar", "masthead", "topbar", "login", "signup", "copyright", "breaking", "skip",
    ]
}
