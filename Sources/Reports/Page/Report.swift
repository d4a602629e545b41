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

    /// A report.
    public init(title: String, subtitle: String = "", sections: [Section]) {
        self.title = title
        self.subtitle = subtitle
        self.sections = sections
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
        markup.element("nav", ["aria-label": "Contents"]) {
            for (index, section) in sections.enumerated() {
                $0.element("a", ["href": "#section-\(index + 1)"], section.title)
                $0.text(" ")
            }
        }
    }
}

/// A part of a report with a heading of its own.
public struct Section: Sendable {
    /// The heading.
    public var title: String
    /// The contents.
    public var blocks: [Block]

    /// A section.
    public init(_ title: String, _ blocks: [Block]) {
        self.title = title
        self.blocks = blocks
    }

    /// Writes the section under an anchor of its own.
    func write(anchor: String, to markup: inout Markup) {
        markup.element("section", ["id": anchor, "aria-labelledby": "\(anchor)-title"]) {
            $0.element("h2", ["id": "\(anchor)-title"], title)
            $0.newline()
            var rest = blocks[...]
            while let block = rest.first {
                let drawings = rest.prefix(while: \.isDrawing)
                if drawings.isEmpty {
                    block.write(to: &$0)
                    rest.removeFirst()
                } else {
                    $0.element("div", ["class": drawings.count == 1 ? "grid alone" : "grid"]) {
                        for drawing in drawings { drawing.write(to: &$0) }
                    }
                    rest.removeFirst(drawings.count)
                }
            }
        }
        markup.newline()
    }
}
