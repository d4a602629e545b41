import ArgumentParser
import Files
import Formatting
import Foundation
import NeuralCore
import Reports

/// `hone compare`: one report of several runs.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Make one report of several runs: curves, settings, behavior and cost side by side.",
        discussion: paragraphs(
            """
            A run is the --output of a command that trains; it may still be going on. The report is one file
            that needs no other and no network: every metric's curves over each other on one axis, the
            settings and data in which the runs differ, and what they took.

            What "hone evaluate --json" printed is shown too: from the file evaluation.json in a run's
            folder, and from those of --evaluation, by the names of the models.

              hone compare slow fast --output comparison.html
              hone evaluate --model slow --model fast --suite limits.jsonl --json > behavior.json
              hone compare slow fast --evaluation behavior.json --output comparison.html
            """))

    @Argument(help: ArgumentHelp("The folders of the runs.", valueName: "run"), completion: .directory)
    var runs: [String]

    @Option(
        help: ArgumentHelp("The file for the report.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var output: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What hone evaluate --json printed of the runs' models.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var evaluation: [String] = []

    func validate() throws {
        guard (2...ComparisonReport.mostRuns).contains(runs.count) else {
            throw ValidationError(
                "\(counted(runs.count, "run")) given; from 2 to \(ComparisonReport.mostRuns) can be compared."
            )
        }
        let folders = runs.map { URL(filePath: $0).standardizedFileURL.path(percentEncoded: false) }
        if let twice = runs.indices.first(where: { folders[..<$0].contains(folders[$0]) }) {
            throw ValidationError("\(runs[twice]) is given twice.")
        }
        guard !output.isEmpty else { throw ValidationError("--output needs a file.") }
    }

    /// A file that is not written over.
    private struct NoReport: CommandError, CustomStringConvertible {
        var file: String
        var outcome: Outcome { .usage }
        var description: String { "--output \(file): is there already, and no report; choose another file" }
    }

    /// Refuses to replace a file unless it is a page, as a report is.
    private func checkOutput() throws {
        try OutputIsInput.check(output, as: "--output", among: evaluation)
        guard FileStatus(output) == .file else { return }
        let beginning = "<!doctype html"
        let bytes = try InputFile(output).read(atMost: beginning.utf8.count)
        guard bytes.isEmpty || String(decoding: bytes, as: UTF8.self).lowercased() == beginning else {
            throw NoReport(file: output)
        }
    }

    func run() throws {
        try reportingErrors {
            try checkOutput()
            let folders = try runs.map { try RunFolder($0) }
            let files = try evaluation.map { try RunEvaluation($0) }
            for file in files where !folders.contains(where: { file.model(of: $0.path) != nil }) {
                throw RunEvaluation.Malformed(
                    file: file.path,
                    found: "the models \(file.names.joined(separator: ", ")) and none of the runs")
            }
            let names = RunFolder.names(of: runs)
            let compared = try zip(folders, names).map { folder, name in
                try folder.compared(as: name, given: files)
            }
            let context = CommandContext()
            let report = ComparisonReport(
                title: names.joined(separator: " · "), command: context.commandLine, runs: compared)
            try writeAtomically(Data(report.report.html.utf8), to: URL(filePath: output))
            print("\(output): \(counted(runs.count, "run")) compared")
        }
    }
}
