/// How often values of each size occur.
public struct Histogram: Sendable {
    /// What is counted.
    public var title: String
    /// What stands along the bottom, with its unit.
    public var xLabel: String
    /// The values at the bins' ends, one more than there are bins, rising.
    public var edges: [Double]
    /// How many values lie in each bin.
    public var counts: [Int]
    /// A sentence for the reader.
    public var note: String

    /// A histogram of bins counted already; edges that do not rise, or do not fit the counts, show no data.
    public init(_ title: String, xLabel: String = "", edges: [Double], counts: [Int], note: String = "") {
        self.title = title
        self.xLabel = xLabel
        self.edges = edges
        self.counts = counts
        self.note = note
    }

    /// Counts values in bins of equal width with good numbers at their ends; those that are not finite are left out.
    public init(
        _ title: String, xLabel: String = "", values: [Double], bins: Int = 20, note: String = ""
    ) {
        let values = values.filter { abs($0) < 1e30 }
        let room = Scale(around: values, ticks: 1).range
        let range = values.min().flatMap { low in values.max().map { low < $0 ? low...$0 : room } } ?? room
        var edges = Ticks(range, atMost: max(2, bins)).values
        let step = edges.count > 1 ? edges[1] - edges[0] : range.upperBound - range.lowerBound
        if let first = edges.first, first > range.lowerBound { edges.insert(first - step, at: 0) }
        if let last = edges.last, last <= range.upperBound { edges.append(last + step) }
        var counts = [Int](repeating: 0, count: edges.count - 1)
        for value in values {
            counts[min(counts.count - 1, max(0, Int((value - edges[0]) / step)))] += 1
        }
        self.init(title, xLabel: xLabel, edges: edges, counts: counts, note: note)
    }

    /// Writes the histogram as a figure.
    func write(to markup: inout Markup) {
        let isSound =
            edges.count == counts.count + 1 && counts.contains { $0 > 0 }
            && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 } && edges.allSatisfy { abs($0) < 1e30 }
        Figure(title: title, note: note).write(to: &markup) {
            guard isSound, let first = edges.first, let last = edges.last else {
                $0.element("p", ["class": "empty"], "No data.")
                return
            }
            let most = counts.max() ?? 1
            let plot = Plot(
                x: Scale(first...last, ticks: 5), y: Scale(0...Double(max(1, most)) * 1.05, ticks: 5),
                description: "\(title): \(counts.reduce(0, +)) values from "
                    + "\(NumberStyle.significant(3).string(first)) to \(NumberStyle.significant(3).string(last))"
            )
            plot.write(to: &$0) { markup in
                markup.element("g", ["class": "s0"]) { drawBins(in: plot, into: &$0) }
            }
            if !xLabel.isEmpty { $0.element("p", ["class": "axis"], xLabel) }
        }
    }

    private func drawBins(in plot: Plot, into markup: inout Markup) {
        let style = NumberStyle.significant(3)
        for (index, count) in counts.enumerated() where count > 0 {
            let (low, high) = (edges[index], edges[index + 1])
            guard let left = plot.x(low), let right = plot.x(high), let height = plot.y(Double(count)) else {
                continue
            }
            markup.element(
                "rect",
                [
                    "class": "bin", "x": Plot.percent(left), "width": Plot.percent(right - left),
                    "y": Plot.percent(1 - height), "height": Plot.percent(height),
                ]
            ) { $0.element("title", "\(style.string(low)) to \(style.string(high)): \(count)") }
        }
    }
}
