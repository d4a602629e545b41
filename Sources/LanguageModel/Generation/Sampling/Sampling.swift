/// A rule for drawing the next token from the model's distribution.
///
///     .greedy
///     .temperature(0.8)
///     .topP(0.95, temperature: 0.8)
///
/// The steps are taken in the order of the properties below, each on the result of the one before.
public struct Sampling: Sendable, Hashable, Codable {
    /// Divides the logits of tokens that have already occurred where positive, and multiplies them where
    /// negative; 1 changes nothing.
    public var repetitionPenalty: Float = 1
    /// Divides the logits: below 1 the likely tokens get likelier. Zero takes the likeliest token, always.
    public var temperature: Float = 1
    /// Keeps this many of the likeliest tokens.
    public var topK: Int?
    /// Keeps the fewest likeliest tokens whose probabilities add up to this much, from 0 to 1.
    public var topP: Float?
    /// Keeps the tokens at least this many times as likely as the likeliest, from 0 to 1.
    public var minP: Float?

    /// Draws from the model's own distribution unless told otherwise.
    public init(
        temperature: Float = 1, topK: Int? = nil, topP: Float? = nil, minP: Float? = nil,
        repetitionPenalty: Float = 1
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
    }

    /// The likeliest token every time; of equally likely ones, the one with the smallest id.
    public static let greedy = Sampling(temperature: 0)

    /// The whole vocabulary at a temperature.
    public static func temperature(_ temperature: Float) -> Sampling { Sampling(temperature: temperature) }

    /// Nucleus sampling ([Holtzman et al. 2020](https://arxiv.org/abs/1904.09751)).
    public static func topP(_ topP: Float, temperature: Float = 1) -> Sampling {
        Sampling(temperature: temperature, topP: topP)
    }

    /// The `topK` likeliest tokens ([Fan et al. 2018](https://arxiv.org/abs/1805.04833)).
    public static func topK(_ topK: Int, temperature: Float = 1) -> Sampling {
        Sampling(temperature: temperature, topK: topK)
    }

    /// Tokens not much less likely than the likeliest ([Nguyen et al. 2025](https://arxiv.org/abs/2407.01082)).
    public static func minP(_ minP: Float, temperature: Float = 1) -> Sampling {
        Sampling(temperature: temperature, minP: minP)
    }

    /// Whether the same prompt always gives the same token, whatever the random numbers.
    public var isGreedy: Bool { temperature == 0 }

    /// A description of the first invalid setting, or nil if all are valid.
    public var objection: String? {
        if !(temperature >= 0 && temperature.isFinite) {
            return "temperature is \(temperature); it is 0 or more"
        }
        if let topK, topK < 1 { return "top-k is \(topK); it is 1 or more" }
        if let topP, !(topP > 0 && topP <= 1) { return "top-p is \(topP); it is above 0 and at most 1" }
        if let minP, !(minP >= 0 && minP <= 1) { return "min-p is \(minP); it is from 0 to 1" }
        if !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
            return "the repetition penalty is \(repetitionPenalty); it is above 0"
        }
        return nil
    }
}

/// Makes tokens that have occurred less likely.
///
///     z > 0:  z / penalty        z ≤ 0:  z · penalty
///
/// - SeeAlso: [Keskar et al. 2019](https://arxiv.org/abs/1909.05858), section 4.1; multiplying where negative is the
///   correction that everyone makes.
func penalize(_ occurred: Set<Int32>, by penalty: Float, in logits: inout [Float]) {
    for token in occurred where logits.indices.contains(Int(token)) {
        let logit = logits[Int(token)]
        logits[Int(token)] = logit > 0 ? logit / penalty : logit * penalty
    }
}
