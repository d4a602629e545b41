/// A piece of a page that stands on lines of its own.
struct HTMLBlock {
    /// The kind of the block.
    enum Kind: Equatable {
        case heading(level: Int)
        case paragraph
        /// A paragraph of a list item; the first of an item has its marker (`-`, `3.`). Lists inside a list
        /// have its number.
        case item(marker: String?, list: Int)
        /// The definition of a term in a definition list.
        case definition
        case code(language: String)
        case table
        case rule
    }

    /// The part of the page.
    struct Region: OptionSet {
        let rawValue: UInt8
        static let main = Region(rawValue: 1)
        static let article = Region(rawValue: 2)
        /// In an aside, a form, a page header, or an element whose name says that it frames the content.
        static let frame = Region(rawValue: 4)
    }

    var kind: Kind
    var text: String
    var region: Region
    /// The columns by which the lists around it indent the block.
    var indentation = 0
    /// Quotations around it.
    var quotation = 0
    /// Bytes of the text that are links.
    var linkedBytes = 0

    var bytes: Int { text.utf8.count }
}

/// A page taken apart.
struct HTMLContent {
    var title = ""
    var language: String?
    var blocks: [HTMLBlock] = []
}
