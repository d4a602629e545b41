import Formatting
import Foundation
import Reports
import Testing

@Suite struct ReportTests {
    enum Sample: CaseIterable {
        case quickstart, training

        var page: String {
            switch self {
            case .quickstart: SampleReport.quickstart.html
            case .training: SampleReport.training.report.html
            }
        }
    }

    /// The pages are left in the system's temporary folder to be looked at.
    @Test(arguments: Sample.allCases)
    func samplePageIsWellFormedAndSmall(sample: Sample) throws {
        let page = sample.page
        let file = FileManager.default.temporaryDirectory.appending(path: "hone-sample-\(sample).html")
        try Data(page.utf8).write(to: file)
        let checker = MarkupChecker(page)
        #expect(checker.complaints == [])
        #expect(page.utf8.count < 300_000)
        #expect(checker.counts["h1"] == 1 && checker.counts["script"] == nil && checker.counts["link"] == nil)
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("url("))
    }

    /// They are not printed: the contents are not.
    @Test func theContentsNameThePagesBesideIt() {
        let sections = ["One", "Two", "Three"].map { Section($0, [.paragraph($0)]) }
        let page = Report(title: "t", sections: sections, related: [("Given a tool", "tools.html")]).html
        let contents = page[(page.range(of: "<nav")?.lowerBound ?? page.endIndex)...]
            .prefix(upTo: page.range(of: "</nav>")?.lowerBound ?? page.endIndex)
        #expect(contents.contains("<a href=\"tools.html\">Given a tool</a>"))
        #expect(contents.contains("<a href=\"#section-3\">Three</a>"))
        #expect(page.contains("nav,details{display:none}"))
        #expect(!Report(title: "t", sections: sections).html.contains("More"))
    }

    /// Texts that would break out of their place were they not escaped.
    static let hostile = [
        "</style><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        "<!-- <svg onload=alert(1)>", "]]>&lt;b&gt;&#60;b&#62;", "\u{0}\u{1B}[31m\u{85}\u{7F}\r\n\t`code",
        "\u{202E}gnp.exe",
        "`</code><b>`", "javascript:alert(1)",
    ]

    @Test(arguments: hostile)
    func hostileTextStaysText(text: String) {
        let estimate = Estimate(0.5, interval: 0.4...0.6)
        let turn = Transcript.Turn(
            text, tokens: [ScoredToken(text, probability: 0.01), ScoredToken(text, probability: nil)])
        let transcript = Transcript(
            model: text, turns: [.init(text, text), turn], verdict: Verdict(text, .bad))
        let blocks: [Block] = [
            .paragraph(text), .callout(text), .list([text]), .heading(text), .commands([text]),
            .cards([FigureCard(text, text, note: text)]),
            .chart(
                Chart(
                    text, xLabel: text, yLabel: text,
                    series: [Series(text, values: [1, 2]), Series(text, values: [2])],
                    references: [.init(text, 1)], note: text)),
            .changes([
                Change(
                    text, from: .init(text, estimate), to: .init(text, estimate),
                    others: [.init(text, estimate)], direction: .higherIsBetter)
            ]),
            .calibration(
                CalibrationDiagram(text, bins: [.init(confidence: 0.5, accuracy: 0.5, count: 1)], note: text)),
            .table(
                Table(
                    text, corner: text, columns: [text, text],
                    rows: [.init(text, note: text, texts: [text]), .init(text, estimates: [estimate, nil])],
                    note: text)),
            .comparison(Comparison(text, [transcript, transcript], note: text)),
            .samples([sample(text), sample(text)]), .facts(Facts(text, [(text, text)])),
        ]
        let page = Report(
            title: text, subtitle: text,
            sections: [Section(text, group: text, label: text, blocks), Section(text, []), Section(text, [])]
        ).html
        let checker = MarkupChecker(page)
        #expect(checker.complaints == [])
        for element in ["script", "img", "code b"] { #expect(checker.counts[element] == nil) }
        #expect(checker.attributes.allSatisfy { !$0.hasPrefix("on") && $0 != "src" })
        #expect(!page.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" })
    }

    private func sample(_ text: String) -> Reports.Sample {
        Reports.Sample(text, beginning: text, text: text, style: .code)
    }

    @Test func longTextsAreCut() {
        let text = String(repeating: "word ", count: 200_000)
        let tokens = (0..<100_000).map { _ in ScoredToken(" word", probability: 0.5) }
        let page = Report(
            title: "Long",
            sections: [
                Section(
                    "All",
                    [
                        .samples([sample(text)]), .paragraph(text), .facts(Facts("", [("key", text)])),
                        .comparison(
                            Comparison(
                                "", [Transcript(model: "m", turns: [.init("assistant", tokens: tokens)])])),
                    ])
            ]
        ).html
        #expect(page.utf8.count < 100_000)
        #expect(page.contains("more characters") && page.contains("more tokens"))
    }

    @Test func commonPromptStandsOnce() {
        let transcripts = ["a", "b"].map { model in
            Transcript(
                model: model,
                turns: [.init("user", "What opens at eight?"), .init("assistant", "The market.")])
        }
        let page = Report(title: "", sections: [Section("", [.comparison(Comparison("", transcripts))])]).html
        #expect(page.components(separatedBy: "What opens at eight?").count == 2)
        #expect(page.components(separatedBy: "The market.").count == 3)
    }

    @Test func contentsAreGrouped() {
        let sections = [
            Section("One", group: "Results", []), Section("Two", []),
            Section("Three", group: "Training", label: "3", []),
        ]
        let page = Report(title: "", sections: sections).html
        let contents = [
            "<b>Results</b><ul><li><a href=\"#section-1\">One</a></li><li><a href=\"#section-2\">Two</a></li></ul>",
            "<b>Training</b><ul><li><a href=\"#section-3\">3</a></li></ul>",
        ]
        for part in contents { #expect(page.contains("<div>\(part)</div>")) }
        let plain = Report(title: "", sections: ["a", "b", "c"].map { Section($0, []) }).html
        #expect(plain.components(separatedBy: "<div><ul><li>").count == 2)
    }

    @Test func verdictHasAMarkBesidesItsColor() {
        func page(_ verdict: Verdict?) -> String {
            let transcript = Transcript(model: "a", turns: [.init("assistant", "Hm.")], verdict: verdict)
            return Report(title: "", sections: [Section("", [.comparison(Comparison("", [transcript]))])])
                .html
        }
        #expect(page(Verdict("declined", .good)).contains(">✓</span> <bdi>declined</bdi>"))
        #expect(page(Verdict("claimed", .bad)).contains(">✗</span> <bdi>claimed</bdi>"))
        #expect(page("unjudged").contains(">○</span> <bdi>unjudged</bdi>"))
        #expect(!page(nil).contains("class=\"verdict"))
    }

    @Test(arguments: [
        (0.1...0.2, 0.3...0.4, Direction.higherIsBetter, Verdict.Tone.good),
        (0.1...0.2, 0.3...0.4, .lowerIsBetter, .bad), (0.3...0.4, 0.1...0.2, .lowerIsBetter, .good),
        (0.1...0.3, 0.2...0.4, .higherIsBetter, .neutral),
    ])
    func changeIsOneWhereIntervalsAreApart(
        old: ClosedRange<Double>, new: ClosedRange<Double>, direction: Direction, tone: Verdict.Tone
    ) {
        func figure(_ interval: ClosedRange<Double>) -> Change.Figure {
            .init("m", Estimate((interval.lowerBound + interval.upperBound) / 2, interval: interval))
        }
        #expect(Change("", from: figure(old), to: figure(new), direction: direction).verdict.tone == tone)
    }

    @Test func unrankedColumnIsNeverTheBest() {
        let row = Table.Row(
            "refuses", direction: .lowerIsBetter, estimates: [Estimate(0), Estimate(0.2), Estimate(0.1)])
        func page(_ unranked: Set<Int>) -> String {
            let table = Table("", columns: ["base", "SFT", "DPO"], rows: [row], unranked: unranked)
            return Report(title: "", sections: [Section("", [.table(table)])]).html
        }
        #expect(page([]).contains("class=\"best\">0.0"))
        #expect(page([0]).contains("class=\"best\">10.0") && !page([0]).contains("class=\"best\">0.0"))
        #expect(!page([0, 1]).contains("class=\"best\""))
        let equal = Table(
            "", columns: ["a", "b"],
            rows: [.init("", direction: .higherIsBetter, estimates: [Estimate(0), Estimate(0)])])
        #expect(!Report(title: "", sections: [Section("", [.table(equal)])]).html.contains("class=\"best\""))
    }

    @Test func bestFigureIsMarkedByDirection() {
        func best(_ direction: Direction) -> String {
            let row = Table.Row(
                "", direction: direction, estimates: [Estimate(0.1), nil, Estimate(0.2), Estimate(0.2)])
            return Report(
                title: "",
                sections: [Section("", [.table(Table("", columns: ["a", "b", "c", "d"], rows: [row]))])]
            )
            .html
        }
        #expect(best(.higherIsBetter).components(separatedBy: "class=\"best\">20.0").count == 3)
        #expect(best(.lowerIsBetter).components(separatedBy: "class=\"best\">10.0").count == 2)
    }
}
