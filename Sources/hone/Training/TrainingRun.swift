import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// Drives a stage from its first step to its last: progress, metrics, checkpoints, interruption, the finished model.
struct TrainingRun {
    /// What a run amounts to, the parts before an interruption included.
    struct Result {
        /// The steps, their tokens and seconds, and which were not taken.
        var totals: MetricsFile.Totals
        /// The greatest amount of memory the process held, bytes.
        var peakMemory: Int
        /// Floating-point operations a second that the processor could do at most.
        var peakSpeed: Double
        /// Whether all steps are done.
        var isFinished: Bool
        /// The last figures of each kind.
        var figures: [String: Float]
        /// What the doctor found.
        var findings: [DoctorFinding]
    }

    /// The command, its options and what it read.
    let description: RunDescription
    /// The method's name, for people.
    let title: String
    let options: TrainingOptions
    let context: CommandContext
    /// Steps between validations.
    var validationInterval = Int.max
    /// The token that fills up batches elsewhere, and those that end a text or a turn.
    var padding: (token: Int32?, ends: [Int32]) = (nil, [])

    /// - Parameters:
    ///   - training: What every command that trains understands.
    ///   - options: The value of each option of the command, by its name.
    ///   - contents: Fingerprints of what was read.
    init<Command: TrainingCommand>(
        _: Command.Type, _ training: TrainingOptions, options: JSONObject, contents: [String: String],
        context: CommandContext
    ) {
        description = RunDescription(
            command: Command.name, options: options, contents: contents,
            processor: Arithmetic(.float32).processor)
        title = Command.title
        self.options = training
        self.context = context
    }

    /// The command's name: `pretrain`, `sft`, …
    var command: String { description.command }
    var directory: RunDirectory { options.directory }
    private var checkpoints: RunCheckpoints { RunCheckpoints(folders: directory.checkpoints) }

    /// Runs a stage to its end, or to where it is interrupted, and says how it went.
    ///
    /// - Parameter make: Makes the stage at its first step. It is called twice where the run begins anew, because the
    ///   time and memory that a run takes are measured by a few steps of a stage that is then thrown away.
    /// - Throws: `ExitCode` 130 or 143 after an interruption, when all is saved.
    /// - Returns: How it went; nil after `--dry-run`.
    @discardableResult
    func run<Stage: TrainingStage>(_ make: () throws -> Stage) throws -> Result? {
        try context.interruption.heeding {
            if options.dryRun {
                try tryOut(make)
                return nil
            }
            var (stage, doctor) = try begin(make)
            let result = try train(&stage, doctor)
            if result.isFinished { try writeReport(on: result, stage.plan) }
            try report(result, stage.plan)
            return result
        }
    }

    /// Says what would be done.
    private func tryOut<Stage: TrainingStage>(_ make: () throws -> Stage) throws {
        guard options.resume else { return try rehearse(make) }
        try directory.compare(description)
        let (stage, _) = try checkpoints.resumed(make, note: note)
        announce(stage.plan, nil)
        note("\(stage.stepsDone) of \(counted(stage.plan.steps, "step")) are done")
    }

    /// The stage at its first step, or where it goes on.
    private func begin<Stage: TrainingStage>(_ make: () throws -> Stage) throws -> (Stage, Doctor) {
        if !options.resume { try rehearse(make) }
        let before = try directory.begin(description, resumes: options.resume)
        guard options.resume else { return (try make(), Doctor()) }
        let (stage, doctor) = try checkpoints.resumed(make, note: note)
        announce(stage.plan, nil)
        if !before.processor.isEmpty, before.processor != description.processor {
            note(
                "begun on \(before.processor): the weights will be near those of a run on one processor, not equal"
            )
        }
        return (stage, doctor)
    }

    /// Takes the first steps on a stage that is then thrown away, and says what the run will take.
    private func rehearse<Stage: TrainingStage>(_ make: () throws -> Stage) throws {
        var stage = try make()
        try stage.plan.need.check()
        do {
            announce(stage.plan, try Rehearsal(&stage, context.interruption))
        } catch is StoppedWithinStep {
            throw ExitCode(Interruption.outcome.rawValue)
        }
    }

    /// Takes all steps that are left, or those until the user wants to stop.
    private func train(_ stage: inout some TrainingStage, _ doctor: Doctor) throws -> Result {
        let metrics = try MetricsFile(directory.metrics, after: stage.stepsDone)
        var course = TrainingCourse(command, stage.plan, from: stage.stepsDone, doctor, metrics)
        course.examine(padding)
        while stage.stepsDone < stage.plan.steps, !context.interruption.isRequested {
            guard var report = try nextReport(&stage) else { break }
            course.endStep()
            if report.step % validationInterval == 0 || stage.stepsDone == stage.plan.steps {
                report.metrics.merge(try stage.validation()) { $1 }
                if let sample = try stage.sample() { course.note(sample) }
            }
            try course.add(report, stepsDone: stage.stepsDone)
            if stage.stepsDone < stage.plan.steps, isSaveDue(stage.stepsDone, course) {
                try checkpoints.write(stage, course.doctor)
                course.savedAt = .now
            }
            course.beginStep()
        }
        course.finish()
        if stage.stepsDone > course.firstStep || checkpoints.isEmpty {
            try checkpoints.write(stage, course.doctor)
        }
        let isFinished = stage.stepsDone >= stage.plan.steps
        if isFinished {
            guard course.totals.refused < max(1, course.totals.steps) else {
                throw TrainingRunError.noStepTaken(refusals: course.totals.refusals)
            }
            try stage.writeModel(to: directory.url)
        }
        return Result(
            totals: course.totals, peakMemory: ProcessMemory.peak, peakSpeed: course.peakSpeed,
            isFinished: isFinished, figures: course.figures, findings: course.findings)
    }

    /// The next step's report; nil where the user stopped it.
    private func nextReport(_ stage: inout some TrainingStage) throws -> StepReport? {
        do {
            return try stage.step()
        } catch is StoppedWithinStep {
            return nil
        }
    }

    private func isSaveDue(_ step: Int, _ course: TrainingCourse) -> Bool {
        if let interval = options.checkpointEvery { return step % interval == 0 }
        return (ContinuousClock.now - course.savedAt).seconds >= Self.checkpointSeconds
    }

    private static let checkpointSeconds = 60.0
}
