import Formatting
import Reports
import Testing

@Suite struct ChartTests {
    /// Blocks whose figures are none, endless, huge, equal or missing.
    static let strange: [Block] = [
        .chart(Chart("No series", series: [])),
        .chart(Chart("Empty series", series: [Series("nothing", values: [])])),
        .chart(Chart("Not finite", series: [Series("a", values: [.nan, .infinity, -.infinity])])),
        .chart(Chart("Some not finite", series: [Series("a", values: [1, .nan, 2, .infinity, 3])])),
        .chart(Chart("One point", series: [Series("a", values: [1])])),
        .chart(Chart("Constant", series: [Series("a", values: [Double](repeating: 0, count: 99))])),
        .chart(Chart("Huge", series: [Series("a", values: [1e29, -1e29]), Series("b", values: [1e308])])),
        .chart(
            Chart(
                "Tiny", series: [Series("a", values: [.leastNonzeroMagnitude, .leastNormalMagnitude])],
                isLogarithmic: true)),
        .chart(Chart("No logarithm", series: [Series("a", values: [0, -1])], isLogarithmic: true)),
        .chart(Chart("Reference", series: [Series("a", values: [1, 2])], references: [.init("none", .nan)])),
        .chart(Chart("One place", series: [Series("a", points: [(3, 1), (3, 2)])])),
        .chart(Chart("Limits", series: [Series("a", values: [1, 2])], isLogarithmic: true, limits: 0...1)),
        .chart(Chart("Limits that are equal", series: [Series("a", values: [1, 2])], limits: 1...1)),
        .bars(BarChart("No bars", bars: [])),
        .bars(
            BarChart(
                "Bars",
                bars: [.init("a", Estimate(.nan)), .init("b", Estimate(-1e300, interval: -(.infinity)...0))],
                style: .significant(2), direction: .higherIsBetter, target: .nan)),
        .calibration(CalibrationDiagram(bins: [])),
        .calibration(CalibrationDiagram(bins: [.init(confidence: .nan, accuracy: 7, count: 3)])),
        .calibration(CalibrationDiagram(bins: [.init(confidence: 2, accuracy: -7, count: 3)])),
        .table(Table("", columns: ["a"], rows: [.init("b", texts: []), .init("c", texts: ["1", "2"])])),
        .table(
            Table(
                "", columns: [],
                rows: [.init("b", direction: .lowerIsBetter, estimates: [Estimate(.nan), nil])])),
    ]

    @Test func strangeFiguresDoNotBreakThePage() {
        let page = Report(title: "Strange", sections: [Section("All", Self.strange)]).html
        #expect(MarkupChecker(page).complaints == [])
        for word in ["nan", "inf", "NaN", "Infinity"] {
            #expect(!page.contains("\"\(word)") && !page.contains(" \(word)"))
        }
    }

    @Test func whatIsLeftOutIsSaid() {
        let chart = Chart("Loss", series: [Series("a", values: [1, .nan, 2])])
        #expect(Report(title: "", sections: [Section("", [.chart(chart)])]).html.contains("left out: 1"))
    }
}
