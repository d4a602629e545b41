public import LanguageModel

/// Watches a run of training, and says what is wrong with it and what to do.
///
///     var doctor = Doctor()
///     for batch in batches {
///         for finding in doctor.examine(grpo.step(on: batch)) { print(finding) }
///     }
///
/// It is given the report of every step, with metrics under TRL's names, and knows no more than that. A finding is reported
/// once, and again only after it has cleared for a while; a finding that comes and goes is reported less and less often.
/// A finding that looks odd and is normal is reported too, as expected.
///
/// A value: a checkpoint keeps it, and a resumed run is watched as if it had not stopped.
public struct Doctor: Sendable, Hashable, Codable {
    /// The findings that hold now, or held within the last steps.
    public var current: Set<DoctorFinding.Kind> {
        Set(courses.filter(\.value.isPresent).keys)
    }
    /// The history of each finding.
    private var courses: [DoctorFinding.Kind: FindingCourse] = [:]
    var series: [String: MetricSeries] = [:]
    /// Steps refused one after another because something was not finite.
    var notFinite = 0
    /// Steps one after another that learned nothing because all rewards of each group were the same.
    var withoutSpread = 0
    /// The greatest learning rate so far.
    var greatestRate: Float = 0
    /// The steps at which the loss jumped up, of the last ones.
    var spikes: [Int] = []
    /// The number of the last step.
    var step = 0

    /// A doctor who has seen nothing yet.
    public init() {}

    /// Reads a checkpoint; one without the history of findings is read as if nothing had been reported.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        courses =
            try values.decodeIfPresent([DoctorFinding.Kind: FindingCourse].self, forKey: .courses) ?? [:]
        series = try values.decode([String: MetricSeries].self, forKey: .series)
        notFinite = try values.decode(Int.self, forKey: .notFinite)
        withoutSpread = try values.decodeIfPresent(Int.self, forKey: .withoutSpread) ?? 0
        greatestRate = try values.decodeIfPresent(Float.self, forKey: .greatestRate) ?? 0
        spikes = try values.decode([Int].self, forKey: .spikes)
        step = try values.decode(Int.self, forKey: .step)
    }

    /// Examines the report of a step.
    ///
    /// - Returns: The findings to report now.
    public mutating func examine(_ report: StepReport) -> [DoctorFinding] {
        step = report.step
        note(report)
        return Self.rules.compactMap { rule in
            switch rule.diagnosis(self, report) {
            case .unknown: return nil
            case .healthy:
                courses[rule.kind]?.isHealthy()
                return nil
            case .found(let observation):
                guard courses[rule.kind, default: FindingCourse()].isFound(at: step) else { return nil }
                return DoctorFinding(
                    kind: rule.kind, severity: rule.severity, step: step, observation: observation,
                    advice: rule.advice)
            }
        }
    }

    /// Examines the tokens that pad batches and end texts, before a run begins.
    ///
    /// - Parameters:
    ///   - padding: The token that fills up batches, where a model or its tokenizer names one.
    ///   - endOfSequence: The tokens that end a text or a turn.
    /// - Returns: The findings to report now.
    public mutating func examine(padding: Int32?, endOfSequence: [Int32]) -> [DoctorFinding] {
        guard let padding, endOfSequence.contains(padding) else {
            courses[.paddingEndsText] = nil
            return []
        }
        guard courses[.paddingEndsText, default: FindingCourse()].isFound(at: step) else { return [] }
        return [
            DoctorFinding(
                kind: .paddingEndsText, severity: .warning, step: step,
                observation: "Token \(padding) both fills up batches and ends texts.",
                advice:
                    "Nothing is padded here, but elsewhere a mask by that token hides the end of every text, so that models never learn to stop and rewards are read one token early: give padding a token of its own."
            )
        ]
    }

    private mutating func note(_ report: StepReport) {
        let isNotFinite = report.refusal == .lossNotFinite || report.refusal == .gradientNotFinite
        notFinite = isNotFinite ? notFinite + 1 : 0
        var values = report.metrics
        if report.refusal == nil { values["loss"] = report.loss }
        for (name, value) in values { series[name, default: MetricSeries()].add(value) }
        let isUniform = report.refusal == .nothingToLearn && (values["frac_reward_zero_std"] ?? 0) >= 1
        withoutSpread = isUniform && (values["frac_unjudged"] ?? 0) < 1 ? withoutSpread + 1 : 0
        greatestRate = max(greatestRate, report.learningRate)
        // A rate that has fallen to less than half of what the run withstood is not what makes the loss jump.
        let isRateHigh = report.learningRate >= 0.5 * greatestRate
        if isRateHigh, let median = series["loss"]?.medianBefore, let noise = series["loss"]?.noiseBefore,
            report.loss.isFinite,
            report.loss - median > max(0.5 * abs(median), 0.3, Self.spikeOverNoise * noise)
        {
            spikes.append(step)
        }
        spikes.removeAll { $0 <= step - Self.spikeMemory }
    }

    /// A jump of the loss is this many times as far above the median as noise reaches.
    private static let spikeOverNoise: Float = 4
    /// The number of steps over which jumps of the loss are counted.
    static let spikeMemory = 50
}
