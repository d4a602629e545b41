import Files
import Foundation
import JSON

/// The action for each stage of a recipe, given the stages already done.
struct RecipePlan {
    enum Step: Equatable {
        /// Run it.
        case run
        /// Go on with the training that is in its output.
        case resume
        /// Nothing: it is done.
        case skip
    }

    /// A step for each stage.
    let steps: [Step]

    /// The reason why a recipe cannot continue from the existing outputs.
    struct Conflict: CommandError, CustomStringConvertible {
        var file: String
        var stage: Recipe.Stage
        var reason: String
        var alternative = "give it another output"

        var outcome: Outcome { .badData }
        var description: String {
            let output = stage.output ?? "it"
            return "\(file): line \(stage.line): stage \(stage.number), \(stage.name): \(reason); "
                + "remove \(output) to run it again, or \(alternative)"
        }
    }

    /// Commands whose folder appears under its name only when it is whole.
    private static let appearingWhole: Set = ["corpus", "world"]

    /// Plans from the existing outputs. Paths are relative to the current folder.
    ///
    /// - Parameter keepsChanged: Whether a finished stage is kept though a file that it read was changed since.
    /// - Throws: ``Conflict`` if a stage was run with other options, on an input that is made again, or on a file that was
    ///   changed since.
    init(_ recipe: Recipe, _ journal: RecipeJournal, keepsChanged: Bool) throws {
        var steps: [Step] = []
        // What differs for stages that are run again, by their numbers: they make something else than before.
        var differences: [Int: String] = [:]
        for stage in recipe.stages {
            let before = recipe.stages[..<steps.count]
            let renewed = zip(before, steps).first { $1 != .skip && stage.reads($0) }?.0
            let step = try Self.step(stage, journal[stage], renewed: renewed, in: recipe.file)
            let other = before.first { differences[$0.number] != nil && stage.reads($0) }
            if step != .skip {
                differences[stage.number] =
                    try Self.difference(stage, journal[stage], in: recipe)
                    ?? other.flatMap { differences[$0.number] }
            }
            if step == .resume, let other, let difference = differences[other.number] {
                throw Conflict(
                    file: recipe.file, stage: stage,
                    reason:
                        "it was run on what stage \(other.number), \(other.name), made before \(difference)")
            }
            if step == .skip, !keepsChanged,
                let change = try journal[stage]?.inputs?.change(in: stage, of: recipe)
            {
                throw Conflict(
                    file: recipe.file, stage: stage, reason: "\(change) since it was run",
                    alternative: "go on with what it made by --keep-changed")
            }
            steps.append(step)
        }
        self.steps = steps
    }

    /// - Parameter renewed: A stage that this one reads from and that is not done.
    private static func step(
        _ stage: Recipe.Stage, _ noted: RecipeJournal.Entry?, renewed: Recipe.Stage?, in file: String
    ) throws -> Step {
        let status = stage.output.map { FileStatus($0) }
        let isSame = noted?.options == RecipeJournal.Entry(stage, isDone: true).options
        func conflict(_ reason: String) -> Conflict { Conflict(file: file, stage: stage, reason: reason) }
        // An empty file, as a stage makes that kept nothing, does not stand in the way of other options.
        let isEmpty = status == .file && stage.output.map { (try? InputFile($0).size) == 0 } == true
        guard status != .missing, !isEmpty || noted?.isDone == true && isSame else { return .run }
        let isTraining = stage.output.map { FileStatus("\($0)/run.json") == .file } ?? false
        // A training run compares its settings and its inputs by itself.
        guard let noted else { return isTraining ? .resume : .run }
        if noted.isDone, !isSame {
            throw conflict("it was run with other options, \(difference(noted, stage))")
        }
        guard renewed == nil || isTraining || status != .folder else {
            throw conflict(
                "it was run on what stage \(renewed?.number ?? 0), \(renewed?.name ?? ""), made before that is run again"
            )
        }
        if isTraining { return noted.isDone && renewed == nil ? .skip : .resume }
        let isWhole = noted.isDone || (isSame && status == .folder && appearingWhole.contains(stage.name))
        return isWhole && renewed == nil ? .skip : .run
    }

    /// What differs for a stage that was done and is run again, in words; nil where it makes what it made.
    private static func difference(
        _ stage: Recipe.Stage, _ noted: RecipeJournal.Entry?, in recipe: Recipe
    ) throws -> String? {
        guard let noted, noted.isDone else { return nil }
        guard noted.options == RecipeJournal.Entry(stage, isDone: true).options else {
            return "its options were changed, \(difference(noted, stage))"
        }
        return try noted.inputs?.change(in: stage, of: recipe)
    }

    /// The first option that differs, in words.
    private static func difference(_ noted: RecipeJournal.Entry, _ stage: Recipe.Stage) -> String {
        let new = RecipeJournal.Entry(stage, isDone: true).options
        func shown(_ values: [String]?) -> String { values?.joined(separator: ", ") ?? "unset" }
        let name = Set(noted.options.keys).union(new.keys).sorted().first { noted.options[$0] != new[$0] }
        return name.map { "\($0): \(shown(noted.options[$0])), now \(shown(new[$0]))" } ?? "none"
    }
}

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
