import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// Drives a stage from its first step to its last: progress, metrics, checkpoints, interruption, the finished model.
struct TrainingRun {
    /// What a run amounts to.
    struct Result {
        /// Steps in all, those before an interruption included.
        var steps: Int
        /// Seconds and tokens of this process's part.
        var seconds: Double
        var tokens: Int
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

    /// The command's name: `pretrain`, `sft`, …
    let command: String
    let options: TrainingOptions
    /// All that decides the result, by flag.
    let settings: [String: String]
    let context: CommandContext
    /// Steps between validations.
    var validationInterval = Int.max
    /// The token that fills up batches elsewhere, and those that end a text or a turn.
    var padding: (token: Int32?, ends: [Int32]) = (nil, [])

    /// The run's folder.
    var directory: RunDirectory { RunDirectory(url: URL(filePath: options.output)) }

    /// Runs a stage to its end, or to where it is interrupted, and says how it went.
    ///
    /// - Parameter make: Makes the stage at its first step. It is called twice where the run begins anew, because the
    ///   time and memory that a run takes are measured by a few steps of a stage that is then thrown away.
    /// - Throws: `ExitCode` 130 after an interruption, when all is saved.
    /// - Returns: How it went; nil after `--dry-run`.
    @discardableResult
    func run<Stage: TrainingStage>(_ make: () throws -> Stage) throws -> Result? {
        if !options.resume {
            try directory.checkUnused()
            // A folder that cannot be written is better known now than after the rehearsal.
            if !options.dryRun { try directory.make() }
            try rehearse(make)
        }
        if options.dryRun { return nil }
        var stage = try make()
        try directory.begin(command, settings: settings, resumes: options.resume)
        if options.resume {
            announce(stage.plan, nil)
            if let latest = directory.checkpoints.latest { try stage.readCheckpoint(from: latest.folder) }
        }
        let result = try train(&stage)
        if result.isFinished { try writeReport(on: result, stage.plan) }
        try report(result)
        return result
    }

    /// Takes the first steps on a stage that is then thrown away, and says what the run will take.
    private func rehearse<Stage: TrainingStage>(_ make: () throws -> Stage) throws {
        var stage = try make()
        do {
            announce(stage.plan, try Rehearsal(&stage))
        } catch is StoppedWithinStep {
            throw ExitCode(Outcome.interrupted.rawValue)
        }
    }

    /// Takes all steps that are left, or those until the user wants to stop.
    private func train(_ stage: inout some TrainingStage) throws -> Result {
        let metrics = try MetricsFile(directory.metrics, after: stage.stepsDone)
        let doctor = try directory.doctor(after: stage.stepsDone)
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
                try save(stage, course.doctor)
                course.savedAt = .now
            }
            course.beginStep()
        }
        course.finish()
        if stage.stepsDone > course.firstStep || directory.checkpoints.latest == nil {
            try save(stage, course.doctor)
        }
        let isFinished = stage.stepsDone >= stage.plan.steps
        if isFinished { try stage.writeModel(to: directory.url) }
        return Result(
            steps: stage.stepsDone, seconds: course.seconds, tokens: course.tokens,
            peakMemory: ProcessMemory.peak, peakSpeed: course.peakSpeed, isFinished: isFinished,
            figures: course.figures, findings: course.findings)
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

    private func save(_ stage: some TrainingStage, _ doctor: Doctor) throws {
        try directory.checkpoints.write(step: stage.stepsDone) { folder in
            try stage.writeCheckpoint(to: folder)
            try writeAtomically(
                JSONEncoder().encode(doctor), to: folder.appending(component: RunDirectory.doctorFile))
        }
    }

    // MARK: What is said

    private func announce(_ plan: TrainingPlan, _ rehearsal: Rehearsal?) {
        let moved =
            plan.trainedParameters == plan.parameters
            ? "" : ", of which \(Figures.count(plan.trainedParameters)) are trained"
        var lines = [
            "\(command): \(Figures.count(plan.parameters)) parameters\(moved)",
            "  \(plan.data)",
            "  \(Figures.count(plan.steps)) steps, \(Figures.count(plan.tokens)) tokens",
        ]
        if let rehearsal {
            let seconds = rehearsal.secondsPerToken * Double(plan.tokens)
            lines.append(
                "  about \(Figures.duration(seconds)) and \(Figures.bytes(rehearsal.peakMemory)) of memory, by \(rehearsal.steps) steps measured"
            )
        }
        standardError(lines.joined(separator: "\n") + "\n")
    }

    private func report(_ result: Result) throws {
        guard result.isFinished else {
            standardError(
                "\(command): stopped after step \(result.steps) and saved; the same command with --resume goes on\n"
            )
            throw ExitCode(Outcome.interrupted.rawValue)
        }
        if options.json {
            var object = JSONObject()
            object["output"] = .string(options.output)
            object["steps"] = .integer(result.steps)
            object["seconds"] = .number((result.seconds * 1000).rounded() / 1000)
            object["tokens"] = .integer(result.tokens)
            object["memory_bytes"] = .integer(result.peakMemory)
            for (key, value) in result.figures.sorted(by: { $0.key < $1.key }) {
                object[key] = .number(Double(value))
            }
            print(JSONValue.object(object).text(.compact))
        } else {
            let measured = result.figures.filter { $0.key.hasPrefix("eval_") }.sorted { $0.key < $1.key }
                .map { "\($0.key) \(Figures.fixed(Double($0.value), 4))" }
            if !measured.isEmpty {
                standardError("\(command): validation: \(measured.joined(separator: ", "))\n")
            }
            standardError(
                "\(command): done in \(Figures.duration(result.seconds)), \(Figures.bytes(result.peakMemory)) of memory; the model is in \(options.output)\n"
            )
        }
    }
}
