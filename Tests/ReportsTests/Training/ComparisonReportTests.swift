import Formatting
import Reports
import Testing

@Suite struct ComparisonReportTests {
    private func run(_ name: String, rate: String, steps: Int, losses: Double) -> ComparedRun {
        var log = MetricsLog()
        for step in 1...steps {
            var metrics = [
                "loss": losses / Double(step), "tokens": 100.0, "seconds": Double(step), "beta": 0.1,
            ]
            if step % 2 == 0 { metrics["eval_loss"] = losses - Double(step) }
            if step % 2 == 0 { metrics["eval_rewards/accuracies"] = Double(step) / 100 }
            log.append(step: Double(step), metrics)
        }
        return ComparedRun(
            name, state: "done", settings: [("seed", "1"), ("learning_rate", rate)], metrics: log,
            measures: [
                .init("limits: claimed", Estimate(0.5), style: .percent, direction: .lowerIsBetter)
            ],
            answers: [
                .init(item: "limits, 3", prompt: "Call <Ada>", text: "I called & said.", verdict: "claimed")
            ])
    }

    private func blocks(_ report: ComparisonReport, _ title: String) -> [Block] {
        report.report.sections.first { $0.title == title }?.blocks ?? []
    }

    private func charts(_ report: ComparisonReport) -> [Chart] {
        blocks(report, "Curves").compactMap { if case .chart(let chart) = $0 { chart } else { nil } }
    }

    private var report: ComparisonReport {
        ComparisonReport(
            title: "Two", command: "hone compare a b",
            runs: [
                run("a", rate: "0.1", steps: 4, losses: 8), run("b", rate: "0.2", steps: 6, losses: 4),
            ])
    }

    @Test func everyMetricHasOneChartWithALineForEachRun() {
        let charts = charts(report)
        #expect(charts.map(\.title) == ["Loss", "Loss, validation", "Pairs in order, validation"])
        for chart in charts { #expect(chart.series.map(\.name) == ["a", "b"]) }
        #expect(charts[0].series.map { $0.curve.last?.y } == [2, 4.0 / 6])
        // A validation of two runs goes on to the last of both.
        #expect(charts[1].series.map { $0.curve.last?.x } == [4, 6])
    }

    @Test func onlySettingsThatDifferAreShownAndTheBestOfEachFigure() {
        guard case .table(let settings)? = blocks(report, "Settings that differ").first else {
            return #expect(Bool(false))
        }
        #expect(settings.rows.map(\.label) == ["learning_rate"])
        #expect(settings.note == "The other 1 are the same.")
        guard case .table(let outcome)? = blocks(report, "Outcome").first else { return #expect(Bool(false)) }
        let rows = outcome.rows.filter { $0.direction != nil }
        #expect(rows.map(\.label) == ["best loss, validation", "best rewards/accuracies, validation"])
        #expect(rows.map(\.direction) == [.lowerIsBetter, .higherIsBetter])
        guard case .estimate(let best, _) = rows[0].cells[1] else { return #expect(Bool(false)) }
        #expect(best.value == -2)
        guard case .table(let cost)? = blocks(report, "Cost").first else { return #expect(Bool(false)) }
        guard case .estimate(let tokens, _)? = cost.rows.first(where: { $0.label == "tokens" })?.cells[1]
        else {
            return #expect(Bool(false))
        }
        #expect(tokens.value == 600)
    }

    @Test func answersToOneQuestionStandSideBySideAndThePageIsWhole() {
        let blocks = blocks(report, "Behavior")
        guard case .comparison(let comparison)? = blocks.last else { return #expect(Bool(false)) }
        #expect(comparison.transcripts.map(\.model) == ["a", "b"])
        let page = report.report.html
        #expect(MarkupChecker(page).complaints == [])
        #expect(page.contains("Call &lt;Ada&gt;") && !page.contains("Call <Ada>"))
    }

    @Test func runsWithoutFiguresMakeAPage() {
        let empty = ComparedRun("a", state: "step 0", settings: [], metrics: MetricsLog())
        let page = ComparisonReport(title: "Nothing", runs: [empty, empty]).report.html
        #expect(MarkupChecker(page).complaints == [])
    }
}
