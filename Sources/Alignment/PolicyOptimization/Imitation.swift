import LanguageModel
import NeuralCore

/// Demonstrations that a policy imitates in every update, so that what no reward can see does not drift.
///
///     L = L_policy + weight · L_SFT
///
/// where L_SFT is the mean cross-entropy of the trained tokens of demonstrations drawn anew for each update, about as many tokens as
/// the update's own. Which they are follows from the seed and the number of the update.
///
/// ```swift
/// ppo.imitation = Imitation(demonstrations, weight: 1)
/// ```
///
/// - SeeAlso: PPO-ptx, [Ouyang et al. 2022](https://arxiv.org/abs/2203.02155), Eq. 2. Departures: demonstrations in the place of raw
///   text, and a mean over tokens.
public struct Imitation: Sendable {
    /// What is imitated; each has a trained token.
    public let demonstrations: [SupervisedTokens]
    /// The weight of its loss, above 0.
    public let weight: Float
    /// Decides which demonstrations an update takes.
    public let seed: UInt64

    /// Demonstrations with the weight of their loss; those without a token to learn are left out.
    ///
    /// - Precondition: One of them has a token to learn, and the weight is above 0.
    public init(_ demonstrations: some Sequence<SupervisedTokens>, weight: Float = 1, seed: UInt64 = 0) {
        self.demonstrations = demonstrations.filter { $0.isTrained.dropFirst().contains(true) }
        guard !self.demonstrations.isEmpty, weight > 0, weight.isFinite else {
            misuse(
                "imitation of \(self.demonstrations.count) demonstrations with a weight of \(weight); there is one, and the weight is above 0"
            )
        }
        self.weight = weight
        self.seed = seed
    }

    /// The demonstrations of an update.
    ///
    /// - Parameter tokens: About how many tokens they have; there is one demonstration at least.
    func batch(ofTokens tokens: Int, update: Int) -> TokenBatch {
        var random = RandomSource(seed: seed, step: update)
        var chosen: [SupervisedTokens] = []
        var count = 0
        repeat {
            chosen.append(demonstrations[random.integer(in: 0..<demonstrations.count)])
            count += chosen[chosen.count - 1].count
        } while count < tokens
        return TokenBatch(supervising: chosen)
    }
}

/// The part of an update that imitates, cut into batches that go through the model one at a time.
struct ImitationParts {
    let parts: [TokenBatch]
    /// Tokens of all parts.
    let tokens: Int
    private let scale: Float
    private let targets: Int
    private var total = 0.0
    private var hits = 0

    /// - Parameter imitation: What is imitated; nil for nothing, which has no parts.
    init(_ imitation: Imitation?, ofTokens count: Int, update: Int, rowsAtOnce: Int, parts least: Int) {
        guard let imitation else {
            (parts, tokens, scale, targets) = ([], 0, 0, 0)
            return
        }
        let batch = imitation.batch(ofTokens: count, update: update)
        parts = batch.split(
            into: partCount(ofRows: batch.tokens.count, rowsAtOnce: rowsAtOnce, atLeast: least))
        tokens = batch.tokens.count
        targets = batch.targets.count
        scale = imitation.weight / Float(targets)
    }

    /// The loss of a part, weighted; its sums before that go to `found`.
    func loss(of part: Int, under model: Transformer, found: inout [Double]) -> Tensor {
        let head = model.crossEntropy(on: parts[part])
        found = [Double(head.total.item()), Double(head.hits.count { $0 })]
        return head.total * scale
    }

    /// Takes in what was found in a part.
    mutating func add(_ found: [Double]) {
        total += found[0]
        hits += Int(found[1])
    }

    /// The mean loss before weighting, nats, and the share of tokens that the policy would have said; nothing where there was none.
    var metrics: [String: Float] {
        guard targets > 0 else { return [:] }
        return [
            "sft/loss": Float(total / Double(targets)),
            "sft/mean_token_accuracy": Float(hits) / Float(targets),
        ]
    }
}
