import Formatting

extension Chart {
    /// Writes the chart as a figure.
    func write(to markup: inout Markup) {
        let lines = series.enumerated().map { DrawnLine($0.element, number: $0.offset) }
        let leftOut = series.reduce(0) { $0 + $1.curve.leftOut }
        var sentences = [note]
        if leftOut > 0 { sentences.append("Not finite and left out: \(leftOut).") }
        let plot = plot
        let remark = isLogarithmic ? "logarithmic" : plot.y.leavesOutZero ? "axis without zero" : ""
        let subtitle = [yLabel, remark].filter { !$0.isEmpty }.joined(separator: ", ")
        let figure = Figure(
            title: title, subtitle: subtitle, note: sentences.filter { !$0.isEmpty }.joined(separator: " "))
        figure.write(to: &markup) {
            guard lines.contains(where: { !$0.points.isEmpty }) else {
                $0.element("p", ["class": "empty"], "No data.")
                return
            }
            writeLegend(of: lines, to: &$0)
            plot.write(to: &$0) { markup in
                for height in references.compactMap({ plot.y($0.value) }).map({ Plot.percent(1 - $0) }) {
                    markup.leaf("line", ["class": "reference", "x2": "100%", "y1": height, "y2": height])
                }
                markup.element(
                    "svg", ["viewBox": "0 0 1000 1000", "preserveAspectRatio": "none", "aria-hidden": "true"]
                ) {
                    for line in lines { line.write(in: plot, to: &$0) }
                }
            }
            $0.element("p", ["class": "axis"], xLabel)
        }
    }

    private var plot: Plot {
        let curves = series.map(\.curve)
        let ends = curves.flatMap { [$0.first?.x, $0.last?.x] }.compactMap(\.self)
        // The least figure that has a logarithm may be no curve's lowest.
        let heights =
            curves.flatMap { $0.stretches.flatMap(\.corners).map(\.y) } + references.map(\.value)
            + (least.map { [$0.lowerBound, $0.upperBound] } ?? [])
        let (left, right) = (ends.min() ?? 0, ends.max() ?? 1)
        // Steps are counted from 1; their axis begins at 0.
        let start = left > 0 && left < 0.1 * right ? 0 : left
        return Plot(
            x: start < right ? Scale(start...right, ticks: 5) : Scale(around: [left], ticks: 3),
            y: limits.map { Scale($0, isLogarithmic: isLogarithmic, ticks: 6) }
                ?? Scale(around: heights, isLogarithmic: isLogarithmic, ticks: 6),
            description: description)
    }

    private var description: String {
        let style = NumberStyle.significant(3)
        let sentences = series.compactMap { line -> String? in
            guard let first = line.curve.first, let last = line.curve.last else { return nil }
            return "\(line.name) from \(style.string(first.y)) to \(style.string(last.y))"
        }
        return "\(title): " + sentences.joined(separator: "; ")
    }

    private func writeLegend(of lines: [DrawnLine], to markup: inout Markup) {
        let style = NumberStyle.significant(3)
        let isNamed = lines.count > 1 || !references.isEmpty
        markup.element("ul", ["class": "legend"]) {
            for line in lines {
                let last = line.last.map(style.string) ?? "–"
                $0.writeEntry(line.style, isNamed ? line.name : "last", last)
            }
            for reference in references {
                $0.writeEntry("reference", reference.name, style.string(reference.value))
            }
        }
    }
}

/// A series as it is drawn.
private struct DrawnLine {
    /// From how many points on a line is smoothed.
    private static let smoothedFrom = 40
    /// Up to how many points each is marked.
    private static let markedUpTo = 12
    /// The number of stretches that a drawing can show.
    private static let resolution = 120

    let name: String
    /// The class that gives it its color.
    let style: String
    /// The curve drawn strongly.
    let points: [Curve.Point]
    /// The measured points, drawn palely; empty where they are the same.
    let measured: [Curve.Point]

    /// The value measured last.
    let last: Double?

    init(_ series: Series, number: Int) {
        name = series.name
        style = "s\(number % 6)"
        let curve = series.curve
        last = curve.last?.y
        if curve.count >= Self.smoothedFrom {
            points = curve.smoothed()
            measured = curve.thinned(to: Self.resolution).kept
        } else {
            points = curve.stretches.map(\.mean)
            measured = []
        }
    }

    func write(in plot: Plot, to markup: inout Markup) {
        guard !points.isEmpty else { return }
        markup.element("g", ["class": style]) {
            if !measured.isEmpty { $0.leaf("path", ["class": "raw", "d": path(measured, in: plot)]) }
            $0.leaf("path", ["class": "mean", "d": path(points, in: plot)])
            if points.count <= Self.markedUpTo {
                $0.leaf("path", ["class": "dots", "d": points.map { path([$0], in: plot) }.joined()])
            }
        }
    }

    /// A path through points in a field of 1000 by 1000; a lone one becomes a dot.
    private func path(_ points: [Curve.Point], in plot: Plot) -> String {
        var path = ""
        var pen: (x: Int, y: Int)?
        for point in points {
            guard let x = plot.x(point.x), let y = plot.y(point.y) else { continue }
            let (column, row) = (Int((x * 1_000).rounded()), Int(((1 - y) * 1_000).rounded()))
            if let pen {
                if pen != (column, row) { path += "l\(column - pen.x) \(row - pen.y)" }
            } else {
                path += "M\(column) \(row)"
            }
            pen = (column, row)
        }
        return path.contains("l") || path.isEmpty ? path : path + "h0"
    }
}

extension Markup {
    /// Writes an entry of a legend: the sign that ties it to its line, its name and a figure.
    fileprivate mutating func writeEntry(_ style: String, _ name: String, _ figure: String) {
        element("li", ["class": style]) {
            $0.element("i", ["class": "key", "aria-hidden": "true"]) { _ in }
            $0.element("bdi", name)
            $0.text(" ")
            $0.element("b", figure)
        }
    }
}
