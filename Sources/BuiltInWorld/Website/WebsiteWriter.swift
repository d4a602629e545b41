public import Foundation

extension World {
    /// Writes the town's websites as a new `folder`, with about `characters` of readable text in them.
    @discardableResult
    public func writeWebsite(to folder: URL, characters: Int) throws(WorldError) -> Written {
        try Disk.fill(folder) { partial throws(WorldError) in
            var writer = WebsiteWriter(town, into: partial, using: random.stream("website"))
            return try writer.write(characters: characters)
        }
    }
}

/// Puts the town's websites on disk.
struct WebsiteWriter {
    private var files: FolderWriter
    private var composer: Composer
    private var html: HTML
    private var random: WorldRandom
    private var index: [Page.Site: [(title: String, path: String)]] = [:]

    init(_ town: Town, into folder: URL, using source: WorldRandom) {
        files = FolderWriter(folder)
        composer = Composer(town: town, using: source)
        html = HTML(town: town.name, using: source.stream("clutter"))
        random = source.stream("website")
    }

    /// Writes pages until there are `characters` to read.
    mutating func write(characters: Int) throws(WorldError) -> Written {
        while files.written.characters < characters { try write(composer.page()) }
        for site in Page.Site.allCases { try writeIndex(of: site) }
        return files.written
    }

    private mutating func write(_ page: Page) throws(WorldError) {
        let number = index[page.site, default: []].count
        let path = "\(page.site.rawValue)/\(Self.slug(page.title))-\(number).html"
        let known = index[page.site, default: []]
        let neighbors = known.isEmpty ? [] : (0..<3).map { _ in random.pick(known) }
        try files.save(
            html.document(page, path: path, neighbors: neighbors), path, worth: page.characters)
        index[page.site, default: []].append((page.title, path))
        if random.chance(0.02) {
            try files.save(
                html.document(page, path: path, neighbors: []), path.replacing(".html", with: "-print.html"))
        }
    }

    /// Lists of links, which every site has and no model should learn from.
    private mutating func writeIndex(of site: Page.Site) throws(WorldError) {
        let pages = index[site, default: []].suffix(200)
        let links = pages.map { "<li><a href=\"/\($0.path)\">\(HTML.escaped($0.title))</a></li>\n" }.joined()
        let list = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(site.title)</title></head>
            <body><nav><ul>
            \(links)</ul></nav></body></html>

            """
        try files.save(list, "\(site.rawValue)/index.html")
    }

    static func slug(_ title: String) -> String {
        let words = title.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        return words.prefix(6).joined(separator: "-")
    }
}
