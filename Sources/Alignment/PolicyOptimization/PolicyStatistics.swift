import NeuralCore

/// Counts over a whole run of policy optimization; a checkpoint keeps them.
public struct RolloutCounts: Sendable, Hashable, Codable {
    /// Rollouts learned from: the next step's number, from 0.
    public internal(set) var steps = 0
    /// Completions in all of them.
    public internal(set) var episodes = 0
    /// Tokens in all of them, those of a prompt counted for each of its completions.
    public internal(set) var tokens = 0

    /// Nothing yet.
    public init() {}

    /// True of counts that a run can have come to: a file may say anything.
    var isCredible: Bool { [steps, episodes, tokens].allSatisfy { (0..<1 << 60).contains($0) } }

    mutating func add(_ rollout: Rollout) {
        steps += 1
        episodes += rollout.completions.count
        tokens += rollout.targetCount + rollout.groupSize * rollout.prompts.reduce(0) { $0 + $1.count }
    }
}

extension Experience {
    /// The rewards of all completions and, where they have several parts, those of each.
    var distributions: [String: [Float]] {
        var distributions = ["rewards": rewards]
        if parts.count > 1 { for (name, values) in parts { distributions["rewards/\(name)"] = values } }
        return distributions
    }

    /// Rewards and lengths under TRL's names: `reward`, `rewards/…`, `completions/…`, `frac_reward_zero_std`; and
    /// `frac_unjudged`, the share of completions that nothing had an opinion on, where there are some; and the figures of
    /// episodes. A mean over no opinion at all is absent.
    func metrics(_ counts: RolloutCounts) -> [String: Float] {
        var metrics: [String: Float] = [
            "num_tokens": Float(counts.tokens), "episode": Float(counts.episodes),
        ]
        if rewards.isJudged {
            metrics["reward"] = rewards.moments.mean
            metrics["reward_std"] = rewards.moments.deviation
        }
        let unjudged = rewards.count { $0.isNaN }
        if unjudged > 0 { metrics["frac_unjudged"] = Float(unjudged) / Float(rewards.count) }
        for (name, values) in parts where values.isJudged {
            metrics["rewards/\(name)/mean"] = values.moments.mean
            metrics["rewards/\(name)/std"] = values.moments.deviation
        }
        metrics.merge(rollout.lengthMetrics) { $1 }
        metrics.merge(rollout.completions.compactMap(\.episode).metrics) { own, _ in own }
        return metrics
    }
}

extension Rollout {
    /// Lengths of completions under TRL's names, `completions/…`.
    var lengthMetrics: [String: Float] {
        var metrics: [String: Float] = [:]
        let ended = completions.filter(\.isEnded).map { Float($0.drawnCount) }
        let all = lengths.map(Float.init)
        for (name, values) in [("", all), ("_terminated", ended)] {
            metrics["completions/mean\(name)_length"] = values.moments.mean
            metrics["completions/min\(name)_length"] = values.min() ?? 0
            metrics["completions/max\(name)_length"] = values.max() ?? 0
        }
        metrics["completions/clipped_ratio"] =
            1 - Float(ended.count) / Float(max(1, completions.count))
        return metrics
    }
}

/// Figures of an update, over the tokens that are learned from.
struct PolicyStatistics: Sendable {
    private(set) var tokens = 0
    private var entropies = 0.0
    private var divergences = 0.0
    private var movements = 0.0
    private var ratios = 0.0
    /// Tokens whose ratio is below or above the range where that cuts the gradient off, by completion.
    private var clipped: [(low: Double, high: Double, length: Int)] = []
    /// The sum of completions' weights.
    private var completionWeights = 0.0

    /// Takes in one part of an update.
    ///
    /// - Parameter divergences: The estimates of the divergence from the reference, by target; nil for none.
    mutating func add(
        _ scores: PolicyScores, _ loss: PolicyLoss, logRatios: Tensor, entropies: Tensor,
        divergences: Tensor?, on part: RolloutPart, isTrained: [Bool]
    ) {
        let (ratios, advantages) = (scores.ratios.scalars, scores.advantages.scalars)
        let (logRatios, entropies) = (logRatios.scalars, entropies.scalars)
        let divergences = divergences?.scalars
        let completionWeights = loss.completionWeight?(scores).scalars
        let range = scores.clipRange.range
        let upper = loss.greatestWeight ?? range.upperBound
        var target = 0
        for (completion, length) in zip(part.completions, part.batch.lengths) {
            defer { target += length }
            guard isTrained[completion] else { continue }
            var (low, high) = (0.0, 0.0)
            for index in target..<target + length {
                self.entropies += Double(entropies[index])
                self.ratios += Double(ratios[index])
                movements += Double(logRatios[index] * logRatios[index]) / 2
                if let divergences { self.divergences += Double(divergences[index]) }
                if ratios[index] < range.lowerBound, advantages[index] < 0 { low += 1 }
                if ratios[index] > upper, advantages[index] > 0 { high += 1 }
            }
            tokens += length
            clipped.append((low, high, length))
            if let completionWeights { self.completionWeights += Double(completionWeights[target]) }
        }
    }

    /// The sums, to go from one process to another.
    var numbers: [Double] {
        [Double(tokens), entropies, divergences, movements, ratios, completionWeights]
            + clipped.flatMap { [$0.low, $0.high, Double($0.length)] }
    }

    /// Adds those of another part, by its ``numbers``.
    mutating func add(_ numbers: [Double]) {
        tokens += Int(numbers[0])
        entropies += numbers[1]
        divergences += numbers[2]
        movements += numbers[3]
        ratios += numbers[4]
        completionWeights += numbers[5]
        clipped += stride(from: 6, to: numbers.count, by: 3).map {
            (numbers[$0], numbers[$0 + 1], Int(numbers[$0 + 2]))
        }
    }

    /// The mean entropy of the distributions that tokens were drawn from, nats.
    var entropy: Float { perToken(entropies) }
    /// The mean divergence from the reference, nats a token.
    var kl: Float { perToken(divergences) }
    /// The mean of half the squared log-ratio to the policy that sampled, nats a token.
    var movement: Float { perToken(movements) }
    /// The mean ratio to the policy that sampled.
    var ratio: Float { perToken(ratios) }

    private func perToken(_ sum: Double) -> Float { Float(sum / Double(max(1, tokens))) }

    /// The share of tokens that were clipped; of completions where ratios are theirs.
    func clippedShares(_ level: PolicyLoss.Level) -> (low: Float, high: Float) {
        let isToken = level == .token
        let total = isToken ? Double(tokens) : Double(clipped.count)
        func share(_ side: ((low: Double, high: Double, length: Int)) -> Double) -> Float {
            Float(
                clipped.reduce(0) { $0 + (isToken ? side($1) : side($1) / Double($1.length)) } / max(1, total)
            )
        }
        return (share { $0.low }, share { $0.high })
    }

    /// The metrics of TRL's trainers for groups.
    func metrics(_ loss: PolicyLoss, hasReference: Bool) -> [String: Float] {
        var metrics = ["entropy": entropy, "policy/approxkl": movement, "ratio": ratio]
        if hasReference { metrics["kl"] = kl }
        if loss.completionWeight != nil {
            metrics["vespo/phi_seq_mean"] = Float(completionWeights / Double(max(1, clipped.count)))
            return metrics
        }
        let shares = clippedShares(loss.level)
        if loss.greatestWeight != nil {
            metrics["cispo_clip_ratio"] = shares.high
            return metrics
        }
        metrics["clip_ratio/low_mean"] = shares.low
        metrics["clip_ratio/high_mean"] = shares.high
        metrics["clip_ratio/region_mean"] = shares.low + shares.high
        metrics["clip_ratio/low_min"] = Float(clipped.map { $0.low / Double($0.length) }.min() ?? 0)
        metrics["clip_ratio/high_max"] = Float(clipped.map { $0.high / Double($0.length) }.max() ?? 0)
        return metrics
    }
}
