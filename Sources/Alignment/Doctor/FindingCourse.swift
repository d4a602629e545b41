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
