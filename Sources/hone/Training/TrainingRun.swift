import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// A run of training from its first step to its last: a method that takes steps on batches, with progress, metrics,
/// checkpoints, interruption and the finished model.
///
/// All that is random in a step follows from the seed and from what the checkpoint holds, so that a run that goes on
/// from a checkpoint has the bits of one that was never interrupted.
struct TrainingRun<Method: TrainingMethod, Batches: Resumable> {
    /// The state of a run.
    struct State: Resumable {
        var method: Method
        /// The batches to come.
        var batches: Batches
        /// The best evaluation so far; nil where nothing depends on evaluations.
        var stopping: EarlyStopping?
        /// The average of what is trained; nil where there is none.
        var average: ExponentialMovingAverage<Method.Parameters>?

        /// Takes a step of the run.
        mutating func take(_ step: Step) throws -> StepReport {
            let report = try step(&method, &batches)
            if report.refusal == nil { average?.update(with: method.training.model) }
            return report
        }

        /// The method with the average of what it trains in place of that; nil where there is none.
        var averaged: Method? {
            guard let average else { return nil }
            var method = method
            method.training.model = average.model
            return method
        }

        func writeCheckpoint(to folder: URL) throws(FileError) {
            try method.writeCheckpoint(to: folder)
            try batches.writeCheckpoint(to: folder)
            try stopping?.writeCheckpoint(to: folder)
            try average?.writeCheckpoint(to: folder)
        }

        mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
            var state = self
            try state.batches.readCheckpoint(from: folder)
            try state.stopping?.readCheckpoint(from: folder)
            try state.average?.readCheckpoint(from: folder)
            try state.method.readCheckpoint(from: folder)
            self = state
        }
    }

    /// Takes the next step.
    ///
    /// It throws ``StoppedWithinStep`` when the user wants to stop and the step would take long.
    typealias Step = (_ method: inout Method, _ batches: inout Batches) throws -> StepReport

    /// The command, its options and its inputs.
    let description: RunDescription
    /// The method's name, for people.
    let title: String
    let options: TrainingOptions
    /// The parts of a step, and the processes that share them out.
    let sharing: WorkSharing
    let context: CommandContext
    /// Makes the method and its batches at the first step. It is called twice where the run begins anew, because the time
    /// and memory that a run takes are measured by a few steps on a state that is then thrown away.
    let start: () throws -> (Method, Batches)
    let plan: (Method) -> TrainingPlan
    var step: Step
    /// Writes the model as it is to be used.
    let write: (Method, URL) throws -> Void

    /// The step that takes the most memory; nil where all steps are alike.
    var largestStep: Step?
    /// Figures on data that is not trained on, by the names of a step's metrics; nil where there is no such data.
    var evaluate: ((Method) -> [String: Float])?
    /// The names of those figures.
    var evaluatedFigures: ((Method) -> Set<String>)?
    /// Watches the evaluations; nil where nothing depends on them.
    var stopping: EarlyStopping?
    /// Whether the model of the best evaluation is kept.
    var keepsBest = false
    /// A text that shows how far the model has come; nil where there is none to show.
    var sample: ((Method) -> String)?
    /// Prompts and the model's answers to them, in Markdown, for whoever watches the run in TensorBoard.
    var answers: ((Method) -> String)?
    /// Steps between evaluations, of which the last step always has one.
    var evaluationInterval = Int.max
    /// The token that fills up batches elsewhere, and those that end a text or a turn.
    var padding: (token: Int32?, ends: [Int32]) = (nil, [])

    /// - Parameters:
    ///   - settings: The options of all training commands, with defaults filled in.
    ///   - values: The value of each other option, by its name.
    ///   - contents: Fingerprints of what was read.
    init<Command: TrainingCommand>(
        _: Command.Type, _ settings: TrainingSettings, options values: JSONObject, contents: [String: String],
        _ context: CommandContext, start: @escaping () throws -> (Method, Batches),
        plan: @escaping (Method) -> TrainingPlan, step: @escaping Step,
        write: @escaping (Method, URL) throws -> Void
    ) throws {
        var values = values
        values.merge(try settings.options.values())
        let sharing = settings.options.sharing(among: context.communicator)
        values["accumulation"] = .integer(sharing.parts)
        description = RunDescription(
            command: Command.name, options: values, contents: contents,
            processor: Arithmetic(.float32).processor)
        title = Command.title
        options = settings.options
        self.sharing = sharing
        self.context = context
        (self.start, self.plan, self.step, self.write) = (start, plan, step, write)
    }

    /// The command's name: `pretrain`, `sft`, …
    var command: String { description.command }
    var directory: RunDirectory { options.directory }

    /// Takes all steps, or those until the user stops the run, and reports the result.
    ///
    /// - Throws: `ExitCode` 130 or 143 after an interruption, when all is saved.
    /// - Returns: The result of the run; nil after `--dry-run`.
    func run() throws -> RunResult? {
        try options.withOutput(context) {
            try context.interruption.heeding {
                try agree()
                var checkpoints = RunCheckpoints(folders: directory.checkpoints)
                if options.dryRun {
                    try tryOut(&checkpoints)
                    return nil
                }
                var (state, doctor) = try begin(&checkpoints)
                let plan = plan(state.method)
                let result = try train(&state, plan, doctor, &checkpoints)
                if result.isFinished, context.isFirst { try writeReport(on: result, plan) }
                try report(result, plan)
                return result
            }
        }
    }

    /// The method and its batches at the first step.
    func makeState() throws -> State {
        var (method, batches) = try start()
        method.training.sharing = sharing
        return State(
            method: method, batches: batches, stopping: stopping,
            average: options.ema.map { ExponentialMovingAverage(of: method.training.model, decay: $0) })
    }

    /// Says what would be done.
    private func tryOut(_ checkpoints: inout RunCheckpoints) throws {
        guard options.resume else { return try rehearse() }
        try directory.compare(description, typed: context.typedOptions)
        let (state, _) = try checkpoints.resumed(among: context.communicator, makeState, note: note)
        let plan = plan(state.method)
        announce(plan, nil)
        note("\(state.method.stepsDone) of \(counted(plan.steps, "step")) are done")
    }

    /// The state at the first step, or at the step where the run is resumed.
    private func begin(_ checkpoints: inout RunCheckpoints) throws -> (State, Doctor) {
        if !options.resume { try rehearse() }
        let typed = context.typedOptions
        let before =
            context.isFirst
            ? try directory.begin(description, resumes: options.resume, typed: typed)
            : options.resume ? try directory.compare(description, typed: typed) : description
        guard options.resume else { return (try makeState(), Doctor()) }
        let (state, doctor) = try checkpoints.resumed(among: context.communicator, makeState, note: note)
        announce(plan(state.method), nil)
        if !before.processor.isEmpty, before.processor != description.processor {
            note(
                "begun on \(before.processor): the weights will be near those of a run on one processor, not equal"
            )
        }
        return (state, doctor)
    }

    /// Takes all steps that are left, or those until the user wants to stop.
    private func train(
        _ state: inout State, _ plan: TrainingPlan, _ doctor: Doctor, _ checkpoints: inout RunCheckpoints
    ) throws -> RunResult {
        try agree(on: state)
        let communicator = context.communicator
        let metrics = try MetricsFile(
            directory.metrics, after: state.method.stepsDone, isWritten: context.isFirst)
        if metrics.damagedLines > 0 {
            note("metrics.jsonl: \(counted(metrics.damagedLines, "damaged line")) left out")
        }
        let tracker = context.isFirst ? try tracker(after: state.method.stepsDone) : nil
        var course = TrainingCourse(command, plan, from: state.method.stepsDone, doctor, metrics, tracker)
        course.examine(padding)
        if keepsBest, context.isFirst { try completeFolder(directory.best) }
        func isOver() -> Bool { state.method.stepsDone >= plan.steps || state.stopping?.isDue ?? false }
        while !isOver(), !communicator.isTrueOfAny(context.interruption.isRequested) {
            guard let report = try nextReport(&state) else { break }
            course.endStep()
            let stepsDone = state.method.stepsDone
            var (figures, texts): ([String: Float], [String: String]) = ([:], [:])
            if report.step % evaluationInterval == 0 || stepsDone == plan.steps {
                figures = try evaluation(of: &state)
                if let sample, context.isFirst {
                    let text = sample(state.method)
                    course.note("  step \(stepsDone) writes: \(text)")
                    texts["sample"] = markdownVerbatim(text)
                }
                if tracker != nil, let answers { texts["completions"] = answers(state.method) }
            }
            try course.add(report, evaluation: figures, texts: texts, stepsDone: stepsDone)
            if !isOver(), isSaveDue(stepsDone, course) {
                try save(state, course, &checkpoints)
                course.savedAt = .now
            }
            course.beginStep()
        }
        course.finish()
        let stepsDone = state.method.stepsDone
        let isNew = try stepsDone > course.firstStep || checkpoints.isEmpty
        if communicator.decisionOfFirst(isNew) { try save(state, course, &checkpoints) }
        let isFinished = isOver()
        if isFinished {
            guard course.totals.refused < max(1, course.totals.steps) else {
                throw TrainingRunError.noStepTaken(refusals: course.totals.refusals)
            }
            if context.isFirst {
                try write(state.method, directory.url)
                if let averaged = state.averaged {
                    try makeFolder(directory.average)
                    try write(averaged, directory.average)
                }
            }
        }
        // What the first rank writes is whole when any of them leaves.
        communicator.barrier()
        return RunResult(
            totals: course.totals, peakMemory: ProcessMemory.peak, peakSpeed: course.peakSpeed,
            isFinished: isFinished, endedEarly: isFinished && stepsDone < plan.steps,
            stopping: state.stopping, figures: course.figures, findings: course.findings)
    }

    /// Writes a checkpoint: the first rank, or all of them where states are dealt out.
    private func save(
        _ state: State, _ course: TrainingCourse, _ checkpoints: inout RunCheckpoints
    ) throws {
        guard context.isFirst || sharing.dealsOutStates else { return }
        let writers: any Communicator = sharing.dealsOutStates ? context.communicator : SingleProcess()
        try checkpoints.write(state, among: writers, course.doctor, note: course.note)
    }

    /// Measures the model, and its average, on data that is not trained on; keeps the model where it is the best so far.
    private func evaluation(of state: inout State) throws -> [String: Float] {
        guard let evaluate else { return [:] }
        var figures = evaluate(state.method)
        // The best model stands there before a checkpoint knows of it: a run that goes on from an earlier one writes it
        // again.
        if state.stopping?.record(figures, at: state.method.stepsDone) == true, keepsBest, context.isFirst {
            try writeFolderAtomically(to: directory.best) { folder in
                try write(state.method, folder)
                let members = figures.filter(\.value.isFinite).map {
                    (RunResult.validationPrefix + $0.key, JSONValue.number(Double($0.value)))
                }
                let step = ("step", JSONValue.integer(state.method.stepsDone))
                let text = JSONValue.object(JSONObject([step] + members)).text(.sorted) + "\n"
                try writeAtomically(Data(text.utf8), to: folder.appending(component: "evaluation.json"))
            }
        }
        if let averaged = state.averaged {
            figures.merge(evaluate(averaged).map { ("ema_\($0.key)", $0.value) }) { $1 }
        }
        return figures
    }

    /// Makes sure that the figure by which models are compared is measured.
    func checkFigures(of state: State) throws {
        guard let stopping, let known = evaluatedFigures?(state.method), !known.contains(stopping.metric)
        else { return }
        throw TrainingRunError.unknownFigure(stopping.metric, known: known)
    }

    /// Event files that continue after a step, the first with the settings of the run; nil if none are wanted.
    private func tracker(after step: Int) throws(FileError) -> TensorBoardWriter? {
        guard let folder = options.tracking else { return nil }
        let tracker = try TensorBoardWriter(in: folder, after: step)
        guard tracker.isNew else { return tracker }
        try tracker.write([.text("args", (directory.recorded ?? description).table)], at: 0)
        return tracker
    }

    /// The next step's report; nil where the user stopped it.
    private func nextReport(_ state: inout State) throws -> StepReport? {
        do {
            return try state.take(step)
        } catch is StoppedWithinStep {
            return nil
        }
    }

    private func isSaveDue(_ step: Int, _ course: TrainingCourse) -> Bool {
        if let interval = options.checkpointEvery { return step % interval == 0 }
        let checkpointSeconds = 60.0
        let isDue = (ContinuousClock.now - course.savedAt).seconds >= checkpointSeconds
        // Where all have a part in it, all must know.
        return sharing.dealsOutStates ? context.communicator.decisionOfFirst(isDue) : isDue
    }
}

/// A step was given up because the user wants to stop; the state is as before it.
struct StoppedWithinStep: Error {}

/// The result of a run, including the parts before an interruption.
struct RunResult {
    /// The steps, their tokens and seconds, and which were not taken.
    var totals: MetricsFile.Totals
    /// The greatest amount of memory the process held, bytes.
    var peakMemory: Int
    /// Floating-point operations a second that the processor could do at most.
    var peakSpeed: Double
    /// Whether all steps are done, or enough of them.
    var isFinished: Bool
    /// Whether it ended because evaluations got no better.
    var endedEarly: Bool
    /// The best evaluation; nil where nothing depended on evaluations.
    var stopping: EarlyStopping?
    /// The last figures of each kind.
    var figures: [String: Float]
    /// The doctor's findings.
    var findings: [DoctorFinding]

    /// The beginning of the names of figures that were measured on data that is not trained on.
    static let validationPrefix = "eval_"
}
