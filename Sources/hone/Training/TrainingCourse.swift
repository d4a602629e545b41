import Alignment
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The course of a run so far, and its reports: on the screen, in `metrics.jsonl`, by the doctor.
struct TrainingCourse {
    /// Steps that were done before this process.
    let firstStep: Int
    /// The last figures of each kind.
    private(set) var figures: [String: Float] = [:]
    private(set) var doctor: Doctor
    private(set) var findings: [DoctorFinding] = []
    /// Floating-point operations a second that the processor can do at most, in the precision of the products.
    let peakSpeed: Double
    /// When the last checkpoint was written, or the run began.
    var savedAt: ContinuousClock.Instant

    private let command: String
    private let plan: TrainingPlan
    private let metrics: MetricsFile
    /// Event files for TensorBoard; nil where nobody asked for them.
    private let tracker: TensorBoardWriter?
    private let begin: ContinuousClock.Instant
    private var stepBegin: ContinuousClock.Instant
    private var stepEnd: ContinuousClock.Instant
    private var progress: ProgressLine
    /// Seconds of the steps before this process.
    private let earlierSeconds: Double
    private var refused = 0

    /// The course of a run that is about to take its first step, or its next one.
    init(
        _ command: String, _ plan: TrainingPlan, from firstStep: Int, _ doctor: Doctor,
        _ metrics: MetricsFile, _ tracker: TensorBoardWriter?
    ) {
        self.command = command
        self.plan = plan
        self.firstStep = firstStep
        self.doctor = doctor
        self.metrics = metrics
        self.tracker = tracker
        earlierSeconds = metrics.totals.seconds
        peakSpeed = plan.precision.measuredPeak()
        begin = .now
        progress = ProgressLine(command)
        (savedAt, stepBegin, stepEnd) = (begin, begin, begin)
    }

    /// Totals over all steps, including those before this process.
    var totals: MetricsFile.Totals { metrics.totals }

    mutating func beginStep() { stepBegin = .now }

    mutating func endStep() { stepEnd = .now }

    /// Writes a line that stays.
    func note(_ text: String) { progress.note(text) }

    /// Ends the display.
    func finish() { progress.finish() }

    /// Has the doctor look at the token that fills up batches elsewhere, and at those that end a text or a turn.
    mutating func examine(_ padding: (token: Int32?, ends: [Int32])) {
        tell(doctor.examine(padding: padding.token, endOfSequence: padding.ends))
    }

    private mutating func tell(_ news: [DoctorFinding]) {
        findings += news
        for finding in news { note("\(command): \(finding)") }
    }

    /// Takes note of a step, with its evaluation if there was one.
    ///
    /// - Parameters:
    ///   - stepsDone: Steps in all.
    ///   - texts: Texts that show how far the model has come, in Markdown, by what they are.
    mutating func add(
        _ report: StepReport, evaluation: [String: Float], texts: [String: String], stepsDone: Int
    ) throws(FileError) {
        figures.merge(report.metrics.merging(["loss": report.loss]) { $1 }) { $1 }
        for (name, figure) in evaluation { figures[RunResult.validationPrefix + name] = figure }
        if let refusal = report.refusal {
            refused += 1
            if refused <= Self.shownRefusals {
                note("\(command): step \(report.step) was not taken: \(refusal)")
            }
        }
        let news = doctor.examine(report)
        tell(news)
        let speed = Speed(
            tokens: report.tokens, seconds: (stepEnd - stepBegin).seconds, plan: plan, peak: peakSpeed)
        try metrics.append(line(report, evaluation, speed))
        try track(report, evaluation, texts, news, speed)
        let left = plan.steps - stepsDone
        let secondsPerStep = (stepEnd - begin).seconds / Double(max(1, stepsDone - firstStep))
        progress.show(
            share: Double(stepsDone) / Double(max(1, plan.steps)),
            // With rewards, the loss means little.
            (report.metrics["reward"].map { ["reward \(fixed(Double($0), 3))"] } ?? []) + [
                "loss \(fixed(Double(report.loss), 3))",
                "\(NumberStyle.clock.string(secondsPerStep * Double(left))) left",
                "\(NumberStyle.short.string(speed.tokensPerSecond)) tokens/s",
                "\(fixed(100 * speed.shareOfPeak, 0)) % of peak",
                "\(NumberStyle.short.string(speed.operationsPerSecond))F/s", "step \(report.step)",
            ], isLast: left == 0)
    }

    /// A run whose every step is refused says so no more than this often.
    private static let shownRefusals = 10

    private func track(
        _ report: StepReport, _ evaluation: [String: Float], _ texts: [String: String],
        _ news: [DoctorFinding], _ speed: Speed
    ) throws(FileError) {
        var further: [TensorBoardValue] = [
            .scalar("train/tokens_per_second", Float(speed.tokensPerSecond)),
            .scalar("train/memory_bytes", Float(ProcessMemory.peak)),
        ]
        if let refusal = report.refusal { further.append(.text("skipped", "\(refusal)")) }
        if !news.isEmpty {
            further.append(.text("doctor", news.map { "- \($0)" }.joined(separator: "\n")))
        }
        further += texts.sorted { $0.key < $1.key }.map { .text($0.key, $0.value) }
        try tracker?.write(report, evaluation: evaluation, further: further)
    }

    private func line(_ report: StepReport, _ evaluation: [String: Float], _ speed: Speed) -> JSONObject {
        var line = JSONObject()
        line["step"] = .integer(report.step)
        line["loss"] = .number(Double(report.loss))
        line["learning_rate"] = .number(Double(report.learningRate))
        line["grad_norm"] = .number(Double(report.gradientNorm))
        line["tokens"] = .integer(report.tokens)
        line["seconds"] = .number(
            ((earlierSeconds + (stepEnd - begin).seconds) * 1000).rounded() / 1000)
        line["tokens_per_second"] = .number(speed.tokensPerSecond.rounded())
        line["operations_per_second"] = .number(speed.operationsPerSecond.rounded())
        line["share_of_peak"] = .number((speed.shareOfPeak * 10_000).rounded() / 10_000)
        line["memory_bytes"] = .integer(ProcessMemory.peak)
        if let refusal = report.refusal { line["skipped"] = .string("\(refusal)") }
        for (key, value) in report.metrics.sorted(by: { $0.key < $1.key }) {
            line[key] = .number(Double(value))
        }
        for (key, value) in evaluation.sorted(by: { $0.key < $1.key }) {
            line[RunResult.validationPrefix + key] = .number(Double(value))
        }
        // JSON cannot represent non-finite numbers, and an unreadable line would be removed on resuming.
        for (key, value) in Array(line.members) where value.number?.isFinite == false { line[key] = nil }
        return line
    }
}

/// The speed of a step.
private struct Speed {
    let tokensPerSecond: Double
    let operationsPerSecond: Double
    /// The share of the processor's peak in the precision of the products.
    let shareOfPeak: Double

    /// - Parameter peak: Floating-point operations a second at most.
    init(tokens: Int, seconds: Double, plan: TrainingPlan, peak: Double) {
        tokensPerSecond = Double(tokens) / max(seconds, 1e-9)
        operationsPerSecond = tokensPerSecond * plan.operationsPerToken
        shareOfPeak = operationsPerSecond / peak
    }
}
