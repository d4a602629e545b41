import Formatting

/// A reliability diagram: for bins of confidence, the share of answers that was right.
public struct CalibrationDiagram: Sendable {
    /// Cases of about the same confidence.
    public struct Bin: Sendable {
        /// Their mean confidence, 0…1.
        public var confidence: Double
        /// The share that was right, 0…1.
        public var accuracy: Double
        /// The number of cases.
        public var count: Int

        /// Cases of about the same confidence.
        public init(confidence: Double, accuracy: Double, count: Int) {
            self.confidence = confidence
            self.accuracy = accuracy
            self.count = count
        }
    }

    /// The measure.
    public var title: String
    /// The bins; those without cases are left out.
    public var bins: [Bin]
    /// A sentence for the reader.
    public var note: String

    /// A diagram of bins.
    public init(_ title: String = "Calibration", bins: [Bin], note: String = "") {
        self.title = title
        self.bins = bins
        self.note = note
    }

    /// By how much confidence and accuracy differ, weighted by the bins' counts; nil without cases.
    ///
    ///     Σ (|bin| / n) · |accuracy(bin) − confidence(bin)|
    ///
    /// - SeeAlso: [Guo et al. 2017](https://arxiv.org/abs/1706.04599), Eq. 3.
    public var expectedError: Double? {
        let count = shown.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        return shown.reduce(0) { $0 + Double($1.count) * abs($1.accuracy - $1.confidence) } / Double(count)
    }

    private var shown: [Bin] {
        bins.filter { $0.count > 0 && $0.confidence.isFinite && $0.accuracy.isFinite }
    }

    /// Writes the diagram as a figure.
    func write(to markup: inout Markup) {
        let subtitle = expectedError.map { "expected error \(NumberStyle.percent.string($0))" } ?? ""
        Figure(title: title, subtitle: subtitle, note: note).write(to: &markup) {
            guard !shown.isEmpty else {
                $0.element("p", ["class": "empty"], "No data.")
                return
            }
            let plot = Plot(
                x: Scale(0...1, ticks: 6), y: Scale(0...1, ticks: 6),
                description: "\(title): accuracy against confidence in \(shown.count) bins. \(subtitle)",
                shape: "plot square")
            plot.write(to: &$0) { markup in
                markup.leaf(
                    "line", ["class": "reference", "x1": "0%", "y1": "100%", "x2": "100%", "y2": "0%"])
                markup.element("g", ["class": "s0"]) { drawBins(in: plot, into: &$0) }
            }
            $0.element("p", ["class": "axis"], "confidence → share that was right ↑")
        }
    }

    private func drawBins(in plot: Plot, into markup: inout Markup) {
        let most = Double(shown.map(\.count).max() ?? 1)
        for bin in shown {
            guard let x = plot.x(bin.confidence), let y = plot.y(bin.accuracy),
                let ideal = plot.y(bin.confidence)
            else { continue }
            let place = Plot.percent(x)
            markup.leaf(
                "line",
                [
                    "class": "gap", "x1": place, "x2": place, "y1": Plot.percent(1 - ideal),
                    "y2": Plot.percent(1 - y),
                ])
            // The area of the dot is the share of the cases.
            let radius = 3 + 8 * (Double(bin.count) / most).squareRoot()
            markup.element(
                "circle",
                ["class": "dot", "cx": place, "cy": Plot.percent(1 - y), "r": "\(Int(radius.rounded()))"]
            ) {
                let percent = NumberStyle.percent
                $0.element(
                    "title",
                    "\(percent.string(bin.confidence)) sure, \(percent.string(bin.accuracy)) right, "
                        + "\(bin.count) cases")
            }
        }
    }
}
