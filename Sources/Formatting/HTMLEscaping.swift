/// A set of characters that are replaced by references in text that becomes part of HTML.
package struct HTMLEscaping: Sendable {
    private let references: [(character: UInt8, reference: String)]

    /// `<` only, for Markdown, where an ampersand may stand for itself.
    package static let tags = HTMLEscaping(references: [(UInt8(ascii: "<"), "&lt;")])

    /// The characters of tags, and double quotes.
    package static let doubleQuotes = HTMLEscaping(
        references: tags.references + [
            (UInt8(ascii: "&"), "&amp;"), (UInt8(ascii: ">"), "&gt;"), (UInt8(ascii: "\""), "&quot;"),
        ])

    /// The characters of tags, and both quotes.
    package static let quotes = HTMLEscaping(
        references: doubleQuotes.references + [(UInt8(ascii: "'"), "&#39;")])

    /// As ``quotes``, spelled as by Python's MarkupSafe, which Jinja uses.
    package static let markupSafe = HTMLEscaping(
        references: [(UInt8(ascii: "\""), "&#34;")] + quotes.references)

    /// Returns a text with these characters replaced.
    package func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if let match = references.first(where: { $0.character == byte }) {
                result += match.reference.utf8
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
