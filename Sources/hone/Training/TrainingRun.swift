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
    ///   time and memory that a run takes are measured by two steps of a stage that is then thrown away.
    /// - Throws: `ExitCode` 130 after an interruption, when all is saved.
    /// - Returns: How it went; nil after `--dry-run`.
    @discardableResult
    func run<Stage: TrainingStage>(_ make: () throws -> Stage) throws -> Result? {
        if !options.resume {
            try directory.checkUnused()
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

    private func train(_ stage: inout some TrainingStage) throws -> Result {
        let metrics = try MetricsFile(directory.metrics, after: stage.stepsDone)
        let plan = stage.plan
        let peak = plan.precision.measuredPeak()
        var progress = ProgressLine(command)
        let begin = ContinuousClock.now
        let firstStep = stage.stepsDone
        var (tokens, savedAt, figures) = (0, begin, [String: Float]())
        var (refused, doctor, findings) = (0, try directory.doctor(after: firstStep), [DoctorFinding]())
        func tell(_ news: [DoctorFinding]) {
            findings += news
            for finding in news { progress.note("\(command): \(finding)") }
        }
        tell(doctor.examine(padding: padding.token, endOfSequence: padding.ends))
        while stage.stepsDone < plan.steps, !context.interruption.isRequested {
            let stepBegin = ContinuousClock.now
            guard var report = try nextReport(&stage) else { break }
            let now = ContinuousClock.now
            tokens += report.tokens
            if let refusal = report.refusal {
                refused += 1
                if refused <= Self.shownRefusals {
                    progress.note("\(command): step \(report.step) was not taken: \(refusal)")
                }
            }
            if report.step % validationInterval == 0 || stage.stepsDone == plan.steps {
                report.metrics.merge(try stage.validation()) { $1 }
                if let sample = try stage.sample() { progress.note(sample) }
            }
            tell(doctor.examine(report))
            let speed = Speed(
                tokens: report.tokens, seconds: (now - stepBegin).seconds, plan: plan, peak: peak)
            try metrics.append(line(report, speed, seconds: (now - begin).seconds))
            figures.merge(report.metrics.merging(["loss": report.loss]) { $1 }) { $1 }
            let done = stage.stepsDone - firstStep
            let left = (now - begin).seconds / Double(max(1, done)) * Double(plan.steps - stage.stepsDone)
            progress.show(
                share: Double(stage.stepsDone) / Double(max(1, plan.steps)),
                facts(report, speed, left: left), isLast: stage.stepsDone == plan.steps)
            let isDue =
                options.checkpointEvery.map { stage.stepsDone % $0 == 0 }
                ?? ((now - savedAt).seconds >= Self.checkpointSeconds)
            if isDue, stage.stepsDone < plan.steps {
                try save(stage, doctor)
                savedAt = ContinuousClock.now
            }
        }
        progress.finish()
        let isFinished = stage.stepsDone >= plan.steps
        if stage.stepsDone > firstStep || directory.checkpoints.latest == nil {
            try save(stage, doctor)
        }
        if isFinished { try stage.writeModel(to: directory.url) }
        return Result(
            steps: stage.stepsDone, seconds: (ContinuousClock.now - begin).seconds, tokens: tokens,
            peakMemory: ProcessMemory.peak, peakSpeed: peak, isFinished: isFinished, figures: figures,
            findings: findings)
    }

    /// The next step's report; nil where the user stopped it.
    private func nextReport(_ stage: inout some TrainingStage) throws -> StepReport? {
        do {
            return try stage.step()
        } catch is StoppedWithinStep {
            return nil
        }
    }

    /// A run whose every step is refused says so no more than this often.
    private static let shownRefusals = 10
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
                "  about \(Figures.duration(seconds)) and \(Figures.bytes(rehearsal.peakMemory)) of memory, by two steps measured"
            )
        }
        standardError(lines.joined(separator: "\n") + "\n")
    }

    private func facts(_ report: StepReport, _ speed: Speed, left: Double) -> [String] {
        [
            "loss \(Figures.fixed(Double(report.loss), 3))", "\(Figures.duration(left)) left",
            "\(Figures.short(speed.tokensPerSecond)) tokens/s",
            "\(Figures.fixed(100 * speed.shareOfPeak, 0)) % of peak",
            "\(Figures.short(speed.operationsPerSecond))F/s", "step \(report.step)",
        ]
    }

    private func line(_ report: StepReport, _ speed: Speed, seconds: Double) -> JSONObject {
        var line = JSONObject()
        line["step"] = .integer(report.step)
        line["loss"] = .number(Double(report.loss))
        line["learning_rate"] = .number(Double(report.learningRate))
        line["grad_norm"] = .number(Double(report.gradientNorm))
        line["tokens"] = .integer(report.tokens)
        line["seconds"] = .number((seconds * 1000).rounded() / 1000)
        line["tokens_per_second"] = .number(speed.tokensPerSecond.rounded())
        line["operations_per_second"] = .number(speed.operationsPerSecond.rounded())
        line["share_of_peak"] = .number((speed.shareOfPeak * 10_000).rounded() / 10_000)
        line["memory_bytes"] = .integer(ProcessMemory.peak)
        if let refusal = report.refusal { line["skipped"] = .string("\(refusal)") }
        for (key, value) in report.metrics.sorted(by: { $0.key < $1.key }) {
            line[key] = .number(Double(value))
        }
        return line
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
            standardError(
                "\(command): done in \(Figures.duration(result.seconds)), \(Figures.bytes(result.peakMemory)) of memory; the model is in \(options.output)\n"
            )
        }
    }
}

/// How fast a step was.
private struct Speed {
    let tokensPerSecond: Double
    let operationsPerSecond: Double
    /// Of what the processor can do in the precision of the products.
    let shareOfPeak: Double

    /// - Parameter peak: Floating-point operations a second at most.
    init(tokens: Int, seconds: Double, plan: TrainingPlan, peak: Double) {
        tokensPerSecond = Double(tokens) / max(seconds, 1e-9)
        operationsPerSecond = tokensPerSecond * plan.operationsPerToken
        shareOfPeak = operationsPerSecond / peak
    }
}
