import Files
import Foundation
import JSON

/// The record of a recipe's finished stages: `stages.json` in the folder `NAME.run`, beside the recipe's outputs.
///
///     { "stages": [ { "command": "sft", "done": true, "options": { "data": ["a.jsonl"], … }, "output": "sft" }, … ] }
///
/// It is written whole before a stage begins and after it has ended, so a process that dies leaves one of the two.
struct RecipeJournal {
    /// A stage that was begun.
    struct Entry {
        var command: String
        var output: String?
        /// The values of each option.
        var options: [String: [String]]
        var isDone: Bool
        /// The files that the stage read from outside of the recipe; nil where it was noted without.
        var inputs: StageInputs?

        init(_ stage: Recipe.Stage, isDone: Bool, inputs: StageInputs? = nil) {
            (command, output, self.isDone, self.inputs) = (stage.name, stage.output, isDone, inputs)
            options = Dictionary(
                uniqueKeysWithValues: stage.options.entries.map { ($0.option.name, $0.values) })
        }

        init?(_ json: JSONValue) {
            guard let command = json["command"]?.string, let options = json["options"]?.object,
                let isDone = json["done"]?.bool
            else { return nil }
            (self.command, self.isDone, output) = (command, isDone, json["output"]?.string)
            if let files = json["inputs"] {
                guard let inputs = StageInputs(files) else { return nil }
                self.inputs = inputs
            }
            self.options = [:]
            for (name, values) in options.members {
                guard let words = values.array?.compactMap(\.string) else { return nil }
                self.options[name] = words
            }
        }

        var json: JSONValue {
            let options = options.map { ($0.key, JSONValue.array($0.value.map { .string($0) })) }
            var object = JSONObject([
                ("command", .string(command)), ("done", .bool(isDone)),
                ("options", .object(JSONObject(options))),
                ("output", output.map { .string($0) } ?? .null),
            ])
            object["inputs"] = inputs?.json
            return .object(object)
        }
    }

    let folder: URL
    private var entries: [Entry] = []
    private var file: URL { folder.appending(component: "stages.json") }

    /// Reads what there is.
    ///
    /// - Parameters:
    ///   - recipe: The path of the recipe.
    ///   - outputs: The folder that its paths are relative to.
    init(of recipe: String, in outputs: URL) throws {
        let name = URL(filePath: recipe).deletingPathExtension().lastPathComponent
        folder = outputs.appending(component: "\(name).run")
        let path = file.path(percentEncoded: false)
        guard FileStatus(path) != .missing else { return }
        let json = try? JSONValue(parsing: contents(of: file))
        let read = json?["stages"]?.array?.map { Entry($0) }
        guard let read, let entries = read as? [Entry] else {
            throw YAMLError(
                file: path, found: "something else",
                expected: "what hone run notes of stages; where it is removed, none counts as run")
        }
        self.entries = entries
    }

    /// The entry of a stage: that of the same command with the same output or, if it has none, the same options.
    subscript(stage: Recipe.Stage) -> Entry? { index(of: Entry(stage, isDone: false)).map { entries[$0] } }

    private func index(of entry: Entry) -> Int? {
        entries.firstIndex {
            $0.command == entry.command && $0.output == entry.output
                && (entry.output != nil || $0.options == entry.options)
        }
    }

    /// Notes that a stage is begun, or done.
    mutating func note(_ stage: Recipe.Stage, isDone: Bool, inputs: StageInputs? = nil) throws {
        let entry = Entry(stage, isDone: isDone, inputs: inputs)
        if let index = index(of: entry) { entries[index] = entry } else { entries.append(entry) }
        let json = JSONValue.object(JSONObject([("stages", .array(entries.map(\.json)))]))
        try writeAtomically(Data((json.text(.sorted) + "\n").utf8), to: file)
    }
}
