import Formatting
import Reports
import Testing

@Suite struct TrainingReportTests {
    private func charts(_ report: TrainingReport) -> [Chart] {
        report.curves.compactMap { if case .chart(let chart) = $0 { chart } else { nil } }
    }

    @Test func metricsThatBelongTogetherShareAChart() {
        let charts = charts(SampleReport.training)
        let lines = Dictionary(uniqueKeysWithValues: charts.map { ($0.title, $0.series.map(\.name)) })
        #expect(lines["Loss"] == ["training", "validation"])
        #expect(lines["Reward"] == ["chosen", "rejected"])
        #expect(lines["Pairs in order"]?.count == 1 && lines["Gradient norm"]?.count == 1)
        #expect(lines["Steps"] == nil && lines["Tokens"] == nil)
        #expect(
            charts.first?.title == "Loss"
                && charts.first { $0.title == "Gradient norm" }?.isLogarithmic == true)
    }

    /// A run of policy optimization with the names that TRL's PPO gives its figures.
    private var policyRun: MetricsLog {
        var log = MetricsLog()
        for step in 1...9 {
            let x = Double(step)
            log.append(
                step: x,
                [
                    "loss": 1 / x, "loss/policy_avg": -0.001 / x, "loss/value_avg": 0.3 / x,
                    "learning_rate": x / 100,
                    "grad_norm": 2 + x / 9, "memory_bytes": 1e8 + x, "tokens_per_second": 1e4 + x,
                    "objective/scores": x / 9, "reward": x / 9 * 1.000_000_1,
                    "rewards/reward_model/mean": x / 9,
                    "reward_std": 2 / x, "rewards/reward_model/std": 2 / x, "objective/kl": x / 20,
                    "objective/non_score_reward": -x / 400, "objective/rlhf_reward": x / 9 - x / 400,
                    "policy/entropy_avg": 0.5 + 0.1 / x, "completions/mean_length": 20 + x,
                    "val/ratio": 1 + 0.001 / x, "policy/clipfrac_avg": 0.001 * x,
                ])
        }
        return log
    }

    @Test func rewardsComeBeforeLossesInPolicyOptimization() throws {
        let charts = charts(TrainingReport(title: "", command: "", metrics: policyRun))
        let titles = charts.map(\.title)
        #expect(
            titles.starts(with: [
                "Score of the reward model", "Reward after the penalty", "Spread of rewards",
            ]))
        let reward = try #require(titles.firstIndex(of: "Reward after the penalty"))
        for loss in ["Loss", "Policy's loss", "Value's loss"] {
            #expect(try #require(titles.firstIndex(of: loss)) > reward)
        }
        #expect(titles.suffix(4) == ["Learning rate", "Gradient norm", "Speed", "Memory"])
        #expect(charts.map(\.isMinor) == titles.indices.map { $0 >= titles.count - 4 })
    }

    @Test func noChartStandsTwiceUnderTwoNames() throws {
        let charts = charts(TrainingReport(title: "", command: "", metrics: policyRun))
        let curves = charts.map { $0.series.map(\.curve) }
        #expect(Set(curves).count == curves.count && Set(charts.map(\.title)).count == charts.count)
        #expect(charts[0].note == "Logged as `reward`, `rewards/reward_model/mean` as well.")
        #expect(!charts.contains { $0.title == "Penalty" || $0.title.hasPrefix("Reward model") })
        let comparison = ComparisonReport(
            title: "", runs: [ComparedRun("a", state: "", settings: [], metrics: policyRun)])
        let compared = comparison.report.sections.flatMap(\.blocks).compactMap {
            if case .chart(let chart) = $0 { chart } else { nil }
        }
        #expect(compared.count == charts.count && compared.first?.title == charts[0].title)
    }

    @Test func figuresThatMatterLittleAreDrawnAgainstWhatMatters() throws {
        let charts = charts(TrainingReport(title: "", command: "", metrics: policyRun))
        func least(_ title: String) -> ClosedRange<Double>? { charts.first { $0.title == title }?.least }
        #expect(least("Clipped ratios") == 0...0.3 && least("Probability ratio") == 0.9...1.1)
        #expect(least("Memory") == 0...0 && least("Speed") == 0...0 && least("Loss") == nil)
    }

    @Test func unknownMetricsGetChartsByTheirWords() {
        var log = MetricsLog()
        log.append(step: 1, ["strange/new_thing": 1, "eval_other_thing": 2, "other_thing": 3])
        let charts = charts(TrainingReport(title: "", command: "", metrics: log))
        #expect(Set(charts.map(\.title)) == ["New thing", "Other thing"])
        #expect(charts.first { $0.title == "Other thing" }?.series.map(\.name) == ["training", "validation"])
    }

    @Test func whatNeverChangesIsAFactAndNoChart() {
        var log = MetricsLog()
        for step in 1...9 {
            log.append(
                step: Double(step), ["objective/kl": Double(step), "objective/kl_coef": 0.05, "loss": 1])
        }
        let report = TrainingReport(title: "", command: "", metrics: log)
        #expect(charts(report).map(\.title) == ["Loss", "Divergence from the reference"])
        #expect(report.report.html.contains("objective/kl_coef"))
    }

    @Test func emptyRunMakesAPage() {
        let page = TrainingReport(title: "Nothing", command: "").report.html
        #expect(MarkupChecker(page).complaints == [])
    }

    @Test func linesOfARunMakeItsHeadlines() {
        var log = MetricsLog()
        for step in 1...50 {
            let evaluation = step % 25 == 0 ? ",\"eval_loss\":2.5,\"eval_bits_per_byte\":1.25" : ""
            let line =
                "{\"step\":\(step),\"loss\":3,\"learning_rate\":0.001,\"grad_norm\":1,\"tokens\":4096,\"seconds\":\(step),"
                + "\"tokens_per_second\":4096,\"operations_per_second\":1e10,\"share_of_peak\":0.04,\"memory_bytes\":536870912\(evaluation)}"
            log.append(line: Array(line.utf8))
        }
        let training = TrainingReport(title: "", command: "", metrics: log)
        guard case .cards(let cards) = training.report.sections[0].blocks[0] else {
            return #expect(Bool(false))
        }
        let figures = Dictionary(uniqueKeysWithValues: cards.map { ($0.label, $0.value) })
        #expect(figures["tokens"] == "205\u{202F}k" && figures["memory at most"] == "537\u{202F}MB")
        #expect(figures["bits per byte, validation"] == "1.25" && figures["steps"] == "50")
        let titles = ["Loss", "Bits per byte", "Learning rate", "Gradient norm", "Speed", "Memory"]
        #expect(charts(training).map(\.title) == titles)
    }

    @Test func refusedStepsAndTornLinesAreFindings() {
        var log = MetricsLog()
        log.append(line: Array("{\"step\":1,\"refusal\":\"the loss was not finite\"}".utf8))
        log.append(line: Array("{\"step\":2,\"skipped\":\"the loss was not finite\"}".utf8))
        log.append(line: Array("{\"step\":3,\"lo".utf8))
        let page = TrainingReport(title: "", command: "", metrics: log).report.html
        #expect(page.contains("2 steps were not taken: the loss was not finite."))
        #expect(page.contains("One line of the metrics could not be read."))
    }
}
