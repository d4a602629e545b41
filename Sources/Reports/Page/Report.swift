/// The results of a run as one page that needs nothing else: no network, no scripts, no other file.
///
///     let report = Report(title: "From text to an assistant", subtitle: "seed 42", sections: [
///         Section("The story", [
///             .paragraph("…"),
///             .cards([FigureCard("1.21", "bits per byte", note: "trigram model: 2.38")]),
///             .chart(Chart("Loss", yLabel: "nats per token", series: [Series("training", losses)])),
///         ]),
///     ])
///     let page = report.html
///
/// Any text may come from a model or the Internet: all of it is escaped, and the page tells browsers to load and run
/// nothing.
public struct Report: Sendable {
    /// The page's heading.
    public var title: String
    /// A line under the heading: when, with what, from what.
    public var subtitle: String
    /// The parts, from top to bottom.
    public var sections: [Section]
    /// Pages beside this one that the contents name last, each with its file; they are not printed, as the contents are not.
    public var related: [(name: String, file: String)]

    /// A report.
    public init(
        title: String, subtitle: String = "", sections: [Section],
        related: [(name: String, file: String)] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.sections = sections
        self.related = related
    }

    /// The page.
    public var html: String {
        var markup = Markup()
        markup.literal("<!DOCTYPE html>\n")
        markup.element("html", ["lang": "en"]) {
            writeHead(to: &$0)
            $0.element("body") { writeBody(to: &$0) }
        }
        markup.newline()
        return markup.html
    }

    private func writeHead(to markup: inout Markup) {
        markup.element("head") {
            $0.literal(
                """
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <meta name="generator" content="hone">

                """)
            $0.element("title", title)
            $0.literal("\n<style>\n")
            for part in Stylesheet.parts { $0.literal(part) }
            $0.literal("</style>\n")
        }
    }

    private func writeBody(to markup: inout Markup) {
        markup.element("header", ["class": "page"]) {
            $0.element("h1", title)
            if !subtitle.isEmpty { $0.element("p", ["class": "subtitle"]) { $0.prose(subtitle) } }
            if sections.count > 2 { writeContents(to: &$0) }
        }
        markup.newline()
        markup.element("main") {
            for (index, section) in sections.enumerated() {
                section.write(anchor: "section-\(index + 1)", to: &$0)
            }
        }
        markup.newline()
        markup.element("footer", "Made by hone. This page is one file: it loads nothing and sends nothing.")
    }

    private func writeContents(to markup: inout Markup) {
        var lists = groups.map { group in
            (group.name, group.sections.map { (name: sections[$0].label, file: "#section-\($0 + 1)") })
        }
        if !related.isEmpty { lists.append(("More", related)) }
        markup.element("nav", ["aria-label": "Contents"]) {
            for (name, links) in lists {
                $0.element("div") {
                    if !name.isEmpty { $0.element("b", name) }
                    $0.element("ul") {
                        for link in links {
                            $0.element("li") { $0.element("a", ["href": link.file], link.name) }
                        }
                    }
                }
            }
        }
    }

    /// Neighboring sections of one group: its name and the sections' numbers, from 0.
    private var groups: [(name: String, sections: [Int])] {
        var groups: [(name: String, sections: [Int])] = []
        for (index, section) in sections.enumerated() {
            if groups.isEmpty || section.group.map({ $0 != groups.last?.name }) ?? false {
                groups.append((section.group ?? "", []))
            }
            groups[groups.count - 1].sections.append(index)
        }
        return groups
    }
}

/// A part of a report with a heading of its own.
public struct Section: Sendable {
    /// The heading.
    public var title: String
    /// The group in which the contents list it; nil for that of the section before.
    public var group: String?
    /// Its name in the contents.
    public var label: String
    /// The contents.
    public var blocks: [Block]

    /// A section; its name in the contents is the heading where none is given.
    public init(_ title: String, group: String? = nil, label: String? = nil, _ blocks: [Block]) {
        self.title = title
        self.group = group
        self.label = label ?? title
        self.blocks = blocks
    }

    /// Writes the section under an anchor of its own.
    func write(anchor: String, to markup: inout Markup) {
        markup.element("section", ["id": anchor, "aria-labelledby": "\(anchor)-title"]) {
            $0.element("h2", ["id": "\(anchor)-title"], title)
            $0.newline()
            var rest = blocks[...]
            while let block = rest.first {
                if let grid = block.grid {
                    let drawings = rest.prefix { $0.grid == grid }
                    $0.element("div", ["class": drawings.count == 1 ? grid + " alone" : grid]) {
                        for drawing in drawings { drawing.write(to: &$0) }
                    }
                    rest.removeFirst(drawings.count)
                } else {
                    block.write(to: &$0)
                    rest.removeFirst()
                }
            }
        }
        markup.newline()
    }
}
