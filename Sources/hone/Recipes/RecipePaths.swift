import Files
import Foundation

/// The paths that a stage names, looked at before the first stage is run.
struct RecipePaths {
    /// A path that would end the stage when its turn comes.
    struct Fault: CommandError, CustomStringConvertible {
        var file: String
        var line: Int
        var stage: Recipe.Stage
        var option: String
        var reason: String
        var outcome = Outcome.missingInput

        var description: String {
            "\(file): line \(line): stage \(stage.number), \(stage.name): \(option): \(reason)"
        }
    }

    let recipe: Recipe

    /// Makes sure that what a stage reads is there or made by a stage before it, and that its folders can be made.
    /// Paths are relative to the current folder.
    func check(_ stage: Recipe.Stage) throws(Fault) {
        let before = recipe.stages.prefix { $0.number < stage.number }
        for entry in stage.options.entries where entry.option.isPath {
            func fault(_ reason: String, _ outcome: Outcome = .missingInput) -> Fault {
                Fault(
                    file: recipe.file, line: entry.line, stage: stage, option: entry.option.name,
                    reason: reason, outcome: outcome)
            }
            for value in entry.values where !value.isEmpty {
                if entry.option.isWritten {
                    do {
                        let url = URL(filePath: value)
                        try checkFolder(
                            entry.option.isFolder ? url : url.standardizedFileURL.deletingLastPathComponent())
                    } catch {
                        throw fault(error.description, .inputOutput)
                    }
                } else if !isThere(value, after: before) {
                    throw fault(reason(value, of: stage, after: before))
                }
            }
        }
    }

    /// Whether there is such a file, or will be; a split of a data set is `DIR:SPLIT`, a named model `NAME=DIR`.
    private func isThere(_ value: String, after stages: some Sequence<Recipe.Stage>) -> Bool {
        let folder = value.split(separator: ":").first ?? ""
        let named = value.split(separator: "=", maxSplits: 1).last ?? ""
        return [value, String(folder), String(named)].contains { path in
            FileStatus(path) != .missing || stages.contains { $0.makes(path) }
        }
    }

    /// The reason why there is no such file, with the name that may have been meant.
    private func reason(
        _ value: String, of stage: Recipe.Stage, after stages: some Sequence<Recipe.Stage>
    ) -> String {
        if let later = recipe.stages.first(where: { $0.number > stage.number && $0.makes(value) }) {
            return "\(value) is made by stage \(later.number), \(later.name), which comes after it"
        }
        let missing = "there is no \(value), and no stage before makes it"
        if let maker = stages.first(where: { $0.output.map { Recipe.Stage.isPath(value, in: $0) } ?? false }),
            let output = maker.output
        {
            return "\(missing): stage \(maker.number), \(maker.name), leaves \(output)"
                + maker.madeFolders.map { " and \(output)/\($0)" }.joined()
        }
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        let prefix = parts.dropLast().map { $0 + "/" }.joined()
        let neighbors =
            (try? FileManager.default.contentsOfDirectory(atPath: prefix.isEmpty ? "." : prefix)) ?? []
        let names = Set(stages.compactMap(\.output) + neighbors.map { prefix + $0 })
        return missing + (suggestion(for: value, among: names) ?? "")
    }
}

extension Recipe.Stage {
    /// Whether the stage trains a model.
    private var isTraining: Bool { command["tensorboard"] != nil }

    /// The folders that hold models beside the one in the output of a training.
    fileprivate var madeFolders: [String] {
        guard isTraining else { return [] }
        return (options["keep-best"].isEmpty ? [] : ["best"]) + (options["ema"].isEmpty ? [] : ["ema"])
    }

    /// Whether a path is that of the stage's output, or of something that may be in it.
    fileprivate func makes(_ path: String) -> Bool {
        guard let output, Self.isPath(path, in: output) else { return false }
        guard isTraining else { return true }
        let rest = URL(filePath: path).standardizedFileURL.pathComponents
            .dropFirst(URL(filePath: output).standardizedFileURL.pathComponents.count).first
        // Files of the model and of the run have an extension.
        return rest.map { $0.contains(".") || (["checkpoints", "tokens"] + madeFolders).contains($0) } ?? true
    }
}
