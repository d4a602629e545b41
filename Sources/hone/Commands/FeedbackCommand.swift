public import ArgumentParser
import Feedback
import Formatting
import Foundation
import JSON

extension FeedbackExport: ExpressibleByArgument {}

/// `hone feedback`: what people said of answers.
struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback",
        abstract: "Export or count what people said of answers (hone serve --feedback).",
        subcommands: [Configured<FeedbackExportCommand>.self, Configured<FeedbackStatsCommand>.self])
}

/// The file that `hone serve --feedback` keeps.
struct FeedbackFileArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The file of hone serve --feedback.", valueName: "file"),
        completion: .file(extensions: ["sqlite"]))
    var file: String

    /// The judgments in it.
    func judgments(for command: String) throws -> [Judgment] {
        try FeedbackFile.judgments(of: file, for: "\(command) \(file)")
    }
}

/// `hone feedback export`: records to train on.
struct FeedbackExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print what people said as records to train on, in JSON Lines.",
        discussion: paragraphs(
            """
            preferences: {"prompt":[…],"chosen":[…],"rejected":[…]} of each choice for one of two answers; where the
            better one was edited, the edit is chosen, against both. labels: {"prompt":[…],"completion":[…],"label":true}
            of thumbs, of answers that are both good or both bad, and of a choice the better as good, the other as bad.
            demonstrations: {"prompt":[…],"completion":[…]} of edits and of answers that were chosen or called good.

              hone feedback export choices.sqlite --as preferences > preferences.jsonl
            """))

    @OptionGroup var feedback: FeedbackFileArgument

    @Option(name: .customLong("as"), help: "The records: preferences, labels or demonstrations.")
    var form: FeedbackExport

    func run() throws {
        try reportingErrors {
            for record in form.records(of: try feedback.judgments(for: "feedback export")) {
                try standardOutput("\(record.text())\n".utf8)
            }
        }
    }
}

/// `hone feedback stats`: how much there is, and who is better.
struct FeedbackStatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print how many choices there are, and which model people prefer.",
        discussion: paragraphs(
            """
            The strength of a model is Bradley and Terry's: with 0.7 more than another, it wins two of three times. A tie
            counts half a win for both. The interval is that of 95 of 100 resamples of the choices.

              hone feedback stats choices.sqlite
            """))

    @OptionGroup var feedback: FeedbackFileArgument

    @Flag(help: "Print one object of JSON.")
    var json = false

    func run() throws {
        try reportingErrors {
            let results = FeedbackResults(try feedback.judgments(for: "feedback stats"))
            try standardOutput((json ? results.json.text(.indented) + "\n" : Self.text(of: results)).utf8)
        }
    }

    private static func text(of results: FeedbackResults) -> String {
        let judgments = results.judgments
        func count(_ choices: Judgment.Choice...) -> Int { judgments.count { choices.contains($0.choice) } }
        var lines = [
            "\(counted(judgments.count(where: \.isComparison), "comparison")): \(counted(count(.first, .second), "choice")), "
                + "\(count(.bothGood)) both good, \(count(.bothBad)) both bad",
            "\(counted(count(.good), "thumb")) up, \(counted(count(.bad), "thumb")) down, "
                + "\(counted(judgments.count { $0.edit != nil }, "edit")), by "
                + counted(Set(judgments.map(\.rater)).count, "person", plural: "people"),
        ]
        for export in FeedbackExport.allCases {
            lines.append("\(export.records(of: judgments).count) \(export.rawValue) to train on")
        }
        let width = max(5, results.models.map(\.name.count).max() ?? 0)
        func row(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: width, withPad: " ", startingAt: 0)
                + cells.map { "  " + String(repeating: " ", count: max(0, 15 - $0.count)) + $0 }.joined()
        }
        if !results.models.isEmpty {
            lines += ["", row("model", ["strength", "interval", "won, tied, lost"])]
        }
        for (place, model) in results.models.enumerated() {
            let interval = "\(shown(model.interval.lowerBound)) … \(shown(model.interval.upperBound))"
            let (won, tied) = (results.table.wins[place].reduce(0, +), results.table.ties[place].reduce(0, +))
            let lost = results.table.wins.map { $0[place] }.reduce(0, +)
            lines.append(row(model.name, [shown(model.strength), interval, "\(won), \(tied), \(lost)"]))
        }
        if results.models.count == 1 {
            lines += ["", "one model alone has nobody to win against"]
        }
        if results.length.choices > 0 {
            lines += [
                "", "the longer answer won \(results.length.longer) of \(results.length.choices) choices",
            ]
        }
        if let share = results.agreement.share {
            let alpha = results.agreement.alpha.map { ", Krippendorff's alpha \(shown($0))" } ?? ""
            lines.append(
                "people agreed on \(shown(share * 100)) % of what several of them judged (\(results.agreement.items))\(alpha)"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shown(_ number: Double) -> String { String(format: "%.2f", number) }
}
