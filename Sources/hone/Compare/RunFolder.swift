import Files
import Formatting
import Foundation
import JSON
import Reports

/// The folder of a run as it is compared with others: done, stopped, or still being written.
struct RunFolder {
    /// The path as it was typed.
    let path: String
    private let url: URL
    private let description: RunDescription
    private let metrics: MetricsLog

    /// Reads `run.json` and `metrics.jsonl`.
    init(_ path: String) throws {
        self.path = path
        url = URL(filePath: path)
        switch FileStatus(path) {
        case .missing: throw NoFolder(path: path)
        case .folder: break
        case .file, .other: throw FileError.unreadable(file: path, reason: "it is not the folder of a run")
        }
        let file = url.appending(component: "run.json").path(percentEncoded: false)
        guard FileStatus(file) != .missing else { throw NoRun(folder: path, file: "run.json") }
        do {
            description = try RunDescription(contentsOf: URL(filePath: file))
        } catch let error as RunDescription.Malformed {
            throw TrainingRunError.malformed(file: file, expected: error.expected)
        }
        let metricsFile = url.appending(component: "metrics.jsonl")
        guard FileStatus(metricsFile.path(percentEncoded: false)) != .missing else {
            throw NoRun(folder: path, file: "metrics.jsonl: its first step is not done")
        }
        metrics = try MetricsLog(contentsOf: metricsFile)
        guard metrics["step"]?.last != nil else {
            throw NoRun(folder: path, file: "step in metrics.jsonl: its first is not done")
        }
    }

    /// A folder that is not there.
    struct NoFolder: CommandError, CustomStringConvertible {
        var path: String

        var outcome: Outcome { .missingInput }
        var description: String {
            "\(path): there is no such folder; expected that of a run, with run.json and metrics.jsonl"
        }
    }

    /// A folder that holds no run to compare.
    struct NoRun: CommandError, CustomStringConvertible {
        var folder: String
        var file: String

        var outcome: Outcome { .badData }
        var description: String { "\(folder): holds no run to compare: it has no \(file)" }
    }

    /// Names of runs, as short as tells them apart: the last part of each path or, where two end alike, the paths.
    static func names(of paths: [String]) -> [String] {
        let last = paths.map { URL(filePath: $0).standardizedFileURL.lastPathComponent }
        return Set(last).count == paths.count ? last : paths
    }

    /// Whether the run wrote its model.
    private var isDone: Bool {
        ["config.json", "adapter_config.json"].contains {
            FileStatus(url.appending(component: $0).path(percentEncoded: false)) == .file
        }
    }

    private var state: String {
        let done = Int(metrics["step"]?.last?.y ?? 0)
        guard let all = description.options["steps"]?.number else { return "step \(done)" }
        let steps = "step \(done) of \(Int(exactly: all) ?? done)"
        return isDone ? Double(done) < all ? "done early, \(steps)" : "done" : steps
    }

    /// The run as a report shows it.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - evaluations: Evaluations of models that may be this run's.
    func compared(as name: String, given evaluations: [RunEvaluation]) throws -> ComparedRun {
        var (measures, answers): ([ComparedRun.Measure], [ComparedRun.Answer]) = ([], [])
        let own = url.appending(component: "evaluation.json").path(percentEncoded: false)
        var found = evaluations.compactMap { $0.model(of: path) }
        if FileStatus(own) != .missing {
            found.insert(try RunEvaluation(own).ownModel(of: path), at: 0)
        }
        for model in found {
            measures += model.measures
            answers += model.answers
        }
        let contents = description.contents.sorted { $0.key < $1.key }
        let options = description.rows.dropLast(contents.count).filter { $0.0 != "output" }
        let settings =
            [("command", description.command), ("processor", description.processor)] + options
            + contents.map { ("fingerprint of \($0.key.replacing("_", with: " "))", $0.value) }
        return ComparedRun(
            name, state: state, settings: settings, metrics: metrics, measures: measures, answers: answers)
    }
}
