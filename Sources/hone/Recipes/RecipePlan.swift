import Files
import Foundation

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
        for stage in recipe.stages {
            let before = recipe.stages[..<steps.count]
            let renewed = zip(before, steps).first { $1 != .skip && stage.reads($0) }?.0
            let step = try Self.step(stage, journal[stage], renewed: renewed, in: recipe.file)
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
        guard status != .missing else { return .run }
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

    /// The first option that differs, in words.
    private static func difference(_ noted: RecipeJournal.Entry, _ stage: Recipe.Stage) -> String {
        let new = RecipeJournal.Entry(stage, isDone: true).options
        func shown(_ values: [String]?) -> String { values?.joined(separator: ", ") ?? "unset" }
        let name = Set(noted.options.keys).union(new.keys).sorted().first { noted.options[$0] != new[$0] }
        return name.map { "\($0): \(shown(noted.options[$0])), now \(shown(new[$0]))" } ?? "none"
    }
}
