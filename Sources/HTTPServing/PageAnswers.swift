internal import Pages

extension HTTPAnswer {
    /// A page for people, or one of its files; nil where there is none.
    ///
    /// Neither a script nor a style of another file than the server's own is taken, whatever a model's answer says.
    static func page(at path: String) -> HTTPAnswer? {
        guard let page = Page(at: path) else { return nil }
        return HTTPAnswer(
            status: 200,
            headers: [
                ("content-type", page.type), ("cache-control", "no-cache"),
                ("content-security-policy", policy), ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"), ("cross-origin-opener-policy", "same-origin"),
            ], body: .whole(page.bytes))
    }

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ].joined(separator: "; ")
}
