/// Something that the doctor found in a run, with advice.
public struct DoctorFinding: Hashable, Sendable, Codable {
    /// The kind of finding.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
        /// Steps were refused, one after another, because loss or gradient was not finite.
        case notFinite = "not_finite"
        /// The loss jumps up again and again.
        case lossSpikes = "loss_spikes"
        /// The batch has no token to learn.
        case emptyMask = "empty_mask"
        /// The token that fills up batches is the one that ends a text.
        case paddingEndsText = "padding_ends_text"
        /// The divergence from the reference is below zero for longer than chance explains.
        case negativeDivergence = "negative_kl"
        /// The policy says almost always the same.
        case entropyCollapse = "entropy_collapse"
        /// The policy that is trained is far from the one that sampled.
        case ratioExplosion = "ratio_explosion"
        /// No answer was judged by any reward.
        case noReward = "no_reward"
        /// In most groups, or in whole steps, all answers have the same reward.
        case noRewardSpread = "no_reward_spread"
        /// The reward rises as answers get longer.
        case lengthHacking = "length_hacking"
        /// Almost every answer is cut off.
        case cutOff = "cut_off"
        /// Preferred answers become less likely, while the others do so faster.
        case chosenFalls = "chosen_falls"
        /// A loss near zero, as it should be in policy optimization.
        case lossNearZero = "loss_near_zero"
        /// A first loss of log 2, as it should be where the policy is the reference.
        case startsAtLogTwo = "starts_at_log_two"
    }

    /// The severity.
    public enum Severity: String, Hashable, Sendable, Codable {
        /// As it should be, though it may look odd.
        case expected
        /// Watch it.
        case warning
        /// The run is wasted if it goes on like this.
        case serious
    }

    /// The kind of finding.
    public var kind: Kind
    /// The severity.
    public var severity: Severity
    /// The step at which it was found; 0 before the first.
    public var step: Int
    /// The observation with its figures: a sentence.
    public var observation: String
    /// The advice: a sentence.
    public var advice: String
}

extension DoctorFinding: CustomStringConvertible {
    /// Both sentences, after the step.
    public var description: String {
        (step > 0 ? "step \(step): " : "") + "\(observation) \(advice)"
    }
}

/// The history of a finding, so that one that flickers is not reported again and again.
///
/// It has cleared after that many healthy steps one after another, not at the first. When it comes back, it is reported
/// again only if the last time is long ago, twice as long each time; one that stays until then is reported then.
struct FindingCourse: Hashable, Sendable, Codable {
    /// The number of healthy steps, one after another, that clear a finding.
    static let stepsToClear = MetricSeries.window
    /// The fewest steps before a finding is reported for the second time.
    static let firstSilence = 100

    /// True if it holds now, or held within the last steps.
    private(set) var isPresent = false
    private var isTold = false
    private var healthySteps = 0
    /// The step at which it was last reported, and the number of reports.
    private var lastTold: Int?
    private var tellings = 0

    /// Counts a step at which it does not hold.
    mutating func isHealthy() {
        healthySteps += 1
        if healthySteps >= Self.stepsToClear { (isPresent, isTold) = (false, false) }
    }

    /// Counts a step at which it holds.
    ///
    /// - Returns: True if it is to be reported.
    mutating func isFound(at step: Int) -> Bool {
        healthySteps = 0
        isPresent = true
        if isTold { return false }
        let silence = Self.firstSilence << min(max(0, tellings - 1), 20)
        if let lastTold, step - lastTold < silence { return false }
        isTold = true
        lastTold = step
        tellings += 1
        return true
    }
}
