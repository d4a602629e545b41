import Files
import Foundation
import JSON

/// The files from outside of a recipe that a stage read, so that it is noticed when one was changed since.
///
///     "inputs": { "conversations.jsonl": "5120 1795934225.317 90f3ab12…", … }
///
/// What a run leaves in its folder beside the model (checkpoints, metrics, a report, figures of an evaluation) is read by
/// `hone compare` alone, and may be removed or added. Of each file: its size, when it was changed, and the fingerprint of what it holds. As long as size and time are the same
/// nothing is read; a file that was only copied or touched is known by its fingerprint.
struct StageInputs: Equatable {
    /// A file as it was.
    private struct State: Equatable {
        var size: Int
        var modified: Double
        var fingerprint: String
    }

    private var files: [String: State] = [:]

    /// A folder of more files than these is not looked at.
    private static let mostFiles = 1_000_000

    /// Looks at the files that the options of a stage name, and at those below the folders that they name, but for what
    /// stages of the recipe make.
    init(of stage: Recipe.Stage, in recipe: Recipe) throws {
        for path in Self.paths(of: stage, in: recipe) { files[path] = try Self.state(of: path) }
    }

    /// What is noted in JSON; nil where it is something else.
    init?(_ json: JSONValue) {
        guard let object = json.object else { return nil }
        for (path, value) in object.members {
            let words = value.string?.split(separator: " ").map(String.init) ?? []
            guard words.count == 3, let size = Int(words[0]), let modified = Double(words[1]) else {
                return nil
            }
            files[path] = State(size: size, modified: modified, fingerprint: words[2])
        }
    }

    var json: JSONValue {
        .object(
            JSONObject(
                files.map {
                    ($0.key, .string("\($0.value.size) \($0.value.modified) \($0.value.fingerprint)"))
                }))
    }

    /// The first file that is not as it was noted, or that was not there; nil where all are.
    func change(in stage: Recipe.Stage, of recipe: Recipe) throws -> String? {
        let paths = Self.paths(of: stage, in: recipe)
        for path in Set(paths).union(files.keys).sorted() {
            guard let before = files[path] else { return "\(path) was added" }
            guard let status = Self.status(of: path) else { return "\(path) is gone" }
            if status.size == before.size, status.modified == before.modified { continue }
            guard status.size == before.size, try Self.fingerprint(of: path) == before.fingerprint else {
                return "\(path) was changed"
            }
        }
        return nil
    }

    private static func paths(of stage: Recipe.Stage, in recipe: Recipe) -> [String] {
        let made = recipe.stages.compactMap(\.output)
        let named = stage.options.entries.filter { $0.option.kind != .flag && !$0.option.isWritten }
            .flatMap(\.values).flatMap { [$0] + $0.components(separatedBy: "+") }
        var paths: [String] = []
        for value in named
        where !value.isEmpty && !made.contains(where: { Recipe.Stage.isPath(value, in: $0) }) {
            // A split of a data set stands behind its folder: DIR:SPLIT.
            let folder = value.split(separator: ":").first.map(String.init) ?? value
            for path in Set([value, folder]) {
                switch FileStatus(path) {
                case .file: paths.append(path)
                case .folder:
                    paths += files(below: path, ofModels: stage.name != "compare")
                case .missing, .other: break
                }
            }
        }
        return paths
    }

    /// What a run has in its folder that its model is not read from.
    private static let besideModel: Set = [
        "checkpoints", "evaluation.json", "metrics.jsonl", "report.html", "run.json",
    ]

    /// - Parameter ofModels: Whether of the folder of a run the model alone is read.
    private static func files(below folder: String, ofModels: Bool) -> [String] {
        let isRun = ofModels && FileStatus("\(folder)/config.json") == .file
        var names: [String] = []
        for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
            if isRun, besideModel.contains(name.split(separator: "/").first.map(String.init) ?? "") {
                continue
            }
            names.append(name)
            guard names.count <= mostFiles else { return [] }
        }
        return names.sorted().map { "\(folder)/\($0)" }.filter { FileStatus($0) == .file }
    }

    private static func status(of path: String) -> (size: Int, modified: Double)? {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false))
        guard let size = attributes?[.size] as? Int, let date = attributes?[.modificationDate] as? Date else {
            return nil
        }
        return (size, date.timeIntervalSince1970)
    }

    private static func state(of path: String) throws -> State? {
        guard let status = status(of: path) else { return nil }
        return State(size: status.size, modified: status.modified, fingerprint: try fingerprint(of: path))
    }

    private static func fingerprint(of path: String) throws -> String {
        var fingerprint = Fingerprint()
        try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
            .withUnsafeBytes { fingerprint.add(bulk: $0) }
        return fingerprint.text
    }
}
