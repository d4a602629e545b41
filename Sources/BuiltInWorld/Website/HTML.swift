import Formatting

/// Writes pages as HTML, with the clutter that the web puts around them.
struct HTML {
    let town: String
    private var random: WorldRandom

    init(town: String, using random: WorldRandom) {
        (self.town, self.random) = (town, random)
    }

    /// Returns a text for a place between tags or in an attribute.
    static func escaped(_ text: String) -> String { HTMLEscaping.doubleQuotes.escaped(text) }

    mutating func document(_ page: Page, path: String, neighbors: [(title: String, path: String)]) -> String {
        let title = Self.escaped(page.title)
        let site = Self.escaped("\(town) \(page.site.title)")
        var html = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(title) | \(site)</title>
            <link rel="stylesheet" href="/style.css">
            <script>window.stats = window.stats || []; stats.push({page: "\(path)", visit: \(random.number(in: 1000...99999))});</script>
            </head>
            <body class="\(page.site.rawValue)">
            <header>
            <a class="logo" href="/">\(site)</a>
            \(navigation(of: page.site))
            </header>

            """
        if random.chance(0.5) { html += cookieNotice() }
        html += "<main>\n<\(page.site == .forum ? "section" : "article")>\n<h1>\(title)</h1>\n"
        for block in page.blocks { html += Self.html(block) }
        html += "</\(page.site == .forum ? "section" : "article")>\n</main>\n"
        if !neighbors.isEmpty { html += related(neighbors) }
        html += footer()
        return html + "</body>\n</html>\n"
    }

    private static func html(_ block: Block) -> String {
        switch block {
        case .heading(let text): return "<h2>\(escaped(text))</h2>\n"
        case .paragraph(let text): return "<p>\(escaped(text))</p>\n"
        case .quote(let text): return "<blockquote><p>\(escaped(text))</p></blockquote>\n"
        case .code(let text): return "<pre><code>\(escaped(text))</code></pre>\n"
        case .bullets(let items): return list("ul", items)
        case .steps(let items): return list("ol", items)
        case .table(let header, let rows):
            let head = header.map { "<th>\(escaped($0))</th>" }.joined()
            let body = rows.map { "<tr>" + $0.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>\n" }
            return "<table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n</table>\n"
        case .post(let post):
            var html =
                "<div class=\"post\">\n<p><b>\(escaped(post.author))</b> wrote on \(escaped(post.date)):</p>\n"
            if let quoted = post.quoted { html += "<blockquote><p>\(escaped(quoted))</p></blockquote>\n" }
            html += post.text.map { "<p>\(escaped($0))</p>\n" }.joined()
            if let signature = post.signature {
                html += "<p class=\"signature\">-- <br>\(escaped(signature))</p>\n"
            }
            return html + "</div>\n"
        }
    }

    private static func list(_ tag: String, _ items: [String]) -> String {
        "<\(tag)>\n" + items.map { "<li>\(escaped($0))</li>\n" }.joined() + "</\(tag)>\n"
    }

    private func navigation(of site: Page.Site) -> String {
        let links = Page.Site.allCases.map {
            "<li><a href=\"/\($0.rawValue)/index.html\">\($0.title)</a></li>"
        }
        return "<nav><ul>\(links.joined())<li><a href=\"/login\">Log in</a></li></ul></nav>"
    }

    private mutating func cookieNotice() -> String {
        let text = random.pick([
            "We use cookies. By reading on you agree.", "This site uses cookies to remember you.",
            "Cookies help us to run this site.",
        ])
        return
            "<div class=\"cookie-notice\" role=\"dialog\">\(text) <button>Accept</button> <button>Settings</button></div>\n"
    }

    private func related(_ neighbors: [(title: String, path: String)]) -> String {
        let links = neighbors.map { "<li><a href=\"/\($0.path)\">\(Self.escaped($0.title))</a></li>" }
        return "<aside class=\"related\"><h3>Read more</h3><ul>\(links.joined())</ul></aside>\n"
    }

    private mutating func footer() -> String {
        let newsletter =
            random.chance(0.4)
            ? "<form class=\"newsletter\"><label>Our newsletter <input type=\"email\" placeholder=\"you@post.example\"></label><button>Subscribe</button></form>\n"
            : ""
        return """
            <footer>
            \(newsletter)<p>© \(town) · <a href="/imprint">Imprint</a> · <a href="/privacy">Privacy</a> · Page \(random.number(in: 1...9999))</p>
            <script src="/assets/site.js" defer></script>
            </footer>

            """
    }
}

/// A page of a website, before it becomes HTML.
struct Page: Sendable {
    /// The town's site that it is on, which names its folder too.
    enum Site: String, Sendable, CaseIterable {
        case townHall = "town-hall"
        case gazette
        case shops
        case kitchen
        case forum

        var title: String {
            switch self {
            case .townHall: "Town Hall"
            case .gazette: "Gazette"
            case .shops: "Shops and Trades"
            case .kitchen: "Kitchen Notes"
            case .forum: "Forum"
            }
        }
    }

    let site: Site
    let title: String
    var blocks: [Block]

    /// The characters that a reader gets to read.
    var characters: Int { title.utf8.count + blocks.reduce(0) { $0 + $1.characters } }
}

/// A piece of a page.
enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    case bullets([String])
    case steps([String])
    case table(header: [String], rows: [[String]])
    case quote(String)
    case code(String)
    case post(Post)

    var characters: Int {
        switch self {
        case .heading(let text), .paragraph(let text), .quote(let text), .code(let text): text.utf8.count
        case .bullets(let items), .steps(let items): items.reduce(0) { $0 + $1.utf8.count }
        case .table(let header, let rows): (header + rows.joined()).reduce(0) { $0 + $1.utf8.count }
        case .post(let post): post.text.reduce(post.quoted?.utf8.count ?? 0) { $0 + $1.utf8.count }
        }
    }
}

/// A contribution to a forum thread.
struct Post: Sendable {
    let author: String
    let date: String
    var quoted: String?
    let text: [String]
    let signature: String?
}
