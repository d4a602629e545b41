/// One text of a corpus, with what is known about where it came from.
///
/// `text` is what a model learns from. A file of a repository carries its path in `heading`, apart from its
/// text, so that two copies of a file in different folders are still recognized as the same text.
public struct Document: Sendable, Hashable {
    /// The readable text.
    public var text: String
    /// The sort of text; mixture weights and quality rules go by it.
    public var kind: DocumentKind
    /// The file it came from, and the place in it: `site/page.html`, `crawl.warc.gz#17`.
    public var source: String
    /// The programming language by its usual name (`Swift`), or the natural language as a tag (`en`).
    public var language: String?
    /// The license as an SPDX identifier (`Apache-2.0`).
    public var license: String?
    /// A line that stands before the text when the document is written: the path of a source file as a
    /// comment.
    public var heading: String?

    /// A document of the given text.
    public init(
        text: String, kind: DocumentKind = .text, source: String = "", language: String? = nil,
        license: String? = nil, heading: String? = nil
    ) {
        self.text = text
        self.kind = kind
        self.source = source
        self.language = language
        self.license = license
        self.heading = heading
    }

    /// The document with its heading moved into its text.
    public func headed() -> Document {
        guard let heading else { return self }
        var document = self
        document.text = heading + "\n" + text
        document.heading = nil
        return document
    }
}

/// The sort of text that a document holds.
///
/// The cases below are what the readers give; JSON Lines records may name any other in their `kind`.
public struct DocumentKind: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral {
    /// The name, as it stands in files and on the command line.
    public let rawValue: String

    /// The kind of that name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The kind of that name.
    public init(stringLiteral name: String) { self.rawValue = name }

    /// A page of a website.
    public static let web: DocumentKind = "web"
    /// A source file of a repository.
    public static let code: DocumentKind = "code"
    /// A Markdown file.
    public static let markdown: DocumentKind = "markdown"
    /// Plain text.
    public static let text: DocumentKind = "text"
}

extension DocumentKind: Comparable, CustomStringConvertible {
    /// Kinds are ordered by their names.
    public static func < (a: DocumentKind, b: DocumentKind) -> Bool { a.rawValue < b.rawValue }

    /// The name.
    public var description: String { rawValue }
}
