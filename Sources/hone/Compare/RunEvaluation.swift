import Alignment
import Files
import Formatting
import Foundation
import JSON
import Reports

/// What `hone evaluate --json` printed of some models: of suites, or of tasks and texts.
struct RunEvaluation {
    /// What is said of one model.
    struct Model {
        var name: String
        var measures: [ComparedRun.Measure] = []
        var answers: [ComparedRun.Answer] = []
    }

    private let file: String
    private let models: [Model]

    /// A file that is something else.
    struct Malformed: CommandError, CustomStringConvertible {
        var file: String
        var found: String

        var outcome: Outcome { .badData }
        var description: String { "\(file): found \(found), expected what hone evaluate --json prints" }
    }

    private static let largestFile = 1 << 28

    /// Reads a file.
    init(_ path: String) throws {
        file = path
        let input = try InputFile(path)
        guard input.size <= Self.largestFile else {
            throw Malformed(file: path, found: "a file of \(input.size) bytes")
        }
        let bytes = try input.read(atMost: input.size)
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw Malformed(file: path, found: "what is \(error)")
        }
        guard let list = json["models"]?.array, !list.isEmpty else {
            throw Malformed(file: path, found: "no list \"models\"")
        }
        models = try list.enumerated().map { index, json in
            guard let name = json["name"]?.string ?? json["model"]?.string else {
                throw Malformed(file: path, found: "no name of model \(index + 1)")
            }
            return Model(json, named: name)
        }
    }

    /// What is said of the model of a run: that of the run's folder by name.
    func model(of run: String) -> Model? {
        func normal(_ path: String) -> String {
            URL(filePath: path).standardizedFileURL.path(percentEncoded: false).replacing(#/\/+$/#, with: "")
        }
        return models.first { normal($0.name) == normal(run) }
    }

    /// What is said in the run's own folder: of the run by name or, where one model is spoken of, of that.
    func ownModel(of run: String) throws -> Model {
        if let model = model(of: run) ?? (models.count == 1 ? models[0] : nil) { return model }
        let names = models.map(\.name).joined(separator: ", ")
        throw Malformed(file: file, found: "the models \(names) and not \(run)")
    }

    /// The names of the models.
    var names: [String] { models.map(\.name) }
    /// The path of the file.
    var path: String { file }
}

extension RunEvaluation.Model {
    fileprivate init(_ json: JSONValue, named name: String) {
        self.name = name
        func interval(_ low: JSONValue?, _ high: JSONValue?) -> ClosedRange<Double>? {
            guard let low = low?.number, let high = high?.number, low <= high else { return nil }
            return low...high
        }
        for metric in json["metrics"]?.array ?? [] {
            guard let suite = metric["suite"]?.string, let name = metric["name"]?.string,
                let value = metric["value"]?.number
            else { continue }
            measures.append(
                .init(
                    "\(suite): \(name.replacing("_", with: " "))",
                    Estimate(value, interval: interval(metric["low"], metric["high"])), style: .percent,
                    direction: metric["higher_is_better"]?.bool == false ? .lowerIsBetter : .higherIsBetter))
        }
        for example in json["examples"]?.array ?? [] {
            guard let suite = example["suite"]?.string, let item = example["item"]?.string,
                let prompt = example["prompt"]?.string, let response = example["response"]?.string
            else { continue }
            answers.append(
                .init(
                    item: "\(suite), \(item)", prompt: prompt, text: response,
                    verdict: Verdict("not as it should be", .bad)))
        }
        for task in json["tasks"]?.array ?? [] {
            guard let name = task["task"]?.string, let accuracy = task["accuracy"]?.number else { continue }
            let bounds = task["accuracy_interval"]?.array ?? []
            measures.append(
                .init(
                    "\(name): accuracy",
                    Estimate(accuracy, interval: bounds.count == 2 ? interval(bounds[0], bounds[1]) : nil),
                    style: .percent, direction: .higherIsBetter))
        }
        for text in json["texts"]?.array ?? [] {
            guard let file = text["file"]?.string, let bits = text["bits_per_byte"]?.number else { continue }
            measures.append(
                .init(
                    "\(file): bits per byte", Estimate(bits), style: .significant(4),
                    direction: .lowerIsBetter))
        }
    }
}
