import ArgumentParser
import Files
import Foundation

/// `hone run`: the stages of a recipe, one after another.
///
/// - Note: It is generic so that commands need not know the one above them all.
struct RunCommand<Root: ParsableCommand>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "run",
            abstract: "Run a recipe: stages in a file, each a command with its options.",
            discussion: paragraphs(
                """
                A recipe is a file in YAML. Each of its stages has a command and that command's options, by
                their names without the dashes. Paths are relative to the recipe's folder, and a stage can
                read what the ones before it made. All stages are checked before the first is run: their options,
                and that what each reads is there or made by a stage before it.

                Started again, it goes on where it was: a stage that is done is not run again, and a training
                that stopped goes on with --resume. NAME.run/stages.json says what is done. A stage that was run
                with other options than the recipe now has is refused, and so is one that read a file
                which was changed since, unless --keep-changed says to go on with what it made.

                  hone run recipe.yaml
                  hone run recipe.yaml --folder runs/2 --dry-run

                "hone init" writes a recipe, and so does "hone quickstart --write-recipe". Any command reads its
                options from a file with --config.
                """))
    }

    @Argument(help: "The recipe.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @Option(
        help: ArgumentHelp(
            "The folder that paths are relative to; the recipe's own unless given.", valueName: "dir"),
        completion: .directory)
    var folder: String?

    @Flag(help: "Go on with what finished stages made of files that were changed since.")
    var keepChanged = false

    @Flag(help: "Print the stages that would be run, and stop.")
    var dryRun = false

    func run() async throws {
        try await reportingErrors {
            let recipe = try Recipe(recipe, root: CommandInterface(of: Root.self))
            let commands = try recipe.stages.map { try parsed($0, in: recipe) }
            try enterFolder()
            var journal = try RecipeJournal(of: recipe.file, in: URL(filePath: "."))
            guard !dryRun else { return show(try plan(for: recipe, journal), of: recipe) }
            try makeFolder(journal.folder)
            let lock = try FolderLock(journal.folder)
            defer { lock.release() }
            journal = try RecipeJournal(of: recipe.file, in: URL(filePath: "."))
            let plan = try plan(for: recipe, journal)
            let interruption = Interruption()
            for (index, stage) in recipe.stages.enumerated() {
                let isDone = plan.steps[index] == .skip
                if isDone, !keepChanged { continue }
                let inputs = try StageInputs(of: stage, in: recipe)
                if isDone {
                    // What was changed and kept is not spoken of again.
                    try journal.note(stage, isDone: true, inputs: inputs)
                    continue
                }
                let resumes = plan.steps[index] == .resume
                let context = CommandContext(interruption, arguments: stage.words)
                standardError(
                    "\nstage \(stage.number) of \(recipe.stages.count): \(stage.name)\n$ \(context.commandLine)\n"
                )
                try journal.note(stage, isDone: false, inputs: inputs)
                do {
                    let command = resumes ? try parsed(stage, in: recipe, resumes: true) : commands[index]
                    try await run(command, context)
                } catch {
                    standardError("hone: \(recipe.file): stopped in \(place(of: stage, in: recipe))\n")
                    throw error
                }
                // The output of a stage must precede that of the next one.
                try finishPrinting()
                try journal.note(stage, isDone: true, inputs: inputs)
            }
            show(plan, of: recipe)
        }
    }

    private func plan(for recipe: Recipe, _ journal: RecipeJournal) throws -> RecipePlan {
        let plan = try RecipePlan(recipe, journal, keepsChanged: keepChanged)
        let paths = RecipePaths(recipe: recipe)
        for (stage, step) in zip(recipe.stages, plan.steps) where step != .skip { try paths.check(stage) }
        return plan
    }

    private func place(of stage: Recipe.Stage, in recipe: Recipe) -> String {
        "stage \(stage.number) of \(recipe.stages.count), \(stage.name); the same command goes on from there"
    }

    /// Goes to where the recipe's paths begin.
    private func enterFolder() throws {
        let folder = URL(filePath: recipe).deletingLastPathComponent().path(percentEncoded: false)
        let path = self.folder ?? folder
        if self.folder != nil { try makeFolder(URL(filePath: path)) }
        guard FileManager.default.changeCurrentDirectoryPath(path) else {
            throw FileError.unreadable(file: path, reason: reasonOfLastFailure())
        }
    }

    /// The command of a stage, with its place in the recipe where it cannot be one.
    private func parsed(
        _ stage: Recipe.Stage, in recipe: Recipe, resumes: Bool = false
    ) throws -> any ParsableCommand {
        do {
            return try Root.parseAsRoot(stage.words + (resumes ? ["--resume"] : [])).unwrapped
        } catch {
            let message = Root.message(for: error)
            let line = stage.options.line(spokenOfIn: message) ?? stage.line
            throw UnusableStage(file: recipe.file, line: line, message: message)
        }
    }

    private func run(_ command: any ParsableCommand, _ context: CommandContext) async throws {
        switch command {
        case let training as any TrainingCommand: try training.run(context)
        case var command as any AsyncParsableCommand: try await command.run()
        case var command: try command.run()
        }
    }

    /// Says what was run, or would be.
    private func show(_ plan: RecipePlan, of recipe: Recipe) {
        for (stage, step) in zip(recipe.stages, plan.steps) {
            let state =
                switch (step, dryRun) {
                case (.skip, _): "done before"
                case (.run, true): "to be run"
                case (.resume, true): "goes on where it stopped"
                case (_, false): "done"
                }
            let output = stage.output.map { " → \($0)" } ?? ""
            print("\(stage.number) of \(recipe.stages.count)  \(stage.name)\(output): \(state)")
        }
    }
}

/// A stage whose options a command does not take.
private struct UnusableStage: CommandError, CustomStringConvertible {
    var file: String
    var line: Int
    var message: String

    var outcome: Outcome { .badData }
    var description: String { "\(file): line \(line): \(message)" }
}
