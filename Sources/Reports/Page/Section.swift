/// A part of a report with a heading of its own.
public struct Section: Sendable {
    /// The heading.
    public var title: String
    /// What it holds.
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
