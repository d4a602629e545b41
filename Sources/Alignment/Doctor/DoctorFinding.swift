/// Something that the doctor noticed about a run: what it is, and what to do.
public struct DoctorFinding: Hashable, Sendable, Codable {
    /// What is noticed.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
        /// Steps were refused, one after another, because loss or gradient was not finite.
        case notFinite = "not_finite"
        /// The loss jumps up again and again.
        case lossSpikes = "loss_spikes"
        /// No token of the batch is there to be learned.
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
        /// What is preferred becomes less likely, while what is not does so faster.
        case chosenFalls = "chosen_falls"
        /// A loss near zero, as it should be in policy optimization.
        case lossNearZero = "loss_near_zero"
        /// A first loss of log 2, as it should be where the policy is the reference.
        case startsAtLogTwo = "starts_at_log_two"
    }

    /// How bad it is.
    public enum Severity: String, Hashable, Sendable, Codable {
        /// As it should be, though it may look odd.
        case expected
        /// Something to keep an eye on.
        case warning
        /// The run is wasted if it goes on like this.
        case serious
    }

    /// What is noticed.
    public var kind: Kind
    /// How bad it is.
    public var severity: Severity
    /// The step at which it was noticed; 0 before the first.
    public var step: Int
    /// What it is, with the figures that say so: a sentence.
    public var observation: String
    /// What to do: a sentence.
    public var advice: String
}

extension DoctorFinding: CustomStringConvertible {
    /// Both sentences, after the step.
    public var description: String {
        (step > 0 ? "step \(step): " : "") + "\(observation) \(advice)"
    }
}

/// How a finding has come and gone, so that one that flickers is not told again and again.
///
/// It has cleared after so many healthy steps one after another, not at the first. When it comes back, it is told
/// again only if the last time is long ago, twice as long each time; one that stays until then is told then.
struct FindingCourse: Hashable, Sendable, Codable {
    /// How many healthy steps, one after another, clear a finding.
    static let stepsToClear = MetricSeries.window
    /// After how many steps a finding is told for the second time, at the earliest.
    static let firstSilence = 100

    /// Whether it is so now, or was within the last steps.
    private(set) var isPresent = false
    private var isTold = false
    private var healthySteps = 0
    /// The step at which it was last told, and how often it has been.
    private var lastTold: Int?
    private var tellings = 0

    /// Takes in a step at which it is not so.
    mutating func isHealthy() {
        healthySteps += 1
        if healthySteps >= Self.stepsToClear { (isPresent, isTold) = (false, false) }
    }

    /// Takes in a step at which it is so.
    ///
    /// - Returns: Whether it is to be told.
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
