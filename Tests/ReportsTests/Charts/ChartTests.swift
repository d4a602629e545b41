import Formatting
import Foundation
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
        .chart(
            Chart(
                "Least", series: [Series("a", values: [0, -1e300])], isLogarithmic: true, least: -1...(-1))),
        .changes([]),
        .changes([
            Change(
                "a", from: .init("a", Estimate(.nan)),
                to: .init("b", Estimate(-1e300, interval: -(.infinity)...0)), direction: .higherIsBetter)
        ]),
        .table(
            Table(
                "", columns: ["a", "b"],
                rows: [
                    .init(
                        "b",
                        estimates: [
                            Estimate(-1, interval: -(.infinity)...7), Estimate(0.5, interval: -1...2),
                        ])
                ], unranked: [7, -1])),
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

    private func page(_ chart: Chart) -> String {
        Report(title: "", sections: [Section("", [.chart(chart)])]).html
    }

    /// The vertical extent of the first path with this class, as a share of the chart's height.
    private func extent(of style: String, in page: String) throws -> Double {
        let path = try #require(page.firstMatch(of: try Regex("class=\"\(style)\" d=\"M([^\"]+)\"")))
        let numbers = try #require(path.output[1].substring).split { "l ".contains($0) }.compactMap {
            Double($0)
        }
        var height = 0.0
        var heights: [Double] = []
        for place in stride(from: 1, to: numbers.count, by: 2) {
            height += numbers[place]
            heights.append(height)
        }
        return ((heights.max() ?? 0) - (heights.min() ?? 0)) / 1_000
    }

    @Test func whatIsLeftOutIsSaid() {
        #expect(page(Chart("Loss", series: [Series("a", values: [1, .nan, 2])])).contains("left out: 1"))
    }

    @Test(arguments: [
        ([205.0, 206, 215], true), ([0.5, 2, 3], false), ([10, 20, 30], true), ([-3, -2.9], true),
        ([-1, 1], false),
        ([0, 7], false),
    ])
    func axisThatLeavesOutZeroSaysSo(values: [Double], leavesOut: Bool) {
        let chart = Chart("Memory", yLabel: "MiB", series: [Series("a", values: values)])
        #expect(page(chart).contains("<span>MiB, axis without zero</span>") == leavesOut)
        var logarithmic = chart
        logarithmic.isLogarithmic = true
        #expect(!page(logarithmic).contains("axis without zero"))
    }

    /// Of a curve that varies by a hundredth, a twentieth of the axis.
    @Test func nearlyConstantCurveIsDrawnNearlyFlat() throws {
        let values = (0..<30).map { 100 + ($0 % 2 == 0 ? 0.5 : -0.5) }
        let noise = try extent(of: "mean", in: page(Chart("", series: [Series("a", values: values)])))
        #expect(abs(noise - 1 / 20.1) < 0.005)
        let wide = try extent(of: "mean", in: page(Chart("", series: [Series("a", values: [60, 100])])))
        #expect(wide > 0.9)
    }

    @Test func axisCoversTheLeastRange() throws {
        let chart = Chart("", series: [Series("a", values: [0.001, 0.003])], least: 0...0.3)
        #expect(try extent(of: "mean", in: page(chart)) < 0.01)
        #expect(page(Chart("", series: [Series("a", values: [95, 99])], least: 0...0)).contains(">0</text>"))
    }

    @Test func legendGivesTheValueMeasuredLast() {
        let values = (0..<80).map { $0 < 79 ? 1.0 : 3 }
        #expect(page(Chart("", series: [Series("a", values: values)])).contains("<b>3.00</b>"))
    }

    @Test func minorChartsStandInAGridOfTheirOwn() {
        let blocks = [false, false, true, true, true].map {
            Block.chart(Chart("", series: [Series("a", values: [1])], isMinor: $0))
        }
        let page = Report(title: "", sections: [Section("", blocks)]).html
        let pieces = page.components(separatedBy: "<div class=\"grid")
        #expect(pieces.map { $0.components(separatedBy: "<figure").count - 1 } == [0, 2, 3])
        #expect(pieces.last?.hasPrefix(" minor\"") == true)
    }
}
