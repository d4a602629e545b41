/// The frame around every drawing: a caption above, a note below.
struct Figure {
    /// The title.
    var title: String
    /// The unit, or what else stands small behind the title.
    var subtitle = ""
    /// A sentence for the reader.
    var note = ""

    /// Writes the frame around what the closure writes.
    func write(to markup: inout Markup, _ body: (inout Markup) -> Void) {
        markup.element("figure", ["class": "chart"]) {
            $0.element("figcaption") {
                $0.element("b", title)
                if !subtitle.isEmpty {
                    $0.text(" ")
                    $0.element("span", subtitle)
                }
            }
            body(&$0)
            if !note.isEmpty { $0.element("p", ["class": "note"]) { $0.prose(note) } }
        }
        markup.newline()
    }
}

/// The field of a drawing with its axes. Positions are percentages, so that it fits any width while its text keeps
/// its size.
struct Plot {
    /// The axis along the bottom.
    var x: Scale
    /// The axis along the side.
    var y: Scale
    /// A description of the drawing, for those who cannot see it.
    var description: String
    /// Added to the field's class.
    var shape: StaticString = "plot"

    /// Writes the field; the closure draws into it.
    func write(to markup: inout Markup, _ body: (inout Markup) -> Void) {
        let gutter = (y.ticks.labels.map(\.count).max() ?? 0) + 1
        markup.element("div", ["class": "\(shape)", "style": "padding-left:\(gutter)ch"]) {
            $0.element("svg", ["role": "img", "aria-label": description]) {
                writeAxes(to: &$0)
                body(&$0)
            }
        }
    }

    private func writeAxes(to markup: inout Markup) {
        markup.element("g", ["class": "axes", "aria-hidden": "true"]) {
            for (value, label) in zip(y.ticks.values, y.ticks.labels) {
                let height = Self.percent(1 - (y(value) ?? 0))
                $0.leaf("line", ["x2": "100%", "y1": height, "y2": height])
                $0.element("text", ["class": "side", "y": height, "dx": "-8", "dy": ".32em"], label)
            }
            for (value, label) in zip(x.ticks.values, x.ticks.labels) {
                let place = x(value) ?? 0
                $0.leaf(
                    "line",
                    ["x1": Self.percent(place), "x2": Self.percent(place), "y1": "100%", "y2": "100%"])
                // A label at an end would reach over the edge of the field.
                let edge = place > 0.97 ? "end" : nil
                $0.element(
                    "text", ["class": edge, "x": Self.percent(place), "y": "100%", "dy": "1.5em"], label)
            }
        }
    }

    /// A share of the field's width or height.
    static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(abs(tenths % 10))%"
    }
}
