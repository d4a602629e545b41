/// A page that a server shows people, or a file that one uses: plain HTML, CSS and JavaScript.
public struct Page: Sendable {
    /// The media type, as of the header `Content-Type`.
    public let type: String
    /// The contents.
    public let bytes: [UInt8]

    /// The page at a path of the server; nil where there is none.
    public init?(at path: String) {
        guard let file = Self.files[path] else { return nil }
        self = file
    }

    /// The paths at which there is something.
    public static var paths: [String] { files.keys.sorted() }

    private init(_ type: String, _ bytes: [UInt8]) {
        self.type = type + "; charset=utf-8"
        self.bytes = bytes
    }

    private static let files: [String: Page] = [
        "/": Page("text/html", PackageResources.chat_html),
        "/compare": Page("text/html", PackageResources.compare_html),
        "/results": Page("text/html", PackageResources.results_html),
        "/pages/style.css": Page("text/css", PackageResources.style_css),
        "/pages/common.js": Page("text/javascript", PackageResources.common_js),
        "/pages/markdown.js": Page("text/javascript", PackageResources.markdown_js),
        "/pages/tree.js": Page("text/javascript", PackageResources.tree_js),
        "/pages/doubt.js": Page("text/javascript", PackageResources.doubt_js),
        "/pages/chat.js": Page("text/javascript", PackageResources.chat_js),
        "/pages/compare.js": Page("text/javascript", PackageResources.compare_js),
        "/pages/results.js": Page("text/javascript", PackageResources.results_js),
    ]
}
