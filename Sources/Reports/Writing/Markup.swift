import Formatting

/// HTML in the making. Names of tags and attributes are literals of the program, all else is escaped on its way
/// in and tags close where their closure ends: no text can break out of its place.
struct Markup {
    /// The HTML written so far.
    private(set) var html = ""

    /// Attributes by name; one whose value is nil is left out.
    typealias Attributes = KeyValuePairs<StaticString, String?>

    /// Writes text, cut where it is longer than `limit` characters; the cut says how much is missing.
    mutating func text(_ text: String, limit: Int = 4_000) {
        guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
            end != text.endIndex
        else {
            html += Self.escaped(text)
            return
        }
        html += Self.escaped(String(text[..<end]))
        let missing = text.distance(from: end, to: text.endIndex)
        html += "… (\(NumberStyle.integer.string(Double(missing))) more characters)"
    }

    /// Writes a tag, what the closure writes, and the closing tag.
    @inline(never)
    mutating func element(
        _ name: StaticString, _ attributes: Attributes = [:], _ body: (inout Markup) -> Void
    ) {
        open(name, attributes)
        html += ">"
        body(&self)
        html += "</\(name)>"
    }

    /// Writes a tag around a text.
    mutating func element(_ name: StaticString, _ attributes: Attributes, _ text: String) {
        element(name, attributes) { $0.text(text) }
    }

    /// Writes a tag around a text.
    mutating func element(_ name: StaticString, _ text: String) {
        element(name) { $0.text(text) }
    }

    /// Writes a tag that holds nothing, as drawings have them.
    mutating func leaf(_ name: StaticString, _ attributes: Attributes) {
        open(name, attributes)
        html += "/>"
    }

    /// Ends a line of the source.
    mutating func newline() { html += "\n" }

    /// Writes a literal of the program as it is.
    mutating func literal(_ text: StaticString) { html += "\(text)" }

    /// Writes a sentence whose parts in backquotes are code.
    mutating func prose(_ sentence: String) {
        let parts = sentence.split(separator: "`", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            // A backquote without its partner stays one.
            if index % 2 == 1, index < parts.count - 1 {
                element("code", String(part))
            } else {
                text((index % 2 == 1 ? "`" : "") + part)
            }
        }
    }

    @inline(never)
    private mutating func open(_ name: StaticString, _ attributes: Attributes) {
        html += "<\(name)"
        for case let (name, value?) in attributes { html += " \(name)=\"\(Self.escaped(value))\"" }
    }

    /// Returns a text for a place between tags or in a quoted attribute. Control characters, which HTML does not allow,
    /// become U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in HTMLEscaping.quotes.escaped(text).unicodeScalars {
            switch scalar {
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\r": break
            case "\0"..<" ", "\u{7F}"..."\u{9F}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
